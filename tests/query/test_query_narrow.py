"""Answers from the narrow copy of settled hours are those that the events give, whatever happened to them since it was built."""

from __future__ import annotations

from typing import Any

import pytest
from asking import NOW, Dataset

from collector.store.base import Hour, Key
from collector.store.chdb import ChdbStore

HOUR = 3600
FIRST, HOURS = NOW // HOUR * HOUR - 12 * HOUR, 8
#: Whole hours, and parts of hours at both ends.
RANGES = [(0, HOURS * HOUR), (HOUR // 3 + 7, HOURS * HOUR - 1801), (-1800, HOURS * HOUR + 900)]
BY_ROUTE = {
    "calculations": [
        {"op": "COUNT"},
        {"op": "P75", "column": "lcp.value"},
        {"op": "COUNT", "name": "poor", "filters": [{"column": "lcp.rating", "op": "=", "value": "poor"}]},
        {"op": "SUM", "column": "cls.value"},
        {"op": "COUNT_DISTINCT", "column": "geo.country.iso_code"},
    ],
    "breakdowns": ["page.route"],
    "filters": [{"column": "user_agent.is_bot", "op": "!=", "value": True}],
    "granularity": 1800,
}


def view(number: int, **fields: Any) -> dict[str, Any]:
    """Return a page view; the first ones are spread over the hours, and so are the next."""
    ts = FIRST * 1000 + number % HOURS * HOUR * 1000 + number * 100_003 % 3_600_000
    given = {
        "page.route": (None, "/", "/a/:id", "/b")[number % 4],
        "lcp.value": 900.1 + 41 * (number * number % 97) if number % 7 else None,
        "cls.value": number % 5 / 100,
        "user_agent.is_bot": (None, False, False, True)[number % 11 % 4],
        "geo.country.iso_code": ("DE", "FR", None)[number % 3],
        "sample_rate": 1 + number % 3,
    }
    return {"id": f"view{number}", "ts": ts, **given, **fields}


def roll_up(dataset: Dataset, store: ChdbStore) -> None:
    """Build what is kept of all hours."""
    for hour in range(FIRST, FIRST + HOURS * HOUR, HOUR):
        store.roll_up(Hour(dataset.name, hour))


def both(dataset: Dataset, span: tuple[int, int], **query: Any) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return the answer and that of the events alone."""
    asked = {"start_time": FIRST + span[0], "end_time": FIRST + span[1], **query}
    return dataset.limited(rollup_rows=0).ask(**asked), dataset.ask(**asked)


def assert_equal(kept: dict[str, Any], events: dict[str, Any]) -> None:
    assert (kept["meta"]["answered_from"], events["meta"]["answered_from"]) == ("narrow", "events")
    without_meta = [{key: value for key, value in answer.items() if key != "meta"} for answer in (kept, events)]
    assert without_meta[0] == without_meta[1]
    assert kept["meta"]["percentiles"] == events["meta"]["percentiles"]


@pytest.mark.parametrize("span", RANGES)
def test_the_answer_is_the_same_to_the_last_digit(dataset: Dataset, embedded_store: ChdbStore, span: tuple[int, int]) -> None:
    dataset.add(*(view(number) for number in range(400)))
    roll_up(dataset, embedded_store)

    assert_equal(*both(dataset, span, **BY_ROUTE))


def test_late_amended_repeated_and_erased_events_count_at_once(dataset: Dataset, embedded_store: ChdbStore) -> None:
    dataset.add(*(view(number) for number in range(200)))
    roll_up(dataset, embedded_store)

    dataset.add(view(16, revision=5, **{"lcp.value": 9000.0}), view(801), view(800), view(800))
    embedded_store.erase(dataset.name, [Key("page_view", "view8", view(8)["ts"])])

    assert_equal(*both(dataset, RANGES[1], **BY_ROUTE))


def test_an_earlier_range_without_a_copy_is_compared_with(dataset: Dataset, embedded_store: ChdbStore) -> None:
    dataset.add(*(view(number) for number in range(200)))
    roll_up(dataset, embedded_store)
    dataset.add(*(view(number, ts=view(number)["ts"] - 86_400_000, id=f"early{number}") for number in range(90)))

    assert_equal(*both(dataset, RANGES[1], **BY_ROUTE, compare_time_offset_seconds=86_400))


def test_a_heat_map_has_the_same_cells(dataset: Dataset, embedded_store: ChdbStore) -> None:
    dataset.add(*(view(number) for number in range(200)))
    roll_up(dataset, embedded_store)

    assert_equal(*both(dataset, RANGES[0], calculations=[{"op": "HEATMAP", "column": "lcp.value"}], granularity=3600))


def test_hours_that_a_collector_without_the_copy_has_rolled_up_are_read_from_the_events(
    dataset: Dataset, embedded_store: ChdbStore
) -> None:
    dataset.add(*(view(number) for number in range(200)))
    roll_up(dataset, embedded_store)
    dataset.add(view(8, revision=7, **{"lcp.value": 1.0}))
    hour, later = FIRST, "toUnixTimestamp64Micro(now64(6)) + 1000"
    embedded_store._command(
        "INSERT INTO rollup_hours (dataset, hour, changed, built)"
        f" SELECT '{dataset.name}', fromUnixTimestamp(toUInt32({hour})), 0, {later}"
    )

    assert_equal(*both(dataset, RANGES[0], **BY_ROUTE))


def test_the_rollup_answers_parts_of_hours_at_both_ends(dataset: Dataset, embedded_store: ChdbStore) -> None:
    dataset.add(*(view(number) for number in range(400)))
    roll_up(dataset, embedded_store)

    missing = [{"column": "device.type", "op": "does-not-exist"}]
    counted = {"calculations": [{"op": "COUNT"}, {"op": "MAX", "column": "lcp.value"}]}
    for more in (
        {"disable_series": True},
        {"granularity": 3600},
        {"filters": missing, "granularity": 3600},
    ):
        rolled, events = both(dataset, RANGES[1], **counted, **more)

        assert rolled["meta"]["answered_from"] == "rollup"
        assert (rolled["results"], rolled["series"]) == (events["results"], events["series"])
