"""What the scheduler must know after a restart: SQLite in the data folder, `checks.sqlite3`."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

import orjson

BOOK_FILE: Final = "checks.sqlite3"
_SCHEMA: Final = """
CREATE TABLE IF NOT EXISTS progress (
    name TEXT NOT NULL,
    place TEXT NOT NULL,
    slot_at INTEGER NOT NULL,
    turn INTEGER NOT NULL,
    PRIMARY KEY (name, place)
) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS slots (
    id TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    location TEXT NOT NULL,
    slot_at INTEGER NOT NULL,
    trigger TEXT NOT NULL,
    not_before REAL NOT NULL,
    expires_at REAL,
    runner TEXT NOT NULL,
    runs TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS states (
    name TEXT NOT NULL,
    location TEXT NOT NULL,
    status TEXT NOT NULL,
    reason TEXT NOT NULL,
    message TEXT NOT NULL,
    run_id TEXT NOT NULL,
    at REAL NOT NULL,
    since REAL NOT NULL,
    PRIMARY KEY (name, location)
) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS pushes (
    name TEXT PRIMARY KEY,
    due_at REAL NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS outbox (
    number INTEGER PRIMARY KEY,
    run_id TEXT NOT NULL,
    events BLOB NOT NULL
) STRICT;
"""
_SLOT: Final = "id, name, location, slot_at, trigger, not_before, expires_at, runner, runs"


@dataclass(frozen=True, slots=True)
class Slot:
    """A slot that is due, or being run by somebody; times in epoch seconds.

    Attributes:
        id: also names the lease.
        trigger: `schedule` or `recheck`.
        not_before: when it may begin.
        expires_at: when the lease ends; None while nobody has it.
        runner: who has it.
        runs: pairs of run id and row, once somebody has it.
    """

    id: str
    name: str
    location: str
    slot_at: int
    trigger: str
    not_before: float
    expires_at: float | None = None
    runner: str = ""
    runs: tuple[tuple[str, int], ...] = ()


@dataclass(frozen=True, slots=True)
class State:
    """The last that is known of a check at a location; `since` is when its status became what it is."""

    name: str
    location: str
    status: str
    reason: str
    message: str
    run_id: str
    at: float
    since: float


class Book:
    """The open file; may be used from any thread, one transaction at a time.

    Args:
        data_dir: the data folder.
    """

    def __init__(self, data_dir: Path) -> None:
        self._lock = threading.RLock()
        self._db = sqlite3.connect(data_dir / BOOK_FILE, 10, isolation_level=None, check_same_thread=False)
        self._db.executescript(f"PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;{_SCHEMA}")
        self._depth = 0

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All that is changed within the block is on disk at its end, or nothing is. Blocks may stand in each other."""
        with self._lock:
            if self._depth:
                yield
                return
            self._db.execute("BEGIN IMMEDIATE")
            self._depth = 1
            try:
                yield
                self._db.execute("COMMIT")
            except BaseException:
                self._db.execute("ROLLBACK")
                raise
            finally:
                self._depth = 0

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            self._db.close()

    # --- Slots ---------------------------------------------------------------------------------------------------------

    def progress(self, name: str, place: str) -> tuple[int, int] | None:
        """Return the last slot that was planned, and whose turn it was."""
        row = self._row("SELECT slot_at, turn FROM progress WHERE name = ? AND place = ?", name, place)
        return (row[0], row[1]) if row else None

    def set_progress(self, name: str, place: str, slot_at: int, turn: int) -> None:
        """Note the last slot that was planned."""
        self._change("INSERT OR REPLACE INTO progress VALUES (?, ?, ?, ?)", name, place, slot_at, turn)

    def slots(self) -> list[Slot]:
        """Return all slots, the oldest first."""
        return [_read_slot(row) for row in self._rows(f"SELECT {_SLOT} FROM slots ORDER BY slot_at, id")]

    def slot(self, id_: str) -> Slot | None:
        """Return one slot."""
        row = self._row(f"SELECT {_SLOT} FROM slots WHERE id = ?", id_)
        return _read_slot(row) if row else None

    def add(self, slot: Slot) -> None:
        """Add a slot, or replace the one of this id."""
        values = (slot.id, slot.name, slot.location, slot.slot_at, slot.trigger, slot.not_before, slot.expires_at, slot.runner)
        self._change(
            f"INSERT OR REPLACE INTO slots ({_SLOT}) VALUES (?,?,?,?,?,?,?,?,?)", *values, orjson.dumps(slot.runs).decode()
        )

    def lease(self, slot: Slot, runner: str, expires_at: float, runs: tuple[tuple[str, int], ...]) -> Slot:
        """Give a slot to a runner."""
        leased = replace(slot, runner=runner, expires_at=expires_at, runs=runs)
        self.add(leased)
        return leased

    def remove(self, id_: str) -> None:
        """Forget a slot."""
        self._change("DELETE FROM slots WHERE id = ?", id_)

    def forget(self, keep: set[str]) -> None:
        """Forget checks that are no more."""
        for table in ("progress", "slots", "states", "pushes"):
            for (name,) in self._rows(f"SELECT DISTINCT name FROM {table}"):
                if name not in keep:
                    self._change(f"DELETE FROM {table} WHERE name = ?", name)

    # --- States --------------------------------------------------------------------------------------------------------

    def states(self) -> list[State]:
        """Return what is known of all checks."""
        return [State(*row) for row in self._rows("SELECT * FROM states ORDER BY name, location")]

    def state(self, name: str, location: str) -> State | None:
        """Return what is known of a check at a location."""
        row = self._row("SELECT * FROM states WHERE name = ? AND location = ?", name, location)
        return State(*row) if row else None

    def set_state(self, state: State) -> None:
        """Note what is known."""
        values = (state.name, state.location, state.status, state.reason, state.message, state.run_id, state.at, state.since)
        self._change("INSERT OR REPLACE INTO states VALUES (?, ?, ?, ?, ?, ?, ?, ?)", *values)

    def push_due(self, name: str) -> float | None:
        """Return by when a heartbeat is waited for."""
        row = self._row("SELECT due_at FROM pushes WHERE name = ?", name)
        return row[0] if row else None

    def set_push_due(self, name: str, due_at: float) -> None:
        """Note by when the next heartbeat has to come."""
        self._change("INSERT OR REPLACE INTO pushes VALUES (?, ?)", name, due_at)

    # --- The outbox ----------------------------------------------------------------------------------------------------

    def post(self, run_id: str, events: list[dict[str, Any]]) -> None:
        """Put the events of a run where the courier finds them."""
        self._change("INSERT INTO outbox (run_id, events) VALUES (?, ?)", run_id, orjson.dumps(events))

    def next_post(self) -> tuple[int, str, list[dict[str, Any]]] | None:
        """Return the oldest post: its number, run and events."""
        row = self._row("SELECT number, run_id, events FROM outbox ORDER BY number LIMIT 1")
        return (row[0], row[1], orjson.loads(row[2])) if row else None

    def posted(self, number: int) -> None:
        """Forget a post."""
        self._change("DELETE FROM outbox WHERE number = ?", number)

    @property
    def posts(self) -> int:
        """How many posts wait."""
        row = self._row("SELECT count(*) FROM outbox")
        return int(row[0]) if row else 0

    def _rows(self, sql: str, *values: Any) -> list[tuple[Any, ...]]:
        with self._lock:
            return self._db.execute(sql, values).fetchall()

    def _row(self, sql: str, *values: Any) -> tuple[Any, ...] | None:
        with self._lock:
            found: tuple[Any, ...] | None = self._db.execute(sql, values).fetchone()
            return found

    def _change(self, sql: str, *values: Any) -> None:
        with self.transaction():
            self._db.execute(sql, values)


def _read_slot(row: tuple[Any, ...]) -> Slot:
    runs = tuple((run_id, number) for run_id, number in orjson.loads(row[8]))
    return replace(Slot(*row[:8]), runs=runs)
