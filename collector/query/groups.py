"""Answers a question about many events: the groups, and the points over time of those groups."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

from collector.errors import QueryError
from collector.query import narrow, rollup
from collector.query.calculations import Percentiles, operation
from collector.query.columns import Column
from collector.query.heatmap import Scale, cells
from collector.query.intervals import interval
from collector.query.limits import EngineLimits
from collector.query.lists import any_list
from collector.query.narrow import NarrowQuestion
from collector.query.results import data, iso_seconds
from collector.query.rollup import RolledQuestion
from collector.query.run import Run, choose_percentiles
from collector.query.settled import Settled, look
from collector.query.spec import Calculation, QuerySpec
from collector.query.sql import Question, Scope

Rows = list[dict[str, Any]]


@dataclass(frozen=True, slots=True)
class _Asked:
    """A question with what it takes to answer it.

    Args:
        spec, columns, run, limits: as of `answer`.
        make: makes SQL of the question about the rows of a scope.
        keys: what the answer calls its calculations and formulas.
        special: the calculations that have no single number for a group.
    """

    spec: QuerySpec
    columns: Mapping[str, Column]
    run: Run
    limits: EngineLimits
    make: Callable[[Scope], Question]
    keys: Sequence[str]
    special: Sequence[Calculation]

    def result(self, row: Sequence[Any], group: Mapping[str, Any]) -> dict[str, Any]:
        """Return a row of the results, with the intervals of its percentiles."""
        ladders = iter(row[len(self.keys) :])
        intervals = {
            calculation.key: interval(operation(calculation.op).level, next(ladders), next(ladders))
            for calculation in self.spec.calculations
            if operation(calculation.op).level
        }
        return {"data": {**self.values(row), **group}, **({"intervals": intervals} if intervals else {})}

    def values(self, row: Sequence[Any], *, is_point: bool = False) -> dict[str, Any]:
        """Return the calculations and formulas of a row by their names in the answer."""
        shown = data(self.keys, row[: len(self.keys)])
        for calculation in self.special:
            if calculation.op == "HEATMAP":
                shown[calculation.key] = cells(shown[calculation.key])
            elif not is_point:
                shown[calculation.key] = None
        return shown


@dataclass(frozen=True, slots=True)
class _Source:
    """What answers a question about a scope: `events`, or what is `settled` of it, the `rollup` or the `narrow` copy."""

    name: Literal["events", "rollup", "narrow"]
    scope: Scope
    settled: Settled | None = None

    def question(
        self, spec: QuerySpec, columns: Mapping[str, Column], percentiles: Percentiles, scales: Mapping[int, Scale] | None = None
    ) -> Question:
        """Return the question as it reads the source."""
        if self.settled and self.name == "rollup":
            return RolledQuestion(spec, columns, self.settled)
        if percentiles == "binned":
            # Of a comparison: the other range was answered from the rollup.
            percentiles = "digest"
        if self.settled:
            return NarrowQuestion(spec, columns, self.settled, percentiles, scales)
        return Question(spec, columns, self.scope, percentiles, scales)


def _source(spec: QuerySpec, scope: Scope, run: Run, limits: EngineLimits) -> _Source:
    """Choose what answers a question about a scope: the smallest that can. Raises StoreError."""
    # A sample is one of the events.
    settled = look(scope, run, limits) if suits_settled(spec) and not run.percentiles else None
    if settled and rollup.suits(spec) and settled.serves(settled.rollups):
        return _Source("rollup", scope, settled)
    if settled and narrow.suits(spec) and settled.serves(settled.copies):
        return _Source("narrow", scope, settled)
    return _Source("events", scope)


def suits_settled(spec: QuerySpec) -> bool:
    """Return whether what is kept of settled hours may answer a question."""
    return rollup.suits(spec) or narrow.suits(spec)


def is_rolled_up(spec: QuerySpec, run: Run, limits: EngineLimits) -> bool:
    """Return whether the rollup answers a question. Raises StoreError."""
    return _source(spec, run.scope, run, limits).name == "rollup"


def answer(spec: QuerySpec, columns: Mapping[str, Column], run: Run, limits: EngineLimits) -> dict[str, Any]:
    """Return results, series, what else was asked for, and meta. Raises QueryError, StoreError."""
    asks_percentiles = any(operation(calculation.op).level for calculation in spec.calculations)
    source = _source(spec, run.scope, run, limits)
    percentiles: Percentiles = "binned" if source.name == "rollup" else "exact"
    if asks_percentiles and percentiles != "binned":
        percentiles = choose_percentiles(run, limits, any_list(columns.values()), _earlier(spec, run.scope))
    scales = _scales(spec, source.question(spec, columns, percentiles), run)

    def make(scope: Scope) -> Question:
        if scope == run.scope:
            return source.question(spec, columns, percentiles, scales)
        # What is kept of the earlier range of a comparison may be less.
        return _source(spec, scope, run, limits).question(spec, columns, percentiles, scales)

    special = [one for one in spec.calculations if operation(one.op).is_special]
    asked = _Asked(spec, columns, run, limits, make, spec.keys, special)
    question = asked.make(run.scope)
    limited, groups = False, dict[int, dict[str, Any]]()
    if spec.disable_series or spec.breakdowns or spec.havings:
        results, series, limited, groups = _several_groups(asked, question)
    else:
        results, series = _one_group(asked, question)
    shown: dict[str, Any] = {"results": results, "series": series}
    if spec.with_total:
        shown["total_by_aggregate"] = asked.result(run.rows(question.total())[0], {})
    if spec.with_other and spec.breakdowns:
        shown["other_by_aggregate"] = asked.result(run.rows(question.total(list(groups)))[0], {})
    if spec.compare_offset:
        shown["comparison"] = _comparison(asked, groups)
    unweighted = [calculation.key for calculation in spec.calculations if calculation.op == "COUNT_DISTINCT"]
    meta = {
        **run.meta(),
        "granularity": spec.granularity,
        "limited": limited,
        "percentiles": percentiles if asks_percentiles else "exact",
        "unweighted": unweighted,
        "answered_from": source.name,
        "sampled": False,
    }
    if scales:
        meta["heatmaps"] = {spec.calculations[number].key: {"edges": scale.edges()} for number, scale in scales.items()}
    return {**shown, "meta": meta}


def _scales(spec: QuerySpec, question: Question, run: Run) -> dict[int, Scale]:
    """Return the cells of the heat maps, which depend on the values there are."""
    maps = [index for index, calculation in enumerate(spec.calculations) if calculation.op == "HEATMAP"]
    if not maps:
        return {}
    (row,) = run.rows(question.ranges())
    return {index: Scale.of(*row[3 * place : 3 * place + 3]) for place, index in enumerate(maps)}


def _one_group(asked: _Asked, question: Question) -> tuple[Rows, Rows]:
    rows = asked.run.rows(question.results_and_series())
    # A roll-up of no rows has no total.
    totals = [row[2:] for row in rows if row[0]] or [row[1:] for row in asked.run.rows(question.results())]
    points = [(row[1], 0, row[2:]) for row in rows if not row[0]]
    return [asked.result(totals[0], {})], _points(asked, points, {0: {}})


def _several_groups(asked: _Asked, question: Question) -> tuple[Rows, Rows, bool, dict[int, dict[str, Any]]]:
    spec = asked.spec
    times = frozenset(name for name in spec.breakdowns if "time" in asked.columns[name].types)
    width = len(spec.breakdowns)
    found = asked.run.rows(question.results())
    rows = found[: spec.limit]
    groups = {row[width]: data(spec.breakdowns, row[:width], times) for row in rows}
    results = [asked.result(row[width + 1 :], groups[row[width]]) for row in rows]
    series = [] if spec.disable_series or not rows else _series(asked, question, groups)
    return results, series, len(found) > spec.limit, groups


def _series(asked: _Asked, question: Question, groups: Mapping[int, dict[str, Any]]) -> Rows:
    limit = asked.limits.series_rows
    points = asked.run.rows(question.series(list(groups), limit + 1))
    if len(points) > limit:
        message = (
            f"The series of {len(groups)} groups have more than {limit} points together."
            ' Use fewer groups, a larger granularity, or "disable_series": true.'
        )
        raise QueryError("limit", message)
    # The store gives the points of a time in any order.
    place = {group: index for index, group in enumerate(groups)}
    points.sort(key=lambda point: (point[0], place[point[1]]))
    return _points(asked, [(time, group, values) for time, group, *values in points], groups)


def _points(asked: _Asked, points: Iterable[tuple[int, int, Sequence[Any]]], groups: Mapping[int, dict[str, Any]]) -> Rows:
    """Return the points of a series, with rates made of what they are the change of."""
    rates = [one.key for one in asked.spec.calculations if operation(one.op).rate_of]
    before: dict[int, tuple[int, dict[str, Any]]] = {}
    shown = []
    for time, group, row in points:
        values = asked.values(row, is_point=True)
        last_time, last = before.get(group, (0, {}))
        before[group] = time, dict(values) if rates else values
        for key in rates:
            # Where a point is missing there is nothing to compare with.
            known = time - last_time == asked.spec.granularity and None not in (values[key], last.get(key))
            values[key] = values[key] - last[key] if known else None
        shown.append({"time": iso_seconds(time), "data": values | groups[group]})
    return shown


def _earlier(spec: QuerySpec, scope: Scope) -> Scope | None:
    """Return the range that the question's is compared with, if any."""
    if not spec.compare_offset:
        return None
    return replace(scope, start=max(0, scope.start - spec.compare_offset), end=max(1, scope.end - spec.compare_offset))


def _comparison(asked: _Asked, groups: dict[int, dict[str, Any]]) -> dict[str, Any]:
    """Return the same groups, and their series, in the range that is some time earlier."""
    spec = asked.spec
    earlier = _earlier(spec, asked.run.scope)
    assert earlier
    question = asked.make(earlier)
    if not spec.breakdowns:
        groups = {0: {}}
    found = (
        {group: row for group, *row in asked.run.rows(question.same_groups(list(groups), max(1, len(groups))))} if groups else {}
    )
    nothing = dict.fromkeys(spec.keys)
    results = [
        asked.result(found[group], names) if group in found else {"data": nothing | names} for group, names in groups.items()
    ]
    series = [] if spec.disable_series or not groups else _series(asked, asked.make(earlier), groups)
    return {
        "start_time": earlier.start,
        "end_time": earlier.end,
        "results": results,
        "series": series,
    }
