"""Every place of a question where a name or a text may stand, with names made to break out of it: no SQL comes from text."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote
from uuid import uuid4

import httpx2
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bench.running import Running

HOSTILE = (
    "'; DROP TABLE events; --", "`", "x`, (SELECT 1) AS `y", '"', "\\", "\\'", "id` --", "events.id", "*", "1) OR (1=1", "/*", "--",
    "#", "attrs_string['a']", "attrs_string", "{p0:String}", "{name}", "%(x)s", "%s", "$1", "?", "toString(id)", "1", "", " ", "\n",
    "\0", "id\0", "\u202e", "😀", "ＩＤ", "NULL", "' UNION ALL SELECT * FROM system.users --", "../../etc/passwd",
    "file('/etc/passwd')", "url('http://127.0.0.1:1/')", "x" * 300,
)  # fmt: skip
_LETTERS = st.characters(codec="utf-8")
NAMES = st.text(_LETTERS, max_size=40) | st.builds(str.__add__, st.sampled_from(HOSTILE), st.text(_LETTERS, max_size=5))
#: Where a name stands in a body: a function from the name to the question.
QUERY: dict[str, Any] = {
    "dataset": lambda name: {"dataset": name},
    "breakdowns": lambda name: {"breakdowns": [name]},
    "calculation column": lambda name: {"calculations": [{"op": "P75", "column": name}]},
    "calculation op": lambda name: {"calculations": [{"op": name, "column": "lcp.value"}]},
    "calculation name": lambda name: {"calculations": [{"op": "COUNT", "name": name}], "orders": [{"column": name}]},
    "calculation filter": lambda name: {"calculations": [{"op": "COUNT", "filters": [{"column": name, "op": "exists"}]}]},
    "filter column": lambda name: {"filters": [{"column": name, "op": "=", "value": "x"}]},
    "filter op": lambda name: {"filters": [{"column": "page.path", "op": name, "value": "x"}]},
    "filter value": lambda name: {"filters": [{"column": "page.path", "op": "contains", "value": name}]},
    "filter values": lambda name: {"filters": [{"column": "plan", "op": "in", "value": [name, "x"]}]},
    "filter combination": lambda name: {"filter_combination": name, "filters": [{"column": "plan", "op": "exists"}]},
    "order column": lambda name: {"orders": [{"column": name}]},
    "order op": lambda name: {"orders": [{"op": name, "column": "lcp.value"}]},
    "order direction": lambda name: {"orders": [{"op": "COUNT", "order": name}]},
    "having column": lambda name: {"havings": [{"calculate_op": "P75", "column": name, "op": ">", "value": 1}]},
    "having op": lambda name: {"havings": [{"calculate_op": "COUNT", "op": name, "value": 1}]},
    "having calculation": lambda name: {"havings": [{"calculate_op": name, "op": ">", "value": 1}]},
    "filter in a group": lambda name: {"filters": [{"filters": [{"column": name, "op": "=", "value": name}]}]},
    "calculated name": lambda name: {"calculated_fields": [{"name": name, "expression": "1"}], "breakdowns": [name]},
    "calculated expression": lambda name: {"calculated_fields": [{"name": "made", "expression": name}], "breakdowns": ["made"]},
    "calculated column": lambda name: {"calculated_fields": [{"name": "made", "expression": f"LENGTH($`{name}`)"}]},
    "calculated text": lambda name: {
        "calculated_fields": [{"name": "made", "expression": f"CONCAT($page.path, {json.dumps(name)})"}],
        "breakdowns": ["made"],
    },
    "formula": lambda name: {"formulas": [{"name": name, "expression": "$COUNT"}], "orders": [{"column": name}]},
    "a key": lambda name: {name: 1},
    "start_time": lambda name: {"start_time": name},
    "granularity": lambda name: {"granularity": name},
    "limit": lambda name: {"limit": name},
}
EVENTS: dict[str, Any] = {
    "columns": lambda name: {"columns": [name]},
    "events filter column": lambda name: {"filters": [{"column": name, "op": "exists"}]},
    "events cursor": lambda name: {"cursor": name},
    "events order column": lambda name: {"orders": [{"column": name}]},
}
REASONS = ("bad_query", "bad_json", "bad_cursor", "no_dataset", "unknown_dataset", "unknown_event")
ADDRESSES = (
    "/api/fields?dataset={}",
    "/api/fields/suggest?dataset=demo&q={}",
    "/api/fields/{}/values?dataset=demo",
    "/api/fields/page.path/values?dataset=demo&q={}",
    "/api/events/{}?dataset=demo",
    "/api/events/{}?dataset=demo&include=session,trace,versions",
    "/api/events/x?dataset={}",
    "/api/events/x?dataset=demo&ts={}",
    "/api/events/x?dataset=demo&include={}",
    "/api/markers?dataset=demo&type={}",
    "/api/markers?dataset=demo&start_time={}",
    "/api/dashboards/{}",
)
POSITIONS = [("/api/query", name) for name in QUERY] + [("/api/events", name) for name in EVENTS]


def is_possible(name: str) -> bool:
    """Whether an attribute may have this name."""
    return 0 < len(name) <= 128 and name != "attrs_string" and not re.search(r"[\0-\x1f]", name)


@pytest.fixture(scope="module")
def api(live_collector: Running) -> Iterator[httpx2.Client]:
    headers = {"authorization": f"Bearer {live_collector.token}"}
    with httpx2.Client(base_url=live_collector.url, headers=headers, timeout=30, trust_env=False) as client:
        yield client


def ask(api: httpx2.Client, path: str, body: dict[str, Any]) -> httpx2.Response:
    return api.post(path, json={"dataset": "demo", **body})


def holds(answer: httpx2.Response, name: str) -> None:
    assert answer.status_code in (200, 400, 404, 422), (name, answer.text)
    if answer.status_code != 200:
        assert answer.json()["error"]["reason"] in REASONS, answer.text
        # ClickHouse's own words would mean that it had to make sense of the text.
        assert "DB::Exception" not in answer.text and "Syntax error" not in answer.text


@pytest.fixture(scope="module")
def stored(live_collector: Running) -> str:
    """One event whose attributes have the hostile names; returns the value by which it is found."""
    run = uuid4().hex
    event = {"id": run, "kind": "page_view", "hostile.run": run, **dict.fromkeys(filter(is_possible, HOSTILE), run)}
    answer = httpx2.post(f"{live_collector.url}/v1/beacon/demo", json={"v": 1, "events": [event]})
    assert answer.json()["accepted"] == 1, answer.text
    return run


@pytest.mark.parametrize(("path", "position"), POSITIONS)
def test_hostile_names_are_names_or_mistakes(api: httpx2.Client, path: str, position: str) -> None:
    make = (QUERY | EVENTS)[position]

    for name in HOSTILE:
        holds(ask(api, path, make(name)), name)


@pytest.mark.parametrize(("path", "position"), POSITIONS)
def test_any_text_is_a_name_or_a_mistake(api: httpx2.Client, path: str, position: str) -> None:
    make = (QUERY | EVENTS)[position]

    @given(name=NAMES)
    @settings(max_examples=8, deadline=None, derandomize=True, database=None, suppress_health_check=list(HealthCheck))
    def holds_for(name: str) -> None:
        holds(ask(api, path, make(name)), name)

    holds_for()


@pytest.mark.parametrize("path", ADDRESSES)
def test_names_in_addresses_are_names_or_mistakes(api: httpx2.Client, path: str) -> None:
    for name in filter(None, HOSTILE):
        answer = api.get(path.format(quote(name, safe="")))
        assert answer.status_code in (200, 400, 404), (name, answer.text)
        assert "DB::Exception" not in answer.text


def test_an_event_is_found_by_its_hostile_names_and_nothing_else_has_happened(live_collector: Running, stored: str) -> None:
    end = time.monotonic() + 30
    while "hostile.run" not in {field["name"] for field in live_collector.get("/api/fields?dataset=demo")["fields"]}:
        assert time.monotonic() < end
        time.sleep(0.1)

    for name in ("hostile.run", *filter(is_possible, HOSTILE)):
        assert live_collector.count(filters=[{"column": name, "op": "=", "value": stored}]) == 1, name
