"""Calculations on the engine: weights, percentiles against exact ones, null, and numbers as people write them."""

from __future__ import annotations

import math
import random

import pytest
from asking import NOW, Dataset

from collector.query.calculations import OPERATIONS, percentile
from collector.store.base import Store

LCP = "lcp.value"
ESTIMATED = {"exact_rows": 0, "exact_weighted_rows": 0}


def nearest_rank(weighted: list[tuple[float, int]], level: float) -> float:
    """Return the smallest value that at least `level` of the weight does not exceed."""
    wanted, seen = math.ceil(round(level * sum(rate for _, rate in weighted), 6)), 0
    for value, rate in sorted(weighted):
        seen += rate
        if seen >= wanted:
            return value
    raise AssertionError("no weight")


def test_every_calculation_is_weighted_but_those_that_cannot_be(dataset: Dataset) -> None:
    dataset.add({LCP: 100, "sample_rate": 1}, {LCP: 200, "sample_rate": 3}, {"sample_rate": 5})
    ops = ("SUM", "AVG", "MIN", "MAX", "COUNT_DISTINCT", "P25", "P50")

    (row,) = dataset.rows(calculations=[{"op": "COUNT"}, *({"op": op, "column": LCP} for op in ops)])

    assert list(row.values()) == [9, 700, 175, 100, 200, 2, 100, 200]


def test_numbers_come_back_as_they_were_sent(dataset: Dataset) -> None:
    dataset.add({LCP: 123.3})

    calculations = [{"op": op, "column": LCP} for op in ("SUM", "AVG", "MIN", "MAX", "P001", "P75", "P999")]

    assert set(dataset.rows(calculations=calculations)[0].values()) == {123.3}


def test_a_decimal_comes_back_from_every_way_to_percentiles(dataset: Dataset) -> None:
    dataset.add({LCP: 1234.5}, {"cls.value": 0.083})

    for one in (dataset, dataset.limited(**ESTIMATED)):
        assert one.one("P75", LCP) == 1234.5
        assert one.one("P75", "cls.value") == 0.083


def test_a_large_sum_of_whole_numbers_stays_exact(dataset: Dataset) -> None:
    dataset.add(*({"resource.count": 3, "sample_rate": 1_000_000} for _ in range(7)), {"resource.count": 1})

    assert dataset.one("SUM", "resource.count") == 21_000_001


def test_what_was_not_measured_is_null_and_not_zero(dataset: Dataset) -> None:
    dataset.add({"page.path": "/"})

    calculations = [{"op": op, "column": LCP} for op, row in OPERATIONS.items() if row.takes == "numbers" and op != "HEATMAP"]

    assert set(dataset.rows(calculations=calculations)[0].values()) == {None}
    assert set(dataset.limited(**ESTIMATED).rows(calculations=calculations)[0].values()) == {None}


def test_without_events_there_is_nothing_but_a_count(dataset: Dataset) -> None:
    answer = dataset.ask(calculations=[{"op": "COUNT"}, {"op": "P75", "column": LCP}, {"op": "MAX", "column": "sample_rate"}])

    assert answer["results"][0]["data"] == {"COUNT": 0, "P75(lcp.value)": None, "MAX(sample_rate)": None}
    assert answer["series"] == []


def test_zero_counts_as_a_measurement(dataset: Dataset) -> None:
    dataset.add({"cls.value": 0}, {"cls.value": None})

    assert dataset.one("P75", "cls.value") == 0
    assert dataset.one("AVG", "cls.value") == 0


@pytest.mark.parametrize("count", [1, 4, 5, 100])
def test_a_percentile_of_few_values_is_one_of_them(count: int, dataset: Dataset) -> None:
    values = [(100.0 * number, 1) for number in range(1, count + 1)]
    dataset.add(*({LCP: value} for value, _ in values))
    levels = {op: row.level for op, row in OPERATIONS.items() if row.level}

    (row,) = dataset.rows(calculations=[{"op": op, "column": LCP, "name": op} for op in levels])

    assert row == {op: nearest_rank(values, level) for op, level in levels.items()}


