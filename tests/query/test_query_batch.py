"""Several questions in one request: a line for each answer, whatever becomes of the others."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from asking import NOW, Dataset
from identified import ADMIN, served
from starlette.testclient import TestClient

from collector.access.identity import Identity, Role
from collector.config import Dataset as Configured
from collector.errors import StoreQueryError
from collector.query.cache import AnswerCache, Freshness
from collector.query.desk import Desk
from collector.query.engine import QueryEngine
from collector.query.routes import query_routes
from collector.query.saved import SavedQueries
from collector.store.base import Limits, Param, QueryResult, Reader, Stop

TOTAL = {"calculations": [{"op": "COUNT"}], "end_time": NOW, "disable_series": True}
BY_PATH = TOTAL | {"breakdowns": ["page.path"]}


class Spying:
    """A store whose statements are noted, and some of which it refuses."""

    def __init__(self, store: Reader, refused: str = "") -> None:
        self._store, self._refused, self.asked = store, refused, list[str]()

    def query(
        self, sql: str, params: Mapping[str, Param] | None = None, limits: Limits | None = None, stop: Stop | None = None
    ) -> QueryResult:
        self.asked.append(sql)
        if self._refused and self._refused in sql:
            raise StoreQueryError("Unknown expression.", 47)
        return self._store.query(sql, params, limits, stop)

    def readings(self) -> int:
        """Return how often events were read, but for their number."""
        return sum(sql.count("FROM events FINAL") for sql in self.asked)


@pytest.fixture
def shop(dataset: Dataset) -> Dataset:
    dataset.add({"page.path": "/"}, {"page.path": "/"}, {"page.path": "/a"})
    return dataset


def client_of(shop: Dataset, store: Reader, identity: Identity = ADMIN, desk: Desk | None = None) -> TestClient:
    engine, datasets = QueryEngine(store, now=lambda: NOW), {name: Configured(name, ("k",)) for name in (shop.name, "other")}
    return TestClient(served(query_routes(engine, datasets, SavedQueries(Path("/nowhere")), desk=desk), identity))


def ask(client: TestClient, *queries: Any) -> dict[int, Any]:
    """Return the last line of each question."""
    answer = client.post("/api/query/batch", json={"queries": queries})
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/x-ndjson")
    return {line["query"]: line for line in map(json.loads, answer.text.splitlines())}


def test_questions_about_the_same_events_are_answered_from_one_reading(shop: Dataset) -> None:
    store = Spying(shop._store)

    lines = ask(client_of(shop, store), TOTAL | {"dataset": shop.name}, BY_PATH | {"dataset": shop.name})

    assert [row["data"] for row in lines[0]["answer"]["results"]] == [{"COUNT": 3}]
    assert [row["data"] for row in lines[1]["answer"]["results"]] == [
        {"COUNT": 2, "page.path": "/"},
        {"COUNT": 1, "page.path": "/a"},
    ]
    assert store.readings() == 1


def test_questions_about_other_events_are_answered_beside_them(shop: Dataset) -> None:
    only = {"filters": [{"column": "page.path", "op": "=", "value": "/a"}]}

    lines = ask(
        client_of(shop, shop._store), *(TOTAL | {"dataset": shop.name} | more for more in ({}, only)), TOTAL | {"dataset": "other"}
    )

    assert [lines[place]["answer"]["results"][0]["data"]["COUNT"] for place in range(3)] == [3, 1, 0]


def test_what_is_wrong_with_one_question_is_said_of_that_one(shop: Dataset) -> None:
    unknown = TOTAL | {"dataset": shop.name, "calculations": [{"op": "SUM", "column": "lcp.valeu"}]}
    good = TOTAL | {"dataset": shop.name}

    lines = ask(client_of(shop, shop._store), good, {"dataset": "othr"}, unknown, good | {"limit": 0}, good)

    assert [lines[place]["answer"]["results"][0]["data"]["COUNT"] for place in (0, 4)] == [3, 3]
    assert [lines[place]["error"]["reason"] for place in (1, 2, 3)] == ["unknown_dataset", "bad_query", "bad_query"]
    assert "Did you mean lcp.value" in lines[2]["error"]["message"]


def test_a_store_that_cannot_keep_events_in_memory_answers_each_question_alone(shop: Dataset) -> None:
    store = Spying(shop._store, refused="MATERIALIZED")

    lines = ask(client_of(shop, store), TOTAL | {"dataset": shop.name}, BY_PATH | {"dataset": shop.name})

    assert [len(lines[place]["answer"]["results"]) for place in range(2)] == [1, 2]


def test_known_answers_are_not_asked_for_again(shop: Dataset) -> None:
    store = Spying(shop._store)
    client = client_of(shop, store, desk=Desk(cache=AnswerCache(1 << 20), freshness=Freshness(shop._store)))  # type: ignore[arg-type]
    asked = [TOTAL | {"dataset": shop.name}, BY_PATH | {"dataset": shop.name}]

    first, again = ask(client, *asked), ask(client, *asked)

    assert [again[place]["answer"]["meta"]["cached"] for place in range(2)] == [True, True]
    assert [again[place]["answer"]["results"] == first[place]["answer"]["results"] for place in range(2)] == [True, True]
    assert store.readings() == 1


def test_a_dataset_of_others_stays_theirs(shop: Dataset) -> None:
    stranger = Identity("user", "bob", {"other": Role.VIEWER})

    lines = ask(client_of(shop, shop._store, stranger), TOTAL | {"dataset": shop.name}, TOTAL | {"dataset": "other"})

    assert (lines[0]["error"]["reason"], "answer" in lines[1]) == ("forbidden", True)


@pytest.mark.parametrize("body", [{}, [], {"queries": {}}, {"queries": [{}] * 51}, {"querys": []}])
def test_a_batch_is_an_array_of_questions(body: Any, shop: Dataset) -> None:
    answer = client_of(shop, shop._store).post("/api/query/batch", json=body)

    assert (answer.status_code, answer.json()["error"]["reason"]) == (400, "bad_query")


def test_no_questions_have_no_answers(shop: Dataset) -> None:
    assert ask(client_of(shop, shop._store)) == {}
