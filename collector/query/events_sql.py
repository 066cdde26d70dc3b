"""Questions for single events -> SQL text and bound parameters. Pure.

Two steps: find the keys of the events by the few columns that the question names, then fetch all columns of just these rows.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from collector.fields import ATTRIBUTE_COLUMNS, FIELDS
from collector.query.columns import Column, Params
from collector.query.lists import EVENTS, source_of
from collector.query.spec import EventsSpec
from collector.query.sql import Scope, Statement, select, where

#: What finds a row again: the table's sort key within a dataset, and the time.
KEY_COLUMNS: Final = ("id", "kind", "ts")
_KEY: Final = (*KEY_COLUMNS, "toUnixTimestamp(toStartOfHour(ts)) AS hour")
#: The columns of a whole event.
ALL_COLUMNS: Final = (*(field.name for field in FIELDS), *ATTRIBUTE_COLUMNS.values())
_WHOLE: Final = [*(Column.known(field).shown(Params()) for field in FIELDS), *(f"`{name}`" for name in ATTRIBUTE_COLUMNS.values())]


def found(spec: EventsSpec, columns: Mapping[str, Column], scope: Scope) -> Statement:
    """Select the keys of the events in their order, one more than the limit. Raises QueryError.

    Where the question is about items of lists, an event is found that has an item with all of the conditions, and it stands
    where the first of these does.
    """
    params = Params()
    source = source_of([*spec.filters.names(), *spec.order_names()], columns)
    conditions = where(scope, spec.filters, columns, params)
    orders = [
        f"{_sortable(columns[order.column], params)} {'DESC' if order.descending else 'ASC'} NULLS LAST" for order in spec.orders
    ]
    once = ["LIMIT 1 BY id, kind, ts"] if source != EVENTS else []
    tail = [f"ORDER BY {', '.join([*orders, 'ts DESC', 'id'])}", *once, f"LIMIT {spec.limit + 1}"]
    return Statement(select(_KEY, conditions, source=source, tail=tail), params.values)


def found_by_id(dataset: str, event_id: str) -> Statement:
    """Select the keys of all stored rows with the id, replaced ones included."""
    params = Params()
    conditions = [f"dataset = {params.bind('String', dataset)}", f"id = {params.bind('String', event_id)}"]
    return Statement(select(_KEY, conditions, source="events", tail=["ORDER BY ts DESC", "LIMIT 100"]), params.values)


def rows(dataset: str, keys: Sequence[tuple[Any, ...]], columns: Mapping[str, Column]) -> Statement:
    """Select the events with these keys: id, kind and time, then the columns; where none are given, all of `ALL_COLUMNS`."""
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
    fields = [column.shown(params) for column in columns.values()] if columns else _WHOLE
    named = [f"{field} AS v{index}" for index, field in enumerate(fields)]
    # All revisions of an event share these, so here PREWHERE is safe, and spares reading all columns of the events around it.
    source = "events FINAL\nPREWHERE " + "\n  AND ".join(key_conditions)
    return Statement(select([*KEY_COLUMNS, *named], conditions, source=source), params.values)


def _sortable(column: Column, params: Params) -> str:
    return column.value("number", params) if "number" in column.types else column.any_value(params)
