"""Single events, fields and datasets."""

from __future__ import annotations

from typing import Any

import pytest
from asking import NOW, Dataset

from collector.errors import QueryError, RequestError
from collector.fields import FIELDS


@pytest.fixture
def three(dataset: Dataset) -> Dataset:
    for number, lcp in ((1, 500.5), (2, 1500), (3, None)):
        dataset.add(
            {"id": f"v{number}", "ts": (NOW - 10 * number) * 1000 + 7, "lcp.value": lcp, "attrs_string": {"plan": f"p{number}"}}
        )
    return dataset


def ids(events: list[dict[str, Any]]) -> list[str]:
    return [event["id"] for event in events]


def test_events_come_newest_first_flat_and_without_nulls(three: Dataset) -> None:
    events = three.events()

    assert ids(events) == ["v1", "v2", "v3"]
    assert events[0] | {"ts": "2026-11-16T09:59:50.007Z", "lcp.value": 500.5, "plan": "p1", "lcp.rating": "good"} == events[0]
    assert "lcp.value" not in events[2]
    assert None not in events[0].values()


def test_events_may_be_ordered_by_any_field(three: Dataset) -> None:
    assert ids(three.events(orders=[{"column": "lcp.value", "order": "descending"}])) == ["v2", "v1", "v3"]
    assert ids(three.events(orders=[{"column": "lcp.value"}])) == ["v1", "v2", "v3"]
    assert ids(three.events(orders=[{"column": "plan", "order": "descending"}])) == ["v3", "v2", "v1"]


def test_events_may_be_cut_to_some_columns(three: Dataset) -> None:
    (event, *_) = three.events(columns=["lcp.value", "plan", "received_at", "id"])

    assert event == {
        "id": "v1", "kind": "page_view", "ts": "2026-11-16T09:59:50.007Z", "lcp.value": 500.5, "plan": "p1",
        "received_at": "2026-11-16T09:59:50.007Z",
    }  # fmt: skip


def test_events_may_be_filtered_and_limited(three: Dataset) -> None:
    filters = [{"column": "plan", "op": "in", "value": ["p1", "p2"]}]

    assert ids(three.events(filters=filters, limit=1)) == ["v1"]
    assert ids(three.events(filters=filters, start_time=NOW - 25, end_time=NOW - 15)) == ["v2"]


def test_one_event_is_found_by_its_id_whatever_its_time(dataset: Dataset) -> None:
    dataset.add({"id": "it's/\\`{x}", "ts": (NOW - 20 * 86_400) * 1000, "page.path": "/", "attrs_bool": {"beta": True}})

    event = dataset.engine.event(dataset.name, "it's/\\`{x}")["event"]

    assert (event["page.path"], event["beta"], event["ts"]) == ("/", True, "2026-10-27T10:00:00.000Z")


def test_an_event_that_is_not_there_is_not_found(three: Dataset) -> None:
    for event_id in ("v4", "' OR 1=1 --", ""):
        with pytest.raises(RequestError) as caught:
            three.engine.event(three.name, event_id)
        assert (caught.value.status, caught.value.reason) == (404, "event_not_found")


def test_the_same_id_in_another_dataset_is_another_event(three: Dataset) -> None:
    with pytest.raises(RequestError):
        three.engine.event("another", "v1")


def test_an_unknown_column_is_named(three: Dataset) -> None:
    with pytest.raises(QueryError) as caught:
        three.events(orders=[{"column": "plna"}])

    assert caught.value.path == "orders[0].column"
    assert "Did you mean plan" in caught.value.message


def test_fields_are_the_dictionary_and_the_attributes(three: Dataset) -> None:
    fields = three.engine.catalogue.fields(three.name)["fields"]

    assert [field["name"] for field in fields] == [*(field.name for field in FIELDS), "plan"]
    assert all(set(field) == set(fields[0]) for field in fields)
    assert (fields[-1]["origin"], fields[-1]["type"], fields[0]["origin"]) == ("attribute", "string", "dictionary")


def test_datasets_have_sizes_and_a_latest_event(three: Dataset) -> None:
    three.add({"id": "v1", "ts": (NOW - 10) * 1000, "revision": 2})
    three.add({"id": "old", "ts": (NOW - 31 * 86_400) * 1000})

    assert three.engine.datasets_stats()[three.name] == {"events": 3, "last_event_at": "2026-11-16T09:59:50.000Z"}
