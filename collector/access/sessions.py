"""Sessions of browsers. The cookie is a random text of which only the SHA-256 is kept, so the server can end any of them."""

from __future__ import annotations

import hashlib
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import orjson

from collector.access.database import Database
from collector.access.identity import ROLES, Grants
from collector.errors import AccessError

SESSION_SECONDS: Final = 30 * 86_400
#: What a provider says of somebody is believed for a working day.
SSO_SECONDS: Final = 12 * 3600


@dataclass(frozen=True, slots=True)
class Session:
    """Who a browser is signed in as.

    Args:
        kind: as of `Identity`.
        subject: the user's or the token's name, the provider's subject, or a print of the admin token.
        name: what people call it.
        grants: the roles, where nobody else knows them (`sso`).
        proof: what is kept of the password that was shown, if one was; it must still be kept when the session begins.
    """

    kind: str
    subject: str
    name: str
    grants: Grants
    proof: str = ""


class Sessions:
    """The sessions of a file."""

    def __init__(self, db: Database, clock: Callable[[], float] = time.time) -> None:
        self._db, self._clock = db, clock

    def begin(self, session: Session, seconds: float) -> str:
        """Keep a new session and return its cookie. Those that are over are forgotten.

        Raises:
            AccessError: the password was changed, or the user removed, since it was checked.
        """
        cookie, now = secrets.token_urlsafe(32), self._clock()
        grants = orjson.dumps({dataset: role.word for dataset, role in session.grants.items()}).decode()
        with self._db.transaction() as db:
            db.execute("DELETE FROM sessions WHERE expires_at <= ?", (now,))
            if session.kind == "user":
                sql = "UPDATE users SET signed_in_at = ?1 WHERE name = ?2 AND (?3 = '' OR password = ?3)"
                if not db.execute(sql, (now, session.subject, session.proof)).rowcount:
                    raise AccessError(f"The password of {session.name} was changed a moment ago.")
            db.execute("INSERT INTO sessions VALUES (?, ?, ?, ?, ?, ?)",
                       (_hash(cookie), session.kind, session.subject, session.name, grants, now + seconds))  # fmt: skip
        return cookie

    def find(self, cookie: str) -> Session | None:
        """Return the session of a cookie, unless it is over."""
        row = self._db.row("SELECT kind, subject, name, grants, expires_at FROM sessions WHERE hash = ?", _hash(cookie))
        if row is None or row[4] <= self._clock():
            return None
        kind, subject, name, grants, _ = row
        return Session(kind, subject, name, {dataset: ROLES[role] for dataset, role in orjson.loads(grants).items()})

    def end(self, cookie: str) -> None:
        """End one session."""
        self._db.write("DELETE FROM sessions WHERE hash = ?", _hash(cookie))

    def end_all(self, kind: str, subject: str) -> int:
        """End all sessions of somebody, and return how many there were."""
        return self._db.write("DELETE FROM sessions WHERE kind = ? AND subject = ?", kind, subject)

    def end_named(self, name: str) -> int:
        """End all sessions of whoever is called so (of everybody, with `*`), and return how many there were."""
        return self._db.write("DELETE FROM sessions WHERE ?1 = '*' OR name = ?1", name)


def _hash(cookie: str) -> bytes:
    return hashlib.sha256(cookie.encode("utf-8", "surrogateescape")).digest()
