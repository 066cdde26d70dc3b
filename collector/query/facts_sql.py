"""What is known of the fields of a dataset -> SQL text and bound parameters. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from collector.fields import ATTRIBUTE_COLUMNS, Field, ItemType
from collector.query.columns import Column, Params
from collector.query.lists import EVENTS, source_of
from collector.query.sampling import Sample
from collector.query.sql import Statement, select

#: The most values that are told of a field.
TOP_VALUES: Final = 10
#: The engine counts so many times more of them, so that rare ones do not push frequent ones out.
_LOAD: Final = 20
_TOP: Final = f"({TOP_VALUES}, {_LOAD}, 'counts')"
MAX_ATTRIBUTES: Final = 5_000
#: Of statements with hundreds of aggregates. The engine compiles what it runs for the fourth time: 8 s of work to save none.
_UNCOMPILED: Final = "SETTINGS compile_expressions = 0, compile_aggregate_expressions = 0"


def totals(sample: Sample) -> Statement:
    """Count the events of the sample, each as many as its row stands for, and their days."""
    params = Params()
    return Statement(select(["sum(sample_rate)", "count()"], sample.conditions(params), source=EVENTS), params.values)


def known(sample: Sample, fields: Sequence[Field]) -> Statement:
    """Describe known fields in one pass.

    The one row has for each field the events that have it, how many different values, the most frequent ones `[(value, events,
    error), …]`, how many items these are among (of a list; else null), the smallest, the largest, the first and the last time
    (epoch ms; 0 for never).
    """
    params = Params()
    described = [", ".join(_described(field)) for field in fields]
    return Statement(select(described, sample.conditions(params), source=EVENTS, tail=[_UNCOMPILED]), params.values)


def _described(field: Field) -> list[str]:
    x = f"`{field.name}`"
    has = f"notEmpty({x})" if field.is_list else f"{x} IS NOT NULL"
    events = f"sumIf(sample_rate, {has})"
    times = [f"toUnixTimestamp64Milli({of}If(ts, {has}))" for of in ("min", "max")]
    if field.item_type == "time":
        return [events, f"uniq({x})", "[]", "NULL", "NULL", "NULL", *times]
    items = "Array" if field.is_list else ""
    ends = [f"toFloat64({of}{items}({x}))" if field.item_type == "number" else "NULL" for of in ("min", "max")]
    if field.is_list:
        return [events, f"uniqArray({x})", f"topKArray{_TOP}({x})", f"sum(length({x}))", *ends, *times]
    return [events, f"uniq({x})", f"topKWeighted{_TOP}({x}, sample_rate)", "NULL", *ends, *times]


def attributes(sample: Sample, type_: ItemType) -> Statement:
    """Describe all attributes of a type: name, and then as `known`, and the bytes of their values."""
    params = Params()
    item = "arrayJoin(" + ATTRIBUTE_COLUMNS[type_] + ") AS item"
    items = select(["ts", "sample_rate", item], sample.conditions(params), source=EVENTS)
    low, high = ("toFloat64(min(item.2))", "toFloat64(max(item.2))") if type_ == "number" else ("NULL", "NULL")
    fields = [
        "item.1 AS name",
        "sum(sample_rate) AS events",
        "uniq(item.2)",
        f"topKWeighted{_TOP}(item.2, sample_rate)",
        "NULL",
        low,
        high,
        "toUnixTimestamp64Milli(min(ts))",
        "toUnixTimestamp64Milli(max(ts))",
        "sum(byteSize(item.2))",
    ]
    sql = f"SELECT\n  {', '.join(fields)}\nFROM (\n{items}\n)\nGROUP BY name\nORDER BY events DESC\nLIMIT {MAX_ATTRIBUTES}"
    return Statement(sql, params.values)


def first_and_last(dataset: str, hours: Sequence[int], part: float, fields: Sequence[Field]) -> Statement:
    """Select the first and the last time of each known field among the events of some hours with the lowest ids.

    Args:
        hours: epoch seconds.
        part: how large a part of the events of an hour, 0 to 1.
    """
    params = Params()
    times = [
        f"toUnixTimestamp64Milli({of}If(ts, {f'notEmpty(`{field.name}`)' if field.is_list else f'`{field.name}` IS NOT NULL'}))"
        for field in fields
        for of in ("min", "max")
    ]
    conditions = [
        f"dataset = {params.bind('String', dataset)}",
        f"toStartOfHour(ts) IN {params.bind('Array(DateTime)', list(hours))}",
        f"id < {params.bind('String', f'{int(part * 2**32):08x}' if part < 1 else '~')}",
    ]
    return Statement(select(times, conditions, source="events", tail=[_UNCOMPILED]), params.values)


def attributes_first_seen(dataset: str) -> Statement:
    """Select when each attribute was catalogued first (epoch ms)."""
    params = Params()
    where = f"dataset = {params.bind('String', dataset)}"
    return Statement(f"SELECT name, min(first_seen) FROM attribute_keys WHERE {where} GROUP BY name", params.values)


def column_bytes() -> Statement:
    """Select what each column of the table takes on disk, in bytes. Files of small parts hold all columns and are not counted."""
    sql = "SELECT name, data_compressed_bytes FROM system.columns WHERE database = currentDatabase() AND table = 'events'"
    return Statement(sql, {})


def share_of_table(dataset: str) -> Statement:
    """Select which share of the table's rows a dataset has."""
    params = Params()
    share = f"countIf(dataset = {params.bind('String', dataset)}) / greatest(count(), 1)"
    return Statement(f"SELECT {share} FROM events", params.values)


def values(column: Column, sample: Sample, limit: int) -> Statement:
    """Select the most frequent values of a field, each with its events and those of all values, the most frequent first."""
    params = Params()
    source = source_of([(column.name, "name")], {column.name: column})
    conditions = sample.conditions(params)
    fields = [f"{column.any_value(params)} AS value", "sum(sample_rate) AS events", "sum(events) OVER ()"]
    tail = ["GROUP BY value", "HAVING value IS NOT NULL", "ORDER BY events DESC, value", f"LIMIT {limit}"]
    return Statement(select(fields, conditions, source=source, tail=tail), params.values)
