"""Answers a question about many events: the groups, and the points over time of those groups."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from collector.errors import QueryError
from collector.query.calculations import OPERATIONS, Percentiles
from collector.query.columns import Column
from collector.query.limits import EngineLimits
from collector.query.lists import any_list
from collector.query.results import data, iso_seconds
from collector.query.run import Run
from collector.query.spec import QuerySpec
from collector.query.sql import Question, census

Rows = list[dict[str, Any]]


def answer(spec: QuerySpec, columns: Mapping[str, Column], run: Run, limits: EngineLimits) -> dict[str, Any]:
    """Return results, series and meta. Raises QueryError, StoreError."""
    question = Question(spec, columns, run.scope, _choose_percentiles(spec, columns, run, limits))
    limited = False
    if spec.disable_series or spec.breakdowns or spec.havings:
        results, series, limited = _several_groups(spec, columns, question, run, limits)
    else:
        results, series = _one_group(spec, question, run)
    meta = {**run.meta(), "granularity": spec.granularity, "limited": limited}
    return {"results": [{"data": one} for one in results], "series": series, "meta": meta}


def _choose_percentiles(spec: QuerySpec, columns: Mapping[str, Column], run: Run, limits: EngineLimits) -> Percentiles:
    """Choose how percentiles are computed: exactly where that is cheap, else estimated."""
    if not any(OPERATIONS[calculation.op].level for calculation in spec.calculations):
        return "exact"
    ((stored_rows, is_sampled),) = run.rows(census(run.scope, any_list(columns.values())))
    if is_sampled:
        return "exact_weighted" if stored_rows <= limits.exact_weighted_rows else "digest"
    return "exact" if stored_rows <= limits.exact_rows else "digest"


def _one_group(spec: QuerySpec, question: Question, run: Run) -> tuple[Rows, Rows]:
    keys = [calculation.key for calculation in spec.calculations]
    rows = run.rows(question.results_and_series())
    # A roll-up of no rows has no total.
    totals = [row[2:] for row in rows if row[0]] or [row[1:] for row in run.rows(question.results())]
    series = [{"time": iso_seconds(row[1]), "data": data(keys, row[2:])} for row in rows if not row[0]]
    return [data(keys, totals[0])], series


def _several_groups(
    spec: QuerySpec, columns: Mapping[str, Column], question: Question, run: Run, limits: EngineLimits
) -> tuple[Rows, Rows, bool]:
    keys = [calculation.key for calculation in spec.calculations]
    times = frozenset(name for name in spec.breakdowns if "time" in columns[name].types)
    width = len(spec.breakdowns)
    found = run.rows(question.results())
    rows = found[: spec.limit]
    groups = {row[width]: data(spec.breakdowns, row[:width], times) for row in rows}
    results = [data(keys, row[width + 1 :]) | groups[row[width]] for row in rows]
    series = [] if spec.disable_series or not rows else _series(spec, question, groups, run, limits)
    return results, series, len(found) > spec.limit


def _series(spec: QuerySpec, question: Question, groups: Mapping[int, dict[str, Any]], run: Run, limits: EngineLimits) -> Rows:
    keys = [calculation.key for calculation in spec.calculations]
    points = run.rows(question.series(list(groups), limits.series_rows + 1))
    if len(points) > limits.series_rows:
        message = (
            f"The series of {len(groups)} groups have more than {limits.series_rows} points together."
            ' Use fewer groups, a larger granularity, or "disable_series": true.'
        )
        raise QueryError("limit", message)
    return [{"time": iso_seconds(time), "data": data(keys, values) | groups[group]} for time, group, *values in points]
