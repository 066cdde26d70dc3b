"""Questions about the items of lists: each item is a row of its own."""

from __future__ import annotations

from typing import Any

import pytest
from asking import Dataset

from collector.errors import QueryError

SLOW = {
    "resources.host": ["shop", "cdn", ""],
    "resources.initiator": ["script", "img", "script"],
    "resources.duration": [500, 100.3, 50],
    "resources.ttfb": [400, None, 40],
    "resources.cached": [False, True, False],
}
FAST = {"resources.host": ["shop", "cdn"], "resources.initiator": ["img", "img"], "resources.duration": [10, 30]}
VIEWS: list[dict[str, Any]] = [
    {"id": "slow", "lcp.value": 4000, **SLOW},
    {"id": "fast", "lcp.value": 1000, "sample_rate": 10, **FAST},
    {"id": "none", "lcp.value": 2000},
]


@pytest.fixture
def views(dataset: Dataset) -> Dataset:
    dataset.add(*VIEWS)
    return dataset


def by_host(views: Dataset, op: str, column: str | None = None, **query: Any) -> dict[str | None, Any]:
    calculation = {"op": op, "name": "it"} | ({"column": column} if column else {})
    rows = views.rows(calculations=[calculation], breakdowns=["resources.host"], **query)
    return {row["resources.host"]: row["it"] for row in rows}


def test_a_breakdown_by_a_list_counts_items_by_their_weight(views: Dataset) -> None:
    assert by_host(views, "COUNT") == {"shop": 11, "cdn": 11, None: 1}


def test_a_calculation_on_a_list_is_over_items(views: Dataset) -> None:
    assert views.one("MAX", "resources.duration") == 500
    assert views.one("SUM", "resources.duration") == 500 + 100.3 + 50 + 10 * (10 + 30)
    assert views.one("P50", "resources.duration") == 30
    assert views.one("AVG", "resources.ttfb") == 220
    assert views.one("COUNT_DISTINCT", "resources.host") == 2


def test_a_filter_on_a_list_keeps_items(views: Dataset) -> None:
    scripts = [{"column": "resources.initiator", "op": "=", "value": "script"}]

    assert views.one("COUNT", filters=scripts) == 2
    assert views.one("MAX", "resources.duration", filters=[*scripts, {"column": "resources.host", "op": "does-not-exist"}]) == 50


@pytest.mark.parametrize(
    ("column", "op", "value", "hosts"),
    [
        ("resources.duration", "=", 100.3, {"cdn": 1}),
        ("resources.duration", ">", "99", {"shop": 1, "cdn": 1}),
        ("resources.cached", "=", True, {"cdn": 1}),
        ("resources.ttfb", "exists", None, {"shop": 1, None: 1}),
        ("resources.host", "in", ["cdn", "other"], {"cdn": 11}),
        ("resources.host", "!=", "cdn", {"shop": 11, None: 1}),
        ("resources.host", "contains", "ho", {"shop": 11}),
    ],
)
def test_every_kind_of_filter_works_on_items(
    views: Dataset, column: str, op: str, value: Any, hosts: dict[str | None, int]
) -> None:
    condition = {"column": column, "op": op} | ({"value": value} if value is not None else {})

    assert by_host(views, "COUNT", filters=[condition]) == hosts


def test_a_filter_of_one_calculation_keeps_items_for_it_alone(views: Dataset) -> None:
    slow = [{"column": "resources.duration", "op": ">=", "value": 100}]
    (row,) = views.rows(calculations=[{"op": "COUNT"}, {"op": "COUNT", "name": "slow", "filters": slow}])

    assert row == {"COUNT": 23, "slow": 2}


def test_the_other_fields_of_an_event_repeat_for_each_of_its_items(views: Dataset) -> None:
    assert by_host(views, "MAX", "lcp.value") == {"shop": 4000, "cdn": 4000, None: 4000}
    assert views.one("COUNT", filters=[{"column": "lcp.value", "op": "<", "value": 3000}]) == 11
    lists = [{"column": "lcp.value", "op": "<", "value": 3000}, {"column": "resources.host", "op": "exists"}]
    assert views.one("COUNT_DISTINCT", "id", filters=lists) == 1


