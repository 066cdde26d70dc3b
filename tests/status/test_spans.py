"""From runs to uptime."""

from __future__ import annotations

import pytest

from collector.status.spans import (
    LONGEST,
    Span,
    State,
    Summary,
    Told,
    across_checks,
    across_locations,
    at,
    outages,
    spans_of,
    summarize,
)

WORDS = {"p": "pass", "d": "degraded", "f": "fail", "n": "no_data"}
UP, DEGRADED, DOWN, UNKNOWN = State.UP, State.DEGRADED, State.DOWN, State.UNKNOWN


def told(letters: str, every: float = 60, start: float = 0) -> list[Told]:
    return [Told(start + number * every, WORDS[letter]) for number, letter in enumerate(letters) if letter != "_"]


def test_a_run_stands_until_the_next_one() -> None:
    assert spans_of(told("pfd"), 0, 180) == [Span(0, 60, UP), Span(60, 120, DOWN), Span(120, 180, DEGRADED)]


def test_a_run_that_was_missed_says_nothing() -> None:
    spans = spans_of(told("ppppn_____p"), 0, 660)

    assert summarize(spans, 0, 660) == Summary(660, up=180 + 150 + 60)
    assert at(spans, 350) is UNKNOWN


def test_the_time_before_the_first_run_is_not_known() -> None:
    assert spans_of(told("pp", start=300), 0, 400) == [Span(300, 360, UP), Span(360, 400, UP)]


def test_what_began_before_the_range_goes_on_in_it() -> None:
    assert spans_of(told("ffp", start=-90), 0, 100) == [Span(0, 30, DOWN), Span(30, 100, UP)]


def test_a_check_that_runs_seldom_is_trusted_for_longer_and_not_for_ever() -> None:
    day = 86_400
    assert summarize(spans_of(told("pppp", every=3600), 0, day), 0, day).measured == 3 * 3600 + 2.5 * 3600
    assert summarize(spans_of(told("pp", every=40_000), 0, day), 0, day).measured == 2 * LONGEST


def test_a_check_is_down_when_half_of_the_locations_say_so() -> None:
    one, two, three = (spans_of(told(letters), 0, 60) for letters in "fpp")

    assert across_locations([one]) == [Span(0, 60, DOWN)]
    assert across_locations([one, two]) == [Span(0, 60, DOWN)]
    assert across_locations([one, two, three]) == [Span(0, 60, DEGRADED)]
    assert across_locations([]) == []


def test_a_location_that_is_silent_has_no_say() -> None:
    berlin, paris = spans_of(told("f"), 0, 240), spans_of(told("pppp"), 0, 240)

    assert across_locations([berlin, paris]) == [Span(0, 120, DOWN), Span(120, 240, UP)]


def test_a_component_is_what_its_worst_check_is_and_neighbours_are_one() -> None:
    spans = across_checks([spans_of(told("pppp"), 0, 240), spans_of(told("pffp"), 0, 240)])

    assert spans == [Span(0, 60, UP), Span(60, 180, DOWN), Span(180, 240, UP)]
    assert outages(spans) == [Span(60, 180, DOWN)]


@pytest.mark.parametrize(
    ("up", "down", "percent"),
    [(86_400, 0, 100), (86_399.99, 0.01, 99.99), (99, 1, 99), (2, 1, 66.66), (0, 5, 0), (0, 0, None)],
)
def test_uptime_is_never_rounded_up(up: float, down: float, percent: float | None) -> None:
    assert Summary(86_400, up=up, down=down).percent == percent


def test_with_less_than_half_measured_there_is_too_little() -> None:
    assert [Summary(100, up=up).has_enough for up in (0, 49, 50, 100)] == [False, False, True, True]
