"""Queries that are kept under an id, so that a link can name one: SQLite in the data folder.

A saved query never changes: its id is made of what it asks, so saving the same query again gives the same id. People find one by
its name, which one query of a dataset has: given to another, it is that one's from then on.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import orjson

from collector.errors import RequestError
from collector.query.kept import KeptFile
from collector.query.reading import Part

SAVED_FILE: Final = "queries.sqlite3"
_SCHEMA: Final = """
CREATE TABLE IF NOT EXISTS queries (
    id TEXT PRIMARY KEY,
    dataset TEXT NOT NULL,
    query TEXT NOT NULL,
    saved_by TEXT NOT NULL,
    saved_at REAL NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS queries_by_dataset ON queries (dataset, saved_at);
CREATE TABLE IF NOT EXISTS names (
    dataset TEXT NOT NULL,
    name TEXT NOT NULL,
    query_id TEXT NOT NULL UNIQUE,
    show TEXT NOT NULL,
    named_by TEXT NOT NULL,
    named_at REAL NOT NULL,
    PRIMARY KEY (dataset, name)
) STRICT, WITHOUT ROWID;
"""
#: What a saved query may take, and how many there may be: at most a few hundred MB, whoever saves them.
MAX_BYTES: Final = 16_384
MAX_QUERIES: Final = 20_000
#: How many names a dataset has, and how long one may be.
MAX_NAMES: Final = 500
MAX_NAME: Final = 100
#: How a query may be shown.
SHOWS: Final = ("line", "bars", "heatmap", "histogram", "table")
_DIGITS: Final = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"


class SavedQueries:
    """The saved queries; every method may be called from any thread.

    Args:
        data_dir: the data folder. The file is made when the first query is saved or looked for.
        now: the wall clock in epoch seconds.

    Raises:
        RequestError: from every method; 503 where the file cannot be used.
    """

    def __init__(self, data_dir: Path, now: Callable[[], float] = time.time) -> None:
        self._file = KeptFile(data_dir / SAVED_FILE, _SCHEMA, "saved_queries_unavailable", "saved queries")
        self._now = now

    def save(self, query: dict[str, Any], saved_by: str) -> str:
        """Keep a query that has been read without a mistake; return its id."""
        text = _text(query)
        if len(text) > MAX_BYTES:
            raise RequestError(413, "query_too_large", f"The query has {len(text)} bytes; at most {MAX_BYTES} can be saved.")
        id_ = query_id(query)
        with self._file.open() as db:
            if db.execute("SELECT 1 FROM queries WHERE id = ?", (id_,)).fetchone():
                return id_
            if db.execute("SELECT count(*) FROM queries").fetchone()[0] >= MAX_QUERIES:
                message = f"{MAX_QUERIES} queries are saved, and no more can be. Keep this one in your own files, or ask an admin."
                raise RequestError(507, "too_many_queries", message)
            row = (id_, query["dataset"], text.decode(), saved_by, self._now())
            db.execute("INSERT OR IGNORE INTO queries VALUES (?, ?, ?, ?, ?)", row)
        return id_

    def find(self, id_: str) -> dict[str, Any]:
        """Return `{"id", "query", "saved_by", "saved_at"}`. Raises RequestError (404)."""
        with self._file.open() as db:
            row = db.execute("SELECT query, saved_by, saved_at FROM queries WHERE id = ?", (id_,)).fetchone()
        if row is None:
            raise RequestError(404, "unknown_query", "There is no saved query with this id.", "query_id")
        return {"id": id_, "query": orjson.loads(row[0]), "saved_by": row[1], "saved_at": row[2]}

    def name(self, id_: str, name: str, show: str, named_by: str) -> None:
        """Name a saved query, instead of the name that it had; the name is taken from another query that has it.

        Args:
            id_: of the query.
            name: by which people find it.
            show: how it is shown.
            named_by: who does.

        Raises:
            RequestError: there is no such query (404), or its dataset has too many names (507).
        """
        dataset = self.find(id_)["query"]["dataset"]
        with self._file.open() as db:
            db.execute("DELETE FROM names WHERE query_id = ? OR (dataset = ? AND name = ?)", (id_, dataset, name))
            if db.execute("SELECT count(*) FROM names WHERE dataset = ?", (dataset,)).fetchone()[0] >= MAX_NAMES:
                message = f"{MAX_NAMES} queries of this dataset have a name, and no more can. Delete one that nobody needs."
                raise RequestError(507, "too_many_names", message)
            db.execute("INSERT INTO names VALUES (?, ?, ?, ?, ?, ?)", (dataset, name, id_, show, named_by, self._now()))

    def unname(self, id_: str) -> None:
        """Take its name from a query, which keeps its id. Raises RequestError."""
        with self._file.open() as db:
            db.execute("DELETE FROM names WHERE query_id = ?", (id_,))

    def named(self, dataset: str) -> list[dict[str, Any]]:
        """Return the queries of a dataset that have a name, by it: `{"id", "name", "show", "query", "named_by", "named_at"}`."""
        columns = "names.query_id, name, show, query, named_by, named_at"
        joined = f"SELECT {columns} FROM names JOIN queries ON queries.id = names.query_id WHERE names.dataset = ?"
        with self._file.open() as db:
            found = db.execute(f"{joined} ORDER BY name", (dataset,)).fetchall()
        keys = ("id", "name", "show", "query", "named_by", "named_at")
        return [dict(zip(keys, row, strict=True)) | {"query": orjson.loads(row[3])} for row in found]


def read_name(document: Any) -> tuple[str, str]:
    """Read the name of a query, and how it is shown. Raises QueryError."""
    members = Part(document).members(("name", "show"))
    if "name" not in members:
        raise Part(None, "name").error("A query is named by a name.")
    name = members["name"].text(MAX_NAME).strip()
    if not name:
        raise members["name"].error("A name has at least one letter.")
    return name, members["show"].choice(SHOWS, "a way to show it") if "show" in members else SHOWS[0]


def _text(query: dict[str, Any]) -> bytes:
    return orjson.dumps(query, option=orjson.OPT_SORT_KEYS)


def query_id(query: dict[str, Any]) -> str:
    """Return the id of a query: eleven letters and digits that stand for what it asks."""
    number, letters = int.from_bytes(hashlib.sha256(_text(query)).digest()[:8]), ""
    for _ in range(11):
        number, digit = divmod(number, len(_DIGITS))
        letters += _DIGITS[digit]
    return letters
