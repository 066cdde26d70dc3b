"""Breakdowns, orders, havings, limits and series."""

from __future__ import annotations

from datetime import datetime

import pytest
from asking import NOW, Dataset

from collector.errors import QueryError

P75 = {"op": "P75", "column": "lcp.value"}
COUNT = {"op": "COUNT"}


@pytest.fixture
def pages(dataset: Dataset) -> Dataset:
    """/a: 3 events of 1,000 ms; /b: 2 of 3,000 ms; no path: 1 without a measurement."""
    dataset.add(
        *({"page.path": "/a", "lcp.value": 1000, "ts": (NOW - 60 * n - 30) * 1000} for n in range(3)),
        *({"page.path": "/b", "lcp.value": 3000, "ts": (NOW - 60 * n - 30) * 1000} for n in range(2)),
        {"device.type": "mobile", "ts": (NOW - 3600) * 1000},
    )
    return dataset


def test_groups_are_ordered_by_the_first_calculation_descending(pages: Dataset) -> None:
    assert pages.rows(calculations=[COUNT, P75], breakdowns=["page.path"]) == [
        {"COUNT": 3, "P75(lcp.value)": 1000, "page.path": "/a"},
        {"COUNT": 2, "P75(lcp.value)": 3000, "page.path": "/b"},
        {"COUNT": 1, "P75(lcp.value)": None, "page.path": None},
    ]


@pytest.mark.parametrize(
    ("orders", "paths"),
    [
        ([{**P75, "order": "descending"}], ["/b", "/a", None]),
        ([{**P75, "order": "ascending"}], ["/a", "/b", None]),
        ([P75], ["/a", "/b", None]),
        ([{"op": "COUNT", "order": "ascending"}], [None, "/b", "/a"]),
        ([{"column": "page.path", "order": "descending"}], ["/b", "/a", None]),
        ([{"column": "page.path"}], ["/a", "/b", None]),
    ],
)
def test_groups_follow_the_orders_with_null_last(orders: list[dict[str, str]], paths: list[str], pages: Dataset) -> None:
    rows = pages.rows(calculations=[COUNT, P75], breakdowns=["page.path"], orders=orders)

    assert [row["page.path"] for row in rows] == paths


def test_equal_groups_are_ordered_by_their_breakdowns(dataset: Dataset) -> None:
    dataset.add(*({"page.path": path} for path in "cabd"))

    assert [row["page.path"] for row in dataset.rows(breakdowns=["page.path"])] == ["a", "b", "c", "d"]


def test_several_breakdowns_make_a_group_of_every_combination(pages: Dataset) -> None:
    pages.add({"page.path": "/a", "device.type": "mobile"})

    rows = pages.rows(breakdowns=["device.type", "page.path"], orders=[{"column": "device.type"}, {"op": "COUNT"}])

    assert [tuple(row.values()) for row in rows] == [(1, "mobile", "/a"), (1, "mobile", None), (2, None, "/b"), (3, None, "/a")]


def test_breakdowns_of_every_type_keep_their_json(dataset: Dataset) -> None:
    dataset.add({"cls.value": 123.3, "browser.webdriver": True, "navigation.response_status": 200}, {"ts": (NOW - 90) * 1000})

    rows = dataset.rows(breakdowns=["cls.value", "browser.webdriver", "navigation.response_status", "ts"])

    assert [tuple(row.values()) for row in rows] == [
        (1, 123.3, True, 200, "2026-11-16T09:59:00.000Z"),
        (1, None, None, None, "2026-11-16T09:58:30.000Z"),
    ]


@pytest.mark.parametrize(
    ("having", "paths"),
    [
        ({"calculate_op": "COUNT", "op": ">=", "value": 2}, {"/a", "/b"}),
        ({"calculate_op": "COUNT", "op": "=", "value": 1}, {None}),
        ({"calculate_op": "P75", "column": "lcp.value", "op": ">", "value": 1000}, {"/b"}),
        ({"calculate_op": "P75", "column": "lcp.value", "op": "<=", "value": 1e9}, {"/a", "/b"}),
        ({"calculate_op": "P75", "column": "lcp.value", "op": "!=", "value": 1000}, {"/b", None}),
        ({"column": "slow", "op": ">", "value": 0}, {"/b"}),
    ],
)
def test_havings_keep_groups_by_their_values(having: dict[str, object], paths: set[str], pages: Dataset) -> None:
    slow = {"op": "COUNT", "name": "slow", "filters": [{"column": "lcp.value", "op": ">", "value": 2500}]}
    rows = pages.rows(calculations=[COUNT, P75, slow], breakdowns=["page.path"], havings=[having])

    assert {row["page.path"] for row in rows} == paths


def test_a_having_may_leave_nothing_of_the_whole(pages: Dataset) -> None:
    answer = pages.ask(havings=[{"calculate_op": "COUNT", "op": ">", "value": 6}])

    assert (answer["results"], answer["series"]) == ([], [])


