"""Who may use the private surface: a bearer token for programs, a one-time link or the token for people, a session cookie after.

The cookie is a time of expiry signed with a key that is derived from the admin token, so it survives a restart and dies with the
token.
"""

from __future__ import annotations

import hashlib
import hmac
import html
import os
import re
import secrets
import time
from collections.abc import Callable
from http.cookies import CookieError, SimpleCookie
from pathlib import Path
from typing import Final
from urllib.parse import parse_qs, urlencode

from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from collector.errors import RequestError

SESSION_SECONDS: Final = 30 * 86_400
TOKEN_FILE: Final = "admin-token"
LOGIN_PAGE: Final = Path(__file__).parent / "pages" / "login.html"
_MAX_FORM: Final = 4096
#: Paths that anyone may ask for; the beacon endpoint is served before this room is reached.
PUBLIC: Final = ("/beacon.", "/demo/", "/healthz", "/readyz", "/login", "/favicon.svg")


def admin_token(configured: str, data_dir: Path) -> str:
    """Return the configured admin token, or the one that is kept in the data folder (made at the first start)."""
    if configured:
        return configured
    path = data_dir / TOKEN_FILE
    if not path.exists():
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w") as file:
            file.write(secrets.token_urlsafe(32))
    return path.read_text().strip()


class Access:
    """Checks credentials.

    Args:
        token: the admin token.
        cookie_name: one a port, as browsers share cookies among the ports of a host.
        secure: the viewer is reached by HTTPS only.
        clock: epoch seconds.
    """

    def __init__(self, token: str, cookie_name: str, *, secure: bool, clock: Callable[[], float] = time.time) -> None:
        self._token = token.encode()
        self._key = hashlib.sha256(b"wideload session " + self._token).digest()
        self._links: set[str] = set()
        self._cookie_name, self._secure, self._clock = cookie_name, secure, clock

    def login_link(self) -> str:
        """Return a path that signs in whoever opens it first."""
        link = secrets.token_urlsafe(24)
        self._links.add(link)
        return f"/login?token={link}"

    def is_allowed(self, headers: Headers) -> bool:
        """Whether a request carries the bearer token or a valid session."""
        return self.has_bearer(headers) or self._is_valid(self._cookie(headers))

    def has_bearer(self, headers: Headers) -> bool:
        """Whether a request carries the admin token."""
        scheme, _, given = headers.get("authorization", "").partition(" ")
        return scheme.lower() == "bearer" and hmac.compare_digest(given.strip().encode(), self._token)

    def accept(self, given: str) -> bool:
        """Whether a text is an unused link (which is used up now) or the admin token."""
        if given in self._links:
            self._links.discard(given)
            return True
        return hmac.compare_digest(given.encode(), self._token)

    def sign_in(self, response: Response) -> Response:
        """Add a new session to a response."""
        expires = str(int(self._clock()) + SESSION_SECONDS)
        self._set(response, f"{expires}.{self._sign(expires)}", SESSION_SECONDS)
        return response

    def sign_out(self, response: Response) -> Response:
        """Remove the session."""
        self._set(response, "", 0)
        return response

    def _set(self, response: Response, value: str, seconds: int) -> None:
        response.set_cookie(self._cookie_name, value, max_age=seconds, httponly=True, secure=self._secure, samesite="lax")

    def _cookie(self, headers: Headers) -> str:
        try:
            morsel = SimpleCookie(headers.get("cookie", "")).get(self._cookie_name)
        except CookieError:
            return ""
        return morsel.value if morsel else ""

    def _is_valid(self, cookie: str) -> bool:
        expires, _, signature = cookie.partition(".")
        if not hmac.compare_digest(signature.encode(), self._sign(expires).encode()):
            return False
        return int(expires) > self._clock()

    def _sign(self, text: str) -> str:
        return hmac.new(self._key, text.encode(), hashlib.sha256).hexdigest()


class PrivateSurface:
    """ASGI middleware: lets nobody without a credential past, except to `PUBLIC` paths and those that begin as `public` does.

    A page gets a redirect to the sign-in page, a program 401. A change asked for with a session has to come from our own pages
    (cross-site request forgery).
    """

    def __init__(self, app: ASGIApp, access: Access, public: tuple[str, ...] = ()) -> None:
        self._app, self._access, self._public = app, access, PUBLIC + public

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http" or scope["path"].startswith(self._public):
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        response: Response
        if not self._access.is_allowed(headers):
            response = _refuse(scope, headers)
        elif scope["method"] not in ("GET", "HEAD") and not self._access.has_bearer(headers) and not _is_same_origin(headers):
            error = RequestError(403, "cross_site", "This request came from another site's page; only the viewer's own may ask.")
            response = JSONResponse(error.as_json(), 403)
        else:
            await self._app(scope, receive, send)
            return
        await response(scope, receive, send)


def _refuse(scope: Scope, headers: Headers) -> Response:
    if scope["method"] == "GET" and "text/html" in headers.get("accept", ""):
        wanted = scope["path"] + ("?" + scope["query_string"].decode("latin-1") if scope["query_string"] else "")
        return RedirectResponse("/login" if wanted == "/" else "/login?" + urlencode({"next": wanted}), 303)
    text = "Sign in: open the link that `wideload serve` prints, or send `Authorization: Bearer` with the admin token."
    return JSONResponse(RequestError(401, "unauthenticated", text).as_json(), 401, {"www-authenticate": "Bearer"})


def _is_same_origin(headers: Headers) -> bool:
    site = headers.get("sec-fetch-site")
    if site is not None:
        return site == "same-origin"
    return headers.get("origin", "").partition("://")[2] == headers.get("host", "")


def login_endpoints(access: Access) -> tuple[Callable[..., object], Callable[..., object]]:
    """Return the handlers of `GET|POST /login` and `POST /logout`."""
    page = LOGIN_PAGE.read_text(encoding="utf-8")

    async def login(request: Request) -> Response:
        asked = dict(request.query_params)
        if request.method == "POST":
            form = parse_qs((await _read_form(request)).decode("utf-8", "replace"))
            asked = {name: values[0] for name, values in form.items()}
        given, wanted = asked.get("token", "").strip(), _own_path(asked.get("next", ""))
        if given and access.accept(given):
            return access.sign_in(RedirectResponse(wanted, 303))
        # The page shows its second paragraph when something was given and was wrong.
        shown = page.replace("{{state}}", "wrong" if given else "first").replace("{{next}}", html.escape(wanted))
        return HTMLResponse(shown, 401 if given else 200)

    async def logout(_: Request) -> Response:
        return access.sign_out(RedirectResponse("/login", 303))

    return login, logout


def _own_path(wanted: str) -> str:
    """Return where to go after signing in: a path of ours, never another host (`//evil.test`, which browsers read as one)."""
    return wanted if re.fullmatch(r"/(?![/\\])[\x21-\x7e]*", wanted) else "/"


async def _read_form(request: Request) -> bytes:
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > _MAX_FORM:
            return b""
    return body
