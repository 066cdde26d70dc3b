"""API tokens: random texts that programs show. Only their SHA-256 is kept, which is enough for 238 random bits."""

from __future__ import annotations

import hashlib
import re
import secrets
import string
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Final

from collector.access.database import Database
from collector.access.identity import EVERYTHING, RUN_SCOPE, SCOPES, Identity
from collector.errors import AccessError, RequestError

MARK: Final = "wl_"
#: What the collector's own checks ask with whether beacons have arrived.
_OF_CHECKS: Final = "collector.checks"
_LETTERS: Final = string.ascii_letters + string.digits
_LENGTH: Final = 40
#: How much of a token is shown, so that its owner can recognise it.
_SHOWN: Final = len(MARK) + 6
_NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._@+-]{0,63}")
#: The time of the last use is noted this often at most.
_USED_SECONDS: Final = 60.0


@dataclass(frozen=True, slots=True)
class Token:
    """What is known of a token; times in epoch seconds, None for never."""

    name: str
    prefix: str
    scope: str
    datasets: tuple[str, ...]
    created_at: float
    expires_at: float | None
    used_at: float | None


class Tokens:
    """The tokens of a file."""

    def __init__(self, db: Database, clock: Callable[[], float] = time.time) -> None:
        self._db, self._clock = db, clock

    def all(self) -> list[Token]:
        """Return every token, by name."""
        rows = self._db.rows("SELECT name, prefix, scope, datasets, created_at, expires_at, used_at FROM tokens ORDER BY name")
        return [Token(name, prefix, scope, tuple(datasets.split(",")), *times) for name, prefix, scope, datasets, *times in rows]

    def create(self, name: str, scope: str, datasets: Sequence[str] = (EVERYTHING,), seconds: float | None = None) -> str:
        """Make a token and return it; nobody can read it again.

        Args:
            name: what it is for.
            scope: `read`, `write-config`, `admin` or `run-checks`.
            datasets: the ones that it is for, or `*`.
            seconds: how long it works, None for ever.

        Raises:
            AccessError: the name is taken or cannot be one.
        """
        if not _NAME.fullmatch(name):
            raise AccessError(f"{name!r} cannot be a token's name: it has letters, digits and . _ @ + -, up to 64.")
        made = MARK + "".join(secrets.choice(_LETTERS) for _ in range(_LENGTH))
        now = self._clock()
        with self._db.transaction() as db:
            if db.execute("SELECT 1 FROM tokens WHERE name = ?", (name,)).fetchone():
                raise AccessError(f"There is a token {name} already: choose another name, or revoke that one first.")
            db.execute("INSERT INTO tokens VALUES (?, ?, ?, ?, ?, ?, ?, NULL)", (
                name, made[:_SHOWN], _hash(made), scope, ",".join(datasets), now, None if seconds is None else now + seconds,
            ))  # fmt: skip
        return made

    def for_checks(self, dataset: str) -> str:
        """Return a token to read a dataset with, for the collector's own checks; the one of its last start is worthless then."""
        if any(one.name == _OF_CHECKS for one in self.all()):
            self.revoke(_OF_CHECKS)
        return self.create(_OF_CHECKS, "read", (dataset,))

    def revoke(self, name: str) -> None:
        """Make a token, and the sessions that were begun with it, worthless. Raises AccessError: there is no such token."""
        with self._db.transaction() as db:
            if not db.execute("DELETE FROM tokens WHERE name = ?", (name,)).rowcount:
                known = ", ".join(row[0] for row in db.execute("SELECT name FROM tokens ORDER BY name")) or "there are none"
                raise AccessError(f"There is no token {name!r}. Known tokens: {known}.")
            db.execute("DELETE FROM sessions WHERE kind = 'token' AND subject = ?", (name,))

    def identify(self, given: str) -> Identity | None:
        """Return whose token this is, or None. Raises RequestError (401): it has expired."""
        return self._found("hash", _hash(given)) if given.startswith(MARK) else None

    def named(self, name: str) -> Identity | None:
        """Return the identity of a token by its name, for a session that was begun with it."""
        return self._found("name", name)

    def _found(self, column: str, value: str | bytes) -> Identity | None:
        row = self._db.row(f"SELECT name, scope, datasets, expires_at, used_at FROM tokens WHERE {column} = ?", value)
        if row is None:
            return None
        name, scope, datasets, expires_at, used_at = row
        now = self._clock()
        if expires_at is not None and now >= expires_at:
            text = f"The token {name} has expired: make another with `wideload tokens create`."
            raise RequestError(401, "token_expired", text)
        if used_at is None or now - used_at >= _USED_SECONDS:
            # A full disk keeps nobody out.
            with suppress(AccessError):
                self._db.write("UPDATE tokens SET used_at = ? WHERE name = ?", now, name)
        if scope == RUN_SCOPE:
            return Identity("token", name, {}, tuple(datasets.split(",")))
        return Identity("token", name, dict.fromkeys(datasets.split(","), SCOPES[scope]))


def _hash(token: str) -> bytes:
    return hashlib.sha256(token.encode("utf-8", "surrogateescape")).digest()
