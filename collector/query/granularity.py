"""Chooses the steps of a series by how many events there are: of a quiet site, points of ten minutes would show noise."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from collector.query.columns import Column
from collector.query.run import Run
from collector.query.spec import QuerySpec
from collector.query.sql import Question
from collector.query.timerange import STEPS

#: A series has so many points at least.
FEWEST_POINTS: Final = 8
#: More groups than that are not told apart as lines, so they don't have to be smooth.
MOST_CURVES: Final = 8


def suited(spec: QuerySpec, columns: Mapping[str, Column], run: Run) -> QuerySpec:
    """Return the question with steps that suit its events; itself where it does not ask for that. Raises QueryError, StoreError."""
    if not spec.granularity_min_events or spec.disable_series:
        return spec
    seconds = run.scope.end - run.scope.start
    # Where there is enough, how much more is of no interest, so no more is read.
    enough = spec.granularity_min_events * -(-seconds // spec.granularity)
    question = Question(spec, columns, run.scope, "exact")
    ((rows, groups, points, first, last),) = run.rows(question.counted(enough))
    if rows >= spec.granularity_min_events * points:
        return spec
    curves = min(groups, MOST_CURVES)
    span = (last // spec.granularity - first // spec.granularity + 1) * spec.granularity
    wanted = min(spec.granularity_min_events * span * curves / rows, span / FEWEST_POINTS)
    step = next((step for step in STEPS if step >= wanted), STEPS[-1])
    return replace(spec, granularity=max(step, spec.granularity))