def test_a_percentile_of_few_sampled_values_is_one_of_them(dataset: Dataset) -> None:
    dataset.add(*({LCP: value, "sample_rate": rate} for value, rate in ((100, 10), (200, 10), (300, 10), (400, 10))))

    assert [dataset.one(op, LCP) for op in ("P25", "P50", "P75", "P80", "P999")] == [100, 200, 300, 400, 400]


def skewed(count: int, rates: tuple[int, ...]) -> list[tuple[float, int]]:
    chance = random.Random(count)
    return [(round(math.exp(chance.gauss(7, 1.2)), 1), chance.choice(rates)) for _ in range(count)]


@pytest.mark.parametrize("rates", [(1,), (1, 1, 1, 20)], ids=["unsampled", "sampled"])
def test_percentiles_of_skewed_values_are_exact(rates: tuple[int, ...], dataset: Dataset) -> None:
    values = skewed(10_000, rates)
    dataset.add(*({LCP: value, "sample_rate": rate} for value, rate in values))
    levels = {op: row.level for op, row in OPERATIONS.items() if row.level}

    (row,) = dataset.rows(calculations=[{"op": op, "column": LCP, "name": op} for op in levels])

    assert row == {op: nearest_rank(values, level) for op, level in levels.items()}


@pytest.mark.parametrize("rate", ["1", "if(number % 4 = 0, 20, 1)"], ids=["unsampled", "sampled"])
def test_estimated_percentiles_of_many_skewed_values_are_within_half_a_percent(rate: str, embedded_store: Store) -> None:
    levels = sorted(row.level for row in OPERATIONS.values() if row.level)
    both = [percentile(level, levels, "x", "", method) for method in ("exact_weighted", "digest") for level in levels]
    # Log-normal by Box and Muller, reproducible.
    deviate = "sqrt(-2 * log((number + 1) / 600001)) * cos(2 * pi() * (intHash32(number) / 4294967296))"
    values = f"SELECT toFloat32(round(exp(7 + 1.2 * {deviate}), 1)) AS x, toUInt32({rate}) AS sample_rate FROM numbers(600000)"

    (row,) = embedded_store.query(f"SELECT {', '.join(both)} FROM ({values})").rows

    exact, estimated = row[: len(levels)], row[len(levels) :]
    assert estimated == pytest.approx(exact, rel=0.005)


def test_percentiles_over_time_and_in_total_agree_with_exact_ones(dataset: Dataset) -> None:
    dataset.add(*({LCP: 100 * n, "ts": (NOW - 60 * (n % 2) - 30) * 1000} for n in range(1, 9)))

    answer = dataset.ask(calculations=[{"op": "P75", "column": LCP, "name": "p"}], granularity=60, time_range=600)

    assert [point["data"]["p"] for point in answer["series"]] == [500, 600]
    assert answer["results"][0]["data"] == {"p": 600}


def test_a_calculation_has_filters_of_its_own(dataset: Dataset) -> None:
    dataset.add({LCP: 1000}, {LCP: 3000, "device.type": "mobile"}, {LCP: 5000, "device.type": "mobile", "sample_rate": 2})
    mobile = [{"column": "device.type", "op": "=", "value": "mobile"}]
    extreme = [{"column": LCP, "op": ">", "value": 2500}, {"column": LCP, "op": "<", "value": 500}]
    ops = ("SUM", "AVG", "MIN", "MAX", "P50", "P25", "COUNT_DISTINCT")

    (row,) = dataset.rows(calculations=[
        {"op": "COUNT", "name": "extreme", "filters": extreme, "filter_combination": "OR"},
        *({"op": op, "column": LCP, "name": op, "filters": mobile} for op in ops),
        {"op": "P25", "column": LCP, "name": "of all"},
    ])  # fmt: skip

    assert list(row.values()) == [3, 13_000, 4333.3335, 3000, 5000, 5000, 3000, 2, 1000]


def test_a_calculation_whose_filters_match_nothing_is_null(dataset: Dataset) -> None:
    dataset.add({LCP: 1000})
    none = [{"column": LCP, "op": "<", "value": 0}]

    (row,) = dataset.rows(calculations=[{"op": op, "column": LCP, "filters": none} for op in ("SUM", "AVG", "MAX", "P75")])

    assert set(row.values()) == {None}


