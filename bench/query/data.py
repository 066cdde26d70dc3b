"""The store that questions are measured on: days of page views, made once and kept."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from bench.query.views import ATTRIBUTES, DATASET, HOUR, Chunk, chunks, fill
from collector.store.base import Attribute, Hour, Limits
from collector.store.chdb import ChdbStore

#: 2026-11-24 12:00 UTC, in the middle of a day: the last 24 hours lie in two partitions, as they do at most times.
END: Final = 1_795_521_600
DAYS: Final = 30
#: Hours that one INSERT fills: half a day at once, which saves merges; of the last day one, as live traffic has many parts.
_HOURS, _LIVE_HOURS = 12, 1
#: The attribute that has a column of its own.
PROMOTED: Final = "plan"
_TYPES: Final = {"attrs_string": "string", "attrs_number": "number", "attrs_bool": "boolean"}
#: Half a day of page views is one block, so that it is stored whole or not at all.
_MEMORY: Final = 8 << 30
_PATIENT: Final = Limits(seconds=600)


def make(folder: Path, rows: int, days: int = DAYS, say: Callable[[str], None] = print) -> None:
    """Make what is missing of so many page views. Stopped at any time, it goes on where it was.

    Args:
        folder: of the store; no other process may have it open.
        rows: how many page views the days have together.
        days: how many days before `END`.
        say: is told what has been done.
    """
    store = ChdbStore(folder, memory_bytes=_MEMORY)
    store.migrate()
    store.add_attributes([Attribute(DATASET, name, _TYPES[column]) for column, made in ATTRIBUTES.items() for name in made])
    live = END - 24 * HOUR
    # The last day comes first: most questions are about it.
    wanted = [chunk for chunk in chunks(rows, days, END, _LIVE_HOURS) if chunk.start >= live]
    wanted += [chunk for chunk in reversed(chunks(rows, days, END, _HOURS)) if chunk.start < live]
    have = _hours(store)
    missing = [chunk for chunk in wanted if chunk.start not in have]
    for number, chunk in enumerate(missing, 1):
        started = time.monotonic()
        _insert(store, chunk)
        seconds = time.monotonic() - started
        say(f"{number} of {len(missing)}: {sum(chunk.rows):,} page views in {seconds:.1f} s, {_size(store)}")
        if chunk.start < live:
            settle(store, live)
    settle(store, live)
    # The rows did not come through `insert`, which tells of the hours that need a rollup.
    store._tell_changed({Hour(DATASET, hour) for hour in _hours(store)} - _rolled_up(store))
    if not store.attributes()[Attribute(DATASET, PROMOTED, "string")]:
        store.promote([(PROMOTED, "string")])
    for number, hour in enumerate(store.stale_hours(days * 24 + 24), 1):
        store.roll_up(hour)
        if number % 24 == 0:
            say(f"{number} hours rolled up")
    while store.query("SELECT count() FROM system.mutations WHERE NOT is_done").rows[0][0]:
        time.sleep(1)
    store.close()


def settle(store: ChdbStore, before: int) -> None:
    """Merge each whole day before a time (epoch seconds) into one part, as a day becomes after a while."""
    rows = store.query(
        "SELECT partition, count(), min(level) FROM system.parts"
        " WHERE database = currentDatabase() AND table = 'events' AND active GROUP BY partition"
    ).rows
    for day, parts, level in rows:
        end = datetime.fromisoformat(day).replace(tzinfo=UTC).timestamp() + 24 * HOUR
        if end <= before and (parts > 1 or level == 0) and _is_whole(store, day):
            store._command(f"OPTIMIZE TABLE events PARTITION '{day}' FINAL")


def _is_whole(store: ChdbStore, day: str) -> bool:
    hours = _hours(store, day)
    return len(hours) == 24 or max(hours) == END - HOUR


def _hours(store: ChdbStore, day: str = "") -> set[int]:
    """Return the hours (of a day) that have page views."""
    where = f"WHERE toDate(ts) = '{day}'" if day else ""
    rows = store.query(f"SELECT DISTINCT toUnixTimestamp(toStartOfHour(ts)) FROM events {where}", limits=_PATIENT).rows
    return {hour for (hour,) in rows}


def _rolled_up(store: ChdbStore) -> set[Hour]:
    rows = store.query("SELECT dataset, toUnixTimestamp(hour) FROM rollup_hours GROUP BY dataset, hour").rows
    return {Hour(*row) for row in rows}


def _insert(store: ChdbStore, chunk: Chunk) -> None:
    one_block = f"min_insert_block_size_rows = {sum(chunk.rows)}, min_insert_block_size_bytes = 0"
    # What a loader has no method for, since it inserts events: rows made by the engine, faster than from outside.
    store._command(f"{fill(chunk)}\nSETTINGS max_insert_threads = 1, max_threads = 1, {one_block}")


def _size(store: ChdbStore) -> str:
    details = store.info().details
    rows, size, parts = (details[name] for name in ("rows", "bytes_on_disk", "parts"))
    return f"now {rows:,} rows, {size / 1e9:.2f} GB ({size / max(rows, 1):.0f} bytes a row), {parts} parts"


def bytes_a_view(folder: Path, rows: int, resources: int) -> float:
    """Return what page views with so many resources take on disk, measured on some of them in a database of their own."""
    name = "with_resources"
    store = ChdbStore(folder, memory_bytes=_MEMORY, database=name)
    store.migrate()
    # Parts of some size are made of columns in files of their own, which compress better: what a store consists of after a while.
    for part in range(2):
        _insert(store, Chunk(END - (2 - part) * HOUR, (rows // 2,), resources))
    store._command("OPTIMIZE TABLE events FINAL")
    details = store.info().details
    store._command(f"DROP DATABASE {name}")
    store.close()
    return float(details["bytes_on_disk"] / details["rows"])
