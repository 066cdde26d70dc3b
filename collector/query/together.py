"""Several questions about the same events, such as those of a dashboard's panels, from one reading of these. Pure but for `read`.

Reading and filtering events takes most of the time of a question whose filters few events satisfy: all columns are read before
any is filtered (see `sql`). So the events that are left go into a table in memory for as long as one statement runs, and each
question is asked of that, in the same SQL as ever. Its answer is then made like any other, by a `Run` that has the rows already.

The engine calls such a table a materialized CTE; servers that do not know it answer each question on its own.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from collector.fields import ATTRIBUTE_COLUMNS
from collector.fields.promoted import promoted_column
from collector.query.calculations import Percentiles
from collector.query.columns import Column, Params
from collector.query.run import Run
from collector.query.spec import QuerySpec
from collector.query.sql import Question, Scope, Statement, select, where

#: Of more stored rows, the table in memory may become too large.
MOST_ROWS: Final = 4_000_000
#: Whether the store knows such tables.
SUPPORT_SQL: Final = "SELECT count() FROM system.settings WHERE name = 'enable_materialized_cte'"
_TABLE: Final = "these"
#: The order of a question's rows is a part of its answer.
_SETTINGS: Final = "SETTINGS enable_materialized_cte = 1, query_plan_remove_redundant_sorting = 0"
#: What a question may need whatever it names.
_ALWAYS: Final = ("ts", "sample_rate")
Rows = list[tuple[Any, ...]]


@dataclass(frozen=True, slots=True)
class Member:
    """One of the questions, and what its names stand for."""

    spec: QuerySpec
    columns: Mapping[str, Column]

    def can_share(self) -> bool:
        """Whether one statement about whole events, as they are stored, answers it."""
        spec = self.spec
        is_one = spec.disable_series or not (spec.breakdowns or spec.havings)
        is_more = spec.compare_offset or spec.with_total or spec.with_other or any(one.op == "HEATMAP" for one in spec.calculations)
        return bool(is_one and not is_more and not any(one.parallel or one.computed for one in self.columns.values()))

    def stored(self) -> set[str]:
        """Return the columns of the events that it needs."""
        stored = {f"`{name}`" for name in _ALWAYS}
        for column in self.columns.values():
            if not column.is_attribute:
                stored.add(f"`{column.name}`")
                continue
            for type_ in column.types:
                promoted = type_ in column.promoted
                stored.add(f"`{promoted_column(column.name, type_)}`" if promoted else ATTRIBUTE_COLUMNS[type_])
        return stored


def subject(spec: QuerySpec) -> tuple[Any, ...]:
    """Return what questions about the same events have in common."""
    return spec.dataset, spec.time, spec.filters


class SharingRun(Run):
    """Runs those statements of a question that have not been run with those of others.

    Args:
        reading: what ran those.
        known: their rows, by the text of the statement.
    """

    def __init__(self, reading: Run, known: Mapping[str, Rows]) -> None:
        super().__init__(reading._store, reading._limits, reading.scope, reading._clock, reading._stop, reading._seconds_left)
        self._reading, self._known, self._counted = reading, known, reading._counted

    def rows(self, statement: Statement) -> Rows:
        """Return the rows of a statement. Raises StoreError."""
        found = self._known.get(statement.sql)
        return super().rows(statement) if found is None else found

    def meta(self) -> dict[str, Any]:
        """Return the `meta` of the answer; what was read is the same for all of the questions."""
        own, shared = super().meta(), self._reading.meta()
        return own | {key: own[key] + shared[key] for key in ("rows_read", "bytes_read")} | {"elapsed_ms": shared["elapsed_ms"]}


def read(members: Sequence[Member], run: Run, percentiles: Percentiles) -> dict[str, Rows]:
    """Return the rows of the main statement of each question, by its text. Raises QueryError, StoreError."""
    found = run.rows(_statement(members, run.scope, percentiles))
    texts = [_main(Question(one.spec, one.columns, run.scope, percentiles), one.spec).sql for one in members]
    return {text: [tuple(row) for line in found for row in line[place]] for place, text in enumerate(texts)}


def _statement(members: Sequence[Member], scope: Scope, percentiles: Percentiles) -> Statement:
    """Select a column for each question, with its rows as an array of tuples; each stands in a row of its own, in any order."""
    params, first = Params(), members[0]
    stored = sorted(set[str]().union(*(one.stored() for one in members)))
    table = select(stored, where(scope, first.spec.filters, first.columns, params))
    parts = []
    for place, member in enumerate(members):
        part = _main(_Part(member, scope, percentiles, params), member.spec)
        columns = [f"{'groupArray(tuple(*))' if other == place else '[]'} AS r{other}" for other in range(len(members))]
        parts.append(f"SELECT {', '.join(columns)}\nFROM (\n{part.sql}\n)")
    union = "\nUNION ALL\n".join(parts)
    return Statement(f"WITH {_TABLE} AS MATERIALIZED (\n{table}\n)\n{union}\n{_SETTINGS}", params.values)


def _main(question: Question, spec: QuerySpec) -> Statement:
    return question.results() if spec.disable_series else question.results_and_series()


class _Part(Question):
    """A question that is asked of the table in memory."""

    def __init__(self, member: Member, scope: Scope, percentiles: Percentiles, params: Params) -> None:
        super().__init__(member.spec, member.columns, scope, percentiles, params=params)
        self._source, self._where = _TABLE, ["true"]
