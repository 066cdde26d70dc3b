"""Filters about sessions: what holds for an event because of what else happened in its session."""

from __future__ import annotations

from typing import Any

import pytest
from asking import NOW, Dataset

from collector.errors import QueryError

BOUGHT: dict[str, Any] = {"filters": [{"column": "page.path", "op": "=", "value": "/thanks"}], "sessions": "with"}


@pytest.fixture
def shop(dataset: Dataset) -> Dataset:
    """Visitor a looks and buys, b looks twice; c has no session, though it buys."""
    visits = (("a", "/"), ("a", "/thanks"), ("b", "/"), ("b", "/shoes"), (None, "/thanks"))
    dataset.add(*({"session.id": session, "page.path": path} for session, path in visits))
    return dataset


def count(shop: Dataset, *filters: dict[str, Any], **more: Any) -> Any:
    return shop.ask(calculations=[{"op": "COUNT"}], filters=list(filters), **more)["results"][0]["data"]["COUNT"]


def test_a_group_with_sessions_holds_for_every_event_of_them(shop: Dataset) -> None:
    assert count(shop, BOUGHT) == 2


def test_a_group_without_sessions_holds_for_all_others(shop: Dataset) -> None:
    assert count(shop, BOUGHT | {"sessions": "without"}) == 3


def test_a_calculation_may_count_what_converted(shop: Dataset) -> None:
    answer = shop.ask(
        calculations=[{"op": "COUNT", "name": "all"}, {"op": "COUNT", "name": "bought", "filters": [BOUGHT]}],
        filters=[{"column": "page.path", "op": "=", "value": "/"}],
    )

    assert answer["results"][0]["data"] == {"all": 2, "bought": 1}


def test_a_session_is_looked_for_within_the_time_of_the_question(shop: Dataset) -> None:
    assert count(shop, BOUGHT, start_time=NOW - 7 * 86_400, end_time=NOW - 6 * 86_400) == 0


@pytest.mark.parametrize(
    ("filters", "path"),
    [
        pytest.param([{"filters": [BOUGHT], "sessions": "with"}], "filters[0].sessions", id="within-another"),
        pytest.param([BOUGHT | {"sessions": "some"}], "filters[0].sessions", id="unknown-word"),
        pytest.param(
            [{"filters": [{"column": "resources.host", "op": "=", "value": "a"}], "sessions": "with"}],
            "filters[0].filters",
            id="list",
        ),
    ],
)
def test_what_cannot_be_asked_is_named(filters: list[dict[str, Any]], path: str, shop: Dataset) -> None:
    with pytest.raises(QueryError) as refused:
        count(shop, *filters)

    assert refused.value.path == path
