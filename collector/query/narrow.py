"""Answers questions from the narrow copy of settled hours: exactly as from the events, in a third of the time. Pure.

The copy has one row for each event, without those that others have replaced, sorted by route, and only the columns that most
questions ask for. Hours that have not settled, or have changed since, are read from the events in the same statement.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from collector.fields.rollup import METRICS, NARROW, rating_of
from collector.query.calculations import Percentiles
from collector.query.columns import Column
from collector.query.filters import group_condition
from collector.query.heatmap import Scale
from collector.query.settled import Settled, selects
from collector.query.spec import QuerySpec
from collector.query.sql import Question

_NAMES: Final = frozenset(NARROW) | frozenset(map(rating_of, METRICS))


def suits(spec: QuerySpec) -> bool:
    """Return whether the copy has all that a question asks for."""
    return not spec.calculated_fields and {name for name, _ in spec.names()} <= _NAMES


class NarrowQuestion(Question):
    """One query specification on its way to SQL that reads the narrow copy and, for the rest, the events.

    Args:
        spec, columns, percentiles, scales: as of a `Question`; the question must be one that suits.
        settled: what is read where.
    """

    def __init__(
        self,
        spec: QuerySpec,
        columns: Mapping[str, Column],
        settled: Settled,
        percentiles: Percentiles,
        scales: Mapping[int, Scale] | None = None,
    ) -> None:
        super().__init__(spec, columns, settled.scope, percentiles, scales)
        filters = [group_condition(spec.filters, columns, self._params)] if spec.filters.filters else []
        names = sorted({"ts", "sample_rate", *(name for name, _ in spec.names())})
        scope = settled.scope
        read = selects(settled, [(scope.start, scope.end)], [f"`{name}`" for name in names], filters, self._params)
        self._source = "(\n" + "\nUNION ALL\n".join(read) + "\n)"
        self._where = ["true"]
