"""Time ranges and granularities."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collector.query.parse import parse_query
from collector.query.timerange import STEPS, automatic_granularity

NOW = 1_794_823_200.25


@pytest.mark.parametrize(
    ("asked", "span"),
    [
        ({}, (NOW - 7200, NOW)),
        ({"time_range": 60}, (NOW - 60, NOW)),
        ({"start_time": 1000}, (1000, 8200)),
        ({"start_time": 1000, "time_range": 60}, (1000, 1060)),
        ({"end_time": 10_000}, (2800, 10_000)),
        ({"end_time": 10_000, "time_range": 60}, (9940, 10_000)),
        ({"start_time": 1000, "end_time": 1001}, (1000, 1001)),
        ({"end_time": 10}, (0, 10)),
    ],
)
def test_a_range_is_relative_to_one_end_or_absolute(asked: dict[str, Any], span: tuple[float, float]) -> None:
    start, end = parse_query({"dataset": "d", **asked}).time.resolve(NOW)

    assert (start, end) == pytest.approx(span, abs=1)


def test_the_running_second_belongs_to_a_range_that_ends_now() -> None:
    assert parse_query({"dataset": "d"}).time.resolve(NOW)[1] > NOW


@pytest.mark.parametrize(
    ("seconds", "step"),
    [(60, 1), (600, 5), (3600, 30), (7200, 60), (86_400, 600), (604_800, 3600), (2_592_000, 21_600), (31_536_000, 86_400 * 7)],
)
def test_an_automatic_granularity_is_a_round_one(seconds: int, step: int) -> None:
    assert automatic_granularity(seconds) == step


@given(st.integers(120, 365 * 86_400))
def test_an_automatic_granularity_gives_some_120_points(seconds: int) -> None:
    step = automatic_granularity(seconds)

    assert step in STEPS
    assert 40 <= seconds / step <= 400


def test_a_granularity_that_is_asked_for_is_kept() -> None:
    assert parse_query({"dataset": "d", "granularity": 90}).granularity == 90


def test_a_granularity_may_exceed_the_range() -> None:
    assert parse_query({"dataset": "d", "time_range": 60, "granularity": 3600}).granularity == 3600
