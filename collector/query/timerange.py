"""Time ranges and granularities: which seconds a query covers, and into which steps its series are cut. Pure."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

from collector.query.reading import Part

#: Steps that people read easily: 1 s … 30 s, 1 min … 30 min, 1 h … 12 h, one day, one week.
STEPS: Final = (1, 5, 10, 30, 60, 300, 600, 1800, 3600, 10800, 21600, 43200, 86400, 604800)
#: How many points an automatic series has, about.
POINTS: Final = 120
#: 2100-01-01: the table's times end soon after.
LAST_SECOND: Final = 4_102_444_800
TIME_KEYS: Final = ("time_range", "start_time", "end_time")


@dataclass(frozen=True, slots=True)
class TimeRange:
    """A range as the query has it: absolute, or relative to one end or to now.

    Args:
        seconds: how long it is.
        start, end: epoch seconds; at most one of them where `seconds` was given.
    """

    seconds: int
    start: int | None = None
    end: int | None = None

    def resolve(self, now: float) -> tuple[int, int]:
        """Return start (inclusive) and end (exclusive) in epoch seconds; the second that is running belongs to it."""
        if self.start is not None:
            return self.start, self.start + self.seconds
        end = math.floor(now) + 1 if self.end is None else self.end
        return max(0, end - self.seconds), end


def read_time_range(members: dict[str, Part], default_seconds: int, longest_seconds: int) -> TimeRange:
    """Read `time_range`, `start_time` and `end_time`."""
    start, end = (members[key].whole(0, LAST_SECOND) if key in members else None for key in ("start_time", "end_time"))
    if start is not None and end is not None:
        return _absolute(members, start, end, longest_seconds)
    seconds = members["time_range"].whole(1, longest_seconds) if "time_range" in members else default_seconds
    return TimeRange(seconds, start, end)


def _absolute(members: dict[str, Part], start: int, end: int, longest_seconds: int) -> TimeRange:
    if "time_range" in members:
        raise members["time_range"].error("Give at most two of time_range, start_time and end_time: the third follows from them.")
    if end <= start:
        raise members["end_time"].error(f"end_time ({end}) must be later than start_time ({start}).")
    if end - start > longest_seconds:
        raise members["end_time"].error(f"The query covers {end - start} s; at most {longest_seconds} s are allowed.")
    return TimeRange(end - start, start, end)


def automatic_granularity(seconds: int) -> int:
    """Return the step that cuts the range into about `POINTS` parts."""
    return min(STEPS, key=lambda step: abs(math.log(seconds / step / POINTS)))


def read_granularity(members: dict[str, Part], seconds: int, most_points: int) -> int:
    """Read `granularity`; 0 or none means automatic."""
    part = members.get("granularity")
    if part is None or (asked := part.whole(0, LAST_SECOND)) == 0:
        return automatic_granularity(seconds)
    if seconds / asked > most_points:
        least = math.ceil(seconds / most_points)
        raise part.error(
            f"A granularity of {asked} s cuts {seconds} s into more than {most_points} points;"
            f" use at least {least} s, or 0 for an automatic one."
        )
    return asked
