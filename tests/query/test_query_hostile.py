"""A question with a mistake, or a bad intention, is refused with the part that is wrong, and does nobody any harm."""

from __future__ import annotations

from typing import Any

import pytest
from asking import Dataset
from starlette.testclient import TestClient
from test_query_routes import client_of

from bench.hostile_query import INJECTIONS, REFUSED, injected
from collector.query.reading import shorten


@pytest.fixture
def client(dataset: Dataset) -> TestClient:
    dataset.add({"page.path": "/", "lcp.value": 5, "geo.country.iso_code": "DE", "device.type": "mobile"}, {"page.path": "/a"})
    return client_of(dataset.engine, dataset.name)


def ask(client: TestClient, dataset: Dataset, query: dict[str, Any]) -> Any:
    return client.post("/api/query", json={"dataset": dataset.name, **query})


@pytest.mark.parametrize("name", REFUSED)
def test_a_bad_question_is_refused_with_the_part(name: str, client: TestClient, dataset: Dataset) -> None:
    query, path = REFUSED[name]

    answer = ask(client, dataset, query)

    assert (answer.status_code, answer.json()["error"].get("path")) == (400, path), answer.json()
    assert len(answer.content) < 2_000


def test_text_in_any_place_is_only_text(client: TestClient, dataset: Dataset) -> None:
    for query in injected():
        own = query if query["dataset"] != "demo" else {**query, "dataset": dataset.name}
        answer = ask(client, dataset, own)
        assert answer.status_code in (200, 400, 404), (own, answer.json())
        assert answer.status_code == 200 or answer.json()["error"]["reason"] in ("bad_query", "unknown_dataset"), answer.json()

    assert dataset.one("COUNT") == 2


@pytest.mark.parametrize("text", INJECTIONS, ids=range(len(INJECTIONS)))
def test_a_text_that_is_refused_is_shown_short(text: str, client: TestClient, dataset: Dataset) -> None:
    answer = ask(client, dataset, {"breakdowns": [text]})

    assert answer.status_code == 400
    assert len(shorten(text)) < 70
    assert len(answer.content) < 700
