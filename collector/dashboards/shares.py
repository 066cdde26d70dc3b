"""Links to one dashboard, for people without an account. Of each only the hash of its secret is kept.

A link shows the dashboard as it was when the link was made: who may change the dashboard later must not decide what strangers see
of a dataset.
"""

from __future__ import annotations

import hashlib
import secrets
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

import orjson

from collector.dashboards.definition import Definition
from collector.dashboards.file import DashboardFile
from collector.dashboards.own import Log
from collector.errors import RequestError
from collector.query.results import iso_seconds

MAX_SHARES: Final = 1_000
#: 192 bits: nobody guesses one, so one round of SHA-256 is enough to keep it.
_TOKEN_BYTES: Final = 24
#: For how long it is remembered that a link has ended, to say so.
_REMEMBERED_SECONDS: Final = 90 * 86_400
#: The last time that a link was opened is noted this often at most.
_OPENED_SECONDS: Final = 60.0
_COLUMNS: Final = "id, dashboard, definition, dataset, filters, time, note, created_by, created_at, expires_at, opened_at"


@dataclass(frozen=True, slots=True)
class Share:
    """One link; times in epoch seconds.

    Args:
        dashboard: the id of the dashboard.
        definition: the dashboard as it was when the link was made.
        dataset, filters: what its queries are about, whatever its holder does.
        time: `{"start_time", "end_time"}` if that is fixed, too.
        note: in words, what it is for.
        opened_at: when it was opened last.
    """

    id: str
    dashboard: str
    definition: Definition
    dataset: str
    filters: list[dict[str, Any]]
    time: dict[str, int]
    note: str
    created_by: str
    created_at: float
    expires_at: float
    opened_at: float | None = None

    def entry(self) -> dict[str, Any]:
        """Return what a list says of it."""
        names = ("id", "dataset", "filters", "note", "created_by", "created_at", "expires_at", "opened_at")
        return {**{name: getattr(self, name) for name in names}, **self.time}


class Shares:
    """The links of a file; every method may be called from any thread.

    Args:
        file: where they are.
        now: the wall clock in epoch seconds.

    Raises:
        RequestError: from every method; 503 where the file cannot be used.
    """

    def __init__(self, file: DashboardFile, now: Callable[[], float] = time.time) -> None:
        self._file, self.now = file, now

    def add(self, wanted: Mapping[str, Any], log: Log) -> tuple[Share, str]:
        """Keep a link, and return it with its secret, which nobody can read again.

        Args:
            wanted: the members of a `Share` but for its id and times, and `expires_at`.
            log: called with the id before anything is kept; if it raises, nothing is.
        """
        share = Share(id=secrets.token_hex(6), created_at=self.now(), **wanted)
        token = secrets.token_urlsafe(_TOKEN_BYTES)
        with self._file.change() as db:
            db.execute("DELETE FROM shares WHERE expires_at < ?", (self.now() - _REMEMBERED_SECONDS,))
            if db.execute("SELECT count(*) FROM shares").fetchone()[0] >= MAX_SHARES:
                message = f"There are {MAX_SHARES} links to dashboards, and no more can be made. Take back those that nobody needs."
                raise RequestError(507, "too_many_shares", message)
            values = [share.id, share.dashboard, _text(share.definition), share.dataset, _text(share.filters), _text(share.time),
                      share.note, share.created_by, share.created_at, share.expires_at, None]  # fmt: skip
            marks = ", ".join("?" * (len(values) + 1))
            db.execute(f"INSERT INTO shares ({_COLUMNS}, hash) VALUES ({marks})", [*values, _hash(token)])
            log(share.id)
        return share, token

    def of(self, dashboard: str) -> list[Share]:
        """Return the links to a dashboard, newest first, those that have ended included."""
        sql = f"SELECT {_COLUMNS} FROM shares WHERE dashboard = ? ORDER BY created_at DESC, id"
        with self._file.open() as db:
            return [_of(row) for row in db.execute(sql, (dashboard,))]

    def remove(self, share: Share, log: Log) -> None:
        """Take a link back."""
        with self._file.change() as db:
            db.execute("DELETE FROM shares WHERE id = ?", (share.id,))
            log(share.id)

    def find(self, token: str) -> Share:
        """Return the link that a secret is of. Raises RequestError (404): there is none, or it has ended."""
        with self._file.open() as db:
            row = db.execute(f"SELECT {_COLUMNS} FROM shares WHERE hash = ?", (_hash(token),)).fetchone()
        if row is None:
            text = "There is no such link: it was mistyped, or it has been taken back. Ask whoever sent it to you for a new one."
            raise RequestError(404, "unknown_share", text)
        share = _of(row)
        if share.expires_at <= self.now():
            ended = iso_seconds(int(share.expires_at)).replace("T", " ").replace("Z", " UTC")
            raise RequestError(404, "share_expired", f"This link ended at {ended}. Ask whoever sent it to you for a new one.")
        return share

    def opened(self, share: Share) -> None:
        """Note that a link was opened."""
        now = self.now()
        if share.opened_at is None or share.opened_at < now - _OPENED_SECONDS:
            with self._file.change() as db:
                db.execute("UPDATE shares SET opened_at = ? WHERE id = ?", (now, share.id))


def _hash(token: str) -> bytes:
    return hashlib.sha256(token.encode("utf-8", "replace")).digest()


def _text(value: Any) -> str:
    return orjson.dumps(value).decode()


def _of(row: tuple[Any, ...]) -> Share:
    id_, dashboard, definition, dataset, filters, fixed, *rest = row
    return Share(id_, dashboard, orjson.loads(definition), dataset, orjson.loads(filters), orjson.loads(fixed), *rest)
