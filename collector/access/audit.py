"""The audit log: who did what, on what, from where, with which result. Lines are added, and never changed or taken away."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from collector.access.database import Database

#: Texts of others are cut, so that a line stays a line.
_LONGEST: Final = 300


@dataclass(frozen=True, slots=True)
class Line:
    """One line; `at` in epoch seconds, `address` the first part of an address, or `here` for the command line."""

    at: float
    who: str
    action: str
    target: str
    address: str
    result: str


class AuditLog:
    """The audit log of a file."""

    def __init__(self, db: Database, clock: Callable[[], float] = time.time) -> None:
        self._db, self._clock = db, clock

    def add(self, who: str, action: str, target: str, address: str, result: str = "ok") -> None:
        """Write a line; it is on disk when this returns. Raises AccessError."""
        texts = [text[:_LONGEST].encode("utf-8", "replace").decode() for text in (who, action, target, address, result)]
        self._db.write("INSERT INTO audit (at, who, action, target, address, result) VALUES (?, ?, ?, ?, ?, ?)",
                       self._clock(), *texts)  # fmt: skip

    def note_settings(self, shown: Mapping[str, str]) -> None:
        """Write a line if the settings are not those of the last start; it names those that changed.

        Args:
            shown: all of them as people see them, without secrets.
        """
        before = dict(self._db.rows("SELECT name, value FROM settings"))
        if before == shown:
            return
        changed = sorted({name for name, _ in before.items() ^ shown.items()}) if before else ["first start"]
        with self._db.transaction() as db:
            db.execute("DELETE FROM settings")
            db.executemany("INSERT INTO settings VALUES (?, ?)", list(shown.items()))
        self.add("collector", "settings", ", ".join(changed), "here")

    def lines(self, since: float = 0, who: str = "", action: str = "", limit: int = 100) -> list[Line]:
        """Return the last lines, newest first; only those of somebody or of an action, if one is named."""
        rows = self._db.rows(
            "SELECT at, who, action, target, address, result FROM audit WHERE at >= ?1 AND (?2 = '' OR who = ?2)"
            " AND (?3 = '' OR action = ?3) ORDER BY id DESC LIMIT ?4",
            since, who, action, limit,
        )  # fmt: skip
        return [Line(*row) for row in rows]
