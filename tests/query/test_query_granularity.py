"""Points over time that are as wide as it takes to hold some events."""

from __future__ import annotations

import pytest
from asking import NOW, Dataset

from collector.errors import QueryError
from collector.query.parse import parse_query

DAY = 86_400


def views(count: int, seconds: int, **more: object) -> list[dict[str, object]]:
    """Return page views that are evenly spread over the last seconds."""
    return [{"ts": (NOW - seconds + 1) * 1000 + index * seconds * 1000 // count, **more} for index in range(count)]


def step(dataset: Dataset, **query: object) -> int:
    granularity: int = dataset.ask(time_range=DAY, granularity_min_events=30, **query)["meta"]["granularity"]
    return granularity


def test_a_busy_series_stays_as_it_is(dataset: Dataset) -> None:
    dataset.add(*views(144 * 30, DAY))

    assert step(dataset) == dataset.ask(time_range=DAY)["meta"]["granularity"] == 600


def test_a_quiet_series_gets_points_that_hold_enough(dataset: Dataset) -> None:
    dataset.add(*views(144 * 5, DAY))

    assert step(dataset) == 3600


def test_a_very_quiet_series_keeps_several_points(dataset: Dataset) -> None:
    dataset.add(*views(10, DAY))

    assert step(dataset) == 10_800


def test_events_of_a_short_time_are_not_folded_into_one_point(dataset: Dataset) -> None:
    dataset.add(*views(12, 1800))

    assert step(dataset) == 600


def test_only_what_the_filters_leave_is_counted(dataset: Dataset) -> None:
    dataset.add(*views(144 * 30, DAY), *views(144, DAY, **{"page.path": "/rare"}))

    assert step(dataset, filters=[{"column": "page.path", "op": "=", "value": "/rare"}]) == 10_800


def test_each_of_several_lines_has_enough(dataset: Dataset) -> None:
    for browser in ("Chrome", "Firefox", "Safari"):
        dataset.add(*views(144 * 10, DAY, **{"browser.name": browser}))

    assert (step(dataset), step(dataset, breakdowns=["browser.name"])) == (600, 1800)


def test_only_the_groups_that_are_shown_have_to_have_enough(dataset: Dataset) -> None:
    dataset.add(*views(144 * 30, DAY, **{"page.path": "/"}))
    dataset.add(*(event | {"page.path": f"/{index}"} for index, event in enumerate(views(600, DAY))))

    assert (step(dataset, breakdowns=["page.path"], limit=1), step(dataset, breakdowns=["page.path"])) == (600, 10_800)


def test_lines_that_follow_one_another_are_not_taken_for_thin_ones(dataset: Dataset) -> None:
    releases = views(144 * 31, DAY)
    dataset.add(*(event | {"service.version": str(index // 1000)} for index, event in enumerate(releases)))

    assert step(dataset, breakdowns=["service.version"]) == 600


def test_no_events_are_no_reason_to_change_anything(dataset: Dataset) -> None:
    assert step(dataset) == 600


def test_a_granularity_is_chosen_either_way(dataset: Dataset) -> None:
    with pytest.raises(QueryError) as caught:
        parse_query({"dataset": dataset.name, "granularity": 60, "granularity_min_events": 30})

    assert caught.value.path == "granularity_min_events"
