"""Every operator on every type of field, on the engine."""

from __future__ import annotations

from typing import Any

import pytest
from asking import NOW, Dataset

from collector.errors import QueryError

ISO = "2026-11-16T09:59:{:02}Z"

#: a: the event that has 1, "apple", true, 09:59:10; b: 2.5, "banana", false, 09:59:20; n: none of them, 09:59:30.
CASES: list[tuple[str, str, Any, str]] = [
    ("lcp.value", "=", 1, "a"),
    ("lcp.value", "=", 2.5, "b"),
    ("lcp.value", "=", "2.5", "b"),
    ("lcp.value", "=", 1e300, ""),
    ("lcp.value", "!=", 1, "bn"),
    ("lcp.value", ">", 1, "b"),
    ("lcp.value", ">=", 1, "ab"),
    ("lcp.value", "<", 2.5, "a"),
    ("lcp.value", "<=", 2.5, "ab"),
    ("lcp.value", "<", -(10**18), ""),
    ("lcp.value", "in", [1, "2.5", 7], "ab"),
    ("lcp.value", "not-in", [1], "bn"),
    ("lcp.value", "starts-with", "2.", "b"),
    ("lcp.value", "contains", 5, "b"),
    ("lcp.value", "does-not-end-with", "5", "an"),
    ("cls.value", "=", 123.3, "a"),
    ("cls.value", ">=", 123.3, "a"),
    ("cls.value", "in", [123.3], "a"),
    ("navigation.response_status", "=", 200, "a"),
    ("navigation.response_status", "in", [200, 404.5], "a"),
    ("navigation.response_status", "<", 200.5, "a"),
    ("page.path", "=", "apple", "a"),
    ("page.path", "=", "Apple", ""),
    ("page.path", "!=", "apple", "bn"),
    ("page.path", ">", "apple", "b"),
    ("page.path", ">=", "apple", "ab"),
    ("page.path", "<", "b", "a"),
    ("page.path", "<=", "banana", "ab"),
    ("page.path", "in", ["apple", "cherry"], "a"),
    ("page.path", "not-in", ["apple", "cherry"], "bn"),
    ("page.path", "starts-with", "ba", "b"),
    ("page.path", "does-not-start-with", "ba", "an"),
    ("page.path", "ends-with", "le", "a"),
    ("page.path", "does-not-end-with", "le", "bn"),
    ("page.path", "contains", "an", "b"),
    ("page.path", "contains", "", "ab"),
    ("page.path", "contains", "%", ""),
    ("page.path", "does-not-contain", "an", "an"),
    ("page.url", "contains", "an", "b"),
    ("service.version", "=", 4.2, "a"),
    ("service.version", "in", [4.2, 5], "ab"),
    ("service.version", "=", True, "n"),
    ("page.hidden_at_start", "=", True, "a"),
    ("page.hidden_at_start", "=", "false", "b"),
    ("page.hidden_at_start", "!=", True, "bn"),
    ("page.hidden_at_start", "in", [True, False], "ab"),
    ("page.hidden_at_start", "not-in", [False], "an"),
    ("page.hidden_at_start", "starts-with", "tr", "a"),
    ("ts", "=", NOW - 50, "a"),
    ("ts", "=", ISO.format(10), "a"),
    ("ts", "!=", NOW - 50, "bn"),
    ("ts", ">", ISO.format(10), "bn"),
    ("ts", ">=", "2026-11-16T10:59:20+01:00", "bn"),
    ("ts", "<", "2026-11-16 09:59:20.001", "ab"),
    ("ts", "<=", NOW - 49.5, "a"),
    ("ts", "in", [NOW - 50, ISO.format(30)], "an"),
    ("received_at", ">", "2026-11-16", "abn"),
]


@pytest.fixture
def fruit(dataset: Dataset) -> Dataset:
    dataset.add(
        {"id": "a", "ts": (NOW - 50) * 1000, "lcp.value": 1, "cls.value": 123.3, "page.path": "apple", "page.url": "apple",
         "service.version": "4.2", "page.hidden_at_start": True, "navigation.response_status": 200},
        {"id": "b", "ts": (NOW - 40) * 1000, "lcp.value": 2.5, "page.path": "banana", "page.url": "banana",
         "service.version": "5", "page.hidden_at_start": False, "navigation.response_status": 404},
        {"id": "n", "ts": (NOW - 30) * 1000, "service.version": "true"},
    )  # fmt: skip
    return dataset


