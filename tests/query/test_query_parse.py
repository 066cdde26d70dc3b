"""JSON -> specifications: what is understood, and how every mistake is named."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collector.errors import QueryError
from collector.query.parse import parse_events, parse_query
from collector.query.spec import Calculation, Filter, SpecLimits
from collector.query.timerange import TimeRange

SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | st.text()
JSON = st.recursive(SCALARS, lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner), max_leaves=20)
WORDS = st.sampled_from(["COUNT", "P75", "lcp.value", "=", "in", "descending", "OR", "d", 1, 7200, 0, -1, True, "", None])
KEYS = st.sampled_from(
    ["dataset", "time_range", "start_time", "end_time", "granularity", "calculations", "filters", "filter_combination", "limit",
     "breakdowns", "orders", "havings", "disable_series", "op", "column", "name", "value", "order", "calculate_op", "columns"]
)  # fmt: skip
LIKELY = st.recursive(WORDS | SCALARS, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(KEYS, inner), max_leaves=40)


def parse(**query: Any) -> Any:
    return parse_query({"dataset": "d", **query})


def test_an_empty_query_counts_the_last_two_hours() -> None:
    spec = parse()

    assert spec.time == TimeRange(7200)
    assert spec.calculations == (Calculation("COUNT"),)
    assert (spec.granularity, spec.limit, spec.disable_series) == (60, 100, False)


def test_everything_is_understood() -> None:
    p75 = {"op": "P75", "column": "lcp.value"}
    spec = parse(
        calculations=[p75, {"op": "COUNT", "name": "slow", "filters": [{"column": "lcp.value", "op": ">", "value": 4000}]}],
        filters=[{"column": "page.path", "op": "in", "value": ["/", "/cart"]}, {"column": "plan", "op": "exists"}],
        filter_combination="OR",
        breakdowns=["device.type"],
        orders=[{**p75, "order": "descending"}, {"column": "device.type"}, {"column": "slow"}],
        havings=[{"calculate_op": "P75", "column": "lcp.value", "op": ">=", "value": 1.5}],
        limit=5,
    )

    assert [calculation.key for calculation in spec.calculations] == ["P75(lcp.value)", "slow"]
    assert spec.filters.filters[0] == Filter("page.path", "in", ("/", "/cart"))
    assert [(order.calculation, order.breakdown, order.descending) for order in spec.orders] == [
        (0, None, True), (None, 0, False), (1, None, False),
    ]  # fmt: skip
    assert (spec.havings[0].calculation, spec.filters.combination, spec.limit) == (0, "OR", 5)


def test_absent_and_null_are_the_same() -> None:
    assert parse(time_range=None, filters=None, breakdowns=None, granularity=None) == parse()


def test_calculations_of_the_same_kind_are_told_apart_by_name() -> None:
    spec = parse(calculations=[{"op": "COUNT"}, {"op": "COUNT", "name": "all"}], orders=[{"op": "COUNT"}, {"column": "all"}])

    assert [order.calculation for order in spec.orders] == [0, 1]


COUNT = {"op": "COUNT"}
BY_PLAN = {"column": "plan", "op": "="}
NINE_DEEP: dict[str, Any] = {**BY_PLAN, "value": "gold"}
for _ in range(9):
    NINE_DEEP = {"filters": [NINE_DEEP]}
MISTAKES: list[tuple[dict[str, Any], str, str]] = [
    ({"calculation": []}, "calculation", "Did you mean calculations"),
    ({"calculations": {}}, "calculations", "must be an array, not an object"),
    ({"calculations": [3]}, "calculations[0]", "must be an object, not a number"),
    ({"calculations": [{}]}, "calculations[0].op", "needs an op: one of COUNT"),
    ({"calculations": [{"op": "P755", "column": "x"}]}, "calculations[0].op", "“P755” is not a calculation. Did you mean P75"),
    ({"calculations": [{"op": "count"}]}, "calculations[0].op", "Did you mean COUNT"),
    ({"calculations": [{"op": 7}]}, "calculations[0].op", "must be text, not a number"),
    ({"calculations": [{"op": "SUM"}]}, "calculations[0].column", "SUM needs a column"),
    ({"calculations": [{"op": "COUNT", "column": "x"}]}, "calculations[0].column", "filter by exists"),
    ({"calculations": [COUNT, COUNT]}, "calculations[1]", "name of its own"),
    ({"calculations": [{"op": "COUNT", "name": "plan"}], "breakdowns": ["plan"]}, "calculations[0]", "already"),
    ({"calculations": [{"op": "COUNT", "filters": [{"column": "x"}]}]}, "calculations[0].filters[0].op", "needs op"),
    ({"calculations": [COUNT] * 101}, "calculations", "101 entries; at most 100"),
    ({"filters": [{"op": "="}]}, "filters[0].column", "needs column"),
    ({"filters": [{"filters": [{"op": "="}]}]}, "filters[0].filters[0].column", "needs column"),
    ({"filters": [{"filters": []}]}, "filters[0]", "at least one filter"),
    ({"filters": [NINE_DEEP]}, "filters[0]" + 7 * ".filters[0]", "at most 8 deep"),
    ({"filters": [{"filters": [BY_PLAN | {"value": 1}] * 60}] * 2}, "filters", "more than 100 conditions"),
    ({"filters": [{"column": "", "op": "="}]}, "filters[0].column", "must not be empty"),
    ({"filters": [{"column": "x" * 256, "op": "="}]}, "filters[0].column", "256 characters; at most 255"),
    ({"filters": [{"column": "plan", "op": "=="}]}, "filters[0].op", "“==” is not an operator. Did you mean ="),
    ({"filters": [BY_PLAN]}, "filters[0].value", "use does-not-exist"),
    ({"filters": [{**BY_PLAN, "value": []}]}, "filters[0].value", "not an array"),
    ({"filters": [{**BY_PLAN, "value": {}}]}, "filters[0].value", "not an object"),
    ({"filters": [{**BY_PLAN, "value": float("nan")}]}, "filters[0].value", "finite"),
    ({"filters": [{**BY_PLAN, "value": 10**400}]}, "filters[0].value", "finite"),
    ({"filters": [{**BY_PLAN, "value": "x" * 65_536}]}, "filters[0].value", "at most 65535"),
    ({"filters": [{**BY_PLAN, "value": "\ud800"}]}, "filters[0].value", "not valid Unicode"),
    ({"filters": [{"column": "plan", "op": "in", "value": "gold"}]}, "filters[0].value", "an array of at least one"),
    ({"filters": [{"column": "plan", "op": "in", "value": []}]}, "filters[0].value", "an array of at least one"),
    ({"filters": [{"column": "plan", "op": "in", "value": ["a", None]}]}, "filters[0].value[1]", "not null"),
    ({"filters": [{"column": "plan", "op": "in", "value": ["a"] * 1001}]}, "filters[0].value", "at most 1000"),
    ({"filters": [{"column": "plan", "op": "exists", "value": 1}]}, "filters[0].value", "takes no value"),
    ({"filters": [{"column": "plan", "op": "exists"}] * 101}, "filters", "at most 100"),
    ({"filter_combination": "XOR"}, "filter_combination", "Use one of AND, OR"),
    ({"breakdowns": ["plan", "plan"]}, "breakdowns[1]", "twice"),
    ({"breakdowns": [None]}, "breakdowns[0]", "must be text, not null"),
    ({"orders": [{}]}, "orders[0]", "needs an op"),
    ({"orders": [{"op": "P75", "column": "lcp.value"}]}, "orders[0].op", "is not among the calculations (COUNT)"),
    ({"orders": [{"column": "plan"}]}, "orders[0].column", "is not among the calculations"),
    ({"orders": [{"op": "COUNT", "order": "descend"}]}, "orders[0].order", "Did you mean descending"),
    ({"havings": [{"op": ">", "value": 1}]}, "havings[0]", "needs a calculate_op"),
    ({"havings": [{"calculate_op": "COUNT", "op": ">"}]}, "havings[0].value", "needs value"),
    ({"havings": [{"calculate_op": "COUNT", "op": "in", "value": 1}]}, "havings[0].op", "not a comparison"),
    ({"havings": [{"calculate_op": "COUNT", "op": ">", "value": "1"}]}, "havings[0].value", "must be a number, not text"),
    ({"havings": [{"calculate_op": "COUNT", "op": ">", "value": True}]}, "havings[0].value", "not true or false"),
    ({"limit": 0}, "limit", "between 1 and 10000, not 0"),
    ({"limit": 1001}, "limit", "disable_series"),
    ({"limit": 10_001, "disable_series": True}, "limit", "between 1 and 10000"),
    ({"limit": 1.5}, "limit", "a whole number, not 1.5"),
    ({"limit": True}, "limit", "not true or false"),
    ({"disable_series": 1}, "disable_series", "must be true or false"),
    ({"time_range": 0}, "time_range", "between 1"),
    ({"time_range": 10**400}, "time_range", "not inf"),
    ({"time_range": float("inf")}, "time_range", "a whole number"),
    ({"start_time": -1}, "start_time", "between 0"),
    ({"start_time": 2, "end_time": 2}, "end_time", "must be later than start_time"),
    ({"start_time": 1, "end_time": 2, "time_range": 1}, "time_range", "at most two"),
    ({"start_time": 0, "end_time": 2_000_000_000}, "end_time", "covers 2000000000 s"),
    ({"granularity": 7}, "granularity", "use at least 8 s"),
    ({"granularity": -1}, "granularity", "between 0"),
]


@pytest.mark.parametrize(("query", "path", "words"), MISTAKES, ids=[f"{path}-{words[:20]}" for _, path, words in MISTAKES])
def test_a_mistake_is_named(query: dict[str, Any], path: str, words: str) -> None:
    with pytest.raises(QueryError) as caught:
        parse(**query)

    assert caught.value.path == path
    assert words in caught.value.message


@pytest.mark.parametrize("dataset", [{}, {"dataset": None}, {"dataset": ""}, {"dataset": 1}])
def test_a_query_needs_a_dataset(dataset: dict[str, Any]) -> None:
    with pytest.raises(QueryError) as caught:
        parse_query(dataset)

    assert caught.value.path == "dataset"


@pytest.mark.parametrize("document", [None, 1, "x", [], True])
def test_a_query_is_an_object(document: Any) -> None:
    with pytest.raises(QueryError, match="The query must be an object"):
        parse_query(document)


def test_limits_are_settings() -> None:
    limits = SpecLimits(breakdowns=1)

    with pytest.raises(QueryError, match="at most 1 "):
        parse_query({"dataset": "d", "breakdowns": ["a", "b"]}, limits)


def test_an_order_by_one_of_several_like_it_needs_a_name() -> None:
    several = [{"op": "COUNT", "name": "a"}, {"op": "COUNT", "name": "b"}]

    with pytest.raises(QueryError, match="several times"):
        parse(calculations=several, orders=[{"op": "COUNT"}])


def test_a_question_for_events_is_understood() -> None:
    spec = parse_events({"dataset": "d", "columns": ["lcp.value"], "orders": [{"column": "lcp.value", "order": "descending"}]})

    assert (spec.columns, spec.limit, spec.time) == (("lcp.value",), 50, TimeRange(7200))
    assert spec.orders[0].descending


@pytest.mark.parametrize(
    ("question", "path"),
    [
        ({"calculations": []}, "calculations"),
        ({"orders": [{"order": "ascending"}]}, "orders[0].column"),
        ({"orders": [{"op": "COUNT", "column": "x"}]}, "orders[0].op"),
        ({"limit": 1001}, "limit"),
        ({"columns": "id"}, "columns"),
    ],
)
def test_a_mistake_in_a_question_for_events_is_named(question: dict[str, Any], path: str) -> None:
    with pytest.raises(QueryError) as caught:
        parse_events({"dataset": "d", **question})

    assert caught.value.path == path


@given(JSON | st.dictionaries(KEYS, LIKELY))
def test_any_json_gives_a_specification_or_names_a_mistake(document: Any) -> None:
    for parser in (parse_query, parse_events):
        try:
            parser(document)
        except QueryError as error:
            assert error.message
            assert error.path.encode() is not None
            assert error.message.encode() is not None
