"""People with a password, and their roles."""

from __future__ import annotations

import re
import sqlite3
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from collector.access import passwords
from collector.access.database import Database
from collector.access.identity import ROLES, Grants, Role
from collector.errors import AccessError

_NAME: Final = re.compile(r"[a-z0-9][a-z0-9._@+-]{0,63}")


@dataclass(frozen=True, slots=True)
class User:
    """One user; times in epoch seconds, `signed_in_at` None for one who never has."""

    name: str
    grants: Grants
    created_at: float
    signed_in_at: float | None


class Users:
    """The users of a file. Whatever ends a credential ends the sessions that were made with it."""

    def __init__(self, db: Database, clock: Callable[[], float] = time.time) -> None:
        self._db, self._clock = db, clock

    def all(self) -> list[User]:
        """Return every user, by name."""
        rows = self._db.rows("SELECT name, created_at, signed_in_at FROM users ORDER BY name")
        return [User(name, self.grants(name), created, signed_in) for name, created, signed_in in rows]

    def grants(self, name: str) -> Grants:
        """Return a user's roles by dataset; none for nobody."""
        return {dataset: ROLES[role] for dataset, role in
                self._db.rows("SELECT dataset, role FROM roles WHERE user = ? ORDER BY dataset", name)}  # fmt: skip

    def add(self, name: str, password: str, grants: Grants) -> None:
        """Add a user. Raises AccessError: the name is taken or cannot be one, or the password is too short."""
        if not _NAME.fullmatch(name):
            raise AccessError(f"{name!r} cannot be a user's name: it has lower-case letters, digits and . _ @ + -, up to 64.")
        kept = passwords.hash_password(password)
        with self._db.transaction() as db:
            if db.execute("SELECT 1 FROM users WHERE name = ?", (name,)).fetchone():
                raise AccessError(f"There is a user {name} already; `wideload users role` changes what they may do.")
            db.execute("INSERT INTO users VALUES (?, ?, ?, NULL)", (name, kept, self._clock()))
            db.executemany("INSERT INTO roles VALUES (?, ?, ?)", [(name, d, role.word) for d, role in grants.items()])

    def set_role(self, name: str, role: Role | None, dataset: str) -> None:
        """Give a user a role on a dataset (or `*`), or take it. Raises AccessError: there is no such user."""
        with self._db.transaction() as db:
            _need(db, name)
            db.execute("DELETE FROM roles WHERE user = ? AND dataset = ?", (name, dataset))
            if role:
                db.execute("INSERT INTO roles VALUES (?, ?, ?)", (name, dataset, role.word))

    def set_password(self, name: str, password: str) -> None:
        """Change a user's password, and end their sessions. Raises AccessError: there is no such user, or it is too short."""
        kept = passwords.hash_password(password)
        with self._db.transaction() as db:
            _need(db, name)
            db.execute("UPDATE users SET password = ? WHERE name = ?", (kept, name))
            _end_sessions(db, name)

    def remove(self, name: str) -> None:
        """Remove a user, and end their sessions. Raises AccessError: there is no such user."""
        with self._db.transaction() as db:
            _need(db, name)
            db.execute("DELETE FROM users WHERE name = ?", (name,))
            _end_sessions(db, name)

    def verify(self, name: str, password: str) -> str | None:
        """Return what is kept of a password if it is this user's, else None; it takes a tenth of a second either way."""
        row = self._db.row("SELECT password FROM users WHERE name = ?", name)
        kept = row[0] if row else None
        if not passwords.verify_password(kept, password):
            return None
        if not passwords.needs_rehash(kept or ""):
            return kept
        renewed = passwords.hash_password(password)
        # Only if it has not been changed in the meantime.
        done = self._db.write("UPDATE users SET password = ? WHERE name = ? AND password = ?", renewed, name, kept)
        return renewed if done else None

    def exist(self) -> bool:
        """Whether there are any."""
        return self._db.row("SELECT 1 FROM users LIMIT 1") is not None


def _need(db: sqlite3.Connection, name: str) -> None:
    if not db.execute("SELECT 1 FROM users WHERE name = ?", (name,)).fetchone():
        known = ", ".join(row[0] for row in db.execute("SELECT name FROM users ORDER BY name")) or "there are none"
        raise AccessError(f"There is no user {name!r}. Known users: {known}.")


def _end_sessions(db: sqlite3.Connection, name: str) -> None:
    db.execute("DELETE FROM sessions WHERE kind = 'user' AND subject = ?", (name,))
