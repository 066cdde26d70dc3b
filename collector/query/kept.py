"""Small files in the data folder that keep what people have made: SQLite, opened for each use."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from collector.errors import RequestError


class KeptFile:
    """One file; it may be used from any thread, and by several processes.

    Args:
        path: the file; it is made when it is first opened.
        schema: statements that make its tables where they are missing.
        reason: the word of the error where it cannot be used.
        holds: what it holds, in words.
    """

    def __init__(self, path: Path, schema: str, reason: str, holds: str) -> None:
        self._path, self._schema, self._reason, self._holds = path, schema, reason, holds
        self._lock = threading.Lock()

    @contextmanager
    def open(self) -> Iterator[sqlite3.Connection]:
        """Lend a connection for one transaction. Raises RequestError (503) where the file cannot be used."""
        try:
            with self._lock:
                db = sqlite3.connect(self._path, 5)
                try:
                    db.executescript(f"PRAGMA journal_mode=WAL;{self._schema}")
                    with db:
                        yield db
                finally:
                    db.close()
        except (sqlite3.Error, OSError) as error:
            message = f"The file {self._path.name} of {self._holds} cannot be used: {error}."
            raise RequestError(503, self._reason, message) from error
