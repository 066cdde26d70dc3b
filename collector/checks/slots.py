"""When checks run: every so often, each check at a moment of its own, or by cron in a time zone. Pure."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from collector.errors import WideloadError

try:
    from cronsim import CronSim, CronSimError
except ImportError:  # pragma: no cover
    CronSim = CronSimError = None  # type: ignore[assignment, misc]

_UNITS: Final = {"s": 1, "m": 60, "h": 3600, "d": 86_400}
MIN_SECONDS, MAX_SECONDS = 10, 31 * 86_400


class ScheduleError(WideloadError):
    """A schedule cannot be read; the sentence says why."""


@dataclass(frozen=True, slots=True)
class Schedule:
    """Either `every_seconds`, or `cron` in a time zone."""

    every_seconds: int = 0
    cron: str = ""
    timezone: str = "UTC"


def read_schedule(every: str, cron: str, timezone: str = "UTC") -> Schedule | None:
    """Return a schedule, or None where neither is given.

    Args:
        every: such as `5m`.
        cron: five fields.
        timezone: in which `cron` is meant.

    Raises:
        ScheduleError: both are given, or it cannot be read.
    """
    if every and cron:
        raise ScheduleError("There is `every`, and `cron` as well: keep one of them.")
    if every:
        seconds = int(every[:-1]) * _UNITS[every[-1]]
        if not MIN_SECONDS <= seconds <= MAX_SECONDS:
            raise ScheduleError(f"every: {every} must be from 10 seconds to 31 days.")
        return Schedule(every_seconds=seconds)
    if not cron:
        return None
    if CronSim is None:
        raise ScheduleError('cron needs the package cronsim: install it with `pip install "wideload[checks]"`.')
    try:
        next(CronSim(cron, datetime(2024, 1, 1, tzinfo=ZoneInfo(timezone))))
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ScheduleError(f"timezone: this machine knows no time zone {timezone!r}; write one such as Europe/Berlin.") from None
    except CronSimError as error:
        raise ScheduleError(f"cron: {cron!r} cannot be read ({error}): write five fields such as `0 7 * * mon-fri`.") from None
    except StopIteration:
        raise ScheduleError(f"cron: {cron!r} never comes.") from None
    return Schedule(cron=cron, timezone=timezone)


def slots(schedule: Schedule, name: str, after: float) -> Iterator[int]:
    """Yield the slots of a check after a moment, without an end; all in epoch seconds.

    Checks of one interval are spread over it by their names, so that they do not all run at once, and a check keeps its place.
    A daylight-saving change neither skips a slot of `cron` nor doubles it: 02:30 that is not there is 03:00, and the 02:30 that is
    there twice is taken once, as cron of Debian does. What runs every few minutes goes on doing so.
    """
    if schedule.cron:
        # `CronSim` goes on from the next whole minute.
        for one in CronSim(schedule.cron, datetime.fromtimestamp(after, UTC).astimezone(ZoneInfo(schedule.timezone))):
            yield int(one.timestamp())
        return
    every = schedule.every_seconds
    offset = int.from_bytes(hashlib.sha256(name.encode()).digest()[:8]) % every
    slot = int((after - offset) // every) * every + offset
    while True:
        slot += every
        yield slot
