"""What other rooms use: a route says what it needs, an endpoint asks who is there and leaves a line in the audit log."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final, Protocol

from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import BaseRoute, Route
from starlette.types import Receive, Scope, Send

from collector.access.identity import Identity, Role
from collector.errors import RequestError

#: Where the middleware leaves its findings for the routes.
IDENTITY: Final = "wideload.identity"
AUDIT: Final = "wideload.audit"


class Audit(Protocol):
    """Writes a line of the audit log."""

    def __call__(self, who: str, action: str, target: str, result: str) -> None:
        """See `audit`."""


@dataclass(frozen=True, slots=True)
class Needs:
    """What a route needs.

    Args:
        role: None where to be signed in is enough.
        everywhere: on all datasets; otherwise on any, and then the endpoint asks `identity_of(request).require(…)` of the dataset
            that it is about.
        or_runner: those who may run checks will do as well; the endpoint asks `identity_of(request).require_run(…)`.
    """

    role: Role | None = None
    everywhere: bool = False
    or_runner: bool = False

    def check(self, identity: Identity) -> None:
        """Raise RequestError (403) if somebody does not have it."""
        if self.role is None or (self.or_runner and identity.runs):
            return
        if self.everywhere:
            identity.require(self.role)
        elif not any(role >= self.role for role in identity.grants.values()):
            text = f"This needs the role {self.role.word} on a dataset, and {identity} has it on none: ask an admin."
            raise RequestError(403, "forbidden", text)


SIGNED_IN: Final = Needs()


def on_dataset(role: Role) -> Needs:
    """Need a role on the dataset that the request is about. The endpoint has to ask for it, as only it knows which that is."""
    return Needs(role)


def running_checks() -> Needs:
    """Need to be an editor of the dataset that the request is about, or somebody who may run its checks; the endpoint asks."""
    return Needs(Role.EDITOR, or_runner=True)


def reading_checks() -> Needs:
    """Need to be a viewer of the dataset that the request is about, or somebody who may run its checks; the endpoint asks."""
    return Needs(Role.VIEWER, or_runner=True)


def everywhere(role: Role) -> Needs:
    """Need a role on all datasets."""
    return Needs(role, everywhere=True)


class PrivateRoute(Route):
    """A route of the private surface, which says what it needs.

    Args:
        path, endpoint, more: as of Starlette's `Route`.
        needs: `SIGNED_IN`, `on_dataset(…)` or `everywhere(…)`.
    """

    def __init__(self, path: str, endpoint: Callable[..., Any], needs: Needs, **more: Any) -> None:
        super().__init__(path, endpoint, **more)
        self.needs = needs

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request, or refuse it."""
        try:
            self.needs.check(scope[IDENTITY])
        except RequestError as error:
            await JSONResponse(error.as_json(), error.status)(scope, receive, send)
        else:
            await super().handle(scope, receive, send)


def declared(routes: Sequence[BaseRoute]) -> list[BaseRoute]:
    """Return the routes of the private surface, all of which must say what they need.

    Raises:
        TypeError: one does not, so it would be open to all who are signed in.
    """
    for route in routes:
        if not isinstance(route, PrivateRoute):
            raise TypeError(f"{getattr(route, 'path', route)} is private, and does not say what it needs: make it a PrivateRoute.")
    return list(routes)


def identity_of(request: Request) -> Identity:
    """Return who is asking."""
    identity: Identity = request.scope[IDENTITY]
    return identity


def audit(request: Request, action: str, target: str, result: str = "ok") -> None:
    """Write a line of the audit log: who is asking did something. It is on disk when this returns.

    Args:
        request: says who, and from where.
        action: a constant word, such as `erase`.
        target: on what, such as `dataset shop, session 5f0c…`; never a secret.
        result: `ok`, or a few words such as `312 rows`.

    Raises:
        AccessError: it cannot be written, so the deed should not be done.
    """
    write: Audit = request.scope[AUDIT]
    write(str(identity_of(request)), action, target, result)
