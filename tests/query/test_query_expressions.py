"""Calculated fields and formulas: Honeycomb's expression language on the engine."""

from __future__ import annotations

from typing import Any

import pytest
from asking import NOW, Dataset

from collector.errors import QueryError
from collector.query.parse import parse_query

EVENT = {
    "id": "e1", "page.path": "/Search", "lcp.value": 1234.5, "cls.value": 0, "page.hidden_at_start": True,
    "ts": 1_794_823_000_250, "attrs_string": {"code": "42", "my field": "x y", "empty": ""}, "attrs_number": {"n": 7.0},
}  # fmt: skip
VALUES: list[tuple[str, Any]] = [
    ("$lcp.value", 1234.5),
    ('$"my field"', "x y"),
    ("$`my field`", "x y"),
    ("IF(GT($lcp.value, 1000), \"slow\", \"fast\")", "slow"),
    ("IF(LT($lcp.value, 1000), 1, LT($lcp.value, 1300), 2, 3)", 2),
    ("IF(EXISTS($inp.value), 1)", None),
    ("IF($page.hidden_at_start, 1, \"x\")", "1"),
    ("SWITCH($page.path, \"/\", \"home\", \"/Search\", \"search\", \"other\")", "search"),
    ("SWITCH($n, 1, \"one\", \"none\")", "none"),
    ("COALESCE($inp.value, $empty, $code, \"z\",)", "42"),
    ("EQUALS($code, 42)", True),
    ("EQUALS($lcp.value, 1234.5)", True),
    ("$lcp.value = 1234.5 AND !EXISTS($inp.value)", True),
    ("EQUALS($inp.value, 0)", False),
    ("$inp.value != 0", True),
    ("IN($page.path, \"/\", \"/Search\")", True),
    ("NOT(EXISTS($inp.value))", True),
    ("AND(true, $n > 6, $n < 8)", True),
    ("OR($inp.value > 1, false)", False),
    ("MIN($n, $inp.value, 9)", 7),
    ("MAX($inp.value)", None),
    ("SUM($n, 1, $code)", 50),
    ("1 + 2 * $n - -1", 16),
    ("(1 + 2) * $n % 4", 1),
    ("SUB($n, $inp.value)", None),
    ("DIV($n, 2)", 3.5),
    ("$n / 0", None),
    ("MOD($n, 0)", None),
    ("LOG10(1000)", 3),
    ("LOG10(0)", None),
    ("INT(\"7.9\")", 7),
    ("FLOAT(\"seven\")", None),
    ("BOOL(\"true\")", True),
    ("STRING($n)", "7"),
    ("STRING(true)", "true"),
    ("CONCAT($page.path, \"?\", $inp.value, $n)", "/Search?7"),
    ("STARTS_WITH($page.path, \"/S\")", True),
    ("ENDS_WITH($page.path, \"/S\")", False),
    ("CONTAINS($inp.value, \"1\")", False),
    ("TO_LOWER($page.path)", "/search"),
    ("LENGTH(\"äö\")", 2),
    ("LENGTH(\"äö\", \"bytes\")", 4),
    ("REG_MATCH($page.path, `^/[A-Z]\\w+$`)", True),
    ("REG_VALUE($page.path, `/(S.)`)", "Se"),
    ("REG_COUNT($page.path, `[ae]`)", 2),
    ("UNIX_TIMESTAMP(\"2026-11-16T10:00:00Z\")", NOW),
    ("EVENT_TIMESTAMP()", 1_794_823_000.25),
    ("FORMAT_TIME(\"%Y-%m-%d %H:%M %A\", EVENT_TIMESTAMP())", "2026-11-16 09:56 Monday"),
    ("BUCKET($lcp.value, 500)", "1000 - 1500"),
    ("BUCKET($lcp.value, 100, 0, 1000)", ">= 1000"),
    ("BUCKET(-1, 100, 0, 1000)", "< 0"),
    ("BUCKET($inp.value, 100)", None),
    ("\"a\\u00e4\\n\\\"\"", "aä\n\""),
]  # fmt: skip


