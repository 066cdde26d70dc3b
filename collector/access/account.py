"""`/api/me`: who is signed in, what they may see, and their password."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import orjson
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from collector.access.attempts import TooManyAttempts
from collector.access.credentials import Access
from collector.access.identity import Identity
from collector.access.login import MAX_FORM_BYTES, Login
from collector.access.private import SIGNED_IN, PrivateRoute, audit, identity_of
from collector.errors import AccessError, RequestError
from collector.request_body import read_body


def describer(datasets: Iterable[str], about: Mapping[str, Any]) -> Callable[[Identity], dict[str, Any]]:
    """Return what says who somebody is, as `/api/me` does.

    Args:
        datasets: all of them.
        about: what else is told.
    """

    def describe(identity: Identity) -> dict[str, Any]:
        roles = {dataset: role.word for dataset, role in identity.grants.items()}
        user = {"kind": identity.kind, "name": identity.name, "roles": roles}
        runs = {"runs_checks": [one for one in datasets if identity.may_run(one)]} if identity.runs else {}
        return {**about, "datasets": identity.visible(datasets), "user": user, **runs}

    return describe


def account_routes(access: Access, login: Login, datasets: Iterable[str], about: Mapping[str, Any]) -> list[PrivateRoute]:
    """Return the routes.

    Args:
        access: knows who is who.
        login: checks passwords.
        datasets, about: see `describer`.
    """
    describe = describer(datasets, about)

    async def me(request: Request) -> Response:
        return JSONResponse(describe(identity_of(request)))

    async def password(request: Request) -> Response:
        session = access.session_of(request.headers)
        try:
            await _change_password(request, access, login)
        except TooManyAttempts as error:
            return JSONResponse(error.as_json(), error.status, error.headers)
        except RequestError as error:
            return JSONResponse(error.as_json(), error.status)
        audit(request, "user-password", identity_of(request).name)
        response = Response(status_code=204)
        # All sessions have ended, this one too; this browser gets another.
        return access.sign_in(request.headers, response, session) if session else response

    return [PrivateRoute("/api/me", me, SIGNED_IN), PrivateRoute("/api/me/password", password, SIGNED_IN, methods=["POST"])]


async def _change_password(request: Request, access: Access, login: Login) -> None:
    identity = identity_of(request)
    if identity.kind != "user":
        raise RequestError(400, "no_password", f"{identity} has no password here, so there is none to change.")
    current, new = await _read(request)
    if not await login.check(request, "password", identity.name, lambda: access.users.verify(identity.name, current)):
        raise RequestError(400, "wrong_password", "The present password is another one.", "current")
    try:
        await asyncio.to_thread(access.users.set_password, identity.name, new)
    except AccessError as error:
        raise RequestError(400, "bad_password", str(error), "new") from None


async def _read(request: Request) -> tuple[str, str]:
    body = await read_body(request, MAX_FORM_BYTES)
    try:
        document = orjson.loads(body)
        current, new = document["current"], document["new"]
    except (orjson.JSONDecodeError, KeyError, TypeError):
        current = new = None
    if not isinstance(current, str) or not isinstance(new, str):
        raise RequestError(400, "bad_json", 'The body must be {"current": "…", "new": "…"}.')
    return current, new
