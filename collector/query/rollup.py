"""Answers questions from the rollup of settled hours, where that gives the same as the events do. Pure but for `plan`.

The rollup counts and sums up exactly. Its percentiles are right within 0.36 % where values are spread evenly within a bin, and
within 0.72 % at worst: see `collector.fields.rollup`. Hours that have changed since they were rolled up, and parts of hours at both
ends of a question, are read from the events, item by item in the same shape, so that one statement adds both up.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

from collector.fields.rollup import (
    DIMENSIONS,
    EVENTS,
    HOUR_SECONDS,
    MEASURES,
    METRICS,
    SPANS,
    has,
    name_and_rating,
    rating_of,
    value_of,
)
from collector.query.calculations import Operation, operation, percentiles, shortest, shortest_items, shortest_sum
from collector.query.columns import Column, Params
from collector.query.filters import group_condition
from collector.query.intervals import ladder
from collector.query.limits import EngineLimits
from collector.query.run import Run
from collector.query.spec import Calculation, Filter, FilterGroup, QuerySpec
from collector.query.sql import Question, Scope, Statement, census, select

#: Of the hours that a question covers, at most this share may have to be read from the events, and in so many pieces.
_MOST_UNROLLED: Final = 0.5
_MOST_PIECES: Final = 60
_SUMS: Final = {
    "COUNT": "sumIf(events, {c})",
    "SUM": "sumOrNullIf(total, {c})",
    "AVG": "sumIf(total, {c}) / nullIf(sumIf(events, {c}), 0)",
    "MIN": "minOrNullIf(low, {c})",
    "MAX": "maxOrNullIf(high, {c})",
}
_RATINGS: Final = frozenset(map(rating_of, METRICS))
_HOURS: Final = """SELECT
  toUnixTimestamp(hour) AS start,
  max(built) AS at
FROM rollup_hours
WHERE dataset = {dataset}
  AND hour >= toDateTime({start}, 'UTC')
  AND hour <= toDateTime({end}, 'UTC')