def test_items_make_series_and_havings(views: Dataset) -> None:
    answer = views.ask(
        calculations=[{"op": "P75", "column": "resources.duration"}],
        breakdowns=["resources.initiator"],
        havings=[{"calculate_op": "P75", "column": "resources.duration", "op": ">", "value": 40}],
        granularity=60,
    )

    assert [row["data"]["resources.initiator"] for row in answer["results"]] == ["script"]
    assert [point["data"]["P75(resources.duration)"] for point in answer["series"]] == [500]


def test_only_the_latest_revision_has_items(views: Dataset) -> None:
    views.add({"id": "slow", "revision": 2, "resources.host": ["new"]})

    assert by_host(views, "COUNT") == {"shop": 10, "cdn": 10, "new": 1}


@pytest.mark.parametrize(
    ("query", "path"),
    [
        ({"breakdowns": ["resources.host", "resource_hosts.name"]}, "breakdowns[1]"),
        (
            {
                "calculations": [{"op": "MAX", "column": "resource_hosts.duration"}],
                "filters": [{"column": "resources.host", "op": "exists"}],
            },
            "filters[0].column",
        ),
    ],
)
def test_lists_that_do_not_belong_together_are_refused_by_name(views: Dataset, query: dict[str, Any], path: str) -> None:
    with pytest.raises(QueryError) as caught:
        views.ask(**query)

    assert caught.value.path == path
    for word in ("resources.host", "resource_hosts.", "different lists, ", "Ask two questions."):
        assert word in caught.value.message


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ({"calculations": [{"op": "AVG", "column": "resources.host"}]}, "AVG needs numbers; resources.host holds text"),
        ({"filters": [{"column": "resources.cached", "op": ">", "value": 1}]}, "> does not work on resources.cached, which"),
        ({"filters": [{"column": "resources.start", "op": "=", "value": "soon"}]}, "resources.start holds numbers; “soon”"),
    ],
)
def test_what_makes_no_sense_for_items_is_refused_with_a_sentence(views: Dataset, query: dict[str, Any], words: str) -> None:
    with pytest.raises(QueryError) as caught:
        views.ask(**query)

    assert words in caught.value.message


def test_events_are_found_once_by_any_of_their_items(views: Dataset) -> None:
    assert views.matching("resources.host", "=", "cdn") == {"slow", "fast"}
    assert views.matching("resources.duration", ">", 40) == {"slow"}
    assert views.matching("resources.host", "does-not-exist") == {"slow"}


def test_one_item_must_satisfy_all_conditions(views: Dataset) -> None:
    on_cdn, slow = (
        {"column": "resources.host", "op": "=", "value": "cdn"},
        {"column": "resources.duration", "op": ">", "value": 200},
    )

    assert views.events(filters=[on_cdn, slow]) == []


def test_events_are_sorted_by_their_first_item(views: Dataset) -> None:
    for order, ids in (("descending", ["slow", "fast"]), ("ascending", ["fast", "slow"])):
        found = views.events(orders=[{"column": "resources.duration", "order": order}], columns=["id"])
        assert [event["id"] for event in found] == ids


def test_an_event_shows_all_items_of_its_lists(views: Dataset) -> None:
    columns = ["resources.duration", "resources.ttfb", "resource_hosts.name"]
    filters = [{"column": "resources.duration", "op": ">", "value": 200}]
    (found,) = views.events(filters=filters, columns=columns)

    assert found["resources.duration"] == [500, 100.3, 50]
    assert found["resources.ttfb"] == [400, None, 40]
    assert "resource_hosts.name" not in found


def test_a_whole_event_has_its_lists_and_no_empty_ones(views: Dataset) -> None:
    event = views.engine.event(views.name, "slow")["event"]

    assert {name: event[name] for name in SLOW} == SLOW
    assert "resource_hosts.name" not in event
    assert "resources.host" not in views.engine.event(views.name, "none")["event"]