def field(expression: str, name: str = "it") -> dict[str, str]:
    return {"name": name, "expression": expression}


@pytest.mark.parametrize(("expression", "value"), VALUES, ids=[expression for expression, _ in VALUES])
def test_an_expression_has_a_value(expression: str, value: Any, dataset: Dataset) -> None:
    dataset.add(EVENT)

    (row,) = dataset.rows(calculated_fields=[field(expression)], breakdowns=["it"])

    assert row["it"] == (pytest.approx(value) if isinstance(value, float) else value)
    assert type(row["it"]) is bool or not isinstance(value, bool)


def test_a_calculated_field_is_used_like_any_other(dataset: Dataset) -> None:
    dataset.add({"lcp.value": 100}, {"lcp.value": 2600}, {"lcp.value": 2800}, {})
    fields = [field("DIV($lcp.value, 1000)", "seconds"), field('IF($seconds > 2.5, "slow", "fast")', "speed")]

    rows = dataset.rows(
        calculated_fields=fields,
        calculations=[{"op": "MAX", "column": "seconds"}, {"op": "COUNT"}],
        filters=[{"column": "seconds", "op": "exists"}],
        breakdowns=["speed"],
    )

    assert rows == [{"speed": "slow", "MAX(seconds)": 2.8, "COUNT": 2}, {"speed": "fast", "MAX(seconds)": 0.1, "COUNT": 1}]


def test_a_calculated_field_may_be_about_items(dataset: Dataset) -> None:
    dataset.add({"resources.host": ["a", "b"], "resources.duration": [100, 900]})

    rows = dataset.rows(calculated_fields=[field("IF($resources.duration > 500, $resources.host)")], breakdowns=["it"])

    assert sorted(rows, key=str) == [{"it": "b", "COUNT": 1}, {"it": None, "COUNT": 1}]


def test_a_formula_is_made_of_calculations(dataset: Dataset) -> None:
    dataset.add({"page.path": "/a", "lcp.value": 5}, {"page.path": "/a"}, {"page.path": "/b", "lcp.value": 5}, {"page.path": "/c"})
    having_it = {"op": "COUNT", "name": "measured", "filters": [{"column": "lcp.value", "op": "exists"}]}

    rows = dataset.rows(
        calculations=[{"op": "COUNT"}, having_it],
        formulas=[field("MUL(DIV($measured, $COUNT), 100)", "percent")],
        breakdowns=["page.path"],
        orders=[{"column": "percent", "order": "descending"}],
        havings=[{"column": "percent", "op": ">", "value": 0}],
    )

    assert [(row["page.path"], row["percent"]) for row in rows] == [("/b", 100), ("/a", 50)]


def test_a_formula_has_a_series(dataset: Dataset) -> None:
    dataset.add({"lcp.value": 5}, {"lcp.value": 7})

    answer = dataset.ask(calculations=[{"op": "SUM", "column": "lcp.value"}], formulas=[field('$"SUM(lcp.value)" / 2')])

    assert [row["data"]["it"] for row in (*answer["results"], *answer["series"])] == [6, 6]


def test_text_in_an_expression_is_only_text(dataset: Dataset) -> None:
    hostile = "'; DROP TABLE events; -- {p0:String} %s \\N `"
    dataset.add({"page.path": hostile})
    text = '"' + hostile.replace("\\", "\\\\") + '"'

    rows = dataset.rows(calculated_fields=[field(f"IF(EQUALS($page.path, {text}), {text})")], breakdowns=["it"])

    assert rows == [{"it": hostile, "COUNT": 1}]


MISTAKES = [
    ("IF(", "There is the end where"),
    ("$page.path $page.path", "where an operator or the end should be"),
    ("IFF(true, 1)", "There is no function IFF. Did you mean IF"),
    ("IF(true)", "IF takes at least 2 arguments, not 1"),
    ("page.path", "write $page.path for the field"),
    ("'text'", "texts stand in double quotes"),
    ('"text', "the text is not closed"),
    ("$lcp.valeu", "Did you mean lcp.value"),
    ("REG_MATCH($page.path, $page.path)", "Argument 2 of REG_MATCH must be a text in quotes"),
    ('FORMAT_TIME("%Q", 0)', "does not know %Q"),
    ('LENGTH("a", "b")', "must be"),
    ("SUM($resources.duration, $resource_hosts.duration)", "different lists"),
    ("!" * 40 + "true", "brackets deep"),
    ("1" + " + 1" * 600, "more than 500"),
    ("$later", "is calculated further down"),
]