GROUP BY hour
HAVING max(built) > max(changed)
ORDER BY start"""


@dataclass(frozen=True, slots=True)
class Rolled:
    """Which hours of a scope are read from the rollup.

    Args:
        hours: each with its build.
        pieces: the ranges of the scope that are read from the events; in epoch seconds, ends exclusive.
    """

    hours: Mapping[int, int]
    pieces: tuple[tuple[int, int], ...] = field(default=())


def span_of(spec: QuerySpec) -> int:
    """Return the span of the rows that hold everything that a question is about; 0 where there are none."""
    names = {*spec.breakdowns, *(name for name, _ in spec.names())} - {one.column for one in spec.calculations}
    names = {name for name in names if name not in METRICS and name not in _RATINGS}
    if spec.calculated_fields or None in map(_metric, spec.calculations) or not _filtered(spec) <= {*DIMENSIONS}:
        return 0
    fits = (span for span, dimensions in SPANS.items() if names <= {*dimensions})
    return next((span for span in fits if spec.disable_series or spec.granularity % span == 0), 0)


def _filtered(spec: QuerySpec) -> set[str]:
    return {*spec.breakdowns, *(name for name, _ in spec.filters.names())}


def plan(spec: QuerySpec, scope: Scope, run: Run, limits: EngineLimits) -> Rolled | None:
    """Return which hours to read from the rollup; None where the question is for the events.

    Args:
        spec, scope, run: the question.
        limits: a smaller question is for the events: they answer at once, and their numbers are exact.

    Raises:
        StoreError: the store could not be asked.
    """
    first, last = -(-scope.start // HOUR_SECONDS) * HOUR_SECONDS, scope.end // HOUR_SECONDS * HOUR_SECONDS
    hours = (last - first) // HOUR_SECONDS
    if hours < limits.rollup_hours or not span_of(spec):
        return None
    ((stored_rows, _),) = run.rows(census(scope))
    if stored_rows < limits.rollup_rows:
        return None
    params = Params()
    bound = {"dataset": params.bind("String", scope.dataset)}
    bound |= {"start": params.bind("Int64", first), "end": params.bind("Int64", last - HOUR_SECONDS)}
    built = {int(hour): int(at) for hour, at in run.rows(Statement(_HOURS.format(**bound), params.values))}
    pieces = tuple(_pieces(scope, sorted(built)))
    if len(built) < hours * (1 - _MOST_UNROLLED) or len(pieces) > _MOST_PIECES:
        return None
    return Rolled(built, pieces)


def _pieces(scope: Scope, hours: list[int]) -> Iterator[tuple[int, int]]:
    at = scope.start
    for hour in hours:
        if hour > at:
            yield at, hour
        at = hour + HOUR_SECONDS
    if scope.end > at:
        yield at, scope.end


def _metric(calculation: Calculation) -> str | None:
    """Return of which metric the rows are that a calculation adds up; None where the rollup does not have what it needs."""
    metrics = {calculation.column} if calculation.column else set()
    for one in calculation.filters.filters:
        if isinstance(one, FilterGroup) or calculation.filters.combination == "OR":
            if not {name for name, _ in calculation.filters.names()} <= {*DIMENSIONS}:
                return None
        elif one.column not in DIMENSIONS:
            metrics.add(_metric_of(one))
    asked = operation(calculation.op)
    is_known = bool(asked.level) or calculation.op in _SUMS
    return next(iter(metrics), EVENTS) if is_known and len(metrics) <= 1 and metrics <= {*METRICS} else None


def _metric_of(one: Filter) -> str:
    """Return the metric whose rows the filter leaves, such as that of a rating; empty where there is none."""
    if one.column in METRICS and one.op == "exists":
        return one.column
    # Events without the metric have no rating, and a negative filter would let them through.
    is_positive = not one.op.startswith(("does-not", "not-", "!"))
    return next((metric for metric in METRICS if rating_of(metric) == one.column and is_positive), "")


class RolledQuestion(Question):
    """One query specification on its way to SQL that reads the rollup and, for the rest, the events.

    Args:
        spec, columns, scope: as of a `Question`; the question must be one that suits.
        rolled: what is read where.
    """

    def __init__(self, spec: QuerySpec, columns: Mapping[str, Column], scope: Scope, rolled: Rolled) -> None:
        super().__init__(spec, columns, scope, "binned")
        self._span = span_of(spec)
        self._metrics = [_metric(one) or EVENTS for one in spec.calculations]
        # A group or a point in time is in the answer even where nothing of it was measured.
        self._read = sorted({EVENTS, *self._metrics})
        self._own_conditions = [self._own_condition(index) for index in range(len(spec.calculations))]
        filters = [group_condition(spec.filters, columns, self._params)] if spec.filters.filters else []
        self._source = f"(\n{self._rollup(rolled, filters)}\n{self._events(rolled, filters)})"
        self._where = ["true"]

    def _rollup(self, rolled: Rolled, filters: list[str]) -> str:
        bind = self._params.bind
        conditions = [
            f"dataset = {bind('String', self._scope.dataset)}",
            f"span = {self._span}",
            f"hour IN {bind('Array(DateTime)', list(rolled.hours))}",
            f"built IN {bind('Array(UInt64)', list(rolled.hours.values()))}",
            f"metric IN {bind('Array(String)', self._read)}",
            *filters,
        ]
        return select(["ts", *(f"`{name}`" for name in SPANS[self._span]), *MEASURES], conditions, source="rollups")

    def _events(self, rolled: Rolled, filters: list[str]) -> str:
        if not rolled.pieces:
            return ""
        bind = self._params.bind
        pieces = [
            # The last millisecond, and not the end: where that is a whole hour, the sort key would have the hour after it read.
            f"(e.ts >= fromUnixTimestamp64Milli({bind('Int64', start * 1000)}, 'UTC')"
            f" AND e.ts <= fromUnixTimestamp64Milli({bind('Int64', end * 1000 - 1)}, 'UTC'))"
            for start, end in rolled.pieces
        ]
        common = [f"dataset = {bind('String', self._scope.dataset)}", f"({' OR '.join(pieces)})", *filters]
        slot = f"toDateTime(intDiv(toUnixTimestamp(e.ts), {self._span}) * {self._span}, 'UTC') AS ts"
        dimensions = [f"`{name}`" for name in SPANS[self._span]]
        # One pass for each metric: one pass that makes several rows of each event takes half as long again.
        selects = (
            select([slot, *dimensions, *_measures(metric)], [*common, *has(metric)], source="events AS e FINAL")
            for metric in self._read
        )
        return "".join(f"UNION ALL\n{one}\n" for one in selects)

    def _own_condition(self, index: int) -> str:
        """Return which rows a calculation adds up: those of its metric, and of these the ones its filters let through."""
        calculation, metric = self._spec.calculations[index], self._metrics[index]
        columns = {**self._columns, rating_of(metric): _RATING} if metric else self._columns
        filters = tuple(one for one in calculation.filters.filters if isinstance(one, FilterGroup) or one.column not in METRICS)
        kept = FilterGroup(filters, calculation.filters.combination, calculation.filters.path)
        own = group_condition(kept, columns, self._params)
        return " AND ".join(filter(None, [f"metric = {self._params.bind('String', metric)}", own]))

    def _calculation(self, index: int, span: str, with_ladders: bool) -> str:
        calculation, condition = self._spec.calculations[index], self._own_conditions[index]
        wanted = operation(calculation.op)
        if wanted.level:
            levels = self._levels(index, with_ladders)
            values = percentiles(levels, "value", condition, "binned")
            return f"if(countIf({condition}) = 0, NULL, {shortest(f'{values}[{levels.index(wanted.level) + 1}]')})"
        sql = _SUMS[calculation.op].format(c=condition)
        return _rounded(wanted, sql)

    def _ladder(self, index: int) -> list[str]:
        level, condition = operation(self._spec.calculations[index].op).level, self._own_conditions[index]
        if not level:
            return []
        levels = self._levels(index, True)
        values = percentiles(levels, "value", condition, "binned")
        rows = f"ifNull(pow(toFloat64(sumIf(events, {condition})), 2) / nullIf(sumIf(squares, {condition}), 0), 0)"
        places = [levels.index(one) + 1 for one in ladder(level)]
        return [f"{rows} AS n{index}", f"{shortest_items(f'arrayMap(i -> {values}[i], {places})')} AS l{index}"]


def _measures(metric: str) -> list[str]:
    """Return the measures of one event."""
    name, rating = name_and_rating(metric)
    value, rate = value_of(metric), "toFloat64(sample_rate)"
    sums = ["toUInt64(sample_rate)", f"{rate} * sample_rate", f"toFloat64({value}) * sample_rate"]
    return [f"{sql} AS {measure}" for measure, sql in zip(MEASURES, [name, rating, value, value, value, *sums], strict=True)]


_RATING: Final = Column("rating", ("string",), "LowCardinality(Nullable(String))")


def _rounded(wanted: Operation, sql: str) -> str:
    if wanted.op == "COUNT":
        return sql
    return shortest_sum(sql) if wanted.op == "SUM" else shortest(sql)
