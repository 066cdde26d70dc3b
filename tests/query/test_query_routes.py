"""The endpoints: what they answer, and how they refuse."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from asking import NOW, Dataset
from identified import ADMIN, served
from starlette.testclient import TestClient

from collector.access.identity import Identity, Role
from collector.config import Dataset as Configured
from collector.errors import StoreError, StoreQueryError, StoreUnavailable
from collector.query.desk import Desk, DeskLimits
from collector.query.engine import QueryEngine
from collector.query.limits import EngineLimits
from collector.query.routes import query_routes
from collector.query.saved import SavedQueries
from collector.store.base import Limits, Param, QueryResult, Stop


def client_of(
    engine: QueryEngine, *names: str, desk: Desk | None = None, folder: Path = Path("/nowhere"), identity: Identity = ADMIN
) -> TestClient:
    datasets = {name: Configured(name, (f"key-{name}",)) for name in names}
    return TestClient(served(query_routes(engine, datasets, SavedQueries(folder), desk=desk), identity))


@pytest.fixture
def client(dataset: Dataset) -> TestClient:
    dataset.add({"id": "a/b", "page.path": "/", "attrs_string": {"plan": "gold"}}, {"id": "e2"})
    return client_of(dataset.engine, dataset.name, "other")


class BrokenStore:
    """A store that answers every question with an error."""

    def __init__(self, error: StoreError) -> None:
        self._error = error

    def query(
        self, sql: str, params: Mapping[str, Param] | None = None, limits: Limits | None = None, stop: Stop | None = None
    ) -> QueryResult:
        raise self._error


def test_an_answer_says_where_its_time_went(client: TestClient, dataset: Dataset) -> None:
    answer = client.post("/api/query", json={"dataset": dataset.name, "calculations": [{"op": "COUNT"}]})

    parts = dict(part.split(";dur=") for part in answer.headers["server-timing"].split(", "))
    assert list(parts) == ["wait", "store", "answered"]
    assert 0 <= float(parts["store"]) <= float(parts["answered"])


def test_a_query_is_answered(client: TestClient, dataset: Dataset) -> None:
    answer = client.post("/api/query", json={"dataset": dataset.name, "breakdowns": ["plan"], "end_time": NOW})

    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/json")
    assert [row["data"] for row in answer.json()["results"]] == [{"COUNT": 1, "plan": "gold"}, {"COUNT": 1, "plan": None}]


def test_a_saved_query_is_found_and_answered_by_its_id(dataset: Dataset, tmp_path: Path) -> None:
    dataset.add({"page.path": "/"}, {"page.path": "/a"})
    client = client_of(dataset.engine, dataset.name, folder=tmp_path)
    query = {"dataset": dataset.name, "end_time": NOW, "breakdowns": ["page.path"], "disable_series": True}

    saved, again = client.post("/api/queries", json=query), client.post("/api/queries", json=dict(reversed(query.items())))
    id_ = saved.json()["id"]

    assert (saved.status_code, again.json()["id"], len(id_)) == (200, id_, 11)
    assert client.get(f"/api/queries/{id_}").json()["query"] == query
    assert len(client.post("/api/query", json={"query_id": id_}).json()["results"]) == 2
    assert len(client.post("/api/query", json={"query_id": id_, "limit": 1}).json()["results"]) == 1


def test_a_saved_query_is_for_those_who_may_see_its_dataset(dataset: Dataset, tmp_path: Path) -> None:
    query = {"dataset": dataset.name}
    id_ = client_of(dataset.engine, dataset.name, "other", folder=tmp_path).post("/api/queries", json=query).json()["id"]
    stranger = Identity("user", "bob", {"other": Role.VIEWER})
    client = client_of(dataset.engine, dataset.name, "other", folder=tmp_path, identity=stranger)

    answers = [
        client.get(f"/api/queries/{id_}"),
        client.post("/api/query", json={"query_id": id_}),
        client.post("/api/queries", json=query),
    ]

    assert {answer.status_code for answer in answers} == {403}
    assert not any("query" in answer.json() for answer in answers)


def test_a_saved_query_is_found_by_its_name(dataset: Dataset, tmp_path: Path) -> None:
    client = client_of(dataset.engine, dataset.name, "other", folder=tmp_path)
    query = {"dataset": dataset.name, "breakdowns": ["page.path"]}
    first, second = (client.post("/api/queries", json=query | {"limit": limit}).json()["id"] for limit in (1, 2))

    def named() -> list[tuple[str, str, str, int]]:
        found = client.get("/api/queries", params={"dataset": dataset.name}).json()["queries"]
        return [(one["name"], one["id"], one["show"], one["query"]["limit"]) for one in found]

    assert client.put(f"/api/queries/{first}/name", json={"name": " Slow pages ", "show": "table"}).status_code == 204
    assert named() == [("Slow pages", first, "table", 1)]
    client.put(f"/api/queries/{second}/name", json={"name": "All"})
    assert named() == [("All", second, "line", 2), ("Slow pages", first, "table", 1)]
    client.put(f"/api/queries/{second}/name", json={"name": "Slow pages"})
    assert named() == [("Slow pages", second, "line", 2)]
    assert client.delete(f"/api/queries/{second}/name").status_code == 204
    assert named() == []
    assert client.get(f"/api/queries/{second}").status_code == 200
    assert client.get("/api/queries", params={"dataset": "other"}).json() == {"queries": []}


def test_names_are_given_by_editors(dataset: Dataset, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    client = client_of(dataset.engine, dataset.name, folder=tmp_path)
    id_ = client.post("/api/queries", json={"dataset": dataset.name}).json()["id"]
    viewer = client_of(dataset.engine, dataset.name, folder=tmp_path, identity=Identity("user", "bob", {dataset.name: Role.VIEWER}))
    monkeypatch.setattr("collector.query.saved.MAX_NAMES", 0)

    refused = [
        viewer.put(f"/api/queries/{id_}/name", json={"name": "Mine"}),
        viewer.delete(f"/api/queries/{id_}/name"),
        client.put(f"/api/queries/{id_}/name", json={"name": " "}),
        client.put(f"/api/queries/{id_}/name", json={"name": "x" * 101}),
        client.put(f"/api/queries/{id_}/name", json={"name": "x", "show": "pie"}),
        client.put("/api/queries/nothing/name", json={"name": "x"}),
        client.put(f"/api/queries/{id_}/name", json={"name": "x"}),
    ]

    assert [answer.status_code for answer in refused] == [403, 403, 400, 400, 400, 404, 507]
    assert viewer.get("/api/queries", params={"dataset": dataset.name}).json() == {"queries": []}


def test_what_cannot_be_saved_is_refused(dataset: Dataset, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    client = client_of(dataset.engine, dataset.name, folder=tmp_path)
    long = {"dataset": dataset.name, "filters": [{"column": "page.path", "op": "=", "value": "x" * 20_000}]}

    refused = [
        client.post("/api/queries", json={"dataset": dataset.name, "limit": "x"}),
        client.post("/api/queries", json=long),
        client.get("/api/queries/nothing"),
        client.post("/api/query", json={"query_id": "nothing"}),
        client_of(dataset.engine, dataset.name).get("/api/queries/nothing"),
    ]
    monkeypatch.setattr("collector.query.saved.MAX_QUERIES", 0)
    refused.append(client.post("/api/queries", json={"dataset": dataset.name}))

    assert [(answer.status_code, answer.json()["error"]["reason"]) for answer in refused] == [
        (400, "bad_query"), (413, "query_too_large"), (404, "unknown_query"), (404, "unknown_query"),
        (503, "saved_queries_unavailable"), (507, "too_many_queries"),
    ]  # fmt: skip


def test_a_wrong_regular_expression_is_the_callers_mistake(client: TestClient, dataset: Dataset) -> None:
    field = {"name": "it", "expression": "REG_MATCH($page.path, `(`)"}

    answer = client.post("/api/query", json={"dataset": dataset.name, "calculated_fields": [field], "breakdowns": ["it"]})

    assert (answer.status_code, answer.json()["error"]["path"]) == (400, "calculated_fields[0].expression")
    assert "is not understood: missing )" in answer.json()["error"]["message"]


def test_what_is_different_is_answered(client: TestClient, dataset: Dataset) -> None:
    query = {"dataset": dataset.name, "end_time": NOW}

    answer = client.post("/api/bubbleup", json={"query": query, "selection": {"group": {"plan": "gold"}}})
    mistaken = client.post("/api/bubbleup", json={"query": query | {"dataset": "othr"}, "selection": {}})

    assert (answer.status_code, answer.json()["selection"]["events"]) == (200, 1)
    assert (mistaken.status_code, mistaken.json()["error"]["reason"]) == (404, "unknown_dataset")


def test_events_are_answered(client: TestClient, dataset: Dataset) -> None:
    events = client.post("/api/events", json={"dataset": dataset.name}).json()["events"]

    assert [event["id"] for event in events] == ["a/b", "e2"]


def test_one_event_is_answered_whatever_its_id(client: TestClient, dataset: Dataset) -> None:
    assert client.get("/api/events/a/b", params={"dataset": dataset.name}).json()["event"]["plan"] == "gold"
    missing = client.get("/api/events/%FF%00'", params={"dataset": dataset.name})
    assert (missing.status_code, missing.json()["error"]["reason"]) == (404, "event_not_found")


def test_fields_are_answered(client: TestClient, dataset: Dataset) -> None:
    assert client.get("/api/fields", params={"dataset": dataset.name}).json()["fields"][-1]["name"] == "plan"


def test_datasets_are_answered_even_if_empty(client: TestClient, dataset: Dataset) -> None:
    described = client.get("/api/datasets").json()["datasets"]

    latest = "2026-11-16T09:59:00.000Z"
    assert described == [
        {"name": dataset.name, "site_keys": [f"key-{dataset.name}"], "retention_days": 30, "events": 2, "last_event_at": latest},
        {"name": "other", "site_keys": ["key-other"], "retention_days": 30, "events": 0, "last_event_at": None},
    ]


@pytest.mark.parametrize("path", ["/api/query", "/api/events"])
@pytest.mark.parametrize(
    ("body", "status", "reason"),
    [
        (b"", 400, "bad_json"),
        (b"{", 400, "bad_json"),
        (b"\xff", 400, "bad_json"),
        (b'{"dataset": NaN}', 400, "bad_json"),
        (b"[" * 100_000, 400, "bad_json"),
        (b"[]", 400, "bad_query"),
        (b'{"dataset": 1}', 400, "bad_query"),
        (b'{"dataset": "othr"}', 404, "unknown_dataset"),
        (b'{"dataset": "other", "limit": 0}', 400, "bad_query"),
        (b" " * (1 << 20) + b"{}", 413, "body_too_large"),
    ],
)
def test_a_bad_body_is_refused_in_one_shape(path: str, body: bytes, status: int, reason: str, client: TestClient) -> None:
    answer = client.post(path, content=body)

    assert (answer.status_code, answer.json()["error"]["reason"]) == (status, reason)
    assert answer.json()["error"]["message"]


def test_an_unknown_dataset_is_answered_with_the_known_ones(client: TestClient) -> None:
    error = client.post("/api/query", json={"dataset": "othr"}).json()["error"]

    assert error["path"] == "dataset"
    assert "Did you mean other?" in error["message"]


@pytest.mark.parametrize("url", ["/api/fields", "/api/fields?dataset=", "/api/events/x", "/api/fields?dataset=nope"])
def test_a_dataset_must_be_named(url: str, client: TestClient) -> None:
    answer = client.get(url)

    assert answer.status_code in (400, 404)
    assert answer.json()["error"]["path"] == "dataset"


@pytest.mark.parametrize(
    ("error", "status", "reason", "words"),
    [
        (
            StoreQueryError("Timeout exceeded", 159),
            422,
            "query_too_heavy",
            "longer than 30 s (query_seconds). Narrow the time range",
        ),
        (StoreQueryError("Query memory limit exceeded", 241), 422, "query_too_heavy", "than 4GiB of memory (query_memory_bytes)"),
        (StoreQueryError("(total) memory limit exceeded", 241), 503, "store_out_of_memory", "Ask again"),
        (StoreQueryError("Limit for result exceeded", 396), 422, "query_too_heavy", "200,000 rows (query_result_rows)"),
        (StoreQueryError("Set size limit exceeded.", 191), 422, "query_too_heavy", "Set size limit exceeded. Narrow"),
        (StoreQueryError("Code: 43. DB::Exception: Bad. (ILLEGAL) (version 26.9)", 43), 400, "query_refused", ": Bad. (ILLEGAL)"),
        (StoreQueryError("x" * 5000, 0), 400, "query_refused", "x…"),
        (StoreUnavailable("Connection refused", 210), 503, "store_unavailable", "Connection refused"),
    ],
)
def test_an_error_of_the_store_is_explained(error: StoreError, status: int, reason: str, words: str) -> None:
    answer = client_of(QueryEngine(BrokenStore(error)), "d").post("/api/query", json={"dataset": "d"})

    assert (answer.status_code, answer.json()["error"]["reason"]) == (status, reason)
    assert words in answer.json()["error"]["message"]
    assert len(answer.content) < 600
    assert ("retry-after" in answer.headers) == (status == 503)


@pytest.mark.parametrize(
    ("statement", "words"),
    [
        pytest.param(Limits(result_rows=10), "10 rows (query_result_rows)", id="rows"),
        pytest.param(Limits(memory_bytes=1024), "1KiB of memory (query_memory_bytes)", id="memory"),
        pytest.param(Limits(seconds=0.0001), "(query_seconds)", id="time"),
    ],
)
def test_a_query_that_asks_too_much_is_refused_by_the_engine_itself(statement: Limits, words: str, dataset: Dataset) -> None:
    dataset.add(*({"lcp.value": number} for number in range(200)))
    client = client_of(dataset.limited(statement=statement).engine, dataset.name)

    answer = client.post("/api/query", json={"dataset": dataset.name, "breakdowns": ["lcp.value"]})

    assert (answer.status_code, answer.json()["error"]["reason"]) == (422, "query_too_heavy")
    assert words in answer.json()["error"]["message"]


class PatientStore:
    """A store that takes ten seconds for every statement, by a clock that is moved by hand."""

    def __init__(self) -> None:
        self.now, self.seconds = 0.0, list[float]()

    def query(
        self, sql: str, params: Mapping[str, Param] | None = None, limits: Limits | None = None, stop: Stop | None = None
    ) -> QueryResult:
        self.now += 10
        self.seconds.append(limits.seconds if limits else 0)
        return QueryResult([], [(1, NOW, 0, 1, 1)])


def test_the_time_is_for_all_statements_of_a_question_together() -> None:
    store = PatientStore()
    engine = QueryEngine(store, EngineLimits(statement=Limits(seconds=25)), clock=lambda: store.now)
    query = {"dataset": "d", "breakdowns": ["page.path"], "compare_time_offset_seconds": 7200}

    answer = client_of(engine, "d").post("/api/query", json=query)

    assert store.seconds == [25, 15, 5]
    assert (answer.status_code, answer.json()["error"]["reason"]) == (422, "query_too_heavy")
    assert "longer than 25 s (query_seconds)" in answer.json()["error"]["message"]


class SlowStore:
    """A store whose answers wait until they are released."""

    def __init__(self) -> None:
        self.release, self.asked = threading.Event(), threading.Semaphore(0)

    def query(
        self, sql: str, params: Mapping[str, Param] | None = None, limits: Limits | None = None, stop: Stop | None = None
    ) -> QueryResult:
        self.asked.release()
        assert self.release.wait(10)
        return QueryResult([], [(1, NOW, 0)])


def test_more_questions_than_may_wait_are_sent_away() -> None:
    store, statuses = SlowStore(), []
    with client_of(QueryEngine(store), "d", desk=Desk(DeskLimits(running=1, waiting=0))) as client:

        def ask() -> None:
            statuses.append(client.post("/api/query", json={"dataset": "d"}).status_code)

        first = threading.Thread(target=ask)
        first.start()
        assert store.asked.acquire(timeout=10)
        busy = client.post("/api/query", json={"dataset": "d"})
        store.release.set()
        first.join(10)

    assert (busy.status_code, busy.json()["error"]["reason"], statuses) == (503, "busy", [200])


def test_other_methods_are_refused(client: TestClient) -> None:
    assert client.get("/api/query").status_code == 405


def test_answers_have_no_nan(dataset: Dataset) -> None:
    dataset.add({"attrs_number": {"x": float("inf")}})
    answer: Any = client_of(dataset.engine, dataset.name).post(
        "/api/query", json={"dataset": dataset.name, "calculations": [{"op": "MAX", "column": "x"}]}
    )

    assert answer.json()["results"] == [{"data": {"MAX(x)": None}}]
