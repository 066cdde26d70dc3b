"""The three troubles that are planted in the demo's traffic are what BubbleUp finds."""

from __future__ import annotations

from typing import Any

import pytest
from asking import Dataset
from demo_events import arrived

from collector.query.bubbleup.selection import parse_bubbleup
from collector.store.base import Store

LOADS = [
    {"column": "kind", "op": "=", "value": "page_view"},
    {"column": "navigation.type", "op": "not-in", "value": ["soft-navigation", "route-change"]},
]


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
