"""The one file of own dashboards and of links to dashboards."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from collector.query.kept import KeptFile

DASHBOARDS_FILE: Final = "dashboards.sqlite3"
_SCHEMA: Final = """
CREATE TABLE IF NOT EXISTS dashboards (
    id TEXT PRIMARY KEY,
    definition TEXT NOT NULL,
    version INTEGER NOT NULL,
    created_by TEXT NOT NULL,
    created_at REAL NOT NULL,
    changed_by TEXT NOT NULL,
    changed_at REAL NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS shares (
    id TEXT PRIMARY KEY,
    hash BLOB NOT NULL UNIQUE,
    dashboard TEXT NOT NULL,
    definition TEXT NOT NULL,
    dataset TEXT NOT NULL,
    filters TEXT NOT NULL,
    time TEXT NOT NULL,
    note TEXT NOT NULL,
    created_by TEXT NOT NULL,
    created_at REAL NOT NULL,
    expires_at REAL NOT NULL,
    opened_at REAL
) STRICT, WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS shares_by_dashboard ON shares (dashboard, created_at);
"""


class DashboardFile(KeptFile):
    """The file.

    Args:
        data_dir: the data folder.
    """

    def __init__(self, data_dir: Path) -> None:
        super().__init__(data_dir / DASHBOARDS_FILE, _SCHEMA, "dashboards_unavailable", "dashboards")

    @contextmanager
    def change(self) -> Iterator[sqlite3.Connection]:
        """Lend a connection for one transaction that nobody writes beside, from its first look. Raises RequestError (503)."""
        with self.open() as db:
            db.execute("BEGIN IMMEDIATE")
            yield db
