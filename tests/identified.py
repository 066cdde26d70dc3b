"""Routes of the private surface without the middleware that finds out who is asking."""

from __future__ import annotations

from collections.abc import Sequence

from starlette.applications import Starlette
from starlette.routing import BaseRoute
from starlette.types import ASGIApp, Receive, Scope, Send

from collector.access.identity import ADMIN_OF_ALL, Identity
from collector.access.private import AUDIT, IDENTITY

ADMIN = Identity("user", "anna", ADMIN_OF_ALL)


def served(routes: Sequence[BaseRoute], identity: Identity = ADMIN, audited: list[tuple[str, ...]] | None = None) -> ASGIApp:
    """Return an application of these routes, of which this identity asks everything; what they log is added to `audited`."""
    application = Starlette(routes=routes)

    async def ask(scope: Scope, receive: Receive, send: Send) -> None:
        scope[IDENTITY] = identity
        scope[AUDIT] = lambda *line: None if audited is None else audited.append(line)
        await application(scope, receive, send)

    return ask