def test_a_limit_keeps_the_first_groups_and_says_so(pages: Dataset) -> None:
    answer = pages.ask(breakdowns=["page.path"], limit=2)

    assert [row["data"]["page.path"] for row in answer["results"]] == ["/a", "/b"]
    assert {point["data"]["page.path"] for point in answer["series"]} == {"/a", "/b"}
    assert answer["meta"]["limited"]
    assert not pages.ask(breakdowns=["page.path"], limit=3)["meta"]["limited"]


def test_a_series_has_a_point_for_every_step_with_events(pages: Dataset) -> None:
    answer = pages.ask(calculations=[COUNT, P75], granularity=60, time_range=300)

    assert answer["series"] == [
        {"time": "2026-11-16T09:57:00Z", "data": {"COUNT": 1, "P75(lcp.value)": 1000}},
        {"time": "2026-11-16T09:58:00Z", "data": {"COUNT": 2, "P75(lcp.value)": 3000}},
        {"time": "2026-11-16T09:59:00Z", "data": {"COUNT": 2, "P75(lcp.value)": 3000}},
    ]
    assert answer["results"][0]["data"] == {"COUNT": 5, "P75(lcp.value)": 3000}


def test_points_of_the_same_time_are_in_the_order_of_the_groups(dataset: Dataset) -> None:
    dataset.add(*({"page.path": f"/{number % 30}"} for number in range(100)))

    answer = dataset.ask(breakdowns=["page.path"], granularity=3600, time_range=3600)

    groups, points = ([row["data"]["page.path"] for row in answer[part]] for part in ("results", "series"))
    assert len(points) == 30
    assert points == groups


def test_a_series_carries_its_group_even_if_it_is_null(pages: Dataset) -> None:
    answer = pages.ask(
        breakdowns=["page.path", "device.type"], granularity=3600, filters=[{"column": "device.type", "op": "exists"}]
    )

    assert answer["series"] == [{"time": "2026-11-16T09:00:00Z", "data": {"COUNT": 1, "page.path": None, "device.type": "mobile"}}]


def test_groups_that_differ_only_in_where_null_stands_are_kept_apart(dataset: Dataset) -> None:
    dataset.add({"os.name": "x"}, {"os.name": "x"}, {"browser.name": "x"})

    series = dataset.ask(breakdowns=["os.name", "browser.name"])["series"]

    assert sorted((point["data"]["COUNT"], point["data"]["os.name"]) for point in series) == [(1, None), (2, "x")]


@pytest.mark.parametrize("step", [1, 7, 60, 3600, 86_400])
def test_points_stand_on_multiples_of_the_granularity(step: int, pages: Dataset) -> None:
    answer = pages.ask(granularity=step, time_range=min(7200, step * 1000))

    seconds = [datetime.fromisoformat(point["time"]).timestamp() for point in answer["series"]]
    assert seconds == sorted(set(seconds))
    assert {second % step for second in seconds} == {0}
    assert sum(point["data"]["COUNT"] for point in answer["series"]) == answer["results"][0]["data"]["COUNT"]


def test_the_field_called_time_is_not_the_time_of_a_point(dataset: Dataset) -> None:
    dataset.add({"time": 1_000}, {"time": 9_000})
    early = [{"column": "time", "op": "<", "value": 5}]

    whole = dataset.ask(filters=early)
    by_time = dataset.ask(breakdowns=["time"], filters=early)

    assert (whole["results"][0]["data"]["COUNT"], len(whole["series"])) == (1, 1)
    assert by_time["series"] == [{"time": "2026-11-16T09:59:00Z", "data": {"COUNT": 1, "time": "1970-01-01T00:00:01.000Z"}}]


def test_a_range_includes_its_start_and_not_its_end(dataset: Dataset) -> None:
    dataset.add(*({"ts": (NOW - 100 + n) * 1000} for n in range(3)))

    assert dataset.one("COUNT", start_time=NOW - 100, end_time=NOW - 98) == 2


def test_meta_says_what_was_asked_and_what_it_cost(pages: Dataset) -> None:
    meta = pages.ask(start_time=NOW - 86_400, end_time=NOW)["meta"]

    assert (meta["start_time"], meta["end_time"], meta["granularity"]) == (NOW - 86_400, NOW, 600)
    assert meta["rows_read"] >= 6
    assert min(meta["bytes_read"], meta["elapsed_ms"]) > 0


def test_series_that_grow_too_long_say_what_to_do(pages: Dataset) -> None:
    with pytest.raises(QueryError, match="disable_series"):
        pages.limited(series_rows=3).ask(breakdowns=["page.path"], granularity=60)


def test_more_groups_are_allowed_without_series(dataset: Dataset) -> None:
    dataset.add(*({"lcp.value": number} for number in range(1200)))

    assert len(dataset.rows(breakdowns=["lcp.value"], limit=1100)) == 1100
