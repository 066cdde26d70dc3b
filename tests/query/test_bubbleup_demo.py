"""The three troubles that are planted in the demo's traffic are what BubbleUp finds."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from asking import NOW, Dataset

from collector.config import IngestLimits
from collector.demo.traffic import traffic
from collector.events import Event
from collector.ingest.decode import decode_event
from collector.ingest.enrich import enrich
from collector.ingest.user_agent import Hints, describe
from collector.query.bubbleup.selection import parse_bubbleup
from collector.store.base import Store

LOADS = [
    {"column": "kind", "op": "=", "value": "page_view"},
    {"column": "navigation.type", "op": "not-in", "value": ["soft-navigation", "route-change"]},
]


def arrived(views: int) -> Iterator[Event]:
    """Yield the demo's events as ingest hands them on."""
    for view in traffic(NOW * 1000, 7, views, 1):
        hints = ("sec-ch-ua", "sec-ch-ua-mobile", "sec-ch-ua-platform")
        facts = describe(Hints(view.agent.user_agent, *(view.agent.hints.get(name, "") for name in hints)))
        event = decode_event(view.event, IngestLimits())
        enrich(event, facts, None, NOW * 1000)
        yield event


@pytest.fixture(scope="module")
def demo(embedded_store: Store) -> Dataset:
    """Two thousand page views of the demo's week."""
    dataset = Dataset("bubbleup demo", embedded_store)
    dataset.add(*arrived(2000))
    return dataset


@pytest.mark.parametrize(
    ("column", "cause"),
    [
        ("lcp.value", {"column": "service.version", "op": "=", "value": "2.8.0"}),
        ("ttfb.value", {"column": "geo.country.iso_code", "op": "=", "value": "BR"}),
        ("inp.input_delay", {"column": "resource.slowest_host", "op": "=", "value": "tags.adloom.example"}),
    ],
    ids=["a-bad-release", "a-slow-country", "a-heavy-third-party"],
)
def test_a_planted_trouble_is_the_top_finding(column: str, cause: dict[str, Any], demo: Dataset) -> None:
    query = {"dataset": demo.name, "time_range": 7 * 86_400, "filters": LOADS}

    answer = demo.engine.bubbleup(parse_bubbleup({"query": query, "selection": {"column": column, "min": "P90"}}))

    assert answer["finding"]["conditions"] == [cause]
    assert answer["fields"][0]["condition"] == cause
    assert f"of the selected events have {cause['column']} = {cause['value']}; elsewhere " in answer["summary"]
