"""An event that was sent again counts once, as it is now."""

from __future__ import annotations

import pytest
from asking import NOW, Dataset

OLD = {"id": "x", "page.path": "/old", "lcp.value": 9000, "device.type": "mobile"}
NEW = {"id": "x", "page.path": "/new", "lcp.value": 1000, "revision": 2}


@pytest.fixture
def amended(dataset: Dataset) -> Dataset:
    dataset.add(OLD)
    dataset.add(NEW)
    dataset.add({"id": "y", "page.path": "/other"})
    return dataset


def test_an_amended_event_counts_once(amended: Dataset) -> None:
    assert amended.one("COUNT") == 2
    assert amended.one("MAX", "lcp.value") == 1000


def test_a_filter_sees_only_the_latest_revision(amended: Dataset) -> None:
    assert amended.matching("page.path", "=", "/old") == set()
    assert amended.matching("lcp.value", ">", 5000) == set()
    assert amended.matching("device.type", "exists") == set()
    assert amended.matching("page.path", "=", "/new") == {"x"}
    assert amended.one("COUNT", filters=[{"column": "page.path", "op": "=", "value": "/old"}]) == 0


def test_a_group_and_its_series_show_only_the_latest_revision(amended: Dataset) -> None:
    answer = amended.ask(breakdowns=["page.path"])

    assert [row["data"]["page.path"] for row in answer["results"]] == ["/new", "/other"]
    assert {point["data"]["page.path"] for point in answer["series"]} == {"/new", "/other"}


def test_an_older_revision_that_comes_late_changes_nothing(dataset: Dataset) -> None:
    dataset.add(NEW)
    dataset.add(OLD)

    assert [row["page.path"] for row in dataset.rows(breakdowns=["page.path"])] == ["/new"]


def test_the_same_event_twice_counts_once(dataset: Dataset) -> None:
    for _ in range(3):
        dataset.add(OLD, {"id": "y"})

    assert dataset.one("COUNT") == 2


def test_single_events_are_the_latest_revision(amended: Dataset) -> None:
    assert [event.get("page.path") for event in amended.events(orders=[{"column": "id"}])] == ["/new", "/other"]
    assert amended.engine.event(amended.name, "x")["event"]["page.path"] == "/new"
    assert "device.type" not in amended.engine.event(amended.name, "x")["event"]


def test_events_of_other_datasets_do_not_count(dataset: Dataset, amended: Dataset) -> None:
    other = Dataset(f"{dataset.name} 2", dataset._store)
    other.add({"id": "x", "ts": (NOW - 60) * 1000})

    assert other.one("COUNT") == 1
    assert amended.one("COUNT") == 2
