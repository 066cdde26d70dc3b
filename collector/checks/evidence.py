"""Evidence of runs: screenshots, page texts and such, each file named by the SHA-256 of its bytes, kept by how the run ended."""

from __future__ import annotations

import hashlib
import os
import re
import sqlite3
import tempfile
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from collector.errors import WideloadError

EVIDENCE_FOLDER: Final = "evidence"
INDEX_FILE: Final = "evidence.sqlite3"
#: The largest piece.
MAX_BYTES: Final = 16 << 20
#: What a browser may be given as what it is; all else is given as text or as a file to be saved.
IMAGES: Final = frozenset({"image/png", "image/jpeg", "image/webp"})
_HASH: Final = re.compile(r"[0-9a-f]{64}")
_SECONDS_PER_DAY: Final = 86_400
#: A file of which nobody has told yet may be of a run that is going on.
_YOUNG_SECONDS: Final = _SECONDS_PER_DAY
_TIDY_SECONDS: Final = 3600
_SCHEMA: Final = """
CREATE TABLE IF NOT EXISTS pieces (
    run_id TEXT NOT NULL,
    number INTEGER NOT NULL,
    sha256 TEXT NOT NULL,
    kind TEXT NOT NULL,
    name TEXT NOT NULL,
    media_type TEXT NOT NULL,
    size INTEGER NOT NULL,
    kept_until REAL NOT NULL,
    PRIMARY KEY (run_id, number)
) STRICT, WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS pieces_by_hash ON pieces (sha256);
CREATE INDEX IF NOT EXISTS pieces_by_end ON pieces (kept_until);
"""


def place_of(folder: Path, sha256: str) -> Path:
    """Return where a piece is, or would be. Raises WideloadError: that is no SHA-256."""
    if not _HASH.fullmatch(sha256):
        raise WideloadError(f"{sha256[:80]!r} is no SHA-256 in hexadecimal.")
    return folder / sha256[:2] / sha256


def sha256_of(body: bytes) -> str:
    """Return the SHA-256 in hexadecimal."""
    return hashlib.sha256(body).hexdigest()


def write(folder: Path, body: bytes) -> str:
    """Keep a piece and return its SHA-256. Under its name there is always all of it, or nothing."""
    sha256 = sha256_of(body)
    path = place_of(folder, sha256)
    if path.exists():
        os.utime(path)
        return sha256
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor, draft = tempfile.mkstemp(dir=path.parent, prefix=".")
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(body)
        Path(draft).replace(path)
    except BaseException:
        Path(draft).unlink(missing_ok=True)
        raise
    return sha256


class Evidence:
    """What is kept for a dataset, and of which runs it is.

    Args:
        folder: of the files.
        days, passed_days: how long it is kept for runs that did not pass, and for those that did.
        clock: epoch seconds.
    """

    def __init__(self, folder: Path, days: float = 30, passed_days: float = 1, clock: Callable[[], float] = time.time) -> None:
        self.folder, self._days, self._passed_days, self._clock = folder, days, passed_days, clock
        folder.mkdir(parents=True, exist_ok=True)
        self._lock, self._tidied_at = threading.Lock(), clock()
        self._db = sqlite3.connect(folder / INDEX_FILE, 10, isolation_level=None, check_same_thread=False)
        self._db.executescript(f"PRAGMA journal_mode=WAL;{_SCHEMA}")

    def close(self) -> None:
        """Close the index."""
        with self._lock:
            self._db.close()

    def keep(self, run_id: str, status: str, pieces: Sequence[Mapping[str, Any]]) -> None:
        """Note what belongs to a run; see `Piece`. What is no piece is left out."""
        until = self._clock() + (self._passed_days if status == "pass" else self._days) * _SECONDS_PER_DAY
        rows = [
            (run_id, number, one["sha256"], str(one["kind"])[:32], str(one["name"])[:200], str(one["media_type"])[:100],
             int(one["size"]), until)
            for number, one in enumerate(pieces) if _HASH.fullmatch(str(one.get("sha256")))
        ]  # fmt: skip
        with self._lock:
            self._db.executemany("INSERT OR REPLACE INTO pieces VALUES (?, ?, ?, ?, ?, ?, ?, ?)", rows)
            is_time = self._clock() - self._tidied_at >= _TIDY_SECONDS
        if is_time:
            self.tidy()

    def of_run(self, run_id: str) -> list[dict[str, Any]]:
        """Return the pieces of a run that are still there."""
        with self._lock:
            rows = self._db.execute(
                "SELECT kind, name, sha256, media_type, size FROM pieces WHERE run_id = ? ORDER BY number", (run_id,)
            ).fetchall()
        found = [dict(zip(("kind", "name", "sha256", "media_type", "size"), row, strict=True)) for row in rows]
        return [one for one in found if place_of(self.folder, one["sha256"]).exists()]

    def media_type(self, sha256: str) -> str:
        """Return what a piece is; empty if nobody knows."""
        with self._lock:
            row = self._db.execute("SELECT media_type FROM pieces WHERE sha256 = ? LIMIT 1", (sha256,)).fetchone()
        return row[0] if row else ""

    def tidy(self) -> int:
        """Delete what is kept no longer, and return how many files that were."""
        now = self._tidied_at = self._clock()
        with self._lock:
            self._db.execute("DELETE FROM pieces WHERE kept_until <= ?", (now,))
            known = {row[0] for row in self._db.execute("SELECT DISTINCT sha256 FROM pieces")}
        count = 0
        for path in self.folder.glob("[0-9a-f][0-9a-f]/*"):
            if path.name not in known and now - path.stat().st_mtime > _YOUNG_SECONDS:
                path.unlink(missing_ok=True)
                count += 1
        return count


class Rooms:
    """The evidence of all datasets, each in a folder of its own, opened when it is first needed.

    Args:
        data_dir: the data folder.
        days, passed_days: see `Evidence`.
    """

    def __init__(self, data_dir: Path, days: float = 30, passed_days: float = 1) -> None:
        self._folder, self._days, self._passed_days = data_dir / EVIDENCE_FOLDER, days, passed_days
        self._rooms: dict[str, Evidence] = {}
        self._lock = threading.Lock()

    def of(self, dataset: str) -> Evidence:
        """Return a dataset's."""
        with self._lock:
            if dataset not in self._rooms:
                self._rooms[dataset] = Evidence(self._folder / dataset, self._days, self._passed_days)
            return self._rooms[dataset]

    def of_run(self, dataset: str, run_id: str) -> list[dict[str, Any]]:
        """Return the pieces of a run."""
        return self.of(dataset).of_run(run_id)

    def close(self) -> None:
        """Close all."""
        with self._lock:
            for room in self._rooms.values():
                room.close()
            self._rooms.clear()
