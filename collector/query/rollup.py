"""Answers questions from the rollup of settled hours, where that gives the same as the events do. Pure.

The rollup counts and sums up exactly. Its percentiles are right within 0.36 % where values are spread evenly within a bin, and
within 0.72 % at worst: see `collector.fields.rollup`. Hours that have changed since they were rolled up, and parts of hours at both
ends of a question, are read from the events, item by item in the same shape, so that one statement adds both up.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from collector.fields.rollup import (
    DIMENSIONS,
    EVENTS,
    MEASURES,
    METRICS,
    SPANS,
    rating_of,
)
from collector.query.calculations import Operation, operation, percentiles, shortest, shortest_items, shortest_sum
from collector.query.columns import Column
from collector.query.filters import group_condition
from collector.query.intervals import ladder
from collector.query.settled import Piece, Settled, in_hours, in_pieces, selects, without
from collector.query.spec import Calculation, Filter, FilterGroup, QuerySpec
from collector.query.sql import Question, select

_SUMS: Final = {
    "COUNT": "sumIf(events, {c})",
    "SUM": "sumOrNullIf(total, {c})",
    "AVG": "sumIf(total, {c}) / nullIf(sumIf(events, {c}), 0)",
    "MIN": "minOrNullIf(low, {c})",
    "MAX": "maxOrNullIf(high, {c})",
}
_FINEST: Final = min(SPANS)
_RATINGS: Final = frozenset(map(rating_of, METRICS))


def suits(spec: QuerySpec) -> bool:
    """Return whether the rollup has all that a question asks for."""
    return span_of(spec) > 0


def span_of(spec: QuerySpec) -> int:
    """Return the span of the rows that hold everything that a question is about; 0 where there are none."""
    names = _dimensions(spec)
    if spec.calculated_fields or None in map(_metric, spec.calculations) or not _filtered(spec) <= {*DIMENSIONS}:
        return 0
    fits = (span for span, dimensions in SPANS.items() if names <= {*dimensions})
    return next((span for span in fits if spec.disable_series or spec.granularity % span == 0), 0)


def _dimensions(spec: QuerySpec) -> set[str]:
    """Return what a question names beside the metrics."""
    names = {*spec.breakdowns, *(name for name, _ in spec.names())} - {one.column for one in spec.calculations}
    return {name for name in names if name not in METRICS and name not in _RATINGS}


def _filtered(spec: QuerySpec) -> set[str]:
    return {*spec.breakdowns, *(name for name, _ in spec.filters.names())}


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
        spec, columns: as of a `Question`; the question must be one that suits.
        settled: what is read where.
    """

    def __init__(self, spec: QuerySpec, columns: Mapping[str, Column], settled: Settled) -> None:
        super().__init__(spec, columns, settled.scope, "binned")
        self._span = span_of(spec)
        self._metrics = [_metric(one) or EVENTS for one in spec.calculations]
        # A group or a point in time is in the answer even where nothing of it was measured.
        self._read = sorted({EVENTS, *self._metrics})
        self._own_conditions = [self._own_condition(index) for index in range(len(spec.calculations))]
        filters = [group_condition(spec.filters, columns, self._params)] if spec.filters.filters else []
        # Of hours at the edges whole slots of the finest span.
        fine = settled.slots(_FINEST) if _dimensions(spec) <= {*SPANS[_FINEST]} else []
        read = [self._rollup(self._span, in_hours(settled.rollups, self._params), filters)]
        if fine:
            slots = [*in_hours(settled.edges, self._params), in_pieces(fine, self._params, "r.ts")]
            read.append(self._rollup(_FINEST, slots, filters))
        if rest := without(settled.pieces(settled.rollups), fine):
            read.append(self._events(settled, rest, filters))
        self._source = "(\n" + "\nUNION ALL\n".join(read) + "\n)"
        self._where = ["true"]

    def _rollup(self, span: int, hours: list[str], filters: list[str]) -> str:
        bind = self._params.bind
        conditions = [
            f"dataset = {bind('String', self._scope.dataset)}",
            f"span = {span}",
            *hours,
            f"metric IN {bind('Array(String)', self._read)}",
            *filters,
        ]
        slot = "ts" if span == self._span else _slot(self._span, "r.ts")
        dimensions = [f"`{name}`" for name in SPANS[self._span]]
        return select([slot, *dimensions, *MEASURES], conditions, source="rollups AS r")

    def _events(self, settled: Settled, pieces: list[Piece], filters: list[str]) -> str:
        dimensions, metrics = [f"`{name}`" for name in SPANS[self._span]], [name for name in self._read if name]
        read = [f"`{name}`" for metric in metrics for name in (metric, rating_of(metric))]
        events = selects(settled, pieces, [_slot(self._span, "e.ts"), *dimensions, "sample_rate", *read], filters, self._params)
        # One pass, which makes a row of each metric of an event: a pass for each takes two to three times as long.
        rows = {
            "metric": [f"toLowCardinality('{metric}')" for metric in (EVENTS, *metrics)],
            "x": ["toNullable(toFloat32(0))", *(f"`{metric}`" for metric in metrics)],
            "rating": [_NO_RATING, *(f"`{rating_of(metric)}`" for metric in metrics)],
        }
        joined = ", ".join(f"[{', '.join(items)}] AS {name}" for name, items in rows.items())
        source = "(\n" + "\nUNION ALL\n".join(events) + f"\n)\nARRAY JOIN {joined}"
        return select(["ts", *dimensions, *_MEASURES], ["x IS NOT NULL"], source=source)

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


def _slot(span: int, ts: str) -> str:
    return f"toDateTime(intDiv(toUnixTimestamp({ts}), {span}) * {span}, 'UTC') AS ts"


#: The measures of one event.
_MEASURES: Final = (
    "metric",
    "rating",
    "assumeNotNull(x) AS value",
    "value AS low",
    "value AS high",
    "toUInt64(sample_rate) AS events",
    "toFloat64(sample_rate) * sample_rate AS squares",
    "toFloat64(value) * sample_rate AS total",
)
_NO_RATING: Final = "CAST(NULL, 'LowCardinality(Nullable(String))')"
_RATING: Final = Column("rating", ("string",), "LowCardinality(Nullable(String))")


def _rounded(wanted: Operation, sql: str) -> str:
    if wanted.op == "COUNT":
        return sql
    return shortest_sum(sql) if wanted.op == "SUM" else shortest(sql)
