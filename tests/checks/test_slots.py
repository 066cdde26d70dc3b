"""When checks run: spread, at the same moments after a restart, and right when clocks change."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime
from itertools import islice
from zoneinfo import ZoneInfo

import pytest

from collector.checks.slots import Schedule, ScheduleError, read_schedule, slots

BERLIN = ZoneInfo("Europe/Berlin")


def local(cron: str, year: int, month: int, day: int, count: int) -> list[str]:
    start = datetime(year, month, day, tzinfo=BERLIN).timestamp() - 1
    found = islice(slots(Schedule(cron=cron, timezone="Europe/Berlin"), "a", start), count)
    return [datetime.fromtimestamp(one, BERLIN).strftime("%d %H:%M%z") for one in found]


def test_a_check_keeps_its_place_in_the_interval() -> None:
    schedule = Schedule(every_seconds=60)
    first, second, third = islice(slots(schedule, "shop/front", 1_000_000.5), 3)

    assert (second - first, third - second) == (60, 60)
    assert next(slots(schedule, "shop/front", first - 1)) == next(slots(schedule, "shop/front", first - 60)) == first
    assert next(slots(schedule, "shop/front", first)) == second


def test_checks_are_spread_over_the_interval() -> None:
    schedule = Schedule(every_seconds=60)
    places = Counter(next(slots(schedule, f"shop/{n}", 1_000_000)) // 10 for n in range(600))

    assert len(places) in (6, 7)
    assert max(places.values()) < 150


def test_cron_is_of_its_time_zone() -> None:
    schedule = read_schedule("", "0 7 * * mon-fri", "America/New_York")
    assert schedule is not None

    found = next(slots(schedule, "a", datetime(2026, 11, 21, tzinfo=UTC).timestamp()))
    assert datetime.fromtimestamp(found, UTC).isoformat() == "2026-11-23T12:00:00+00:00"


def test_a_time_that_is_not_there_is_taken_right_after() -> None:
    assert local("30 2 * * *", 2026, 3, 28, 3) == ["28 02:30+0100", "29 03:00+0200", "30 02:30+0200"]


def test_a_time_that_is_there_twice_is_taken_once() -> None:
    assert local("30 2 * * *", 2026, 10, 24, 3) == ["24 02:30+0200", "25 02:30+0200", "26 02:30+0100"]


def test_what_runs_every_half_hour_goes_on_while_the_clock_is_set_back() -> None:
    assert local("*/30 * * * *", 2026, 10, 25, 8)[3:] == [
        "25 01:30+0200", "25 02:00+0200", "25 02:30+0200", "25 02:00+0100", "25 02:30+0100",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("every", "cron", "timezone", "part"),
    [
        ("5s", "", "UTC", "from 10 seconds"),
        ("32d", "", "UTC", "to 31 days"),
        ("5m", "* * * * *", "UTC", "keep one"),
        ("", "* * * *", "UTC", "five fields"),
        ("", "61 * * * *", "UTC", "five fields"),
        ("", "0 0 30 2 *", "UTC", "cron"),
        ("", "* * * * *", "Mars/Base", "time zone"),
        ("", "* * * * *", "../etc", "time zone"),
    ],
)
def test_a_schedule_that_cannot_be_is_refused(every: str, cron: str, timezone: str, part: str) -> None:
    with pytest.raises(ScheduleError, match=part):
        read_schedule(every, cron, timezone)