@pytest.mark.parametrize(
    ("column", "words"),
    [("page.path", "text (string)"), ("page.hidden_at_start", "true or false (boolean)"), ("ts", "times (time)")],
)
def test_a_numeric_calculation_of_something_else_names_its_type(column: str, words: str, dataset: Dataset) -> None:
    with pytest.raises(Exception, match="P75 needs numbers") as caught:
        dataset.one("P75", column)

    assert getattr(caught.value, "path", None) == "calculations[0].column"
    assert words in str(caught.value)


def test_different_values_are_counted_of_every_type(dataset: Dataset) -> None:
    dataset.add({"page.path": "/a", "browser.webdriver": True}, {"page.path": "/b"}, {"page.path": "/a", "ts": (NOW - 1) * 1000})

    assert [dataset.one("COUNT_DISTINCT", name) for name in ("page.path", "browser.webdriver", "ts", LCP)] == [2, 1, 2, 0]


def test_computed_fields_are_fields(dataset: Dataset) -> None:
    dataset.add({"navigation.request_start": 10.5, "navigation.response_start": 110.6, LCP: 2500})

    assert dataset.one("MAX", "navigation.request_duration") == pytest.approx(100.1, abs=1e-4)
    assert dataset.matching("lcp.rating", "=", "good") == {"e00001"}


@pytest.mark.parametrize(
    ("op", "level"), [("P0", 0), ("P1", 0.01), ("P12.5", 0.125), ("P50", 0.5), ("P99.99", 0.9999), ("P99", 0.99)]
)
def test_any_percentile_can_be_asked_for(op: str, level: float, dataset: Dataset) -> None:
    dataset.add(*({LCP: value} for value in range(1, 201)))

    assert dataset.one(op, LCP) == nearest_rank([(value, 1) for value in range(1, 201)], max(level, 1e-9))


def test_a_heat_map_counts_the_values_of_each_cell(dataset: Dataset) -> None:
    dataset.add({LCP: 1}, {LCP: 1, "sample_rate": 3}, {LCP: 1000}, {LCP: 100, "ts": (NOW - 7000) * 1000}, {})

    answer = dataset.ask(calculations=[{"op": "HEATMAP", "column": LCP}], granularity=3600)
    edges = answer["meta"]["heatmaps"]["HEATMAP(lcp.value)"]["edges"]
    cells = answer["results"][0]["data"]["HEATMAP(lcp.value)"]

    assert (len(edges), edges[0], edges[-1]) == (61, 1, 1000)
    assert [count for _, count in cells] == [4, 1, 1]
    assert all(edges[cell] <= value <= edges[cell + 1] for (cell, _), value in zip(cells, (1, 100, 1000), strict=True))
    assert [point["data"]["HEATMAP(lcp.value)"] for point in answer["series"]] == [[cells[1]], [cells[0], cells[2]]]


@pytest.mark.parametrize(
    ("values", "cells"),
    [([0, 0, 4], [[0, 2], [1, 1]]), ([-5, 0, 5], [[0, 1], [30, 1], [59, 1]]), ([7, 7], [[0, 2]]), ([0], [[0, 1]]), ([], [])],
    ids=["zero-apart", "negative", "all-equal", "only-zero", "none"],
)
def test_a_heat_map_has_a_cell_for_every_value(values: list[float], cells: list[list[int]], dataset: Dataset) -> None:
    dataset.add({}, *({LCP: value} for value in values))

    assert dataset.one("HEATMAP", LCP) == cells


def test_concurrency_is_how_many_events_are_under_way(dataset: Dataset) -> None:
    dataset.add({"page.age": 60_000}, {"page.age": 30_000, "sample_rate": 2}, {LCP: 600, "ts": (NOW - 4000) * 1000})

    answer = dataset.ask(time_range=3600, granularity=60, calculations=[{"op": "CONCURRENCY", "name": "open"}])

    assert answer["results"] == [{"data": {"open": pytest.approx(120 / 3600)}}]
    assert [point["data"]["open"] for point in answer["series"]] == [2]
    assert dataset.one("CONCURRENCY", LCP, time_range=6000) == pytest.approx(0.6 / 6000)


