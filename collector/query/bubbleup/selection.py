"""JSON -> what is selected, and what it is compared with. Pure. Every problem is a QueryError that names the part."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from collector.errors import QueryError
from collector.query.parse import DEFAULT_LIMITS, parse_query, read_filters
from collector.query.reading import Part
from collector.query.spec import Filter, FilterGroup, QuerySpec, SpecLimits
from collector.query.sql import Scope
from collector.query.timerange import LAST_SECOND

_KEYS: Final = ("filters", "filter_combination", "group", "start_time", "end_time", "column", "min", "max")
_PERCENTILE: Final = re.compile(r"[Pp](\d{1,2}(?:\.\d{1,4})?)")
_ORDERED: Final = (">", ">=", "<", "<=")
#: What holds where an operator does not. An event without the field satisfies neither of `>` and `<=`.
_OPPOSITE: Final = {
    "=": "!=", ">": "<=", ">=": "<", "starts-with": "does-not-start-with", "ends-with": "does-not-end-with",
    "contains": "does-not-contain", "in": "not-in", "exists": "does-not-exist",
}  # fmt: skip
_NEGATION: Final = _OPPOSITE | {negation: op for op, negation in _OPPOSITE.items()}


@dataclass(frozen=True, slots=True)
class Bound:
    """One side of the box of values.

    Args:
        key: `min` or `max`, where it stands.
        value: a number, or what `level` becomes.
        level: of a percentile of the column among the events of the query, between 0 and 1.
    """

    key: str
    value: float | None = None
    level: float | None = None


@dataclass(frozen=True, slots=True)
class BubbleUpSpec:
    """A question what is different about some events.

    Args:
        query: all events in question; only its dataset, time, filters and calculated fields count.
        filters: what is selected, beside the box.
        column: of the box of values; empty where there is none.
        bounds: of that box.
        start, end: of the box of time, in epoch seconds; None where it is open.
    """

    query: QuerySpec
    filters: FilterGroup
    column: str
    bounds: tuple[Bound, ...]
    start: int | None = None
    end: int | None = None

    def names(self) -> Iterator[tuple[str, str]]:
        """Yield every name of a field in it with the path where it stands."""
        yield from self.query.filters.names()
        yield from self.filters.names()
        if self.column:
            yield self.column, "selection.column"
        for field in self.query.calculated_fields:
            yield from ((name, f"query.{path}") for name, path in field.names())

    def within(self, scope: Scope) -> Scope:
        """Return the part of the query's scope outside of which nothing is selected."""
        end = scope.end if self.end is None else self.end
        return replace(scope, start=max(scope.start, self.start or 0), end=min(scope.end, end))

    def selection(self, percentiles: dict[float, float | None]) -> FilterGroup:
        """Return the conditions of the selection; the percentiles that it names have these values."""
        box = [
            Filter(self.column, ">=" if bound.key == "min" else "<=", percentiles[bound.level] if bound.level else bound.value)
            for bound in self.bounds
        ]
        parts = (*((self.filters,) if self.filters.filters else ()), *box)
        only = parts[0]
        return only if len(parts) == 1 and isinstance(only, FilterGroup) else FilterGroup(parts, "AND", "selection")


def parse_bubbleup(document: Any, limits: SpecLimits = DEFAULT_LIMITS) -> BubbleUpSpec:
    """Read a question what is different. Raises QueryError."""
    members = Part(document).members(("query", "selection"))
    for key in ("query", "selection"):
        if key not in members:
            raise Part(None, key).error(f"BubbleUp needs {key}: {_NEEDS[key]}")
    try:
        query = parse_query(members["query"].value, limits)
    except QueryError as error:
        raise QueryError(f"query.{error.path}" if error.path else "query", error.message) from None
    query = replace(query, filters=_moved(query.filters, "query."))
    return _read_selection(members["selection"], query, limits)


