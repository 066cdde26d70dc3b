"""Events (one dict each) as columns (one list a field), the shape in which both stores send them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

from collector.errors import StoreDataError
from collector.events import Event
from collector.fields import PARALLEL, Field, stored_fields
from collector.store.ddl import ATTRIBUTE_TYPES

_DAY_MS: Final = 86_400_000
#: One INSERT may touch at most 100 partitions (`max_partitions_per_insert_block`), and a partition is a day.
MAX_DAYS: Final = 100
_REQUIRED: Final = ("dataset", "id", "kind", "ts")
_DEFAULTS: Final[dict[str, Any]] = {"revision": 0, "sample_rate": 1, **{name: {} for name in ATTRIBUTE_TYPES}}
#: Times that nobody told are the event's own.
_TIMES: Final = ("time", "received_at")

#: (name, ClickHouse type) of everything that a row carries, in the table's order.
EVENT_COLUMNS: Final[tuple[tuple[str, str], ...]] = (
    *((field.name, field.clickhouse_type) for field in stored_fields()),
    *ATTRIBUTE_TYPES.items(),
)
#: What stands for an unknown item. The lists that an event doesn't have, of those that belong together, are of unknown items.
_UNKNOWN_ITEMS: Final[dict[str, Any]] = {"strings": "", "numbers": None, "booleans": False}
_NAMES: Final = tuple(name for name, _ in EVENT_COLUMNS)
#: Events are turned into columns, and columns into bytes, so many at a time. What is touched again and again stays in the
#: processor's caches: 20 to 25 µs an event, where 10,000 at once took 35 and dicts read field by field 17 to 36 more.
BLOCK_ROWS: Final = 500
_CHUNK_ROWS: Final = 100


@dataclass(frozen=True, slots=True)
class Columns:
    """Rows to insert, column by column.

    Args:
        spec: (name, ClickHouse type) of each column.
        data: the values of each column; all of one length.
        used: the names of the columns that hold anything but what the table fills in by itself; all of them, where it is empty.
    """

    spec: Sequence[tuple[str, str]]
    data: list[list[Any]]
    used: frozenset[str] = frozenset()

    @property
    def rows(self) -> int:
        """The number of rows."""
        return len(self.data[0]) if self.data else 0


def event_columns(events: Sequence[Event]) -> Columns:
    """Return the events as columns of the table `events`; what was not measured is None or the column's default."""
    filled = _filled(events)
    absent = [None] * len(events)
    named = {name: filled.get(name, absent) for name in _NAMES}
    for name in _REQUIRED:
        if None in named[name]:
            raise StoreDataError(f"An event without `{name}` can't be stored.")
    for name, default in _DEFAULTS.items():
        named[name] = [default if value is None else value for value in named[name]]
    for name in _TIMES:
        named[name] = [ts if value is None else value for value, ts in zip(named[name], named["ts"], strict=True)]
    used = {*filled, *_REQUIRED, *_TIMES, *_DEFAULTS}
    for fields in PARALLEL.values():
        if _fill_lists(named, fields):
            used.update(field.name for field in fields)
    return Columns(EVENT_COLUMNS, list(named.values()), frozenset(used))


def _filled(events: Sequence[Event]) -> dict[str, list[Any]]:
    """Return the values of each name that some event has. Of the known fields that is less than half, and only these cost."""
    columns: dict[str, list[Any]] = {}
    for start in range(0, len(events), _CHUNK_ROWS):
        chunk = list(events[start : start + _CHUNK_ROWS])
        names = list(set().union(*chunk))
        for name, values in zip(names, zip(*(map(event.get, names) for event in chunk), strict=True), strict=True):
            if name not in columns:
                columns[name] = [None] * start
            columns[name].extend(values)
        for column in columns.values():
            column.extend([None] * (start + len(chunk) - len(column)))
    return columns


def _fill_lists(named: dict[str, list[Any]], fields: Sequence[Field]) -> bool:
    """Make each absent list as long as those that belong to it: the engine takes no others. Return whether there are any."""
    given = [field.name for field in fields if any(named[field.name])]
    lengths = [0] * len(named["id"])
    for name in given:
        lengths = [len(items) if items else length for items, length in zip(named[name], lengths, strict=True)]
    for field in fields:
        unknown = [_UNKNOWN_ITEMS[field.type]]
        if given:
            named[field.name] = [items or unknown * length for items, length in zip(named[field.name], lengths, strict=True)]
        else:
            named[field.name] = [[]] * len(lengths)
    return bool(given)


def event_blocks(events: Sequence[Event]) -> Iterator[Columns]:
    """Yield the events as columns of the table `events`, `BLOCK_ROWS` at a time."""
    for start in range(0, len(events), BLOCK_ROWS):
        yield event_columns(events[start : start + BLOCK_ROWS])


def split_by_days(events: Sequence[Event], max_days: int = MAX_DAYS) -> Iterator[Sequence[Event]]:
    """Yield the events in as few batches as have at most `max_days` days each; usually one."""
    try:
        days = {event["ts"] // _DAY_MS for event in events}
    except (KeyError, TypeError):
        raise StoreDataError("An event without a whole `ts` can't be stored.") from None
    if len(days) <= max_days:
        yield events
        return
    in_order = sorted(days)
    for start in range(0, len(in_order), max_days):
        chosen = set(in_order[start : start + max_days])
        yield [event for event in events if event["ts"] // _DAY_MS in chosen]
