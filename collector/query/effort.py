"""How long a question will take, about: from the rows of its range and the columns that it names."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from typing import Any, Final

from collector.query.columns import Column, Params
from collector.query.run import Run
from collector.query.spec import QuerySpec
from collector.query.sql import Scope, Statement, select

#: For a byte of a column, with two cores, until it is known better.
_SECONDS_PER_BYTE: Final = 1.2e-9
#: What is learned from one answer counts so much; answers from fewer rows teach nothing.
_LEARNED: Final = 0.2
_LEARN_ROWS: Final = 500_000
#: The bytes of a value in memory, about.
_WIDTHS: Final = {"string": 24, "number": 6, "boolean": 3, "time": 8}
_CODE_WIDTH: Final = 4
_ATTRIBUTE_WIDTH: Final = 90
_LIST_WIDTH: Final = 120
#: What every question reads: the dataset and the time.
_BASE_WIDTH: Final = 12


class Effort:
    """Estimates, and learns from how long answers take here."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._seconds_per_byte = _SECONDS_PER_BYTE

    def seconds(self, spec: QuerySpec, columns: Mapping[str, Column], rows: int) -> float:
        """Return the seconds that the answer will take when it is made from so many rows."""
        return (2 if spec.compare_offset else 1) * rows * _row_bytes(spec, columns) * self._seconds_per_byte

    def learn(self, spec: QuerySpec, columns: Mapping[str, Column], meta: Mapping[str, Any]) -> None:
        """Take note of how long an answer took."""
        if meta["rows_read"] < _LEARN_ROWS:
            return
        measured = meta["elapsed_ms"] / 1000 / (meta["rows_read"] * _row_bytes(spec, columns))
        with self._lock:
            # One answer that had to wait for something does not change much.
            bounded = min(max(measured, self._seconds_per_byte / 4), self._seconds_per_byte * 4)
            self._seconds_per_byte += _LEARNED * (bounded - self._seconds_per_byte)


def rows_to_read(run: Run, scope: Scope) -> int:
    """Return how many rows the store would read for a scope, which it knows from its index alone. Raises StoreError."""
    params = Params()
    # Not of count(), which the engine answers without any reading.
    sql = "EXPLAIN ESTIMATE " + select(["sum(revision)"], scope.whole_hours(params), source="events")
    return sum(int(row[3]) for row in run.rows(Statement(sql, params.values)))


def _row_bytes(spec: QuerySpec, columns: Mapping[str, Column]) -> int:
    named = {name for name, _ in spec.names()}
    return _BASE_WIDTH + sum(_width(column) for name, column in columns.items() if name in named)


def _width(column: Column) -> int:
    if column.parallel:
        return _LIST_WIDTH
    if column.is_attribute:
        return _ATTRIBUTE_WIDTH
    return _CODE_WIDTH if "LowCardinality" in column.stored else _WIDTHS[column.types[0]]