def test_operators_compare_every_type(fruit: Dataset) -> None:
    for column, op, value, ids in CASES:
        assert fruit.matching(column, op, value) == set(ids), f"{column} {op} {value!r}"


@pytest.mark.parametrize("column", ["lcp.value", "page.path", "page.url", "page.hidden_at_start", "lcp.rating"])
def test_exists_is_about_having_a_value(column: str, fruit: Dataset) -> None:
    assert fruit.matching(column, "exists") == {"a", "b"}
    assert fruit.matching(column, "does-not-exist") == {"n"}


def test_a_time_always_exists(fruit: Dataset) -> None:
    assert fruit.matching("ts", "exists") == {"a", "b", "n"}


@pytest.mark.parametrize(
    ("column", "op", "value", "path", "words"),
    [
        ("lcp.value", "=", "fast", "filters[0].value", "lcp.value holds numbers; “fast” is not among them"),
        ("lcp.value", ">", True, "filters[0].value", "true or false"),
        ("lcp.value", "in", [1, "x"], "filters[0].value[1]", "“x”"),
        ("lcp.value", "=", "nan", "filters[0].value", "“nan”"),
        ("lcp.value", "=", "1_000", "filters[0].value", "“1_000”"),
        ("page.hidden_at_start", "=", 1, "filters[0].value", "holds true or false"),
        ("page.hidden_at_start", ">", True, "filters[0].op", "> does not work on page.hidden_at_start"),
        ("ts", "=", "yesterday", "filters[0].value", "2026-11-23T08:00:00Z"),
        ("ts", "=", 1e15, "filters[0].value", "Use epoch seconds"),
        ("ts", "contains", "2026", "filters[0].op", "holds times"),
    ],
)
def test_a_value_that_does_not_suit_the_field_is_named(
    column: str, op: str, value: Any, path: str, words: str, dataset: Dataset
) -> None:
    with pytest.raises(QueryError) as caught:
        dataset.matching(column, op, value)

    assert caught.value.path == path
    assert words in caught.value.message


def test_filters_hold_all_or_one(fruit: Dataset) -> None:
    filters = [{"column": "lcp.value", "op": "<", "value": 2}, {"column": "page.path", "op": "=", "value": "banana"}]

    assert fruit.one("COUNT", filters=filters) == 0
    assert fruit.one("COUNT", filters=filters, filter_combination="AND") == 0
    assert fruit.one("COUNT", filters=filters, filter_combination="OR") == 2


def test_groups_of_filters_stand_in_each_other(fruit: Dataset) -> None:
    path, value = ({"column": column, "op": "exists"} for column in ("page.path", "lcp.value"))
    banana = {"column": "page.path", "op": "=", "value": "banana"}

    assert fruit.one("COUNT", filters=[path, {"filters": [banana, value]}]) == 1
    assert fruit.one("COUNT", filters=[path, {"filters": [banana, value], "filter_combination": "OR"}]) == 2
    assert fruit.one("COUNT", filters=[{"filters": [banana, path]}, {"filters": [path]}], filter_combination="OR") == 2


def test_a_combination_of_calculation_filters_stays_within_the_querys(fruit: Dataset) -> None:
    either = [{"column": "page.path", "op": "=", "value": path} for path in ("apple", "banana")]
    calculation = {"op": "COUNT", "name": "it", "filters": either, "filter_combination": "OR"}

    assert fruit.rows(calculations=[calculation], filters=[either[0]]) == [{"it": 1}]


def test_text_of_any_kind_is_found_again(dataset: Dataset) -> None:
    hostile = [
        "it's", 'a"b', "a`b", "a\\b", "{p0:String}", "a\nb\tc", "\0", "%_", "日本 😀", "'; DROP TABLE events; --", "\\N", "NULL",
    ]  # fmt: skip
    dataset.add(*({"id": str(index), "page.path": text} for index, text in enumerate(hostile)))

    for index, text in enumerate(hostile):
        assert dataset.matching("page.path", "=", text) == {str(index)}
        assert dataset.matching("page.path", "in", [text, "x"]) == {str(index)}
        assert str(index) in dataset.matching("page.path", "contains", text)
