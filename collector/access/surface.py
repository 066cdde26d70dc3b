"""The middleware between the public and the private surface."""

from __future__ import annotations

from typing import Final
from urllib.parse import urlencode

from starlette.datastructures import Headers
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from collector.access.credentials import Access
from collector.errors import RequestError

#: Paths that anyone may ask for; the beacon endpoint is served before this room is reached.
PUBLIC: Final = ("/beacon.", "/demo/", "/healthz", "/readyz", "/login", "/favicon.svg")


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
