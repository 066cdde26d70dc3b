"""An event that waits is compared as a stored one is."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest

from collector.privacy.matching import matches
from collector.privacy.selection import parse_selection
from collector.query.engine import QueryEngine
from collector.query.filters import OPERATORS
from collector.store.base import Attribute
from collector.store.chdb import ChdbStore

TS = 1_794_823_200_000
EVENTS: list[dict[str, Any]] = [
    {"page.path": "/a", "lcp.value": 123.3, "browser.webdriver": True, "attrs_string": {"plan": "gold"}},
    {"page.path": "/cart/ä", "lcp.value": 2500, "browser.webdriver": False, "attrs_number": {"plan": 7}},
    {"page.path": "", "lcp.value": 0.1, "attrs_bool": {"plan": True}},
    {"page.path": "7", "sample_rate": 10, "attrs_string": {"plan": "7"}, "attrs_number": {"plan": 8.5}},
    {},
]
VALUES = ["/a", "", "7", "a", "gold", "true", True, False, 7, 1, 123.3, 0.1, 2500, "2500", TS / 1000, "2026-11-16T10:00:00Z"]
COLUMNS = ["page.path", "lcp.value", "browser.webdriver", "plan", "sample_rate", "ts", "kind"]


@pytest.fixture(scope="module")
def stored(embedded_store: ChdbStore) -> tuple[QueryEngine, list[dict[str, Any]]]:
    dataset = f"d{uuid4().hex}"
    events = [{"dataset": dataset, "id": f"e{n}", "kind": "page_view", "ts": TS + n, **event} for n, event in enumerate(EVENTS)]
    embedded_store.insert([{"time": TS, "received_at": TS, **event} for event in events])
    embedded_store.add_attributes([Attribute(dataset, "plan", type_) for type_ in ("string", "number", "boolean")])
    return QueryEngine(embedded_store), events


@pytest.mark.parametrize("op", OPERATORS)
def test_every_operator_finds_the_same_events_in_the_store_and_on_the_way_to_it(
    op: str, stored: tuple[QueryEngine, list[dict[str, Any]]], embedded_store: ChdbStore
) -> None:
    engine, events = stored
    takes = OPERATORS[op].takes
    values: list[Any] = [None] if takes == "nothing" else [[value] for value in VALUES] if takes == "values" else VALUES
    compared = 0
    for column in COLUMNS:
        for value in values:
            one = {"column": column, "op": op} | ({} if takes == "nothing" else {"value": value})
            try:
                selection = parse_selection({"dataset": events[0]["dataset"], "filters": [one]})
                statement = selection.keys(engine.columns(selection.dataset, selection.names()), 100)
            except Exception as error:
                # A value that does not suit the column is refused before it is compared.
                assert type(error).__name__ == "QueryError"
                continue
            found = {row[1] for row in embedded_store.query(statement.sql, statement.params).rows}

            assert {event["id"] for event in events if matches(selection.filters, event)} == found, one
            compared += 1
    assert compared >= 4


def test_groups_of_filters_find_the_same_events_in_the_store_and_on_the_way_to_it(
    stored: tuple[QueryEngine, list[dict[str, Any]]], embedded_store: ChdbStore
) -> None:
    engine, events = stored
    either = [{"column": "plan", "op": "=", "value": "gold"}, {"column": "lcp.value", "op": ">", "value": 2000}]
    filters = [{"column": "page.path", "op": "starts-with", "value": "/"}, {"filters": either, "filter_combination": "OR"}]

    selection = parse_selection({"dataset": events[0]["dataset"], "filters": filters})
    statement = selection.keys(engine.columns(selection.dataset, selection.names()), 100)

    found = {row[1] for row in embedded_store.query(statement.sql, statement.params).rows}
    assert {event["id"] for event in events if matches(selection.filters, event)} == found == {"e0", "e1"}
