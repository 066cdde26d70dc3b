"""Equal questions are answered once, as long as the answer holds."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from asking import NOW, Dataset
from identified import ADMIN, served
from starlette.testclient import TestClient

from collector.access.identity import Identity, Role
from collector.config import Dataset as Configured
from collector.query.cache import Answer, AnswerCache, Freshness
from collector.query.desk import Desk
from collector.query.engine import QueryEngine
from collector.query.routes import query_routes
from collector.query.saved import SavedQueries
from collector.store.chdb import ChdbStore
from collector.telemetry import Counters


class Viewer:
    """Asks one dataset over HTTP; its clock is moved by hand."""

    def __init__(self, dataset: Dataset, store: ChdbStore, identity: Identity = ADMIN, **freshness: Any) -> None:
        self.dataset, self.now, self.counters = dataset, float(NOW), Counters()
        engine = QueryEngine(store, now=lambda: self.now)
        fresh = Freshness(store, clock=lambda: self.now, **freshness)
        self.desk = Desk(cache=AnswerCache(1 << 20), freshness=fresh, counters=self.counters)
        datasets = {name: Configured(name, ()) for name in (dataset.name, "other")}
        routes = query_routes(engine, datasets, SavedQueries(Path("/nowhere")), desk=self.desk)
        self.client = TestClient(served(routes, identity))

    def ask(self, path: str = "/api/query", **query: Any) -> dict[str, Any]:
        document = {"dataset": self.dataset.name, "disable_series": True, **query}
        answer: dict[str, Any] = self.client.post(path, json=document).json()
        return answer

    def is_cached(self, **query: Any) -> bool:
        return bool(self.ask(**query)["meta"]["cached"])


@pytest.fixture
def viewer(dataset: Dataset, embedded_store: ChdbStore) -> Viewer:
    dataset.add({}, {})
    return Viewer(dataset, embedded_store)


def test_an_equal_question_is_answered_from_memory(viewer: Viewer) -> None:
    first, second = viewer.ask(), viewer.ask()

    assert (first["meta"]["cached"], second["meta"]["cached"]) == (False, True)
    assert second["results"] == first["results"] == [{"data": {"COUNT": 2}}]
    assert dict(viewer.counters.items("wideload_queries")) == {("query", "answered"): 1, ("query", "cached"): 1}


def test_an_event_that_was_stored_is_in_the_next_answer(viewer: Viewer) -> None:
    viewer.ask()

    viewer.dataset.add({})

    assert viewer.ask()["results"] == [{"data": {"COUNT": 3}}]


def test_an_event_that_was_amended_is_in_the_next_answer(viewer: Viewer) -> None:
    query = {"calculations": [{"op": "MAX", "column": "lcp.value"}]}
    viewer.ask(**query)

    viewer.dataset.add({"id": "e00001", "revision": 2, "lcp.value": 900})

    assert viewer.ask(**query)["results"] == [{"data": {"MAX(lcp.value)": 900}}]


def test_events_of_other_datasets_and_hours_outdate_nothing(viewer: Viewer, embedded_store: ChdbStore) -> None:
    query = {"start_time": NOW - 3600, "end_time": NOW - 1}
    viewer.ask(**query)

    viewer.dataset.add({"ts": (NOW - 30 * 3600) * 1000})
    Dataset("another", embedded_store).add({})

    assert viewer.is_cached(**query)


def test_a_range_that_ends_now_may_have_moved_on_by_a_point_of_the_series(viewer: Viewer) -> None:
    query = {"time_range": 600, "granularity": 10}
    viewer.ask(**query)

    viewer.now += 9
    assert viewer.is_cached(**query)
    viewer.now += 2
    assert not viewer.is_cached(**query)


def test_a_range_that_ends_now_moves_on_by_a_minute_at_most(viewer: Viewer) -> None:
    query = {"time_range": 86_400, "granularity": 3600}
    viewer.ask(**query)

    viewer.now += 61

    assert not viewer.is_cached(**query)


def test_a_fixed_range_is_answered_from_memory_for_minutes_and_not_for_ever(viewer: Viewer) -> None:
    query = {"start_time": NOW - 3600, "end_time": NOW}
    viewer.ask(**query)

    viewer.now += 590
    assert viewer.is_cached(**query)
    viewer.now += 20
    assert not viewer.is_cached(**query)


def test_the_end_of_the_range_is_told(viewer: Viewer) -> None:
    viewer.ask(time_range=600)

    viewer.now += 3
    meta = viewer.ask(time_range=600)["meta"]

    assert (meta["end_time"], meta["age_seconds"]) == (NOW + 1, 3.0)


def test_a_value_of_another_type_is_another_question(viewer: Viewer) -> None:
    viewer.dataset.add({"attrs_number": {"x": 1.0}}, {"attrs_bool": {"x": True}})

    found = [viewer.ask(filters=[{"column": "x", "op": "=", "value": value}])["results"] for value in (1, True)]
    again = [viewer.is_cached(filters=[{"column": "x", "op": "=", "value": value}]) for value in (1, True)]

    assert found == [[{"data": {"COUNT": 1}}]] * 2
    assert again == [True, True]


def test_what_is_different_is_answered_from_memory(viewer: Viewer) -> None:
    def ask() -> dict[str, Any]:
        question = {
            "query": {"dataset": viewer.dataset.name},
            "selection": {"filters": [{"column": "id", "op": "=", "value": "e00001"}]},
        }
        answer: dict[str, Any] = viewer.client.post("/api/bubbleup", json=question).json()
        return answer

    first, second = ask(), ask()

    assert (first["meta"]["cached"], second["meta"]["cached"]) == (False, True)
    assert second["fields"] == first["fields"]


def test_a_refusal_is_not_kept(viewer: Viewer) -> None:
    question = {"breakdowns": ["plan"]}
    assert viewer.ask(**question)["error"]["reason"] == "bad_query"

    viewer.dataset.add({"attrs_string": {"plan": "gold"}})

    assert len(viewer.ask(**question)["results"]) == 2


def test_an_answer_in_memory_is_not_for_strangers(viewer: Viewer, embedded_store: ChdbStore) -> None:
    stranger = Viewer(viewer.dataset, embedded_store, Identity("user", "bob", {"other": Role.VIEWER}))
    stranger.desk.cache = viewer.desk.cache
    viewer.ask()

    assert stranger.ask()["error"]["reason"] == "forbidden"


def test_nothing_is_answered_from_memory_after_an_erasure(viewer: Viewer, embedded_store: ChdbStore) -> None:
    viewer.ask()

    embedded_store.erase_before(viewer.dataset.name, NOW * 1000)

    assert viewer.ask()["results"] == [{"data": {"COUNT": 0}}]


def test_a_store_that_does_not_know_its_version_is_asked_every_few_seconds(dataset: Dataset, embedded_store: ChdbStore) -> None:
    viewer = Viewer(dataset, embedded_store, blind_seconds=2)
    viewer.desk.freshness._store = _Blind()  # type: ignore[union-attr]
    viewer.ask()

    viewer.now += 1
    assert viewer.is_cached()
    viewer.now += 2
    assert not viewer.is_cached()


class _Blind:
    def version(self, dataset: str, start: int, end: int) -> None:
        return None


def test_what_was_asked_for_longest_ago_makes_room() -> None:
    cache, answer = AnswerCache(20_000), Answer.of({"results": ["x" * 500]})
    for number in range(30):
        cache.put(str(number).encode(), answer)
        cache.get(b"0")

    assert cache.size <= 20_000
    assert [bool(cache.get(key)) for key in (b"0", b"1", b"29")] == [True, False, True]


def test_an_answer_that_would_push_all_others_out_is_not_kept() -> None:
    cache = AnswerCache(20_000)
    cache.put(b"small", Answer.of({"results": []}))
    cache.put(b"large", Answer.of({"results": ["x" * 5_000]}))

    assert cache.get(b"small")
    assert not cache.get(b"large")
