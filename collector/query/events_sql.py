"""Questions for single events -> SQL text and bound parameters. Pure.

Two steps: find the keys of the events by the few columns that the question names, then fetch all columns of just these rows.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from collector.fields import ATTRIBUTE_COLUMNS, FIELDS
from collector.query.columns import Column, Params
from collector.query.lists import EVENTS, source_of
from collector.query.paging import Cursor, sort_type
from collector.query.reading import Scalar
from collector.query.spec import EventOrder, EventsSpec
from collector.query.sql import Scope, Statement, select, where

#: What finds a row again: the table's sort key within a dataset, and the time.
KEY_COLUMNS: Final = ("id", "kind", "ts")
_KEY: Final = (*KEY_COLUMNS, "toUnixTimestamp(toStartOfHour(ts)) AS hour")
#: What tells events apart that are sorted alike.
_LAST_ORDERS: Final = ("ts DESC", "id", "kind")
#: The columns of a whole event.
ALL_COLUMNS: Final = (*(field.name for field in FIELDS), *ATTRIBUTE_COLUMNS.values())
#: Which of them hold Float32 values. A whole event comes as it is stored: to make decimals of a hundred columns takes the engine
#: 30 ms, most of it to plan it.
FLOAT32_COLUMNS: Final = frozenset(field.name for field in FIELDS if Column.known(field).is_float32)
#: All columns are asked for by one star, also those that the table computes: to read and plan 250 names takes 7 ms more.
_STAR: Final = "SETTINGS asterisk_include_materialized_columns = 1, asterisk_include_alias_columns = 1"
_BOUND_AS: Final = {"string": "String", "number": "Float64", "boolean": "Bool", "time": "Int64"}


@dataclass(frozen=True, slots=True)
class _Order:
    """By what events are sorted, as SQL; `name` stands for `sql` in a statement that selects it under this name."""

    name: str
    sql: str
    column: Column
    descending: bool

    @classmethod
    def of(cls, index: int, order: EventOrder, columns: Mapping[str, Column], params: Params) -> _Order:
        """Return an order of a question."""
        column = columns[order.column]
        sql = column.value("number", params) if "number" in column.types else column.any_value(params)
        return cls(f"o{index}", sql, column, order.descending)

    def by(self) -> str:
        """Return it for ORDER BY."""
        return f"{self.name} {'DESC' if self.descending else 'ASC'} NULLS LAST"

    def behind(self, value: Scalar | None, otherwise: str, params: Params) -> str:
        """Return whether an event is sorted behind a value; `otherwise` says it of one that has the same value."""
        if value is None:
            return f"({self.name} IS NULL AND {otherwise})"
        type_ = sort_type(self.column)
        x = f"toUnixTimestamp64Milli({self.name})" if type_ == "time" else self.name
        v = params.bind(_BOUND_AS[type_], value)
        return f"(ifNull({x} {'<' if self.descending else '>'} {v}, 1) OR (ifNull({x} = {v}, 0) AND {otherwise}))"


def found(spec: EventsSpec, columns: Mapping[str, Column], scope: Scope, after: Cursor | None = None) -> Statement:
    """Select the keys of the events in their order with what they are sorted by, one more than the limit. Raises QueryError.

    Where the question is about items of lists, an event is found that has an item with all of the conditions, and it stands
    where the first of these does.

    Args:
        spec: the question.
        columns: what its names stand for.
        scope: its rows.
        after: the end of the page before.
    """
    params = Params()
    source = source_of([*spec.filters.names(), *spec.order_names()], columns)
    conditions = where(scope, spec.filters, columns, params)
    orders = [_Order.of(index, order, columns, params) for index, order in enumerate(spec.orders)]
    fields = [*_KEY, *(f"{order.sql} AS {order.name}" for order in orders)]
    sorting = f"ORDER BY {', '.join([*(order.by() for order in orders), *_LAST_ORDERS])}"
    once = ["LIMIT 1 BY id, kind, ts"] if source != EVENTS else []
    limit = f"LIMIT {spec.limit + 1}"
    if after:
        # Of several items only the first counts, so the page begins behind the others, too.
        is_first_of_items = any(order.column.parallel for order in orders)
        behind = [*_hints(spec, after, params), _behind(orders, after, params)]
        conditions.append(_is_of_the_first_page(after, params))
        if is_first_of_items:
            names = [*KEY_COLUMNS, "hour", *(order.name for order in orders)]
            items = select(fields, conditions, source=source, tail=[sorting, *once])
            return Statement(select(names, behind, source=f"(\n{items}\n)", tail=[sorting, limit]), params.values)
        conditions += behind
    return Statement(select(fields, conditions, source=source, tail=[sorting, *once, limit]), params.values)


def _behind(orders: Sequence[_Order], after: Cursor, params: Params) -> str:
    ts = _moment(after.ts, params)
    names = f"(id, kind) > ({params.bind('String', after.id)}, {params.bind('String', after.kind)})"
    condition = f"(ts < {ts} OR (ts = {ts} AND {names}))"
    for order, value in reversed(list(zip(orders, after.values, strict=True))):
        condition = order.behind(value, condition, params)
    return condition


def _hints(spec: EventsSpec, after: Cursor, params: Params) -> list[str]:
    """Return what follows from the cursor for the time alone, so that the engine leaves out whole days."""
    first = spec.orders[0] if spec.orders else EventOrder("ts", descending=True)
    return [f"ts {'<=' if first.descending else '>='} {_moment(after.ts, params)}"] if first.column == "ts" else []


def _is_of_the_first_page(after: Cursor, params: Params) -> str:
    """Return whether the event was there when the first page was asked for, or is an amendment of one that may have been."""
    return f"(received_at <= {_moment(after.until, params)} OR revision > 0)"


def _moment(milliseconds: int, params: Params) -> str:
    return f"fromUnixTimestamp64Milli({params.bind('Int64', milliseconds)}, 'UTC')"


def found_by(dataset: str, column: str, value: str, start: int, end: int, *, limit: int) -> Statement:
    """Select the keys of all stored rows, replaced ones included, that have an id in a column, the newest first.

    Args:
        dataset: whose events they are.
        column: one that has an index: `id`, `session.id` or `trace.trace_id`. All versions of an event have the same one.
        value: the id.
        start, end: epoch ms, both included.
        limit: the most keys.
    """
    params = Params()
    conditions = [
        f"dataset = {params.bind('String', dataset)}",
        f"ts >= {_moment(start, params)}",
        f"ts <= {_moment(end, params)}",
        f"`{column}` = {params.bind('String', value)}",
    ]
    tail = ["ORDER BY ts DESC, id, kind", "LIMIT 1 BY id, kind, ts", f"LIMIT {limit}"]
    return Statement(select(_KEY, conditions, source="events", tail=tail), params.values)


def versions(dataset: str, key: tuple[Any, ...], limit: int) -> Statement:
    """Select every stored version of an event as `rows` does, the latest first."""
    params = Params()
    id_, kind, _, hour = key
    conditions = [
        f"dataset = {params.bind('String', dataset)}",
        f"toStartOfHour(ts) = {params.bind('DateTime', hour)}",
        f"kind = {params.bind('String', kind)}",
        f"id = {params.bind('String', id_)}",
    ]
    tail = ["ORDER BY revision DESC, received_at DESC", "LIMIT 1 BY revision", f"LIMIT {limit}", _STAR]
    return Statement(select([*KEY_COLUMNS, "*"], conditions, source="events", tail=tail), params.values)


def rows(dataset: str, keys: Sequence[tuple[Any, ...]], columns: Mapping[str, Column]) -> Statement:
    """Select the events with these keys: id, kind and time, then the columns.

    Where none are given, all columns of the table follow under their names as they are stored: those of `ALL_COLUMNS`, of which
    Float32 values are not the shortest yet, and maybe others.
    """
    params = Params()
    ids, kinds, times, hours = (sorted(set(values)) for values in zip(*keys, strict=True))
    key_conditions = [
        f"dataset = {params.bind('String', dataset)}",
        f"toStartOfHour(ts) IN {params.bind('Array(DateTime)', hours)}",
        f"kind IN {params.bind('Array(String)', kinds)}",
        f"id IN {params.bind('Array(String)', ids)}",
    ]
    conditions = [
        f"ts >= fromUnixTimestamp64Milli({params.bind('Int64', times[0])}, 'UTC')",
        f"ts <= fromUnixTimestamp64Milli({params.bind('Int64', times[-1])}, 'UTC')",
    ]
    named = [f"{column.shown(params)} AS v{index}" for index, column in enumerate(columns.values())]
    # All revisions of an event share these, so here PREWHERE is safe, and spares reading all columns of the events around it.
    source = "events FINAL\nPREWHERE " + "\n  AND ".join(key_conditions)
    tail = [] if columns else [_STAR]
    return Statement(select([*KEY_COLUMNS, *(named or ["*"])], conditions, source=source, tail=tail), params.values)
