"""What stands between the spool and the store: loaders, those of shards and of spools that were left, and what they look after.

Built by `app`, which hands it the store, where this process has one of its own.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any, Final, cast

from collector.config import Settings
from collector.pipeline.dead_letters import DeadLetters
from collector.pipeline.handover import STORE_SOCKET, HandoverServer, HandoverStore
from collector.pipeline.intake import Intake
from collector.pipeline.leftovers import Leftovers
from collector.pipeline.loader import Loader, NoLoader
from collector.pipeline.recorder import Recorder
from collector.pipeline.replays import BROKEN_PARTS_FILE, Replays
from collector.pipeline.shards import Cluster, ShardedWriter
from collector.privacy.erase import clean
from collector.privacy.hearing import Hearing
from collector.privacy.tombstones import Tombstones
from collector.store.base import Store, Writer
from collector.store.cluster import shard_of
from collector.tracing import Tracing

log = logging.getLogger(__name__)

#: How long a start waits for the store before it serves without it.
STORE_START_SECONDS: Final = 10.0


class Loading:
    """All that brings events into the store.

    Args:
        settings: all of them, with datasets that may change.
        spool: where events wait.
        home: the folder of this process's own files.
        store: the store; None where another process inserts.
        dead_letters: get what can never be stored.
        tombstones: hold back what has been erased.
        tracing: traces batches.
    """

    def __init__(
        self,
        settings: Settings,
        spool: Intake,
        home: Path,
        store: Store | None,
        dead_letters: DeadLetters,
        tombstones: Tombstones,
        tracing: Tracing,
    ) -> None:
        self._datasets, self._is_on = settings.datasets, settings.loads
        socket = settings.data_dir / STORE_SOCKET
        #: How collectors with other data folders hear of erasures. On the embedded store all have one, and the tombstones in it.
        self.hearing: Hearing | None = None
        if store and settings.store != "embedded":
            self.hearing = Hearing(store, tombstones, lambda gone: clean(gone, spool, dead_letters))
        screen = self.hearing.screen if self.hearing else tombstones.screen

        def load_into(to: Writer, from_spool: Intake, **more: Any) -> Loader:
            return Loader(from_spool, to, dead_letters, settings.loader, screen=screen, tracing=tracing, **more)

        self.writer: Store | HandoverStore | ShardedWriter = store or HandoverStore(socket)
        self._sharded: ShardedWriter | None = None
        if settings.server.cluster and self._is_on:
            self.writer = self._sharded = ShardedWriter(
                cast(Cluster, store), home, settings.spool, lambda left, to: load_into(to, left), shard_of
            )
        self._replays = Replays(spool, self.writer, home / BROKEN_PARTS_FILE)
        self._recorder = Recorder(spool, lambda: self.loader.hold_reason)
        is_owner = settings.store == "embedded" and settings.process.role == "query"
        self._owner = HandoverServer(socket, store, tombstones.screen) if is_owner and store else None
        load = partial(load_into, self.writer)
        self.loader: Loader | NoLoader = NoLoader()
        if self._is_on:
            self.loader = load(spool, prepare=self._prepare, recheck=self._replays.check, between=self._recorder.store)
        self._leftovers = Leftovers(settings.data_dir, settings.spool, load, self.is_ready)

    def is_ready(self) -> bool:
        """Return whether the store takes events; before its loader has prepared it there is no table."""
        return self.loader.has_tried.is_set() and not self.loader.is_holding

    def wait_for_others(self, seconds: float) -> bool:
        """Return when what other processes were inserting has arrived; False if that takes longer."""
        return self._owner.wait(seconds) if self._owner else True

    def set_retention(self) -> None:
        """Tell the store how long to keep what. Raises StoreUnavailable."""
        self.writer.set_retention({name: dataset.retention_days for name, dataset in self._datasets.items()})

    def start(self) -> None:
        """Begin."""
        self.loader.start()
        if self._is_on:
            self._recorder.start()
            self._leftovers.start()

    async def wait_for_store(self) -> None:
        """Return when the store was tried, or after some seconds; say so if it is not ready."""
        await asyncio.to_thread(self.loader.has_tried.wait, STORE_START_SECONDS)
        if not self.is_ready():
            log.warning("The store is not ready yet; beacons are accepted and wait on disk.")

    async def stop(self, seconds: float) -> None:
        """Finish what is in hand, at most so many seconds. All at once: a store that hangs costs the deadline once."""
        if self._is_on:
            await asyncio.to_thread(self._recorder.stop)
        parts = (self._leftovers, self.loader) if self._is_on else ()
        owner = [asyncio.to_thread(self._owner.stop)] if self._owner else []
        await asyncio.gather(*(asyncio.to_thread(part.stop, seconds) for part in parts), *owner)
        if self._sharded:
            await asyncio.to_thread(self._sharded.stop, seconds)

    def gauges(self) -> dict[str, Callable[[], float]]:
        """Return the gauges of the loaders, by name."""
        loader = self.loader
        return {
            "wideload_events_left_over": lambda: self._leftovers.pending_events,
            "wideload_events_waiting_for_shards": lambda: self._sharded.waiting_events if self._sharded else 0,
            "wideload_loader_holding": lambda: float(loader.is_holding),
            "wideload_loader_alive": lambda: float(loader.is_alive),
            "wideload_last_insert_age": lambda: loader.seconds_since_insert,
        }

    def _prepare(self) -> None:
        for name in self.writer.migrate():
            log.info("Applied migration %s.", name, extra={"migration": name})
        self.set_retention()
        self._replays.check()
        if self._owner:
            self._owner.start()
