"""One file of the spool: a SQLite database in WAL mode that is only ever appended to, and unlinked when all of it is stored.

Torn writes, checksums and recovery are SQLite's; anyone can open the file. It is never checkpointed while it is written (the
log *is* the data, and most segments are gone before a copy would pay), and never deleted from (no free list, no vacuum).
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Sequence
from pathlib import Path
from typing import Final

_SCHEMA: Final = "CREATE TABLE IF NOT EXISTS events (seq INTEGER PRIMARY KEY, payload BLOB NOT NULL)"
SUFFIX: Final = ".sqlite3"
#: Python gives up its lock for every step of a statement, and may wait for it after each one: a commit of many one-row
#: statements would take as many waits. So rows go in, and come out, by the statement. (SQLite allows 32,766 values in one.)
ROWS_PER_STATEMENT: Final = 500
_SEPARATOR: Final = b"\n"


class SegmentWriter:
    """Appends to one segment; used by one thread.

    Args:
        path: the file, made if it is missing.

    Raises:
        sqlite3.Error: it cannot be opened.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._db = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        # FULL: every commit reaches the disk before it returns (https://sqlite.org/pragma.html#pragma_synchronous).
        self._db.executescript(
            "PRAGMA page_size=16384; PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA wal_autocheckpoint=0;" + _SCHEMA
        )
        _sync_folder(path.parent)
        self.last = self._db.execute("SELECT coalesce(max(seq), 0) FROM events").fetchone()[0]
        self.bytes = path.stat().st_size if self.last else 0

    def append(self, payloads: Sequence[bytes]) -> None:
        """Commit the payloads; they are on disk when it returns. Raises sqlite3.Error, and then none of them is kept."""
        if len(payloads) <= ROWS_PER_STATEMENT:
            self._insert(payloads)
        else:
            self._insert_many(payloads)
        self.last += len(payloads)
        self.bytes += sum(map(len, payloads))

    def _insert_many(self, payloads: Sequence[bytes]) -> None:
        self._db.execute("BEGIN IMMEDIATE")
        try:
            for start in range(0, len(payloads), ROWS_PER_STATEMENT):
                self._insert(payloads[start : start + ROWS_PER_STATEMENT])
            self._db.execute("COMMIT")
        except BaseException:
            if self._db.in_transaction:
                self._db.execute("ROLLBACK")
            raise

    def _insert(self, payloads: Sequence[bytes]) -> None:
        self._db.execute("INSERT INTO events (payload) VALUES " + ",".join(["(?)"] * len(payloads)), payloads)

    def close(self) -> None:
        """Close; SQLite folds the log into the file."""
        self._db.close()


class SegmentReader:
    """Reads one segment in order; used by one thread, while another may append."""

    def __init__(self, path: Path) -> None:
        self._db = sqlite3.connect(f"file:{path}?mode=rw", uri=True, isolation_level=None, check_same_thread=False)
        self._db.text_factory = bytes

    def read(self, after: int, max_events: int) -> list[bytes]:
        """Return the payloads of the events after number `after`, in order; they must not hold a line break (JSON has none)."""
        query = "SELECT group_concat(payload, ?) FROM (SELECT payload FROM events WHERE seq > ? ORDER BY seq LIMIT ?)"
        (joined,) = self._db.execute(query, (_SEPARATOR, after, max_events)).fetchone()
        return joined.split(_SEPARATOR) if joined else []

    def close(self) -> None:
        """Close."""
        self._db.close()


def files(path: Path) -> list[Path]:
    """Return a segment's file and what is kept beside it."""
    return [path, *(path.with_name(path.name + ending) for ending in ("-wal", "-shm", "-wal.kept"))]


def remove(path: Path) -> None:
    """Delete a segment and what is kept beside it."""
    for name in files(path):
        name.unlink(missing_ok=True)


def _sync_folder(folder: Path) -> None:
    """Make new names in a folder survive a power cut; SQLite itself does so for its journals only."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
