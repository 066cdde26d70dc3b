"""Events that the store can never take, kept with the reason, so that nothing acknowledged is ever discarded."""

from __future__ import annotations

import sqlite3
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

#: The file's name within the data folder.
DEAD_LETTERS_FILE: Final = "dead-letters.sqlite3"
_SCHEMA: Final = """
CREATE TABLE IF NOT EXISTS dead_letters (
    id INTEGER PRIMARY KEY,
    at REAL NOT NULL,
    reason TEXT NOT NULL,
    code INTEGER NOT NULL,
    payload BLOB NOT NULL
)
"""


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """One such event: the payload as it was spooled, the store's words and ClickHouse's error code (0 for none)."""

    payload: bytes
    reason: str
    code: int


class DeadLetters:
    """A SQLite file of dead letters; every method may be called from any thread."""

    def __init__(self, path: Path, clock: Callable[[], float] = time.time) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._db = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        self._db.executescript("PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;" + _SCHEMA)

    def add(self, letters: Sequence[DeadLetter]) -> None:
        """Keep the letters; they are on disk when it returns."""
        now = self._clock()
        with self._lock, self._db:
            self._db.execute("BEGIN")
            self._db.executemany(
                "INSERT INTO dead_letters (at, reason, code, payload) VALUES (?, ?, ?, ?)",
                [(now, letter.reason, letter.code, letter.payload) for letter in letters],
            )

    def all(self) -> list[DeadLetter]:
        """Return every letter, oldest first."""
        with self._lock:
            rows = self._db.execute("SELECT payload, reason, code FROM dead_letters ORDER BY id").fetchall()
        return [DeadLetter(*row) for row in rows]

    def close(self) -> None:
        """Close the file."""
        self._db.close()
