"""All events of a search, from page to page, as a file."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import Any, Final

from collector.fields import BY_NAME
from collector.query import events_sql
from collector.query.columns import Column
from collector.query.formats import WRITERS
from collector.query.paging import Cursor
from collector.query.parse import parse_events
from collector.query.reading import Part
from collector.query.run import Run
from collector.query.search import fetch
from collector.query.spec import EventsSpec, SpecLimits
from collector.query.sql import Scope
from collector.store.base import Limits

#: Events in memory at once: so many, or fewer where they have many columns.
CHUNK_EVENTS: Final = 20_000
CHUNK_CELLS: Final = 1_000_000
#: An export may take longer than a question that somebody waits for.
EXPORT_LIMITS: Final = Limits(seconds=300)
#: The newest events are looked for in an hour at a time, in four where one had few, and so on.
_WINDOW_SECONDS: Final = 3600
_WIDER: Final = 4
MOST_EVENTS: Final = 10**12


def parse_export(document: Any, limits: SpecLimits) -> tuple[EventsSpec, str]:
    """Read a question for single events that also has a `format`; return both. Raises QueryError."""
    form = "jsonl"
    if isinstance(document, dict):
        document = dict(document)
        form = Part(document.pop("format", form), "format").choice(("jsonl", "csv", "parquet"), "a format")
        if "cursor" in document:
            raise Part(None, "cursor").error("An export has all pages; leave the cursor out.")
    return parse_events(document, replace(limits, events=MOST_EVENTS, default_events=MOST_EVENTS)), form


def export(
    spec: EventsSpec,
    form: str,
    columns: Mapping[str, Column],
    every: Mapping[str, Column],
    start: Callable[[Scope], Run],
    now: float,
) -> Iterator[bytes]:
    """Yield the events that a search finds, in its order.

    Args:
        spec: the search; its limit is how many events at most.
        form: one of `formats.WRITERS`.
        columns: what the names in it stand for.
        every: the columns of a whole event, where the search names none.
        start: begins the statements about a scope.
        now: the wall clock in epoch seconds.

    Raises:
        RequestError, StoreError: at the first step or a later one.
    """
    asked = {name: columns[name] for name in spec.columns}
    known = {name: Column.known(BY_NAME[name]) for name in events_sql.KEY_COLUMNS}
    return WRITERS[form](_chunks(spec, columns, asked, start, now), known | asked if asked else every)


def _chunks(
    spec: EventsSpec, columns: Mapping[str, Column], asked: Mapping[str, Column], start: Callable[[Scope], Run], now: float
) -> Iterator[list[dict[str, Any]]]:
    size = min(CHUNK_EVENTS, CHUNK_CELLS // len(asked or events_sql.ALL_COLUMNS))
    first, last = spec.time.resolve(now)
    is_by_time = not spec.orders or (spec.orders[0].column, spec.orders[0].descending) == ("ts", True)
    upper, span, left = last, _WINDOW_SECONDS, spec.limit
    after: Cursor | None = None
    while upper > first and left:
        lower = max(first, (upper - span) // _WINDOW_SECONDS * _WINDOW_SECONDS) if is_by_time else first
        run = start(Scope(spec.dataset, lower, upper))
        page = replace(spec, limit=min(size, left))
        keys = run.rows(events_sql.found(page, columns, run.scope, after))
        is_full, keys = len(keys) > page.limit, keys[: page.limit]
        if keys:
            left -= len(keys)
            id_, kind, ts, _, *values = keys[-1]
            after = Cursor(first, last, int(now * 1000), tuple(values), ts, id_, kind)
            yield fetch(run, keys, asked)
        if not is_full:
            upper, span = lower, span * _WIDER
        elif is_by_time:
            upper, span = keys[-1][2] // 1000 + 1, _WINDOW_SECONDS
