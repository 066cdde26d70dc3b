"""Answers questions for single events: a page of them, one with what belongs to it, and whole ones by their keys."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any, Final

from collector.errors import RequestError
from collector.fields import BY_NAME, FIELDS
from collector.query import events_sql
from collector.query.columns import Column
from collector.query.paging import Cursor, read_cursor, write_cursor
from collector.query.results import event, shortest
from collector.query.run import Run
from collector.query.spec import EventsSpec
from collector.query.sql import Scope
from collector.query.timerange import LAST_SECOND
from collector.store.base import QueryResult

Start = Callable[[Scope], Run]

#: What may come with one event.
INCLUDES: Final = ("session", "trace", "versions")
#: Most events that are asked for by their id are of these days; only where none is found all of them are looked through.
RECENT_MS: Final = 2 * 86_400_000
#: What belongs to an event happened within a day of it: a session ends after four hours.
NEAR_MS: Final = 86_400_000
#: The most events of a session or a trace, and the most versions of an event.
MAX_RELATED: Final = 500
MAX_VERSIONS: Final = 20
#: What is told of the events of a session or a trace, beside `id`, `kind` and `ts`.
BRIEF: Final = (
    "view.id", "view.number", "navigation.type", "page.host", "page.path", "page.route", "page.visible_time", "event.name",
    "exception.type", "exception.message", "ttfb.value", "lcp.value", "lcp.rating", "inp.value", "inp.rating", "cls.value",
    "cls.rating", "trace.trace_id", "trace.parent_id",
)  # fmt: skip
_BRIEF_COLUMNS: Final = {name: Column.known(BY_NAME[name]) for name in BRIEF}
_TIMES: Final = frozenset(known.name for known in FIELDS if known.type == "time")
_HOUR_MS: Final = 3_600_000


def page(spec: EventsSpec, columns: Mapping[str, Column], start: Start, now: float) -> dict[str, Any]:
    """Return a page of events, and what asks for the next one.

    Args:
        spec: the question.
        columns: what its names stand for.
        start: begins the statements about a scope.
        now: the wall clock in epoch seconds.

    Raises:
        RequestError: the cursor belongs to another question, or a filter does not suit its field.
        StoreError: the store cannot answer.
    """
    after = read_cursor(spec, columns) if spec.cursor else None
    first, last = (after.start, after.end) if after else spec.time.resolve(now)
    run = start(Scope(spec.dataset, first, last))
    keys = run.rows(events_sql.found(spec, columns, run.scope, after))
    shown, is_limited = keys[: spec.limit], len(keys) > spec.limit
    until = after.until if after else int(now * 1000)
    return {
        "events": fetch(run, shown, {name: columns[name] for name in spec.columns}),
        "next_cursor": write_cursor(_cursor(run.scope, until, shown[-1]), spec) if is_limited else None,
        "meta": {**run.meta(), "limited": is_limited},
    }


def _cursor(scope: Scope, until: int, row: tuple[Any, ...]) -> Cursor:
    id_, kind, ts, _, *values = row
    return Cursor(scope.start, scope.end, until, tuple(values), ts, id_, kind)


def one(dataset: str, event_id: str, run: Run, now: float, at: int | None = None, include: Collection[str] = ()) -> dict[str, Any]:
    """Return one event with all of its fields, and what belongs to it.

    Args:
        dataset: whose event it is.
        event_id: its id.
        run: takes the statements.
        now: the wall clock in epoch seconds.
        at: its `ts` in epoch ms, where that is known: then it is found at once.
        include: some of `INCLUDES`.

    Raises:
        RequestError: there is none (404).
        StoreError: the store cannot answer.
    """
    keys = _find(dataset, event_id, run, int(now * 1000), at)
    events = fetch(run, keys, {})
    if not events:
        message = f"The dataset {dataset} has no event with this id. Retention may have dropped it."
        raise RequestError(404, "event_not_found", message)
    answer: dict[str, Any] = {"event": events[0]}
    key = next(key for key in keys if key[1] == events[0]["kind"])
    for part, column in (("session", "session.id"), ("trace", "trace.trace_id")):
        if part in include:
            value = events[0].get(column)
            answer[part] = _related(dataset, column, value, key[2], run) if value else None
    if "versions" in include:
        answer["versions"] = _whole(run.answer(events_sql.versions(dataset, key, MAX_VERSIONS)))
    return answer


def _find(dataset: str, event_id: str, run: Run, now: int, at: int | None) -> list[tuple[Any, ...]]:
    """Return the keys of the events with the id, the latest first; at their hour, else among the recent ones, else anywhere.

    There may be keys of replaced versions among them: the corrections of a clock that is off may differ from one to the next.
    """
    hour = [] if at is None else [(at - at % _HOUR_MS, at - at % _HOUR_MS + _HOUR_MS - 1)]
    for first, last in (*hour, (now - RECENT_MS, now + RECENT_MS), (0, LAST_SECOND * 1000)):
        if keys := run.rows(events_sql.found_by(dataset, "id", event_id, max(0, first), last, limit=MAX_VERSIONS)):
            return keys
    return []


def _related(dataset: str, column: str, value: str, ts: int, run: Run) -> dict[str, Any]:
    """Return the events that have the same id in a column, the oldest first."""
    statement = events_sql.found_by(dataset, column, value, max(0, ts - NEAR_MS), ts + NEAR_MS, limit=MAX_RELATED + 1)
    keys = run.rows(statement)
    events = fetch(run, keys[MAX_RELATED - 1 :: -1], _BRIEF_COLUMNS)
    return {"id": value, "events": events, "limited": len(keys) > MAX_RELATED}


def fetch(run: Run, keys: Sequence[tuple[Any, ...]], columns: Mapping[str, Column]) -> list[dict[str, Any]]:
    """Return the events with these keys, in their order: the columns asked for, or all where none are. Raises StoreError.

    Args:
        run: takes the statement.
        keys: id, kind, ts (epoch ms) and its hour (epoch s), and anything behind them.
        columns: by name.
    """
    if not keys:
        return []
    width = len(events_sql.KEY_COLUMNS)
    result = run.answer(events_sql.rows(run.scope.dataset, [key[: width + 1] for key in keys], columns))
    names = [*events_sql.KEY_COLUMNS, *columns]
    events = [event(names, row, _TIMES) for row in result.rows] if columns else _whole(result)
    by_key = {row[:width]: found for row, found in zip(result.rows, events, strict=True)}
    return [by_key[key[:width]] for key in keys if key[:width] in by_key]


def _whole(result: QueryResult) -> list[dict[str, Any]]:
    """Return events with all of their fields from rows with all columns of the table."""
    places = {name: place for place, name in enumerate(result.columns)}
    known = [place for name in events_sql.ALL_COLUMNS if (place := places.get(name)) is not None]
    names = [result.columns[place] for place in known]
    events = [event(names, [row[place] for place in known], _TIMES) for row in result.rows]
    for one in events:
        for name in one.keys() & events_sql.FLOAT32_COLUMNS:
            one[name] = _decimals(one[name])
    return events


def _decimals(value: Any) -> Any:
    if isinstance(value, list):
        return [None if item is None else shortest(item) for item in value]
    return shortest(value)