@pytest.mark.parametrize(("expression", "words"), MISTAKES, ids=[words[:30] for _, words in MISTAKES])
def test_a_mistake_in_an_expression_is_named(expression: str, words: str, dataset: Dataset) -> None:
    with pytest.raises(QueryError) as caught:
        dataset.ask(calculated_fields=[field(expression), field("1", "later")])

    assert caught.value.path == "calculated_fields[0].expression"
    assert words in caught.value.message


@pytest.mark.parametrize(
    ("query", "path", "words"),
    [
        ({"calculated_fields": [field("1", "lcp.value")]}, "calculated_fields[0].name", "is a known field already"),
        ({"calculated_fields": [field("1"), field("2")]}, "calculated_fields[1].name", "is there twice"),
        ({"calculated_fields": [{"name": "a"}]}, "calculated_fields[0].expression", "needs expression"),
        ({"formulas": [field("$COUTN")]}, "formulas[0].expression", "Did you mean COUNT"),
        ({"formulas": [field("1", "COUNT")]}, "formulas[0].name", "is in the answer already"),
        ({"calculations": [{"op": "HEATMAP", "column": "lcp.value"}], "orders": [{"op": "HEATMAP", "column": "lcp.value"}]},
         "orders[0]", "no single number"),
    ],
)  # fmt: skip
def test_a_mistake_around_expressions_is_named(query: dict[str, Any], path: str, words: str) -> None:
    with pytest.raises(QueryError) as caught:
        parse_query({"dataset": "demo", **query})

    assert caught.value.path == path
    assert words in caught.value.message


def test_totals_and_the_rest_are_over_all_groups(dataset: Dataset) -> None:
    dataset.add(*({"page.path": path, "lcp.value": value} for path, value in [("/a", 1), ("/a", 2), ("/b", 4), ("/c", 9)]))

    answer = dataset.ask(
        calculations=[{"op": "COUNT"}, {"op": "MAX", "column": "lcp.value"}],
        breakdowns=["page.path"],
        limit=1,
        disable_total_by_aggregate=False,
        disable_other_by_aggregate=False,
    )

    assert [row["data"]["page.path"] for row in answer["results"]] == ["/a"]
    assert answer["total_by_aggregate"] == {"data": {"COUNT": 4, "MAX(lcp.value)": 9}}
    assert answer["other_by_aggregate"] == {"data": {"COUNT": 2, "MAX(lcp.value)": 9}}


def test_an_earlier_range_is_compared_group_by_group(dataset: Dataset) -> None:
    day = 86_400
    times = [("/a", 60), ("/a", 70), ("/b", 60), ("/a", day + 60), ("/c", day + 60)]
    dataset.add(*({"page.path": path, "ts": (NOW - ago) * 1000} for path, ago in times))

    answer = dataset.ask(breakdowns=["page.path"], time_range=3600, granularity=600, compare_time_offset_seconds=day)

    comparison = answer["comparison"]
    assert [row["data"] for row in comparison["results"]] == [{"page.path": "/a", "COUNT": 1}, {"page.path": "/b", "COUNT": None}]
    assert [point["data"]["COUNT"] for point in comparison["series"]] == [1]
    assert comparison["end_time"] == answer["meta"]["end_time"] - day


def test_an_earlier_range_is_compared_without_groups(dataset: Dataset) -> None:
    dataset.add({}, {"ts": (NOW - 7260) * 1000}, {"ts": (NOW - 7270) * 1000})

    answer = dataset.ask(time_range=3600, compare_time_offset_seconds=7200)

    assert (answer["results"], answer["comparison"]["results"]) == ([{"data": {"COUNT": 1}}], [{"data": {"COUNT": 2}}])
