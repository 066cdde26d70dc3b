"""What there is to know about a collector's state, as plain JSON: a running one tells it itself, else it is read from its files."""

from __future__ import annotations

import shutil
import sqlite3
import tempfile
import threading
import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import asdict
from pathlib import Path
from typing import Any, Final, TypeVar

from collector.errors import StoreError, WideloadError
from collector.pipeline import segment
from collector.pipeline.folder import damages
from collector.pipeline.ledger import Ledger
from collector.pipeline.position import Position, load, waiting
from collector.store.base import Store

Facts = dict[str, Any]
T = TypeVar("T")
#: How long a store may take over all the questions about its state.
STORE_SECONDS: Final = 8.0
#: ClickHouse's code for a database that nobody has made yet.
_UNKNOWN_DATABASE: Final = 81
_CLOCK_SQL: Final = "SELECT toUnixTimestamp64Milli(now64(3)) AS now"


def disk_facts(data_dir: Path, spool_max_bytes: int) -> Facts:
    """Return whether the data folder takes files, and how much room it has."""
    facts: Facts = {"data_dir": str(data_dir.absolute()), "spool_max_bytes": spool_max_bytes, "free_bytes": 0, "error": ""}
    # A folder that is missing is made at the first start, so what counts is the one above it.
    folder = next(path for path in (data_dir.absolute(), *data_dir.absolute().parents) if path.is_dir())
    try:
        with tempfile.TemporaryFile(dir=folder) as file:
            file.write(b"wideload")
            file.flush()
        facts["free_bytes"] = shutil.disk_usage(folder).free
    except OSError as error:
        facts["error"] = str(error.strerror)
    return facts


def spool_facts(folder: Path, clock: Callable[[], float] = time.time) -> Facts:
    """Return what waits in a spool that nobody has open."""
    pending, size, oldest = 0, 0, clock()
    stored = load(folder).stored
    for path in sorted(folder.glob(f"*{segment.SUFFIX}")):
        if count := waiting(Position(int(path.stem), _last_seq(path)), stored):
            pending, oldest = pending + count, min(oldest, path.stat().st_mtime)
        size += sum(file.stat().st_size for file in folder.glob(f"{path.name}*"))
    return {
        "pending_events": pending,
        "pending_bytes": size,
        "oldest_age_seconds": round(max(0.0, clock() - oldest), 1),
        "problem": "",
        "reading_problem": "",
        "kafka": {},
        "damages": damages(folder),
    }


def ledger_facts(folder: Path, pending: int) -> Facts:
    """Return the books of a spool that nobody has open."""
    ledger = Ledger()
    ledger.restore(load(folder).books, pending)
    balance = ledger.balance(pending)
    return asdict(balance) | {"missing": balance.missing}


def _last_seq(path: Path) -> int:
    with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True, timeout=2)) as db:
        return int(db.execute("SELECT coalesce(max(seq), 0) FROM events").fetchone()[0])


def dead_letter_facts(path: Path) -> Facts:
    """Return how many events could not be stored, and the last reason."""
    if not path.exists():
        return {"count": 0, "last_reason": ""}
    with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True, timeout=2)) as db:
        count = db.execute("SELECT count(*) FROM dead_letters").fetchone()[0]
        last = db.execute("SELECT reason FROM dead_letters ORDER BY id DESC LIMIT 1").fetchone()
    return {"count": count, "last_reason": last[0][:300] if last else ""}


def store_facts(store: Store, clock: Callable[[], float] = time.time) -> Facts:
    """Return a store's version, schema and clock; `missing` before its first migration, `error` where it does not answer."""
    try:
        info = store.info()
        before = clock()
        theirs = store.query(_CLOCK_SQL).rows[0][0] / 1000
        offset = theirs - (before + clock()) / 2
    except StoreError as error:
        return {"missing": True, "error": ""} if error.code == _UNKNOWN_DATABASE else {"error": error.message}
    return {
        "error": "",
        "kind": info.kind,
        "version": info.version,
        "schema_version": info.schema_version,
        "latest_schema_version": info.latest_schema_version,
        "details": info.details,
        "clock_ahead_seconds": round(offset, 3),
    }


def within(seconds: float, work: Callable[[], T]) -> T:
    """Return what `work` returns, or raise WideloadError when it takes longer; then it is left to itself."""
    outcome: list[T] = []
    failure: list[Exception] = []

    def run() -> None:
        try:
            outcome.append(work())
        except Exception as error:
            failure.append(error)

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    thread.join(seconds)
    if failure:
        raise failure[0]
    if not outcome:
        raise WideloadError(f"There was no answer within {seconds:g} s.")
    return outcome[0]