def _read_selection(part: Part, query: QuerySpec, limits: SpecLimits) -> BubbleUpSpec:
    members = part.members(_KEYS)
    times: dict[str, int] = {key: members[key].whole(0, LAST_SECOND) for key in ("start_time", "end_time") if key in members}
    groups = [read_filters(members, "selection.filters", limits), _read_group(members, limits), _between(times)]
    filters = tuple(group for group in groups if group.filters)
    bounds = tuple(_read_bound(members[key], key) for key in ("min", "max") if key in members)
    if bounds and "column" not in members:
        raise Part(None, "selection.column").error("min and max need a column: the field whose values they are.")
    if "column" in members and not bounds:
        raise members["column"].error("A column needs min or max: a number, or a percentile such as P90.")
    if not filters and not bounds:
        raise part.error(f"Nothing is selected. {_NEEDS['selection']}")
    both = filters[0] if len(filters) == 1 else FilterGroup(filters, "AND", "selection")
    column = members["column"].text(limits.name_characters) if bounds else ""
    return BubbleUpSpec(query, both, column, bounds, times.get("start_time"), times.get("end_time"))


def _read_group(members: dict[str, Part], limits: SpecLimits) -> FilterGroup:
    """Read the breakdowns of one group, as an answer has them: a value, or null for the events without the field."""
    if "group" not in members:
        return FilterGroup()
    part = members["group"]
    if not isinstance(part.value, dict) or not part.value:
        raise part.error('group must be an object with the group\'s fields, such as {"page.path": "/search"}.')
    filters = tuple(
        Filter(name, "does-not-exist") if value is None else Filter(name, "=", Part(value, f"{part.path}.{name}").scalar(65_535))
        for name, value in part.value.items()
    )
    return FilterGroup(filters[: limits.filters], "AND", part.path)


def _between(times: Mapping[str, int]) -> FilterGroup:
    ops = {"start_time": ">=", "end_time": "<"}
    return FilterGroup(tuple(Filter("ts", ops[key], seconds) for key, seconds in times.items()), "AND", "selection.time")


def _read_bound(part: Part, key: str) -> Bound:
    if isinstance(part.value, str) and (match := _PERCENTILE.fullmatch(part.value)) and float(match[1]) > 0:
        return Bound(key, level=float(match[1]) / 100)
    if isinstance(part.value, str):
        raise part.error(f"{part.path} must be a number or a percentile such as P90.")
    return Bound(key, value=part.number())


def others(group: FilterGroup) -> FilterGroup:
    """Return the filters of what a selection is compared with: all other events that it could have selected.

    One without a field that the selection compares by `>`, `>=`, `<` or `<=` is on neither side: what was not measured is neither
    slow nor fast.
    """
    compared = dict.fromkeys(one.column for one in _all(group) if one.op in _ORDERED and one.column != "ts")
    rest = negated(group)
    # The opposite of a comparison needs the field already.
    if not compared or len(group.filters) == 1:
        return rest
    return FilterGroup((rest, *(Filter(column, "exists") for column in compared)), "AND", group.path)


def _all(group: FilterGroup) -> Iterator[Filter]:
    for one in group.filters:
        yield from _all(one) if isinstance(one, FilterGroup) else (one,)


def negated(group: FilterGroup) -> FilterGroup:
    """Return the filters of the events that the group leaves out, but for those without a field that it compares."""
    if group.sessions:
        return replace(group, sessions="without" if group.sessions == "with" else "with")
    parts = tuple(negated(one) if isinstance(one, FilterGroup) else replace(one, op=_NEGATION[one.op]) for one in group.filters)
    return FilterGroup(parts, "OR" if group.combination == "AND" else "AND", group.path)


def _moved(group: FilterGroup, under: str) -> FilterGroup:
    parts = tuple(_moved(one, under) if isinstance(one, FilterGroup) else one for one in group.filters)
    return replace(group, filters=parts, path=under + group.path)


def as_json(group: FilterGroup) -> dict[str, Any]:
    """Return the group as a query has it."""
    about = {"sessions": group.sessions} if group.sessions else {}
    return {"filters": [_filter_as_json(one) for one in group.filters], "filter_combination": group.combination, **about}


def _filter_as_json(one: Filter | FilterGroup) -> dict[str, Any]:
    if isinstance(one, FilterGroup):
        return as_json(one)
    value = {} if one.value is None else {"value": list(one.value) if isinstance(one.value, tuple) else one.value}
    return {"column": one.column, "op": one.op, **value}


_NEEDS: Final = {
    "query": "the query whose events are in question.",
    "selection": 'Select by {"column": "lcp.value", "min": "P90"}, by filters, by a group or by a box.',
}
