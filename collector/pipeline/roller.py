"""The roller: builds the rollups of hours that have settled, and again those that have changed since."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from typing import Final, Protocol

from collector.errors import StoreError
from collector.periodic import Periodic
from collector.store.base import Hour
from collector.telemetry import Counters

log = logging.getLogger(__name__)

#: How often it looks for hours, how many it takes on at once, and after how many builds it removes what they have replaced.
LOOK_SECONDS: Final = 30.0
MOST_HOURS: Final = 48
TIDY_BUILDS: Final = 100
#: Building takes at most this share of one processor: what an hour took is waited for three times over before the next.
REST: Final = 3.0


class RolledUp(Protocol):
    """The part of a store that it works on; see `collector.store.base.RolledUp`."""

    def stale_hours(self, most: int) -> list[Hour]: ...
    def roll_up(self, hour: Hour) -> None: ...
    def tidy_rollups(self) -> None: ...


class Roller(Periodic):
    """One thread beside the loader.

    Args:
        store: where the events are.
        counters: count what it builds.
        is_ready: whether the store takes work now: it waits while the loader holds.
        beside: does something else with the store first; may raise StoreError.
        clock: seconds that never go back.
    """

    def __init__(
        self,
        store: RolledUp,
        counters: Counters,
        is_ready: Callable[[], bool],
        beside: Callable[[], object] = lambda: None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        super().__init__("roller", LOOK_SECONDS)
        self._store, self._counters, self._is_ready, self._beside, self._clock = store, counters, is_ready, beside, clock
        self._builds = 0

    def turn(self) -> None:
        """Build what is stale, if the store takes work."""
        if not self._is_ready():
            return
        try:
            self._beside()
            self.look()
        except StoreError as error:
            # Questions go to the events meanwhile, and the loader says what is wrong with the store.
            self._counters.add("wideload_rollup_failures", 1, str(error.code))
            log.info("Rollups wait until the store answers again: %s", error.message, extra={"code": error.code})
        except Exception:
            self._counters.add("wideload_rollup_failures", 1, "unknown")
            raise

    def look(self) -> int:
        """Build what is stale, the latest hours first; return how many were built. Raises StoreError."""
        hours = self._store.stale_hours(MOST_HOURS)
        for number, hour in enumerate(hours):
            began = self._clock()
            self._store.roll_up(hour)
            self._counters.add("wideload_rollups_built")
            self._builds += 1
            if self.rest(REST * (self._clock() - began)):
                return number + 1
        if self._builds >= TIDY_BUILDS:
            self._builds = 0
            self._store.tidy_rollups()
        return len(hours)
