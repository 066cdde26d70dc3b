"""The one file of users, roles, tokens, sessions and the audit log: SQLite in the data folder, for its owner's eyes only.

The collector and the command line may have it open at the same time. Nothing of it is cached, so a change is felt by the next
request; a look-up takes some microseconds.
"""

from __future__ import annotations

import os
import secrets
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from collector.errors import AccessError

ACCESS_FILE: Final = "access.sqlite3"
_SCHEMA: Final = """
CREATE TABLE IF NOT EXISTS users (
    name TEXT PRIMARY KEY,
    password TEXT NOT NULL,
    created_at REAL NOT NULL,
    signed_in_at REAL
) STRICT;
CREATE TABLE IF NOT EXISTS roles (
    user TEXT NOT NULL REFERENCES users (name) ON DELETE CASCADE,
    dataset TEXT NOT NULL,
    role TEXT NOT NULL,
    PRIMARY KEY (user, dataset)
) STRICT;
CREATE TABLE IF NOT EXISTS tokens (
    name TEXT PRIMARY KEY,
    prefix TEXT NOT NULL,
    hash BLOB NOT NULL UNIQUE,
    scope TEXT NOT NULL,
    datasets TEXT NOT NULL,
    created_at REAL NOT NULL,
    expires_at REAL,
    used_at REAL
) STRICT;
CREATE TABLE IF NOT EXISTS sessions (
    hash BLOB PRIMARY KEY,
    kind TEXT NOT NULL,
    subject TEXT NOT NULL,
    name TEXT NOT NULL,
    grants TEXT NOT NULL,
    expires_at REAL NOT NULL
) STRICT;
CREATE INDEX IF NOT EXISTS sessions_by_subject ON sessions (kind, subject);
CREATE TABLE IF NOT EXISTS keys (
    name TEXT PRIMARY KEY,
    value BLOB NOT NULL
) STRICT;
CREATE TABLE IF NOT EXISTS settings (
    name TEXT PRIMARY KEY,
    value TEXT NOT NULL
) STRICT;
CREATE TABLE IF NOT EXISTS audit (
    id INTEGER PRIMARY KEY,
    at REAL NOT NULL,
    who TEXT NOT NULL,
    action TEXT NOT NULL,
    target TEXT NOT NULL,
    address TEXT NOT NULL,
    result TEXT NOT NULL
) STRICT;
CREATE INDEX IF NOT EXISTS audit_by_time ON audit (at);
CREATE TRIGGER IF NOT EXISTS audit_stays BEFORE DELETE ON audit BEGIN SELECT raise(ABORT, 'the audit log is append-only'); END;
CREATE TRIGGER IF NOT EXISTS audit_is_true BEFORE UPDATE ON audit BEGIN SELECT raise(ABORT, 'the audit log is append-only'); END;
"""


class Database:
    """The open file; every method may be called from any thread.

    Args:
        data_dir: the data folder; it is made if it is missing, and so is the file, with mode 600.
        busy_seconds: how long to wait for another process that writes.

    Raises:
        AccessError: from every method, where the file cannot be used.
    """

    def __init__(self, data_dir: Path, busy_seconds: float = 5.0) -> None:
        self._path = data_dir / ACCESS_FILE
        self._lock = threading.Lock()
        with self._named():
            data_dir.mkdir(parents=True, exist_ok=True)
            _create(self._path)
            self._db = sqlite3.connect(self._path, busy_seconds, isolation_level=None, check_same_thread=False)
            self._db.executescript(f"PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON;{_SCHEMA}")

    def rows(self, sql: str, *values: Any) -> list[tuple[Any, ...]]:
        """Return what a SELECT finds."""
        with self._named(), self._lock:
            return self._db.execute(sql, values).fetchall()

    def row(self, sql: str, *values: Any) -> tuple[Any, ...] | None:
        """Return the first row that a SELECT finds."""
        with self._named(), self._lock:
            found: tuple[Any, ...] | None = self._db.execute(sql, values).fetchone()
            return found

    def write(self, sql: str, *values: Any) -> int:
        """Run one statement, which is on disk when this returns; return how many rows it changed."""
        with self.transaction() as db:
            return db.execute(sql, values).rowcount

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """Several statements, all of them or none."""
        with self._named(), self._lock, self._db:
            self._db.execute("BEGIN IMMEDIATE")
            yield self._db

    def key(self, name: str) -> bytes:
        """Return a random key of this name, which is made the first time and kept."""
        found = self.row("SELECT value FROM keys WHERE name = ?", name)
        if not found:
            # Another process may have been faster.
            self.write("INSERT OR IGNORE INTO keys VALUES (?, ?)", name, secrets.token_bytes(32))
            found = self.row("SELECT value FROM keys WHERE name = ?", name)
        return bytes(found[0]) if found else b""

    def close(self) -> None:
        """Close the file."""
        self._db.close()

    @contextmanager
    def _named(self) -> Iterator[None]:
        try:
            yield
        except (sqlite3.Error, OSError) as error:
            is_broken = type(error) is sqlite3.DatabaseError
            way_out = " Restore it, or move it away and add users anew." if is_broken else ""
            raise AccessError(f"The file {self._path} of users and tokens cannot be used: {error}.{way_out}") from error


def _create(path: Path) -> None:
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return
    # Made by root for a collector that runs as somebody else.
    if os.geteuid() == 0:
        owner = path.parent.stat()
        os.fchown(descriptor, owner.st_uid, owner.st_gid)
    os.close(descriptor)
