"""Every error the collector raises on purpose.

WideloadError
├── SettingsError          the settings cannot be used; one sentence per problem
├── RequestError           the caller's request cannot be served; becomes one JSON error
│   └── QueryError         a part of a query is wrong; names the part
├── ClientError            a running collector did not do what a command asked of it
│   └── Unreachable        nobody answers there
├── AccessError            users, tokens and the audit log cannot be read or changed like that
├── BackupError            a backup cannot be taken, or is not good
├── SpoolError             the spool cannot keep an event now
│   ├── SpoolInUse         another process has it
│   ├── EventTooLarge      it will never keep this one
│   └── SpoolFull          the spool has reached its cap
│       └── DatasetFull    one dataset has used up its share of it
└── StoreError             the store did not do what was asked
    ├── StoreUnavailable   it may work later: hold and retry
    ├── StoreDataError     this data can never be stored as it is: isolate the row
    └── StoreQueryError    it refused a query: too heavy, too long or wrong
        └── StoreQueryStopped  nobody waits for the answer any more
"""

from __future__ import annotations

from collections.abc import Sequence


class WideloadError(Exception):
    """The root of the tree."""


class SettingsError(WideloadError):
    """The settings cannot be used.

    Args:
        problems: one sentence each, naming the setting and the way out.
    """

    def __init__(self, problems: Sequence[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = list(problems)


class RequestError(WideloadError):
    """The caller's request cannot be served.

    Args:
        status: the HTTP status.
        reason: a short constant word for counters and programs, such as `body_too_large`.
        message: a sentence for people that names the thing and the way out.
        path: the offending part of the request, such as `calculations[0].op`; empty where there is none.
    """

    def __init__(self, status: int, reason: str, message: str, path: str = "") -> None:
        super().__init__(message)
        self.status, self.reason, self.message, self.path = status, reason, message, path

    def as_json(self) -> dict[str, dict[str, str]]:
        """Return the one error shape of every endpoint: `{"error": {"reason", "message", "path"?}}`."""
        error = {"reason": self.reason, "message": self.message}
        if self.path:
            error["path"] = self.path
        return {"error": error}


class QueryError(RequestError):
    """A part of a query specification is wrong (HTTP 400)."""

    def __init__(self, path: str, message: str) -> None:
        super().__init__(400, "bad_query", message, path)


class ClientError(WideloadError):
    """A running collector did not do what a command asked of it.

    Args:
        message: a sentence for people.
        status: the HTTP status, 0 where there was no answer.
        reason: the word of the collector's JSON error, such as `bad_query`.
    """

    def __init__(self, message: str, status: int = 0, reason: str = "") -> None:
        super().__init__(message)
        self.status, self.reason = status, reason


class Unreachable(ClientError):
    """Nobody answers there."""


class AccessError(WideloadError):
    """Users, tokens and the audit log cannot be read or changed like that."""


class BackupError(WideloadError):
    """A backup cannot be taken, or is not good."""


class SpoolError(WideloadError):
    """The spool cannot keep an event now, so nothing may be acknowledged."""


class SpoolInUse(SpoolError):
    """Another process has the spool, and only one at a time can."""


class EventTooLarge(SpoolError):
    """An event is larger than what can be kept, now or later."""


class SpoolFull(SpoolError):
    """The spool has reached its cap."""


class DatasetFull(SpoolFull):
    """One dataset has used up its share of the spool."""


class StoreError(WideloadError):
    """The store did not do what was asked.

    Args:
        message: the store's own words.
        code: ClickHouse's error code, 0 where there is none.
    """

    def __init__(self, message: str, code: int = 0) -> None:
        super().__init__(message)
        self.message, self.code = message, code


class StoreUnavailable(StoreError):
    """It may work later: hold and retry. Every error that nobody can name is one of these."""


class StoreDataError(StoreError):
    """This data can never be stored as it is."""


class StoreQueryError(StoreError):
    """The store refused a query: too heavy, too long or wrong."""


class StoreQueryStopped(StoreQueryError):
    """A query was stopped, as nobody waits for its answer any more."""
