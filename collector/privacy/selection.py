"""Which events an erasure or an export is about: JSON → Selection → SQL. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from collector.errors import QueryError
from collector.fields import BY_NAME
from collector.query.columns import Column, Params
from collector.query.filters import as_time, group_condition
from collector.query.parse import parse_events
from collector.query.reading import Part
from collector.query.spec import FilterGroup
from collector.query.sql import Statement, select

_EVENTS: Final = "events FINAL"
_FILTERS: Final = ("dataset", "filters", "filter_combination")
#: What a request may hold.
MEMBERS: Final = (*_FILTERS, "before")


@dataclass(frozen=True, slots=True)
class Selection:
    """Events of a dataset: those that satisfy the filters and happened before a time (epoch ms), where one is given."""

    dataset: str
    filters: FilterGroup
    before: int | None = None

    def names(self) -> Iterator[tuple[str, str]]:
        """Yield the names of its fields with the paths where they stand."""
        return self.filters.names()

    def report(self, columns: Mapping[str, Column]) -> Statement:
        """Count the events by day and kind. Raises QueryError."""
        fields, tail = ["toString(toDate(ts)) AS day", "kind", "count()"], ["GROUP BY day, kind", "ORDER BY day, kind"]
        return self._select(fields, columns, tail, [])

    def keys(self, columns: Mapping[str, Column], limit: int, after: tuple[int, str] | None = None) -> Statement:
        """Select kind, id, time (epoch ms) and hour (epoch s), by time and id; those after one, where it is given."""
        params = Params()
        more = []
        if after:
            ts, id_ = params.bind("Int64", after[0]), params.bind("String", after[1])
            more = [f"(toUnixTimestamp64Milli(ts), id) > ({ts}, {id_})"]
        fields = ["kind", "id", "toUnixTimestamp64Milli(ts)", "toUnixTimestamp(toStartOfHour(ts))"]
        return self._select(fields, columns, ["ORDER BY ts, id", f"LIMIT {limit}"], more, params)

    def _select(
        self,
        fields: Sequence[str],
        columns: Mapping[str, Column],
        tail: Sequence[str],
        more: Sequence[str],
        params: Params | None = None,
    ) -> Statement:
        params = params or Params()
        conditions = [f"dataset = {params.bind('String', self.dataset)}"]
        if self.before is not None:
            conditions.append(f"ts < fromUnixTimestamp64Milli({params.bind('Int64', self.before)}, 'UTC')")
        conditions += filter(None, [group_condition(self.filters, columns, params)])
        return Statement(select(fields, [*conditions, *more], source=_EVENTS, tail=tail), params.values)


def parse_selection(document: Any, more: Sequence[str] = ()) -> Selection:
    """Read the JSON `{"dataset", "filters": […], "filter_combination", "before"}`; filters are those of queries.

    Args:
        document: the JSON.
        more: other members that it may have.

    Raises:
        QueryError: a part is wrong, or nothing is selected: neither filters nor a time.
    """
    members = Part(document).members((*MEMBERS, *more))
    spec = parse_events({key: members[key].value for key in _FILTERS if key in members})
    before = _read_before(members["before"]) if "before" in members else None
    if not spec.filters.filters and before is None:
        raise QueryError("filters", "Say which events: give filters, or a time in before.")
    for name, path in spec.filters.names():
        field = BY_NAME.get(name)
        if field and (field.is_list or field.origin == "table"):
            what = "is a list" if field.is_list else "is computed by the table"
            raise QueryError(path, f"{name} {what}, which an event that waits on disk can't be compared by; use another field.")
    return Selection(spec.dataset, spec.filters, before)


def _read_before(part: Part) -> int:
    ms = as_time(part.value) if isinstance(part.value, str | int | float) and not isinstance(part.value, bool) else None
    if ms is None:
        raise part.error("before must be a time: epoch seconds, or a text such as 2026-11-23T08:00:00Z.")
    return ms
