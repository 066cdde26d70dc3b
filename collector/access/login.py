"""Signing in and out: `GET|POST /login`, `POST /logout`."""

from __future__ import annotations

import logging
import math
from collections.abc import Callable
from typing import Final, TypeVar
from urllib.parse import parse_qs

from anyio import CapacityLimiter, to_thread
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from collector.access.attempts import Attempts, TooManyAttempts
from collector.access.credentials import Access
from collector.access.page import LoginPage, own_path
from collector.access.private import SIGNED_IN, PrivateRoute, identity_of
from collector.access.sessions import Session
from collector.access.surface import is_same_origin
from collector.errors import AccessError, RequestError
from collector.request_body import read_body
from collector.telemetry import Counters

log = logging.getLogger(__name__)
T = TypeVar("T")

#: The forms of this room are small.
MAX_FORM_BYTES: Final = 4096
#: Passwords are checked one after the other, as a check takes 64 MiB and all cores; so many may wait for their turn.
_CHECKS: Final = 1
_WAITING: Final = 8
_CROSS_SITE: Final = "The form came from another site’s page. Sign in here."
_WRONG: Final = "That name and password do not belong together."
_WRONG_TOKEN: Final = "That link or token is not valid: a link works once. Take a new one, or the token."


class Login:
    """The endpoints.

    Args:
        access: checks what is given.
        counters: count the attempts.
        page: what people see.
        attempts: how often they may be wrong.
    """

    def __init__(self, access: Access, counters: Counters, page: LoginPage, attempts: Attempts | None = None) -> None:
        self._access, self._counters, self._page = access, counters, page
        self._attempts = attempts or Attempts.usual()
        self._checks = CapacityLimiter(_CHECKS)

    def routes(self) -> list[BaseRoute]:
        """Return the public routes."""
        return [Route("/login", self._show), Route("/login", self._post, methods=["POST"])]

    async def _show(self, request: Request) -> Response:
        try:
            return self._show_page(request)
        except AccessError as error:
            return self._unavailable(error)

    def _show_page(self, request: Request) -> Response:
        wanted, link = own_path(request.query_params.get("next", "")), request.query_params.get("token", "")
        # What only looks at the link, such as a chat's preview, must not use it up.
        if not link or request.method == "HEAD":
            return self._answer(request, wanted)
        session = self._access.use_link(link)
        if session:
            return self.welcome(request, "link", session, wanted)
        return self.refuse(request, "link", "a link", wanted, _WRONG_TOKEN)

    async def _post(self, request: Request) -> Response:
        try:
            return await self._take_form(request)
        except AccessError as error:
            return self._unavailable(error)

    async def _take_form(self, request: Request) -> Response:
        if not is_same_origin(request.headers):
            self._count("form", "cross_site")
            return self._answer(request, "/", _CROSS_SITE, 403)
        try:
            body = await read_body(request, MAX_FORM_BYTES)
        except RequestError as error:
            return self._answer(request, "/", error.message, error.status)
        form = {name: values[0] for name, values in parse_qs(body.decode("utf-8", "replace")).items()}
        wanted, token = own_path(form.get("next", "")), form.get("token", "").strip()
        if token:
            return await self._attempt(request, "token", "", wanted, lambda: self._access.use_token(token))
        name, password = form.get("username", "").strip().lower(), form.get("password", "")
        if not name or not password:
            return self._answer(request, wanted)
        return await self._attempt(request, "password", name, wanted, lambda: self._access.use_password(name, password))

    async def _attempt(
        self, request: Request, method: str, name: str, wanted: str, check: Callable[[], Session | None]
    ) -> Response:
        try:
            session = await self.check(request, method, name, check)
        except TooManyAttempts as error:
            return self._answer(request, wanted, error.message, 429, error.headers)
        except RequestError as error:
            return self.refuse(request, method, name or "a token", wanted, error.message)
        if session is None:
            return self.refuse(request, method, name or "a token", wanted, _WRONG if name else _WRONG_TOKEN)
        return self.welcome(request, method, session, wanted)

    async def check(self, request: Request, method: str, name: str, check: Callable[[], T | None]) -> T | None:
        """Return what a check of a credential returns; it runs in a thread. Raises TooManyAttempts."""
        client = self._access.clients.prefix(request.scope)
        is_busy = self._checks.statistics().tasks_waiting >= _WAITING
        wait = 2 if is_busy else math.ceil(self._attempts.take(name, client))
        if wait:
            self._count(method, "throttled")
            raise TooManyAttempts(wait)
        found = await to_thread.run_sync(check, limiter=self._checks)
        if found is not None:
            self._attempts.give_back(name, client)
        return found

    def welcome(self, request: Request, method: str, session: Session, wanted: str, detail: str = "") -> Response:
        """Begin a session, and go where somebody wanted to; `detail` is for the audit log."""
        self._log(request, str(self._access.identity(session)), method, "ok", detail)
        return self._access.sign_in(request.headers, RedirectResponse(wanted, 303), session)

    def refuse(self, request: Request, method: str, who: str, wanted: str, message: str, status: int = 401) -> Response:
        """Say that somebody could not sign in, and why."""
        self._log(request, who, method, "refused")
        return self._answer(request, wanted, message, status)

    def _log(self, request: Request, who: str, method: str, result: str, detail: str = "") -> None:
        self._count(method, result)
        if result == "ok" or not self._attempts.logged.take(""):
            self._access.log.add(who, "sign-in", f"by {method}{detail}", self._access.clients.prefix(request.scope), result)

    def _count(self, method: str, result: str) -> None:
        self._counters.add("wideload_sign_ins", 1, method, result)

    def _unavailable(self, error: AccessError) -> Response:
        log.warning("Nobody can sign in: %s", error)
        self._count("form", "unavailable")
        text = "Nobody can sign in at the moment. The collector’s log says why."
        return self._page.show("/", users=True, token=True, message=text, status=503, headers={"retry-after": "5"})

    def _answer(
        self, request: Request, wanted: str, message: str = "", status: int = 200, headers: dict[str, str] | None = None
    ) -> Response:
        token, users = message == _WRONG_TOKEN, self._access.users.exist()
        return self._page.show(wanted, users=users, token=token, message=message, status=status, headers=headers)


def logout_route(access: Access) -> PrivateRoute:
    """Return `POST /logout`, which ends the session, and with `?everywhere` all sessions of who asks."""

    async def logout(request: Request) -> Response:
        everywhere = "everywhere" in request.query_params
        response = access.sign_out(request.headers, RedirectResponse("/login", 303), everywhere=everywhere)
        who, address = str(identity_of(request)), access.clients.prefix(request.scope)
        access.log.add(who, "sign-out", "everywhere" if everywhere else "here", address)
        return response

    return PrivateRoute("/logout", logout, SIGNED_IN, methods=["POST"])
