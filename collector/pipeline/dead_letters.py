"""Events that the store can never take, kept with the reason, so that nothing acknowledged is ever discarded."""

from __future__ import annotations

import hashlib
import sqlite3
import threading
import time
from collections.abc import Callable, Iterable, Sequence
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
    payload BLOB NOT NULL,
    digest BLOB NOT NULL UNIQUE
)
"""
_SELECT: Final = "SELECT payload, reason, code, id, at FROM dead_letters"


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """One such event.

    Args:
        payload: as it was spooled.
        reason: the store's words.
        code: ClickHouse's error code, 0 for none.
        id: its number here, 0 before it has one.
        at: when it was put here, in epoch seconds.
    """

    payload: bytes
    reason: str
    code: int
    id: int = 0
    at: float = 0


class DeadLetters:
    """A SQLite file of dead letters; every method may be called from any thread."""

    def __init__(self, path: Path, clock: Callable[[], float] = time.time) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._db = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        self._db.executescript("PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;" + _SCHEMA)
        #: How many there are, and what was known of the file's changes then: by this process, and by others.
        self._counted, self._count = (-1, -1), 0

    def add(self, letters: Sequence[DeadLetter]) -> None:
        """Keep the letters; they are on disk when it returns. One that is here already stays one. Raises sqlite3.Error."""
        now = self._clock()
        rows = [(now, one.reason, one.code, one.payload, hashlib.sha256(one.payload).digest()) for one in letters]
        with self._lock, self._db:
            self._db.execute("BEGIN")
            self._db.executemany(
                "INSERT OR IGNORE INTO dead_letters (at, reason, code, payload, digest) VALUES (?, ?, ?, ?, ?)", rows
            )

    @property
    def count(self) -> int:
        """How many there are; they are counted again only where something has changed, as `/metrics` asks all the time."""
        with self._lock:
            changes = (self._db.total_changes, int(self._db.execute("PRAGMA data_version").fetchone()[0]))
            if self._counted != changes:
                self._count = int(self._db.execute("SELECT count(*) FROM dead_letters").fetchone()[0])
                self._counted = changes
            return self._count

    def page(self, limit: int, before: int | None = None) -> list[DeadLetter]:
        """Return letters, the newest first: at most `limit`, and only such with a number below `before`."""
        with self._lock:
            rows = self._db.execute(
                f"{_SELECT} WHERE id < ? ORDER BY id DESC LIMIT ?", (1 << 62 if before is None else before, limit)
            ).fetchall()
        return [DeadLetter(*row) for row in rows]

    def get(self, number: int) -> DeadLetter | None:
        """Return one letter."""
        with self._lock:
            row = self._db.execute(f"{_SELECT} WHERE id = ?", (number,)).fetchone()
        return DeadLetter(*row) if row else None

    def all(self) -> list[DeadLetter]:
        """Return every letter, oldest first."""
        return self.page(1 << 62)[::-1]

    def remove(self, numbers: Iterable[int]) -> int:
        """Forget letters and return how many there were of them. Raises sqlite3.Error."""
        with self._lock, self._db:
            self._db.execute("BEGIN")
            return sum(self._db.execute("DELETE FROM dead_letters WHERE id = ?", (number,)).rowcount for number in numbers)

    def discard(self, is_erased: Callable[[bytes], bool]) -> int:
        """Forget the letters whose payload is so, leave no trace of them in the file, and return how many there were."""
        with self._lock:
            rows = self._db.execute("SELECT id, payload FROM dead_letters").fetchall()
            gone = [(id_,) for id_, payload in rows if is_erased(payload)]
            if gone:
                self._db.execute("PRAGMA secure_delete = ON")
                with self._db:
                    self._db.execute("BEGIN")
                    self._db.executemany("DELETE FROM dead_letters WHERE id = ?", gone)
                self._db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        return len(gone)

    def close(self) -> None:
        """Close the file."""
        self._db.close()
