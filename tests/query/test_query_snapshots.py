"""The SQL of representative questions, as files to read and to compare.

After a wanted change, write them anew with `WIDELOAD_UPDATE_SNAPSHOTS=1 pytest tests/query/test_query_snapshots.py`.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from asking import NOW

from collector.query.engine import QueryEngine
from collector.query.parse import parse_events, parse_query
from collector.store.base import Limits, Param, QueryResult, Stop

SNAPSHOTS = Path(__file__).parent / "snapshots"
ATTRIBUTES = [("plan", "string"), ("cart.value", "number"), ("v", "string"), ("v", "number"), ("v", "boolean")]
P75 = {"op": "P75", "column": "lcp.value"}

QUESTIONS: dict[str, dict[str, Any]] = {
    "count": {},
    "count_without_series": {"disable_series": True},
    "percentiles": {"calculations": [P75, {"op": "P95", "column": "lcp.value"}, {"op": "P75", "column": "cls.value"}]},
    "every_calculation": {
        "calculations": [{"op": op, "column": "lcp.value"} for op in ("SUM", "AVG", "MIN", "MAX", "COUNT_DISTINCT")],
        "disable_series": True,
    },
    "rating_shares": {
        "calculations": [
            {"op": "COUNT", "name": rating, "filters": [{"column": "lcp.rating", "op": "=", "value": rating}]}
            for rating in ("good", "poor")
        ],
        "filters": [{"column": "user_agent.is_bot", "op": "!=", "value": True}],
        "disable_series": True,
    },
    "slowest_pages": {
        "calculations": [P75, {"op": "COUNT"}],
        "breakdowns": ["page.path"],
        "orders": [{**P75, "order": "descending"}],
        "havings": [{"calculate_op": "COUNT", "op": ">=", "value": 10}],
        "limit": 20,
        "disable_series": True,
    },
    "series_of_groups": {"calculations": [P75], "breakdowns": ["device.type", "resource.count"], "granularity": 60},
    "filters_or": {
        "filters": [
            {"column": "page.path", "op": "in", "value": ["/", "/cart"]},
            {"column": "page.path", "op": "does-not-start-with", "value": "/admin"},
            {"column": "lcp.value", "op": ">=", "value": 123.3},
            {"column": "ts", "op": "<", "value": "2026-11-16T09:00:00Z"},
            {"column": "lcp.url", "op": "does-not-exist"},
        ],
        "filter_combination": "OR",
        "disable_series": True,
    },
    "attributes": {
        "calculations": [{"op": "SUM", "column": "cart.value"}],
        "breakdowns": ["plan"],
        "filters": [{"column": "plan", "op": "exists"}, {"column": "cart.value", "op": ">", "value": 5}],
        "disable_series": True,
    },
    "attribute_of_several_types": {
        "calculations": [{"op": "AVG", "column": "v"}],
        "breakdowns": ["v"],
        "filters": [{"column": "v", "op": "=", "value": 12}],
        "disable_series": True,
    },
    "items_of_lists": {
        "calculations": [
            {"op": "P75", "column": "resources.duration"},
            {"op": "COUNT", "name": "slow", "filters": [{"column": "resources.duration", "op": ">", "value": 500}]},
            {"op": "P75", "column": "lcp.value"},
        ],
        "filters": [
            {"column": "kind", "op": "=", "value": "page_view"},
            {"column": "resources.initiator", "op": "=", "value": "script"},
        ],
        "breakdowns": ["resources.host"],
        "disable_series": True,
    },
}
EVENT_QUESTIONS: dict[str, dict[str, Any]] = {
    "events": {},
    "events_slowest_first": {
        "columns": ["page.path", "lcp.value", "plan"],
        "orders": [{"column": "lcp.value", "order": "descending"}],
        "filters": [{"column": "kind", "op": "=", "value": "page_view"}],
    },
    "events_with_an_item": {
        "columns": ["page.path", "resources.host", "resources.duration"],
        "orders": [{"column": "resources.duration", "order": "descending"}],
        "filters": [{"column": "resources.host", "op": "exists"}],
    },
}


class Recorder:
    """A store that keeps statements and answers with one made-up row."""

    def __init__(self, is_sampled: bool = False) -> None:
        self.statements: list[str] = []
        self._is_sampled = is_sampled

    def query(
        self, sql: str, params: Mapping[str, Param] | None = None, limits: Limits | None = None, stop: Stop | None = None
    ) -> QueryResult:
        """Answer as the statement needs it."""
        if "attribute_keys" in sql:
            return QueryResult([], ATTRIBUTES)
        if "system.columns" in sql:
            # No attribute has a column of its own.
            return QueryResult([], [])
        bound = "".join(f"-- {name}: {param.type} = {param.value!r}\n" for name, param in (params or {}).items())
        self.statements.append(f"{bound}{sql}\n")
        if "is_sampled" in sql:
            return QueryResult([], [(1000, self._is_sampled)])
        if "AS hour" in sql:
            return QueryResult([], [("e1", "page_view", NOW * 1000, NOW)])
        if "group_hash" in sql and "bucket" not in sql:
            width = sql.count(" AS b") + 1 + sql.count(" AS c")
            return QueryResult([], [(*(77,) * width, *(0,) * _ladders(sql))])
        return QueryResult([], [(1, NOW, *(0,) * (sql.count(" AS c") + _ladders(sql)))] if "is_result" in sql else [])


def _ladders(sql: str) -> int:
    return sql.count(" AS n") + sql.count(" AS l")


def check(name: str, recorder: Recorder) -> None:
    """Compare what was recorded with the file, or write it."""
    path, text = SNAPSHOTS / f"{name}.sql", "\n".join(recorder.statements)
    if os.environ.get("WIDELOAD_UPDATE_SNAPSHOTS"):
        path.write_text(text)
    assert text == path.read_text()


@pytest.mark.parametrize("name", QUESTIONS)
def test_a_query_has_this_sql(name: str) -> None:
    recorder = Recorder()

    QueryEngine(recorder, now=lambda: NOW).run(parse_query({"dataset": "shop", **QUESTIONS[name]}))

    check(name, recorder)


def test_percentiles_of_sampled_events_have_this_sql() -> None:
    recorder = Recorder(is_sampled=True)

    QueryEngine(recorder, now=lambda: NOW).run(parse_query({"dataset": "shop", **QUESTIONS["percentiles"]}))

    check("percentiles_sampled", recorder)


@pytest.mark.parametrize("name", EVENT_QUESTIONS)
def test_a_question_for_events_has_this_sql(name: str) -> None:
    recorder = Recorder()

    QueryEngine(recorder, now=lambda: NOW).events(parse_events({"dataset": "shop", **EVENT_QUESTIONS[name]}))

    check(name, recorder)
