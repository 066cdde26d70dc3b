"""Markers: moments and spans that charts show, such as a deploy. SQLite in the data folder."""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

from collector.errors import RequestError
from collector.query.filters import as_time
from collector.query.kept import KeptFile
from collector.query.reading import Part
from collector.query.results import iso_seconds

MARKERS_FILE: Final = "markers.sqlite3"
_SCHEMA: Final = """
CREATE TABLE IF NOT EXISTS markers (
    id TEXT PRIMARY KEY,
    dataset TEXT NOT NULL,
    start_time INTEGER NOT NULL,
    end_time INTEGER,
    message TEXT NOT NULL,
    type TEXT NOT NULL,
    url TEXT,
    created_by TEXT NOT NULL,
    created_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS markers_by_time ON markers (dataset, start_time);
CREATE TABLE IF NOT EXISTS releases (
    dataset TEXT NOT NULL,
    version TEXT NOT NULL,
    PRIMARY KEY (dataset, version)
) STRICT, WITHOUT ROWID;
"""
#: The most markers of a dataset, and of an answer.
MAX_MARKERS: Final = 10_000
MAX_ANSWERED: Final = 1_000
MAX_MESSAGE, MAX_TYPE, MAX_URL = 1_000, 64, 2_048
_MEMBERS: Final = ("dataset", "start_time", "end_time", "message", "type", "url")
_COLUMNS: Final = "id, dataset, start_time, end_time, message, type, url, created_by, created_at"


@dataclass(frozen=True, slots=True)
class Marker:
    """What a chart shows; times are epoch seconds, and a moment has no end."""

    dataset: str
    start_time: int
    message: str
    end_time: int | None = None
    type: str = ""
    url: str | None = None


def parse_marker(document: Any, now: float) -> Marker:
    """Read the JSON of a marker; without `start_time` it is now. Raises QueryError."""
    members = Part(document).members(_MEMBERS)
    for key in ("dataset", "message"):
        if key not in members:
            raise Part(None, key).error(f"A marker needs a {key}.")
    start = _read_time(members["start_time"]) if "start_time" in members else int(now)
    end = _read_time(members["end_time"]) if "end_time" in members else None
    if end is not None and end < start:
        raise members["end_time"].error("end_time must not be before start_time.")
    return Marker(
        dataset=members["dataset"].text(255),
        start_time=start,
        message=members["message"].text(MAX_MESSAGE),
        end_time=end,
        type=members["type"].text(MAX_TYPE) if "type" in members else "",
        url=_read_url(members["url"]) if "url" in members else None,
    )


def _read_time(part: Part) -> int:
    value = part.value
    moment = as_time(value) if isinstance(value, str | int | float) and not isinstance(value, bool) else None
    if moment is None or moment < 0:
        raise part.error(f"{part.path} must be a time: epoch seconds, or a text such as 2026-11-23T08:00:00Z.")
    return moment // 1000


def _read_url(part: Part) -> str:
    text = part.text(MAX_URL)
    try:
        is_link = urlsplit(text).scheme in ("http", "https") and bool(urlsplit(text).netloc) and text.isprintable()
    except ValueError:
        is_link = False
    if not is_link:
        raise part.error("url must be an address that begins with https:// or http://.")
    return text


class Markers:
    """The markers; every method may be called from any thread.

    Args:
        data_dir: the data folder.
        now: the wall clock in epoch seconds.

    Raises:
        RequestError: from every method; 503 where the file cannot be used.
    """

    def __init__(self, data_dir: Path, now: Callable[[], float] = time.time) -> None:
        self._file = KeptFile(data_dir / MARKERS_FILE, _SCHEMA, "markers_unavailable", "markers")
        self.now = now

    def add(self, marker: Marker, created_by: str) -> dict[str, Any]:
        """Keep a marker; return it as the API shows it. Raises RequestError (507) where the dataset has too many."""
        row = {"id": secrets.token_hex(8), **asdict(marker), "created_by": created_by, "created_at": int(self.now())}
        with self._file.open() as db:
            if db.execute("SELECT count(*) FROM markers WHERE dataset = ?", (marker.dataset,)).fetchone()[0] >= MAX_MARKERS:
                message = f"The dataset {marker.dataset} has {MAX_MARKERS} markers, and can have no more. Delete old ones."
                raise RequestError(507, "too_many_markers", message)
            names = ", ".join(f":{name}" for name in _COLUMNS.split(", "))
            db.execute(f"INSERT INTO markers ({_COLUMNS}) VALUES ({names})", row)
        return _shown(row)

    def between(self, dataset: str, start: int, end: int, type_: str = "") -> tuple[list[dict[str, Any]], bool]:
        """Return the markers that touch a range (epoch seconds, both ends included), the oldest first.

        Where there are too many the latest ones are returned, and it is said.
        """
        sql = f"""SELECT {_COLUMNS} FROM markers
            WHERE dataset = ? AND start_time <= ? AND coalesce(end_time, start_time) >= ? AND (? = '' OR type = ?)
            ORDER BY start_time DESC, id LIMIT ?"""
        with self._file.open() as db:
            rows = db.execute(sql, (dataset, end, start, type_, type_, MAX_ANSWERED + 1)).fetchall()
        shown = [_shown(dict(zip(_COLUMNS.split(", "), row, strict=True))) for row in rows[:MAX_ANSWERED]]
        return shown[::-1], len(rows) > MAX_ANSWERED

    def find(self, id_: str) -> dict[str, Any]:
        """Return one of them. Raises RequestError (404)."""
        with self._file.open() as db:
            row = db.execute(f"SELECT {_COLUMNS} FROM markers WHERE id = ?", (id_,)).fetchone()
        if row is None:
            raise RequestError(404, "unknown_marker", "There is no marker with this id.")
        return _shown(dict(zip(_COLUMNS.split(", "), row, strict=True)))

    def delete(self, id_: str) -> None:
        """Let one go."""
        with self._file.open() as db:
            db.execute("DELETE FROM markers WHERE id = ?", (id_,))

    def releases(self, dataset: str) -> set[str]:
        """Return the releases of a dataset that are known."""
        with self._file.open() as db:
            return {version for (version,) in db.execute("SELECT version FROM releases WHERE dataset = ?", (dataset,))}

    def learn_releases(self, dataset: str, versions: Iterable[str]) -> set[str]:
        """Remember releases; return those that nobody knew, also no other process."""
        with self._file.open() as db:
            db.execute("BEGIN IMMEDIATE")
            sql = "INSERT OR IGNORE INTO releases VALUES (?, ?)"
            return {version for version in versions if db.execute(sql, (dataset, version)).rowcount == 1}


def _shown(row: dict[str, Any]) -> dict[str, Any]:
    return {**row, "created_at": iso_seconds(row["created_at"])}
