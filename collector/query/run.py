"""One question being answered: runs its statements and adds up what they cost."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any, ClassVar

from collector.errors import StoreQueryError
from collector.query import timing
from collector.query.calculations import Percentiles
from collector.query.limits import EngineLimits
from collector.query.sql import Scope, Statement, census
from collector.store.base import TIMEOUT_EXCEEDED, Limits, QueryResult, Reader, Stop


class Run:
    """The statements of one question.

    Args:
        store: what answers them.
        limits: what each may cost.
        scope: the rows that the question is about.
        clock: seconds that never go back.
        stop: ends it before its time.
        seconds: how long the store may work on all of them together; without it, on each as long as its limits say.
    """

    #: How percentiles are computed, where that is not for `choose_percentiles` to say.
    percentiles: ClassVar[Percentiles | None] = None

    def __init__(
        self,
        store: Reader,
        limits: Limits,
        scope: Scope,
        clock: Callable[[], float],
        stop: Stop | None = None,
        seconds: float | None = None,
    ) -> None:
        self.scope, self._stop, self._seconds_left = scope, stop, seconds
        self._store, self._limits, self._clock = store, limits, clock
        self._started, self._rows_read, self._bytes_read = clock(), 0, 0
        self._counted: dict[tuple[Scope, str], tuple[int, bool]] = {}

    def rows(self, statement: Statement) -> list[tuple[Any, ...]]:
        """Run a statement, and return its rows. Raises StoreError."""
        return self.answer(statement).rows

    def answer(self, statement: Statement) -> QueryResult:
        """Run a statement. Raises StoreError."""
        limits, begun = self._limits, self._clock()
        if self._seconds_left is not None:
            if self._seconds_left <= 0:
                raise StoreQueryError("The statements before took all of the time.", TIMEOUT_EXCEEDED)
            limits = replace(limits, seconds=min(limits.seconds, self._seconds_left))
        result = self._store.query(statement.sql, statement.params, limits, self._stop)
        took = self._clock() - begun
        timing.note("store", took)
        if self._seconds_left is not None:
            self._seconds_left -= took
        self._rows_read += result.rows_read
        self._bytes_read += result.bytes_read
        return result

    def census(self, scope: Scope, items_of: str = "") -> tuple[int, bool]:
        """Return how many rows a scope has, and whether any stands for several events; see `sql.census`. Raises StoreError."""
        key = (scope, items_of)
        if key not in self._counted:
            ((rows, is_sampled),) = self.rows(census(scope, items_of))
            self._counted[key] = int(rows or 0), bool(is_sampled)
        return self._counted[key]

    def meta(self) -> dict[str, Any]:
        """Return the `meta` of the answer."""
        return {
            "elapsed_ms": round((self._clock() - self._started) * 1000, 1),
            "rows_read": self._rows_read,
            "bytes_read": self._bytes_read,
            "start_time": self.scope.start,
            "end_time": self.scope.end,
        }


def choose_percentiles(run: Run, limits: EngineLimits, items_of: str = "", earlier: Scope | None = None) -> Percentiles:
    """Choose how percentiles are computed: exactly where that is cheap, else estimated.

    Args:
        run: the question.
        limits: up to how many rows it is cheap.
        items_of: a list whose items the question is about.
        earlier: the range that it is compared with, whose percentiles are computed in the same way.
    """
    if run.percentiles:
        return run.percentiles
    counted = [run.census(scope, items_of) for scope in (run.scope, earlier) if scope]
    stored_rows = max(rows for rows, _ in counted)
    if any(is_sampled for _, is_sampled in counted):
        return "exact_weighted" if stored_rows <= limits.exact_weighted_rows else "digest"
    return "exact" if stored_rows <= limits.exact_rows else "digest"
