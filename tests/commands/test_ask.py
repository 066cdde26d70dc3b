"""`wideload query`: options become a specification, an answer becomes a table."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import pytest

from collector.commands import ask
from collector.errors import WideloadError


def test_without_options_events_are_counted() -> None:
    assert ask.build_spec(ask.Question()) == {"calculations": [{"op": "COUNT"}], "disable_series": True}


def test_a_calculation_may_be_written_without_brackets() -> None:
    question = ask.Question(["p75:lcp.value", "count", "p99.9: attr:x"], orders=["p75:lcp.value"])

    spec = ask.build_spec(question)

    assert spec["calculations"] == [{"op": "P75", "column": "lcp.value"}, {"op": "COUNT"}, {"op": "P99.9", "column": "attr:x"}]
    assert spec["orders"] == [{"op": "P75", "column": "lcp.value", "order": "descending"}]


def test_an_earlier_time_is_compared_with() -> None:
    spec = ask.build_spec(ask.Question(last="24h", compare="7d"))

    assert (spec["time_range"], spec["compare_time_offset_seconds"]) == (86_400, 604_800)


def test_bars_have_as_many_points_as_a_terminal_has_room_for() -> None:
    assert ask.build_spec(ask.Question(last="24h", spark=True))["granularity"] == 2160
    assert ask.build_spec(ask.Question(last="24h", spark=True, granularity="1h"))["granularity"] == 3600
    assert ask.build_spec(ask.Question(spark=True))["disable_series"] is False


def test_a_percentile_may_have_decimals() -> None:
    assert ask.build_spec(ask.Question(["p99.9(lcp.value)"]))["calculations"] == [{"op": "P99.9", "column": "lcp.value"}]


def test_all_options_together_make_one_specification() -> None:
    question = ask.Question(
        ["p75(lcp.value)", "COUNT"], ["page.path"], ["device.type = mobile", "lcp.value > 2500"], True, ["COUNT > 10"],
        ["P75(lcp.value)", "page.path"], "24h", "1h", 10,
    )  # fmt: skip

    assert ask.build_spec(question) == {
        "calculations": [{"op": "P75", "column": "lcp.value"}, {"op": "COUNT"}],
        "breakdowns": ["page.path"],
        "filters": [
            {"column": "device.type", "op": "=", "value": "mobile"},
            {"column": "lcp.value", "op": ">", "value": 2500},
        ],
        "filter_combination": "OR",
        "havings": [{"calculate_op": "COUNT", "op": ">", "value": 10}],
        "orders": [{"op": "P75", "column": "lcp.value", "order": "descending"}, {"column": "page.path", "order": "ascending"}],
        "time_range": 86_400,
        "granularity": 3600,
        "limit": 10,
        "disable_series": False,
    }


@pytest.mark.parametrize(
    ("text", "column", "op", "value"),
    [
        ("lcp.value>=2500", "lcp.value", ">=", 2500),
        ("cls.value < 0.1", "cls.value", "<", 0.1),
        ("service.version = 2.8", "service.version", "=", "2.8"),
        ("resources.status >= 400", "resources.status", ">=", 400),
        ("resources.cached = true", "resources.cached", "=", True),
        ("resources.path = true", "resources.path", "=", "true"),
        ("user_agent.is_bot != true", "user_agent.is_bot", "!=", True),
        ("cart.items = 3", "cart.items", "=", 3),
        ("cart.items = '3'", "cart.items", "=", "3"),
        ("logged_in = false", "logged_in", "=", False),
        ("page.path starts-with /product/", "page.path", "starts-with", "/product/"),
        ("title contains a = b", "title", "contains", "a = b"),
        ("title = a contains b", "title", "=", "a contains b"),
        ("in.stock does-not-contain x", "in.stock", "does-not-contain", "x"),
        ("page.path = /a b", "page.path", "=", "/a b"),
        ("geo.country.iso_code in DE, FR", "geo.country.iso_code", "in", ["DE", "FR"]),
        ('plan not-in (gold, "a, b", 7)', "plan", "not-in", ["gold", "a, b", 7]),
    ],
)
def test_a_condition_has_a_name_an_operator_and_a_typed_value(text: str, column: str, op: str, value: Any) -> None:
    assert ask.build_spec(ask.Question(conditions=[text]))["filters"] == [{"column": column, "op": op, "value": value}]


@pytest.mark.parametrize("op", ["exists", "does-not-exist"])
def test_a_condition_on_presence_has_no_value(op: str) -> None:
    assert ask.build_spec(ask.Question(conditions=[f"inp.value {op}"]))["filters"] == [{"column": "inp.value", "op": op}]


@pytest.mark.parametrize(
    ("text", "order"),
    [
        ("COUNT", {"op": "COUNT", "order": "descending"}),
        ("P75(lcp.value) asc", {"op": "P75", "column": "lcp.value", "order": "ascending"}),
        ("page.path desc", {"column": "page.path", "order": "descending"}),
    ],
)
def test_an_order_has_the_direction_that_people_expect(text: str, order: dict[str, str]) -> None:
    assert ask.build_spec(ask.Question(orders=[text]))["orders"] == [order]


@pytest.mark.parametrize(
    ("question", "sentence"),
    [
        (ask.Question(["P75 lcp.value"]), "--calc 'P75 lcp.value' is not a calculation: write it like COUNT or p75:lcp.value."),
        (ask.Question(conditions=["mobile"]), "--where 'mobile' has no operator: write it like 'device.type = mobile'."),
        (ask.Question(conditions=["a ="]), "--where 'a =' has no value; to ask for fields that are missing, "
         "write 'a does-not-exist'."),
        (ask.Question(conditions=["a exists b"]), "--where 'a exists b': exists takes no value."),
        (ask.Question(havings=["COUNT > many"]), "--having 'COUNT > many' must compare a calculation with a number, "
         "like 'P75(lcp.value) > 2500'."),
        (ask.Question(orders=[" desc"]), "--order ' desc' must name a calculation or a breakdown, like 'P75(lcp.value) desc'."),
        (ask.Question(last="yesterday"), "--last 'yesterday' is not a time span: write it like 90s, 30m, 24h or 7d."),
        (ask.Question(granularity="0s"), "--granularity '0s' is not a time span: write it like 90s, 30m, 24h or 7d."),
    ],
)  # fmt: skip
def test_a_wrong_option_gets_a_sentence(question: ask.Question, sentence: str) -> None:
    with pytest.raises(WideloadError) as caught:
        ask.build_spec(question)

    assert str(caught.value) == sentence


@pytest.mark.parametrize(
    ("text", "seconds"), [("90", 90), ("90s", 90), ("30m", 1800), ("1.5h", 5400), ("7d", 604_800), ("2w", 1_209_600)]
)
def test_a_time_span_has_a_unit(text: str, seconds: int) -> None:
    assert ask.seconds(text, "--last") == seconds


def test_a_specification_comes_from_a_file_or_standard_input(tmp_path: Path) -> None:
    path = tmp_path / "spec.json"
    path.write_text('{"limit": 1}')

    assert ask.read_spec(str(path), io.StringIO()) == {"limit": 1}
    assert ask.read_spec("-", io.StringIO('{"limit": 2}')) == {"limit": 2}


@pytest.mark.parametrize(("text", "problem"), [("[]", "must be an object"), ("{", "is not JSON")])
def test_a_specification_that_is_none_gets_a_sentence(text: str, problem: str) -> None:
    with pytest.raises(WideloadError, match=rf"in standard input {problem}"):
        ask.read_spec("-", io.StringIO(text))


def test_the_only_dataset_need_not_be_named() -> None:
    assert ask.only_dataset(["shop"]) == "shop"
    with pytest.raises(WideloadError, match=r"choose one with --dataset \(shop, blog\)"):
        ask.only_dataset(["shop", "blog"])
