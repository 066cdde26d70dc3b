"""One event with what belongs to it: its session, its trace, its versions."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from asking import NOW, Dataset
from test_query_routes import client_of

from collector.query import search
from collector.store.chdb import ChdbStore

DAY = 86_400


def one(dataset: Dataset, event_id: str, **more: Any) -> dict[str, Any]:
    return dataset.engine.event(dataset.name, event_id, **more)


def test_an_event_comes_with_the_views_of_its_session_in_the_order_of_time(dataset: Dataset) -> None:
    dataset.add(
        {"id": "second", "session.id": "s1", "ts": (NOW - 60) * 1000, "page.path": "/cart", "lcp.value": 1200.5, "page.url": "x"},
        {"id": "first", "session.id": "s1", "ts": (NOW - 90) * 1000, "page.path": "/"},
        {"id": "another", "session.id": "s2"},
        {"id": "long ago", "session.id": "s1", "ts": (NOW - 3 * DAY) * 1000},
        {"id": "alone"},
    )

    session = one(dataset, "second", include=("session",))["session"]

    assert (session["id"], session["limited"]) == ("s1", False)
    assert [event["id"] for event in session["events"]] == ["first", "second"]
    assert session["events"][1] == {
        "id": "second", "kind": "page_view", "ts": "2026-11-16T09:59:00.000Z", "page.path": "/cart", "lcp.value": 1200.5,
        "lcp.rating": "good",
    }  # fmt: skip
    assert one(dataset, "alone", include=("session", "trace")) == {
        "event": one(dataset, "alone")["event"],
        "session": None,
        "trace": None,
    }


def test_an_event_comes_with_the_events_of_its_trace(dataset: Dataset) -> None:
    dataset.add({"id": "view", "trace.trace_id": "t1"}, {"id": "error", "kind": "error", "trace.trace_id": "t1"}, {"id": "other"})

    trace = one(dataset, "view", include=("trace",))["trace"]

    assert {event["id"] for event in trace["events"]} == {"view", "error"}


@pytest.fixture
def unmerged(embedded_store: ChdbStore) -> Iterator[None]:
    """Keep the store from merging versions away."""
    embedded_store._command("SYSTEM STOP MERGES events")
    yield
    embedded_store._command("SYSTEM START MERGES events")


@pytest.mark.usefixtures("unmerged")
def test_an_amended_event_is_in_its_session_once_and_as_it_is_now(dataset: Dataset) -> None:
    for revision in (1, 2):
        dataset.add({"id": "v", "session.id": "s", "revision": revision, "lcp.value": revision * 100})

    answer = one(dataset, "v", include=("session", "versions"))

    assert [event["lcp.value"] for event in answer["session"]["events"]] == [200]
    assert [(event["revision"], event["lcp.value"]) for event in answer["versions"]] == [(2, 200), (1, 100)]


def test_a_long_session_is_cut_to_its_latest_events(dataset: Dataset, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(search, "MAX_RELATED", 2)
    dataset.add(*({"session.id": "s", "ts": (NOW - 10 + n) * 1000} for n in range(3)))

    session = one(dataset, "e00001", include=("session",))["session"]

    assert ([event["id"] for event in session["events"]], session["limited"]) == (["e00002", "e00003"], True)


@pytest.mark.parametrize("at", [None, (NOW - 20 * DAY) * 1000 + 59_999, NOW * 1000], ids=["unknown", "its hour", "wrong"])
def test_an_event_is_found_whatever_is_known_of_its_time(at: int | None, dataset: Dataset) -> None:
    dataset.add({"id": "old", "ts": (NOW - 20 * DAY) * 1000 + 7})

    assert one(dataset, "old", at=at)["event"]["ts"] == "2026-10-27T10:00:00.007Z"


@pytest.mark.usefixtures("unmerged")
def test_an_event_whose_amendment_has_an_earlier_time_is_found(dataset: Dataset) -> None:
    dataset.add({"id": "v", "revision": 1, "ts": (NOW - 60) * 1000}, {"id": "v", "revision": 2, "ts": (NOW - 120) * 1000})

    answer = one(dataset, "v", include=("versions",))

    assert (answer["event"]["revision"], [version["revision"] for version in answer["versions"]]) == (2, [2, 1])


def test_of_several_events_with_one_id_the_latest_is_shown(dataset: Dataset) -> None:
    dataset.add({"id": "v", "ts": (NOW - 9000) * 1000}, {"id": "v", "kind": "error"})

    assert one(dataset, "v")["event"]["kind"] == "error"


def test_what_belongs_to_an_event_may_be_asked_for_over_http(dataset: Dataset) -> None:
    dataset.add({"id": "v", "session.id": "s"})
    client = client_of(dataset.engine, dataset.name)

    answer = client.get(
        "/api/events/v", params={"dataset": dataset.name, "include": "session, versions", "ts": "2026-11-16T09:59:00Z"}
    )
    errors = [
        client.get("/api/events/v", params={"dataset": dataset.name, **wrong}).json()["error"]
        for wrong in ({"include": "sesion"}, {"ts": "yesterday"})
    ]

    assert set(answer.json()) == {"event", "session", "versions"}
    assert [error["path"] for error in errors] == ["include", "ts"]
    assert "Did you mean session" in errors[0]["message"]
