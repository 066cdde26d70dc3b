"""What the days were like: read from the store, and kept in the data folder, as the store lets old runs go. SQLite."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import orjson

from collector.query.columns import Params
from collector.query.kept import KeptFile
from collector.query.sql import Scope, Statement, select
from collector.status.spans import LONGEST, Span, State, Told, across_locations, spans_of
from collector.store.base import Limits, Reader

STATUS_FILE: Final = "status.sqlite3"
DAY: Final = 86_400
#: A day is final so long after its end: what came late is in by then.
LATE_SECONDS: Final = 6 * 3600
_SCHEMA: Final = """
CREATE TABLE IF NOT EXISTS days (
    dataset TEXT NOT NULL,
    day INTEGER NOT NULL,
    spans TEXT NOT NULL,
    PRIMARY KEY (dataset, day)
) STRICT, WITHOUT ROWID;
"""
#: What somebody tries by hand, or from CI, says nothing about the days.
_BY_ITSELF: Final = "ifNull(`check.trigger`, '') NOT IN ('manual', 'ci')"
_LIMITS: Final = Limits(seconds=30, result_rows=1_000_000)
#: By check.
Day = Mapping[str, Sequence[Span]]


def runs_of(scope: Scope) -> Statement:
    """Select when runs were decided, and how, in the order of time."""
    params = Params()
    conditions = [*scope.conditions(params), "kind = 'check_run'", "`check.is_final`", "`check.name` != ''", _BY_ITSELF]
    fields = ["ts", *(f"ifNull(`check.{name}`, '') AS text_{number}" for number, name in enumerate(("name", "location", "status")))]
    return Statement(select(fields, conditions, tail=["ORDER BY ts"]), params.values)


class Record:
    """The days of a dataset.

    Args:
        reader: the store.
        data_dir: the data folder.
        now: the wall clock in epoch seconds.
    """

    def __init__(self, reader: Reader, data_dir: Path, now: Callable[[], float]) -> None:
        self._reader, self.now = reader, now
        self._file = KeptFile(data_dir / STATUS_FILE, _SCHEMA, "status_unavailable", "the status page")
        self._days: dict[tuple[str, int], Day] = {}

    def read(self, dataset: str, day: int) -> None:
        """Read a day, given as its first second in UTC, unless it is known for good. Raises StoreError, RequestError."""
        now, is_final = self.now(), self.now() >= day + DAY + LATE_SECONDS
        if is_final and ((dataset, day) in self._days or self._restore(dataset, day)):
            return
        end = min(float(day + DAY), now)
        statement = runs_of(Scope(dataset, int(day - LONGEST), min(day + DAY, int(now) + 1)))
        runs: dict[str, dict[str, list[Told]]] = {}
        for ts, name, location, status in self._reader.query(statement.sql, statement.params, _LIMITS).rows:
            runs.setdefault(name, {}).setdefault(location, []).append(Told(ts / 1000, status))
        found = {
            name: across_locations(spans_of(told, float(day), end) for told in places.values()) for name, places in runs.items()
        }
        if is_final:
            self._keep(dataset, day, found)
        else:
            self._days[(dataset, day)] = found

    def day(self, dataset: str, day: int) -> Day:
        """Return a day as it was read; nothing where it was not."""
        return self._days.get((dataset, day), {})

    def recall(self, dataset: str, day: int) -> None:
        """Look a day up that the store has let go. Raises RequestError."""
        if (dataset, day) not in self._days and not self._restore(dataset, day):
            self._days[(dataset, day)] = {}

    def _restore(self, dataset: str, day: int) -> bool:
        with self._file.open() as db:
            row = db.execute("SELECT spans FROM days WHERE dataset = ? AND day = ?", (dataset, day)).fetchone()
        if row:
            kept: dict[str, list[list[Any]]] = orjson.loads(row[0])
            self._days[(dataset, day)] = {
                name: [Span(start, end, State(state)) for start, end, state in spans] for name, spans in kept.items()
            }
        return row is not None

    def _keep(self, dataset: str, day: int, found: Day) -> None:
        text = orjson.dumps({name: [[*span] for span in spans] for name, spans in found.items()}).decode()
        with self._file.open() as db:
            db.execute("INSERT OR REPLACE INTO days VALUES (?, ?, ?)", (dataset, day, text))
        self._days[(dataset, day)] = found
