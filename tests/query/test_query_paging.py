"""Pages of single events: together they have every event once, whatever is stored meanwhile."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest
from asking import NOW, Dataset

from collector.errors import RequestError
from collector.query.engine import QueryEngine
from collector.query.paging import Cursor, _checksum, write_cursor
from collector.query.parse import parse_events
from collector.store.chdb import ChdbStore

LISTS = {"resources.host": ["a", "b"], "resources.duration": [1, 2], "resources.initiator": ["script"] * 2}


def page(dataset: Dataset, **question: Any) -> dict[str, Any]:
    return dataset.engine.events(parse_events({"dataset": dataset.name, "columns": ["id"], **question}))


def pages(dataset: Dataset, **question: Any) -> list[list[str]]:
    """Return the ids of every page, two events each."""
    found, cursor = [], None
    while True:
        answer = page(dataset, limit=2, cursor=cursor, **question)
        found.append([event["id"] for event in answer["events"]])
        cursor = answer["next_cursor"]
        if cursor is None:
            return found


@pytest.fixture
def seven(dataset: Dataset) -> Dataset:
    """Events with ties and gaps in everything that they may be sorted by."""
    values: list[dict[str, Any]] = [
        {"lcp.value": 123.3, "attrs_string": {"plan": "gold", "mixed": "x"}, "attrs_bool": {"beta": True}},
        {"lcp.value": 123.3, "attrs_string": {"plan": "it's \\ {p}"}, "attrs_number": {"mixed": 3}},
        {"lcp.value": None, "attrs_bool": {"beta": False}, "attrs_number": {"mixed": -1}},
        {"lcp.value": None, "page.url": "https://shop.example/日本", "ts": (NOW - 90) * 1000},
        {"lcp.value": 1e-7, "attrs_string": {"plan": ""}, **LISTS},
        {"lcp.value": 4000, "page.url": "https://shop.example/", "ts": (NOW - 3700) * 1000, **LISTS},
        {"lcp.value": 4000, "kind": "error", "id": "e00006", "ts": (NOW - 3700) * 1000},
    ]
    dataset.add(*values)
    return dataset


@pytest.mark.parametrize(
    "orders",
    [
        [],
        ["-ts"],
        ["ts"],
        ["-lcp.value"],
        ["lcp.value"],
        ["plan"],
        ["-plan"],
        ["-beta", "lcp.value"],
        ["mixed"],
        ["-mixed"],
        ["page.url"],
        ["kind", "-id"],
        ["lcp.rating", "-received_at"],
        ["revision"],
        ["-resources.duration"],
        ["resources.host"],
    ],
    ids=str,
)
def test_pages_have_every_event_once_in_the_order_of_the_whole(orders: list[str], seven: Dataset) -> None:
    asked = [{"column": one.lstrip("-"), "order": "descending" if one[0] == "-" else "ascending"} for one in orders]
    whole = [event["id"] for event in page(seven, orders=asked, limit=1000)["events"]]

    found = pages(seven, orders=asked)

    assert [id_ for ids in found for id_ in ids] == whole
    assert len(whole) == (2 if "resources" in str(orders) else 7)
    assert max(map(len, found)) == 2


def test_filters_hold_on_every_page(seven: Dataset) -> None:
    filters = [{"column": "lcp.value", "op": "exists"}, {"column": "resources.duration", "op": ">", "value": 0}]

    assert pages(seven, filters=filters[:1]) == [["e00001", "e00002"], ["e00005", "e00006"], ["e00006"]]
    assert pages(seven, filters=filters) == [["e00005", "e00006"]]


def test_events_that_arrive_while_somebody_pages_move_nothing(seven: Dataset) -> None:
    slowest = {"orders": [{"column": "lcp.value", "order": "descending"}], "limit": 2}
    newest, slow = page(seven, limit=2), page(seven, **slowest)
    rest = [page(seven, cursor=newest["next_cursor"]), page(seven, **slowest | {"cursor": slow["next_cursor"], "limit": 9})]

    late = {"received_at": NOW * 1000 + 1, "revision": 0}
    seven.add({"ts": (NOW - 1) * 1000, "lcp.value": 9000, **late}, {"ts": (NOW - 80) * 1000, "lcp.value": 100, **late})

    again = [page(seven, cursor=newest["next_cursor"]), page(seven, **slowest | {"cursor": slow["next_cursor"], "limit": 9})]
    assert [one["events"] for one in again] == [one["events"] for one in rest]


def test_an_event_that_is_amended_while_somebody_pages_keeps_its_place_in_time(seven: Dataset) -> None:
    first = page(seven, limit=2)
    seven.add({"id": "e00004", "ts": (NOW - 90) * 1000, "revision": 2, "lcp.value": 7, "received_at": NOW * 1000 + 5})

    events = page(seven, cursor=first["next_cursor"], columns=["lcp.value"], limit=9)["events"]

    assert [event.get("lcp.value") for event in events if event["id"] == "e00004"] == [7]
    assert len(events) == 5


def test_a_relative_range_does_not_move_on_from_page_to_page(seven: Dataset, embedded_store: ChdbStore) -> None:
    now = [float(NOW)]
    engine = QueryEngine(embedded_store, now=lambda: now[0])
    first = engine.events(parse_events({"dataset": seven.name, "time_range": 3800, "limit": 2}))

    now[0] += 3600
    rest = engine.events(parse_events({"dataset": seven.name, "time_range": 3800, "cursor": first["next_cursor"]}))

    assert len(first["events"] + rest["events"]) == 7


def refuse(dataset: Dataset, **question: Any) -> None:
    with pytest.raises(RequestError) as caught:
        page(dataset, **question)
    assert (caught.value.status, caught.value.reason, caught.value.path) == (400, "bad_cursor", "cursor")
    assert "Ask without a cursor for the first page." in caught.value.message


def test_a_cursor_that_was_changed_is_refused(seven: Dataset) -> None:
    cursor = page(seven, limit=2)["next_cursor"]
    place = len(cursor) // 2

    other = cursor[:place] + ("a" if cursor[place] != "a" else "b") + cursor[place + 1 :]
    for changed in ("x", "–", cursor[:-3], cursor[1:], other):
        refuse(seven, cursor=changed)


def test_a_cursor_of_another_question_is_refused(seven: Dataset) -> None:
    cursor = page(seven, limit=2)["next_cursor"]

    refuse(seven, cursor=cursor, orders=[{"column": "lcp.value"}])
    refuse(seven, cursor=cursor, filters=[{"column": "lcp.value", "op": "exists"}])
    refuse(seven, cursor=cursor, time_range=60)
    assert page(seven, cursor=cursor, columns=["lcp.value"], limit=1)["events"]


@pytest.mark.parametrize(
    "parts",
    [
        "null", "[]", "{}", "[1, 2, 3, [], 4, 5, 6]", '[1, 2, 3, [], 4, "a"]', '[1, 2, 3, [4], 5, "a", "b"]',
        '[1, 2, 3, [], 4.5, "a", "b"]', '[1, 2, true, [], 4, "a", "b"]', '[-1, 2, 3, [], 4, "a", "b"]',
        '[1, 2, 3, [], 4, "\\ud800", "b"]', "[" * 100_000,
    ],
)  # fmt: skip
def test_a_cursor_that_was_made_up_is_refused_though_its_checksum_is_right(parts: str, dataset: Dataset) -> None:
    spec = parse_events({"dataset": dataset.name, "columns": ["id"]})
    text = parts.encode()

    refuse(dataset, cursor=base64.urlsafe_b64encode(_checksum(text, spec) + text).decode().rstrip("="))


def test_a_made_up_cursor_gets_what_a_filter_would_get(seven: Dataset) -> None:
    spec = parse_events({"dataset": seven.name, "columns": ["id"]})
    made_up = Cursor(NOW - 7200, NOW, NOW * 1000, (), (NOW - 90) * 1000 + 1, "' OR 1=1 --", "{p}\\")

    assert len(page(seven, cursor=write_cursor(made_up, spec))["events"]) == 3


def test_a_cursor_is_of_letters_that_a_url_may_hold(seven: Dataset) -> None:
    cursor = page(seven, limit=4, orders=[{"column": "page.url"}])["next_cursor"]

    assert set(cursor) <= set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_")
    data = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_")[8:]
    assert json.loads(data)[3] == [None]
