"""The spools of one data folder: a collector takes one that nobody has, and loads what others, who are gone, have left."""

from __future__ import annotations

import contextlib
import logging
import threading
import time
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path
from typing import Final

from collector.config import SpoolSettings
from collector.errors import SpoolError, SpoolInUse
from collector.pipeline import segment
from collector.pipeline.folder import Folder
from collector.pipeline.ledger import Ledger
from collector.pipeline.loader import Loader
from collector.pipeline.spool import SPOOL_FOLDER, Spool

log = logging.getLogger(__name__)

#: Where collectors with the role `ingest` have their folders, `1`, `2`, …, within the data folder.
INGEST_FOLDER: Final = "ingest"
#: What such a collector locks there when its events do not wait in files.
CLAIM_FOLDER: Final = "claim"
LOOK_SECONDS: Final = 5.0


def claim(data_dir: Path, settings: SpoolSettings, ledger: Ledger) -> Spool:
    """Return the first spool of an ingest collector that nobody has; there is always a next one. Raises SpoolError."""
    for number in count(1):
        folder = data_dir / INGEST_FOLDER / str(number)
        folder.mkdir(parents=True, exist_ok=True)
        try:
            return Spool(folder / SPOOL_FOLDER, settings, ledger)
        except SpoolInUse:
            continue
    raise AssertionError


def claim_home(data_dir: Path) -> Folder:
    """Return a locked folder within the first home of an ingest collector that nobody has; for one whose events wait elsewhere.

    Raises:
        SpoolError: the data folder can't be used.
    """
    for number in count(1):
        try:
            return Folder(data_dir / INGEST_FOLDER / str(number) / CLAIM_FOLDER)
        except SpoolInUse:
            continue
    raise AssertionError


def spool_folders(data_dir: Path) -> list[Path]:
    """Return the folders of all spools of a data folder."""
    return [data_dir / SPOOL_FOLDER, *sorted(data_dir.glob(f"{INGEST_FOLDER}/*/{SPOOL_FOLDER}"))]


class Leftovers:
    """Looks now and then for spools that nobody has and that hold something, and loads it; a thread of its own.

    A folder is never removed: its books go on when somebody takes it again.

    Args:
        data_dir: the data folder.
        settings: of the spools.
        loader: returns a loader for a spool.
        is_ready: whether the store takes events now.
        clock: epoch seconds.
    """

    def __init__(
        self,
        data_dir: Path,
        settings: SpoolSettings,
        loader: Callable[[Spool], Loader],
        is_ready: Callable[[], bool],
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._data_dir, self._settings, self._loader, self._is_ready, self._clock = data_dir, settings, loader, is_ready, clock
        #: Events of others that are being loaded.
        self.pending_events = 0
        #: When a spool was found to hold nothing but what is kept for a while.
        self._looked: dict[Path, float] = {}
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="leftovers", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self, timeout: float) -> None:
        """Finish the batch in hand, at most so many seconds; the rest waits on disk."""
        self._stop.set()
        self._thread.join(timeout)

    def _run(self) -> None:
        while not self._stop.wait(LOOK_SECONDS):
            try:
                if self._is_ready():
                    self.look()
            except Exception:
                log.exception("What other collectors have left could not be loaded; it is tried again.")

    def look(self) -> int:
        """Load what was left, and return how many events that were."""
        total = 0
        for folder in self._left():
            try:
                spool = Spool(folder, self._settings, Ledger())
            except SpoolInUse:
                continue
            except SpoolError as error:
                log.error("%s", error)
                continue
            try:
                total += self._load(spool, folder)
            finally:
                self.pending_events = 0
                spool.close()
            self._looked[folder] = self._clock()
        return total

    def _left(self) -> Iterator[Path]:
        for folder in spool_folders(self._data_dir):
            files = []
            for file in folder.glob(f"*{segment.SUFFIX}*"):
                # Of a spool that is at work, files go at any moment.
                with contextlib.suppress(FileNotFoundError):
                    files.append(file.stat().st_mtime)
            looked = self._looked.get(folder, 0)
            if files and (max(files) > looked or self._clock() - looked > self._settings.keep_seconds):
                yield folder

    def _load(self, spool: Spool, folder: Path) -> int:
        waiting = self.pending_events = spool.pending_events
        if not waiting:
            return 0
        log.warning("%d events that another collector has left in %s are loaded.", waiting, folder)
        loader = self._loader(spool)
        loader.start()
        while self.pending_events and not self._stop.wait(0.05):
            self.pending_events = spool.pending_events
        loader.stop(10)
        return waiting - spool.pending_events
