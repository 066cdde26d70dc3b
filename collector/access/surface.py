"""The middleware between the public and the private surface."""

from __future__ import annotations

import logging
from typing import Final
from urllib.parse import urlencode

from starlette.datastructures import Headers
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from collector.access.credentials import Access, bearer
from collector.access.identity import Identity
from collector.access.private import AUDIT, IDENTITY
from collector.errors import AccessError, RequestError
from collector.telemetry import Counters

log = logging.getLogger(__name__)

#: Paths that anyone may ask for; the beacon endpoint is served before this room is reached.
PUBLIC: Final = (
    "/beacon.",
    "/demo/",
    "/healthz",
    "/readyz",
    "/login",
    "/favicon.svg",
    "/schemas/",
    "/assets/",
    "/share/",
    "/v1/push/",
)
_UNAUTHENTICATED: Final = (
    "Sign in: open the link that `wideload serve` prints, or send `Authorization: Bearer` with a token of `wideload tokens create` "
    "or the admin token."
)


class PrivateSurface:
    """ASGI middleware: lets nobody without a credential past, except to `PUBLIC` paths and those that begin as `public` does.

    A page gets a redirect to the sign-in page, a program 401. A change asked for with a session has to come from our own pages
    (cross-site request forgery). What somebody may do is asked by the routes (see `private`); all refusals are counted here.
    """

    def __init__(self, app: ASGIApp, access: Access, counters: Counters, public: tuple[str, ...] = ()) -> None:
        self._app, self._access, self._counters, self._public = app, access, counters, PUBLIC + public

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http" or scope["path"].startswith(self._public):
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        try:
            scope[IDENTITY] = self._admit(scope, headers)
        except RequestError as error:
            self._count(error.reason)
            await _refuse(error, scope, headers)(scope, receive, send)
            return
        except AccessError as error:
            await self._unavailable(error)(scope, receive, send)
            return
        scope[AUDIT] = lambda who, action, target, result: self._access.log.add(
            who, action, target, self._access.clients.prefix(scope), result
        )

        has_begun = False

        async def send_counted(message: Message) -> None:
            nonlocal has_begun
            if message["type"] == "http.response.start" and message["status"] == 403:
                self._count("forbidden")
            has_begun = True
            await send(message)

        try:
            await self._app(scope, receive, send_counted)
        except AccessError as error:
            # What cannot be logged is not done.
            if has_begun:
                raise
            await self._unavailable(error)(scope, receive, send)

    def _admit(self, scope: Scope, headers: Headers) -> Identity:
        identity = self._access.identify(headers)
        if identity is None:
            raise RequestError(401, "unauthenticated", _UNAUTHENTICATED)
        if scope["method"] not in ("GET", "HEAD") and bearer(headers) is None and not is_same_origin(headers):
            text = "This request came from another site's page; only the viewer's own may ask."
            raise RequestError(403, "cross_site", text)
        return identity

    def _unavailable(self, error: AccessError) -> Response:
        # The sentence has a path, and it is not known who asks.
        log.warning("%s", error)
        self._count("access_unavailable")
        text = "Who may do what cannot be read or logged at the moment; the collector's log says why."
        answer = RequestError(503, "access_unavailable", text)
        return JSONResponse(answer.as_json(), 503, {"retry-after": "2"})

    def _count(self, reason: str) -> None:
        self._counters.add("wideload_private_refusals", 1, reason)


def is_same_origin(headers: Headers) -> bool:
    """Whether a browser says that one of our own pages sent this."""
    site = headers.get("sec-fetch-site")
    if site is not None:
        return site == "same-origin"
    return headers.get("origin", "").partition("://")[2] == headers.get("host", "")


def _refuse(error: RequestError, scope: Scope, headers: Headers) -> Response:
    if error.status == 401 and scope["method"] == "GET" and "text/html" in headers.get("accept", ""):
        wanted = scope["path"] + ("?" + scope["query_string"].decode("latin-1") if scope["query_string"] else "")
        return RedirectResponse("/login" if wanted == "/" else "/login?" + urlencode({"next": wanted}), 303)
    return JSONResponse(error.as_json(), error.status, {"www-authenticate": "Bearer"} if error.status == 401 else None)