def test_a_rate_is_the_change_from_point_to_point(dataset: Dataset) -> None:
    minutes = (NOW // 60 - 10) * 60
    counters = [(0, "a", 5), (1, "a", 8), (2, "a", 4), (4, "a", 9), (0, "b", 100), (1, "b", 101)]
    dataset.add(*({"ts": (minutes + 60 * at) * 1000, "page.path": path, LCP: value} for at, path, value in counters))

    answer = dataset.ask(calculations=[{"op": "RATE_MAX", "column": LCP}], breakdowns=["page.path"], granularity=60)

    rates = {path: [p["data"]["RATE_MAX(lcp.value)"] for p in answer["series"] if p["data"]["page.path"] == path] for path in "ab"}
    assert rates == {"a": [None, 3, -4, None], "b": [None, 1]}
    assert {row["data"]["RATE_MAX(lcp.value)"] for row in answer["results"]} == {None}


def test_a_percentile_has_an_interval_that_holds_the_true_value(dataset: Dataset) -> None:
    """Of 200 groups of 80 values, 95 % of the intervals should hold the percentile of the distribution."""
    chance = random.Random(3)
    dataset.add(*({LCP: chance.lognormvariate(7, 0.8), "page.path": str(group)} for group in range(200) for _ in range(80)))
    true = math.exp(7 + 0.8 * 0.6744897501960817)

    rows = dataset.ask(calculations=[{"op": "P75", "column": LCP}], breakdowns=["page.path"], limit=200, disable_series=True)[
        "results"
    ]
    intervals = [row["intervals"]["P75(lcp.value)"] for row in rows]

    assert 180 <= sum(one["low"] <= true <= one["high"] for one in intervals) <= 200
    assert all(row["intervals"]["P75(lcp.value)"]["low"] < row["data"]["P75(lcp.value)"] for row in rows)
    assert {one["effective_rows"] for one in intervals} == {80}


@pytest.mark.parametrize("ways", [{}, ESTIMATED], ids=["exact", "estimated"])
def test_the_interval_of_sampled_events_is_as_wide_as_their_weights_make_it(ways: dict[str, int], dataset: Dataset) -> None:
    dataset.add(*({LCP: value, "sample_rate": rate} for value in range(1, 101) for rate in (1, 9)))

    (row,) = dataset.limited(**ways).ask(calculations=[{"op": "P50", "column": LCP}], end_time=NOW)["results"]

    found = row["intervals"]["P50(lcp.value)"]
    assert found["effective_rows"] == pytest.approx(1000**2 / 8200, abs=0.1)
    assert found["low"] == pytest.approx(50 - 100 * 0.5 * 1.96 / math.sqrt(found["effective_rows"]), abs=3)


def test_what_was_not_measured_has_no_interval(dataset: Dataset) -> None:
    dataset.add({}, {LCP: 5, "page.path": "/"})

    rows = dataset.ask(calculations=[{"op": "P75", "column": LCP}], breakdowns=["page.path"])["results"]

    assert [row["intervals"]["P75(lcp.value)"] for row in rows] == [{"low": 5, "high": 5, "effective_rows": 1}, None]


def test_distinct_values_are_marked_as_not_weighted(dataset: Dataset) -> None:
    meta = dataset.ask(calculations=[{"op": "COUNT"}, {"op": "COUNT_DISTINCT", "column": LCP}])["meta"]

    assert meta["unweighted"] == ["COUNT_DISTINCT(lcp.value)"]


def test_heat_maps_and_rates_may_come_first_with_groups(dataset: Dataset) -> None:
    dataset.add({LCP: 1, "page.path": "/a"}, {LCP: 2, "page.path": "/a"}, {LCP: 2, "page.path": "/b"})
    calculations = [{"op": "HEATMAP", "column": LCP}, {"op": "RATE_SUM", "column": LCP}, {"op": "COUNT"}]

    rows = dataset.rows(calculations=calculations, breakdowns=["page.path"])

    assert [(row["page.path"], row["HEATMAP(lcp.value)"], row["COUNT"]) for row in rows] == [
        ("/a", [[0, 1], [59, 1]], 2),
        ("/b", [[59, 1]], 1),
    ]
