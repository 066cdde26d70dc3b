"""A ClickHouse server answers every question as the embedded store does."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import pytest
from asking import NOW, Dataset
from test_query_snapshots import EVENT_QUESTIONS, QUESTIONS

from collector.query.export import parse_export
from collector.query.parse import parse_events
from collector.query.search import INCLUDES
from collector.store.clickhouse import ClickHouseStore

LISTS = {"resources.host": ["a", "", "b"], "resources.duration": [600.1, 20, None], "resources.initiator": ["script"] * 3}
EVENTS: list[dict[str, Any]] = [
    {"page.path": "/", "lcp.value": 123.3, "cls.value": 0.1, "attrs_string": {"plan": "it's \\ {gold}", "v": "12"}},
    {"page.path": "/cart", "lcp.value": 4100, "device.type": "mobile", **LISTS, "attrs_number": {"cart.value": 20.5, "v": 12}},
    {"page.path": "/admin/x", "resource.count": 7, "sample_rate": 10, "attrs_bool": {"v": True}},
    {"user_agent.is_bot": True, "ts": (NOW - 3600) * 1000, "lcp.value": 2000, "lcp.url": "https://cdn.example/日本.png"},
]


@pytest.fixture(scope="module")
def server(native_server: str) -> Iterator[ClickHouseStore]:
    store = ClickHouseStore(f"clickhouse://{native_server}/query_{uuid4().hex}")
    store.migrate()
    yield store
    store.close()


@pytest.fixture
def twins(dataset: Dataset, server: ClickHouseStore) -> tuple[Dataset, Dataset]:
    twin = Dataset(dataset.name, server)
    for one in (dataset, twin):
        one.add(*EVENTS)
    return dataset, twin


def answers(dataset: Dataset) -> dict[str, Any]:
    queries = {name: dataset.ask(**question) for name, question in QUESTIONS.items()}
    return {name: (answer["results"], answer["series"]) for name, answer in queries.items()}


def test_both_stores_give_the_same_answers(twins: tuple[Dataset, Dataset]) -> None:
    embedded, server = (answers(dataset) for dataset in twins)

    assert server == embedded
    assert embedded["count"][0] == [{"data": {"COUNT": 13}}]


def test_both_stores_give_the_same_events(twins: tuple[Dataset, Dataset]) -> None:
    for name, question in EVENT_QUESTIONS.items():
        embedded, server = (dataset.events(**question) for dataset in twins)
        assert server == embedded
        assert len(embedded) == (1 if name == "events_with_an_item" else 4)


def test_both_stores_find_an_event_and_know_the_fields(twins: tuple[Dataset, Dataset]) -> None:
    embedded, server = (
        (
            dataset.engine.event(dataset.name, "e00001"),
            dataset.engine.catalogue.fields(dataset.name),
            dataset.engine.datasets_stats()[dataset.name],
        )
        for dataset in twins
    )

    assert server == embedded


@pytest.mark.parametrize("order", ["ts", "lcp.value", "plan", "page.path", "v", "user_agent.is_bot", "resources.duration"])
def test_both_stores_give_the_same_pages_and_files(order: str, twins: tuple[Dataset, Dataset]) -> None:
    orders = [{"column": order, "order": "descending"}]
    embedded, server = ([*in_pages(dataset, orders), export(dataset, orders)] for dataset in twins)

    assert server == embedded
    assert len(embedded) == (2 if "resources" in order else 5)


def in_pages(dataset: Dataset, orders: list[dict[str, str]]) -> Iterator[Any]:
    cursor = None
    while True:
        question = {"dataset": dataset.name, "orders": orders, "limit": 1, "cursor": cursor}
        answer = dataset.engine.events(parse_events(question))
        cursor = answer["next_cursor"]
        yield answer["events"]
        if cursor is None:
            return


def export(dataset: Dataset, orders: list[dict[str, str]]) -> bytes:
    spec, form = parse_export({"dataset": dataset.name, "orders": orders, "format": "csv"}, dataset.engine.limits.spec)
    return b"".join(dataset.engine.export(spec, form))


def test_both_stores_find_what_belongs_to_an_event(twins: tuple[Dataset, Dataset]) -> None:
    for dataset in twins:
        dataset.add({"id": "v", "session.id": "s", "trace.trace_id": "t"}, {"id": "w", "session.id": "s"})
        dataset.add({"id": "v", "session.id": "s", "trace.trace_id": "t", "revision": 2})
    embedded, server = (dataset.engine.event(dataset.name, "v", None, INCLUDES) for dataset in twins)

    # A store may have merged the older version away at any moment.
    assert {**server, "versions": server["versions"][0]} == {**embedded, "versions": embedded["versions"][0]}
    assert (len(server["session"]["events"]), len(server["trace"]["events"])) == (2, 1)
