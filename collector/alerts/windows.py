"""Maintenance: spans of time in which nobody is told, and nothing that happens counts. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from collector.alerts.spans import seconds

DAYS: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_DAY: Final = 86_400


@dataclass(frozen=True, slots=True)
class Once:
    """A single span; `start` and `end` in epoch seconds."""

    start: float
    end: float
    reason: str = ""

    def covers(self, moment: float) -> bool:
        """Whether a moment lies in it."""
        return self.start <= moment < self.end


@dataclass(frozen=True, slots=True)
class Weekly:
    """A span that begins at a time of the clock on some days of the week (0 is Monday), and lasts `seconds`."""

    days: tuple[int, ...]
    at: time
    seconds: float
    zone: ZoneInfo
    reason: str = ""

    def covers(self, moment: float) -> bool:
        """Whether a moment lies in it: it may have begun today or yesterday by the clock of its zone."""
        today = datetime.fromtimestamp(moment, self.zone).date()
        return any(self._begins(day) <= moment < self._begins(day) + self.seconds
                   for day in (today, today - timedelta(days=1)) if day.weekday() in self.days)  # fmt: skip

    def _begins(self, day: date) -> float:
        # Where the clocks are put forward over it, it begins as much later.
        return datetime.combine(day, self.at, self.zone).timestamp()


Window = Once | Weekly


def covering(windows: Sequence[Window], moment: float) -> Window | None:
    """Return the window that a moment lies in, if there is one."""
    return next((window for window in windows if window.covers(moment)), None)


def read_window(part: Mapping[str, Any]) -> Window:
    """Read a window of the published shape. Raises ValueError: a sentence."""
    reason = part.get("reason", "")
    if "from" in part:
        start, end = _moment(part["from"]), _moment(part["until"])
        if end <= start:
            raise ValueError(f"until ({part['until']}) must be later than from ({part['from']}).")
        return Once(start, end, reason)
    lasts = seconds(part["lasts"])
    if lasts > _DAY:
        raise ValueError(f"lasts ({part['lasts']}) must be at most a day; give several days instead.")
    name = part.get("time_zone", "UTC")
    try:
        zone = ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ValueError(f"time_zone {name!r} is not known here; write one like Europe/Berlin.") from None
    days = tuple(DAYS.index(day) for day in part.get("days", DAYS))
    return Weekly(days, time.fromisoformat(part["at"]), lasts, zone, reason)


def _moment(text: str) -> float:
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        raise ValueError(f"{text!r} is no time; write one like 2026-12-01T22:00.") from None
    return (found if found.tzinfo else found.replace(tzinfo=UTC)).timestamp()
