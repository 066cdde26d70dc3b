"""The configuration file of a running collector: a change of it is taken over without a restart, if it is valid.

Datasets, with their keys, origins, retention and limits, and what a beacon may carry change at once. Other settings wait for a
restart, which is said. A file with a problem changes nothing.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Final

from collector.config import SETTINGS, Dataset, DatasetLimits, IngestLimits, Settings
from collector.errors import SettingsError, StoreError
from collector.show import value_of

log = logging.getLogger(__name__)

#: How often the file is looked at. Two looks must agree, so that a half-written file is left alone.
POLL_SECONDS: Final = 0.5
#: After so many looks a retention that the store did not take is tried again.
_RETENTION_POLLS: Final = 60
_APPLIED: Final = frozenset({*IngestLimits.__slots__, *DatasetLimits.__slots__})
Stamp = tuple[int, int, int] | None


class LiveDatasets(Mapping[str, Dataset]):
    """The datasets as they are now; who keeps it sees changes."""

    def __init__(self, datasets: Mapping[str, Dataset]) -> None:
        self._now = datasets

    def replace(self, datasets: Mapping[str, Dataset]) -> None:
        """Set all of them in one step."""
        self._now = dict(datasets)

    def __getitem__(self, name: str) -> Dataset:
        return self._now[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._now)

    def __len__(self) -> int:
        return len(self._now)


class Configuration:
    """Watches the file.

    Args:
        settings: as the collector has started with them.
        read: reads all settings anew; raises SettingsError.
        apply: takes over datasets and limits.
        retain: tells the store how long datasets are kept; returns False when it is not ready for that, or raises StoreError.
    """

    def __init__(
        self, settings: Settings, read: Callable[[], Settings], apply: Callable[[Settings], None], retain: Callable[[], bool]
    ) -> None:
        self._settings, self._read, self._apply, self._retain = settings, read, apply, retain
        self._stamp = self._last_look = _stamp(settings.config)
        self._woken = asyncio.Event()
        self._retain_in = -1
        #: A sentence for everything that is wrong with the file as it is now; the settings before it hold.
        self.problems: list[str] = []
        #: Settings that the file has changed and that wait for a restart.
        self.postponed: list[str] = []

    def wake(self) -> None:
        """Read the file now, whether it has changed or not; called in the event loop."""
        self._woken.set()

    async def watch(self) -> None:
        """Watch until cancelled."""
        while True:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._woken.wait(), POLL_SECONDS)
            stamp = _stamp(self._settings.config)
            if self._woken.is_set() or (stamp != self._stamp and stamp == self._last_look):
                self._woken.clear()
                self._stamp = stamp
                await self.reload()
            self._last_look = stamp
            await self._keep_retention()

    async def reload(self) -> None:
        """Read the file and take it over if it is valid."""
        try:
            new = await asyncio.to_thread(self._read)
        except SettingsError as error:
            self.problems = error.problems
            log.error("%s was not taken over, and the settings before it hold: %s", self._settings.config, " ".join(self.problems))
            return
        self.problems = []
        self.postponed = [
            s.name for s in SETTINGS if s.name not in _APPLIED and value_of(new, s.name) != value_of(self._settings, s.name)
        ]
        self._apply(new)
        self._retain_in = 0
        later = f" {', '.join(self.postponed)} changed, too: restart the collector to apply that." if self.postponed else ""
        log.info("%s was read again. Datasets: %s.%s", self._settings.config, ", ".join(new.datasets), later)

    async def _keep_retention(self) -> None:
        if self._retain_in < 0:
            return
        if self._retain_in:
            self._retain_in -= 1
            return
        try:
            is_done = await asyncio.to_thread(self._retain)
        except StoreError as error:
            log.warning("The store did not take the new retention, it is tried again: %s", error)
            is_done = False
        self._retain_in = -1 if is_done else _RETENTION_POLLS


def _stamp(path: Path | None) -> Stamp:
    """What differs when a file was changed or replaced; also where it is a link that now leads elsewhere."""
    try:
        facts = path.stat() if path else None
    except OSError:
        return None
    return (facts.st_mtime_ns, facts.st_size, facts.st_ino) if facts else None
