"""Those who need no sign-in, such as holders of a link: where they come from, and what they leave in the audit log."""

from __future__ import annotations

from starlette.requests import Request

from collector.access.audit import AuditLog
from collector.access.clients import Clients


class Visitors:
    """Requests without a credential.

    Args:
        clients: finds out where they come from.
        log: the audit log.
    """

    def __init__(self, clients: Clients, log: AuditLog) -> None:
        self._clients, self._log = clients, log

    def network(self, request: Request) -> str:
        """Return the network that a request comes from, as far as it is remembered."""
        return self._clients.prefix(request.scope)

    def audit(self, request: Request, who: str, action: str, target: str) -> None:
        """Write a line of the audit log, as `private.audit` does for those who are signed in. Raises AccessError."""
        self._log.add(who, action, target, self.network(request))
