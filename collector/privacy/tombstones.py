"""What has been erased, remembered for a while, so that it does not come back: from the spool, from the dead letters, or from a
browser that sends it again.

Two things are kept. The conditions of each erasure: an event that satisfies them and happened before the erasure is not stored,
also if nobody had seen it then. And hashes of the ids of what was erased: a later revision of such an event is not stored
either, whatever its fields have become.
"""

from __future__ import annotations

import hashlib
import re
import sqlite3
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import orjson

from collector.events import Event
from collector.privacy.matching import matches
from collector.privacy.selection import Selection, parse_selection
from collector.query.spec import Filter
from collector.store.base import Key

#: The file's name within the data folder.
TOMBSTONES_FILE: Final = "erased.sqlite3"
#: Browsers keep what they could not send for days, and an event may be seven days old when it arrives.
KEPT_SECONDS: Final = 30 * 86_400
#: How often a collector that runs for long looks for what is too old.
_FORGET_SECONDS: Final = 3600
#: So many ids are kept of one erasure; of a larger one, the conditions have to do.
MAX_IDS: Final = 100_000
#: A sender's clock that is off by less is not corrected (see `ingest.enrich`).
_BELIEVED_SKEW: Final = 60_000
_SCHEMA: Final = """
CREATE TABLE IF NOT EXISTS erasures (document TEXT PRIMARY KEY, at REAL NOT NULL);
CREATE TABLE IF NOT EXISTS ids (hash BLOB PRIMARY KEY, at REAL NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS heard (one INTEGER PRIMARY KEY CHECK (one = 1), at INTEGER NOT NULL);
"""
#: In JSON, a quote within a text is escaped, so these are members and no part of a text.
_MEMBERS: Final = {name: re.compile(rb'"%s":"([^"\\]*)"' % name.encode()) for name in ("dataset", "kind", "id")}


@dataclass(frozen=True, slots=True)
class _Erasure:
    selection: Selection
    #: Epoch ms.
    at: float
    #: What a payload must hold to be worth decoding.
    needles: tuple[bytes, ...]


class Tombstones:
    """A SQLite file that collectors of one machine share; every method may be called from any thread.

    Args:
        path: the file, made if it is missing.
        clock: epoch seconds.
    """

    def __init__(self, path: Path, clock: Callable[[], float] = time.time) -> None:
        self._clock, self._lock = clock, threading.Lock()
        self._db = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        self._db.executescript("PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA secure_delete=ON;" + _SCHEMA)
        self._erasures: list[_Erasure] = []
        self._ids: set[bytes] = set()
        #: How many payloads `screen` has held back.
        self.screened = 0
        self._read()

    def add(self, document: Mapping[str, Any], at: float | None = None) -> Selection:
        """Remember an erasure, from now on and across restarts, and return which events it is about.

        Args:
            document: the JSON that `parse_selection` takes.
            at: when it was (epoch seconds), if not now.
        """
        with self._lock:
            text = orjson.dumps(document, option=orjson.OPT_SORT_KEYS).decode()
            self._db.execute("INSERT OR REPLACE INTO erasures VALUES (?, ?)", (text, self._clock() if at is None else at))
            self._read()
        return parse_selection(document)

    def add_ids(self, hashes: Sequence[bytes]) -> None:
        """Remember the ids of erased events, by their `id_hash`."""
        with self._lock:
            now = self._clock()
            self._db.execute("BEGIN")
            self._db.executemany("INSERT OR REPLACE INTO ids VALUES (?, ?)", [(one, now) for one in hashes])
            self._db.execute("COMMIT")
            self._ids = self._ids.union(hashes)

    @property
    def heard(self) -> int:
        """Up to when (epoch ms, by the store's clock) the erasures of other collectors are known here."""
        with self._lock:
            row = self._db.execute("SELECT at FROM heard").fetchone()
        return int(row[0]) if row else int((self._clock() - KEPT_SECONDS) * 1000)

    @heard.setter
    def heard(self, at: int) -> None:
        with self._lock:
            self._db.execute("INSERT OR REPLACE INTO heard VALUES (1, ?)", (at,))

    def screen(self, payloads: list[bytes]) -> list[bytes]:
        """Return the spooled payloads that have not been erased."""
        if self._clock() - self._read_at > _FORGET_SECONDS or self._data_version() != self._version:
            with self._lock:
                self._read()
        if not self._erasures and not self._ids:
            return payloads
        kept = [payload for payload in payloads if not self.is_erased(payload)]
        self.screened += len(payloads) - len(kept)
        return kept

    def is_erased(self, payload: bytes) -> bool:
        """Whether a spooled payload has been erased."""
        if self._ids and self._has_id(payload):
            return True
        likely = [one for one in self._erasures if all(needle in payload for needle in one.needles)]
        if not likely:
            return False
        try:
            event = orjson.loads(payload)
        except orjson.JSONDecodeError:
            return False
        return any(_covers(one, event) for one in likely)

    def close(self) -> None:
        """Close the file."""
        self._db.close()

    def _has_id(self, payload: bytes) -> bool:
        found = [expression.search(payload) for expression in _MEMBERS.values()]
        return all(found) and _hash(*(match[1] for match in found if match)) in self._ids

    def _data_version(self) -> int:
        """Return what differs once another process has changed the file."""
        return int(self._db.execute("PRAGMA data_version").fetchone()[0])

    def _read(self) -> None:
        """Forget what is too old, and take the rest into memory."""
        self._version = self._data_version()
        self._read_at = self._clock()
        oldest = self._read_at - KEPT_SECONDS
        for table in ("erasures", "ids"):
            self._db.execute(f"DELETE FROM {table} WHERE at < ?", (oldest,))
        rows = self._db.execute("SELECT document, at FROM erasures").fetchall()
        self._erasures = [_erasure(parse_selection(orjson.loads(document)), at) for document, at in rows]
        self._ids = {hash_ for (hash_,) in self._db.execute("SELECT hash FROM ids")}


def covers(selection: Selection, event: Event) -> bool:
    """Whether an event, as the spool keeps it, is among the selected."""
    if event.get("dataset") != selection.dataset:
        return False
    if selection.before is not None and not event["ts"] < selection.before:
        return False
    return matches(selection.filters, event)


def _covers(one: _Erasure, event: Event) -> bool:
    return _happened(event) <= one.at and covers(one.selection, event)


def _happened(event: Event) -> float:
    """Return when an event happened, as well as anyone knows: one that came very late has a `ts` that was moved."""
    ts = float(event["ts"])
    if event.get("clock.state") != "clamped":
        return ts
    skew = event.get("clock.skew", 0)
    return min(ts, float(event["time"] + (skew if abs(skew) > _BELIEVED_SKEW else 0)))


def _erasure(selection: Selection, at: float) -> _Erasure:
    needles = [orjson.dumps(selection.dataset)]
    if selection.filters.combination == "AND":
        alone = [one for one in selection.filters.filters if isinstance(one, Filter)]
        texts = [one.value for one in alone if one.op == "=" and isinstance(one.value, str)]
        # A text may be meant for a number or a boolean, which stand in a payload without quotes.
        needles += [orjson.dumps(text)[1:-1] for text in texts if not re.fullmatch(r"true|false|[-+.\deE]*", text.strip())]
    return _Erasure(selection, at * 1000, tuple(needles))


def id_hash(dataset: str, key: Key) -> bytes:
    """Return what is remembered of an event's id."""
    return _hash(dataset.encode(), key.kind.encode(), key.id.encode())


def _hash(*parts: bytes) -> bytes:
    return hashlib.blake2b(b"\0".join(parts), digest_size=16).digest()
