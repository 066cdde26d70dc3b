"""The questions that are timed, as callers of the API ask them."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from bench.query.data import PROMOTED
from bench.query.views import DATASET
from collector.query.bubbleup.selection import parse_bubbleup
from collector.query.engine import QueryEngine
from collector.query.parse import parse_events, parse_query

OVERVIEW: Final = Path(__file__).parents[2] / "dashboards" / "definitions" / "overview.json"
DAY: Final = 86_400
Answer = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Figure:
    """One line of the table.

    Args:
        name: what `--only` calls it.
        what: for people.
        wanted_ms: at most so long; 0 where nothing was asked for.
        ask: asks once, and returns the answers.
    """

    name: str
    what: str
    wanted_ms: float
    ask: Callable[[], list[Answer]]


def figures(engine: QueryEngine, days: int, an_event: tuple[str, str]) -> Iterator[Figure]:
    """Yield what is measured.

    Args:
        engine: answers; its clock stands at the end of the data.
        days: how many the data has.
        an_event: its id and the id of its session.
    """

    def queries(*asked: Answer) -> Callable[[], list[Answer]]:
        specs = [parse_query(query) for query in asked]
        return lambda: [engine.run(spec) for spec in specs]

    def together(*asked: Answer) -> Callable[[], list[Answer]]:
        specs = [parse_query(query) for query in asked]
        threads = ThreadPoolExecutor(len(specs))
        return lambda: list(threads.map(engine.run, specs))

    day, month = DAY, days * DAY
    shown = overview(day)
    for name, query in shown.items():
        yield Figure(f"overview.{name}", f"the Overview's query “{name}”, 24 h", 0, queries(query))
    yield Figure(
        "overview", "the Overview of the last 24 h, its queries at once as the viewer sends them", 300, together(*shown.values())
    )
    yield Figure("overview.month", f"the same of {days} days", 0, together(*overview(month).values()))
    yield Figure("element", f"p75 of LCP by `lcp.element`, {days} days", 3000, queries(p75_by("lcp.element", month)))
    element = parse_query(p75_by("lcp.element", month))
    yield Figure("first", "the first answer to the same, from a sample; none is made where all is answered soon", 300,
                 lambda: [engine.first(element) or {}])  # fmt: skip
    yield Figure("plain", "p75 of LCP by an attribute, 24 h", 1000, queries(p75_by("search.sort", day)))
    yield Figure("promoted", "p75 of LCP by a promoted attribute, 24 h", 150, queries(p75_by(PROMOTED, day)))
    yield Figure("heatmap", "heat map of LCP, 300 x 60, 24 h", 300, queries(heat_map(day)))
    slow = parse_bubbleup(
        {"query": {**frame(day), "calculations": [{"op": "COUNT"}]}, "selection": {"column": "lcp.value", "min": "P90"}}
    )
    yield Figure("bubbleup", "BubbleUp of the slowest tenth by LCP, 24 h", 2000, lambda: [engine.bubbleup(slow)])
    id_, session = an_event
    yield Figure("event", "one event by its id", 50, lambda: [engine.event(DATASET, id_)])
    ours = parse_events({**frame(day), "filters": [{"column": "session.id", "op": "=", "value": session}]})
    yield Figure("session", "the events of one session, 24 h", 50, lambda: [engine.events(ours)])


def frame(seconds: int) -> Answer:
    """Return the dataset and the time of a question about the last seconds."""
    return {"dataset": DATASET, "time_range": seconds}


def overview(seconds: int) -> dict[str, Answer]:
    """Return the Overview's queries by name, as the viewer completes them."""
    definition = json.loads(OVERVIEW.read_text("utf-8"))
    return {
        name: {**query, **frame(seconds), "filters": [*definition["filters"], *query.get("filters", [])]}
        for name, query in definition["queries"].items()
    }


def p75_by(name: str, seconds: int) -> Answer:
    """Return the question for p75 of LCP by a field."""
    calculations = [{"op": "P75", "column": "lcp.value"}, {"op": "COUNT"}]
    return {**frame(seconds), "calculations": calculations, "breakdowns": [name], "disable_series": True}


def heat_map(seconds: int) -> Answer:
    """Return the question for a heat map of 300 steps of time."""
    return {**frame(seconds), "calculations": [{"op": "HEATMAP", "column": "lcp.value"}], "granularity": seconds // 300}
