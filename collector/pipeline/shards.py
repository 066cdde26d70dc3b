"""Between a loader and a cluster: each event goes to its shard, and a shard that is sick does not hold the others.

All shards are written to at once, each from a thread of its own. What a sick shard does not take waits in a spool of that shard,
whose own loader tries for ever, as every loader does; meanwhile all that is for this shard goes there, too.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Final, Protocol

import orjson

from collector.config import SpoolSettings
from collector.errors import SpoolError, StoreDataError, StoreUnavailable
from collector.events import Event
from collector.pipeline.ledger import Ledger
from collector.pipeline.loader import Loader
from collector.pipeline.payloads import Payloads
from collector.pipeline.spool import SPOOL_FOLDER, Spool
from collector.store.base import Attribute, Store, Writer

log = logging.getLogger(__name__)

#: Where the shards' spools are, `1`, `2`, …, within the folder of the collector's own.
SHARDS_FOLDER: Final = "shards"


class ShardWriter(Writer, Protocol):
    """The writing half of one shard."""

    def close(self) -> None:
        """Release everything."""


class Cluster(Store, Protocol):
    """A store of several parts."""

    def shards(self) -> Sequence[ShardWriter]:
        """Return a writer for each shard, in order. Raises StoreUnavailable."""


class ShardedWriter:
    """The writing half of a cluster.

    Args:
        store: the cluster.
        home: the collector's folder.
        settings: of the shards' spools.
        load: returns a loader between a spool and a writer.
        shard_of: tells an event's shard, from 0, by its id and how many there are.
    """

    def __init__(
        self,
        store: Cluster,
        home: Path,
        settings: SpoolSettings,
        load: Callable[[Spool, Writer], Loader],
        shard_of: Callable[[str, int], int],
    ) -> None:
        self._store, self._home, self._settings, self._load, self._shard_of = store, home, settings, load, shard_of
        self._shards: list[_Shard] = []
        self._threads: ThreadPoolExecutor | None = None

    def migrate(self) -> list[str]:
        """Bring the schema up to date and find the shards. Raises StoreUnavailable."""
        applied = self._store.migrate()
        if not self._shards:
            writers = self._store.shards()
            self._shards = [_Shard(number, writer, self._home, self._settings, self._load) for number, writer in enumerate(writers)]
            self._threads = ThreadPoolExecutor(len(writers), "shard")
        return applied

    def insert(self, events: Sequence[Event]) -> None:
        """Store all of the events or raise; what waits for its shard on disk counts as stored.

        Raises:
            StoreDataError: some event can never be stored as it is.
            StoreUnavailable: no shard takes anything, or the disk does not. The caller then holds all of it.
        """
        assert self._threads, "migrate comes first"
        parts: list[list[bytes]] = [[] for _ in self._shards]
        raw = events.raw if isinstance(events, Payloads) else [orjson.dumps(event) for event in events]
        for event, payload in zip(events, raw, strict=True):
            parts[self._shard_of(event["id"], len(parts))].append(payload)
        given = [(shard, part) for shard, part in zip(self._shards, parts, strict=True) if part]
        errors = list(self._threads.map(lambda one: one[0].insert(one[1]), given))
        for error in errors:
            if isinstance(error, StoreDataError):
                raise error
        if all(errors) and len(given) == len(self._shards):
            # It is not one shard that is sick: the loader holds, as with any store.
            raise StoreUnavailable(f"no shard takes events: {errors[0]}")
        for (shard, part), failed in zip(given, errors, strict=True):
            if failed:
                shard.keep(part, failed)

    def add_attributes(self, attributes: Sequence[Attribute]) -> None:
        """Add to the attribute catalogue."""
        self._store.add_attributes(attributes)

    def ping(self) -> None:
        """Return if some server answers."""
        self._store.ping()

    def broken_parts(self) -> list[str]:
        """Return the names of parts that some server has found broken and put aside."""
        return self._store.broken_parts()

    def set_retention(self, days: Mapping[str, int]) -> None:
        """Keep each dataset's events for so many days."""
        self._store.set_retention(days)

    @property
    def waiting_events(self) -> int:
        """Events that wait for their shards."""
        return sum(shard.spool.pending_events for shard in self._shards)

    def stop(self, timeout: float) -> None:
        """Finish what is in hand; what waits for its shard waits on disk."""
        for shard in self._shards:
            shard.stop(timeout)
        if self._threads:
            self._threads.shutdown()

    def close(self) -> None:
        """Release the store."""
        self._store.close()


class _Shard:
    def __init__(
        self, number: int, writer: ShardWriter, home: Path, settings: SpoolSettings, load: Callable[[Spool, Writer], Loader]
    ) -> None:
        self._number, self._writer = number, writer
        self.spool = Spool(home / SHARDS_FOLDER / str(number + 1) / SPOOL_FOLDER, settings, Ledger())
        self._loader = load(self.spool, writer)
        self._loader.start()

    @property
    def is_well(self) -> bool:
        """Whether nothing waits for it."""
        return not self.spool.pending_events

    def insert(self, part: list[bytes]) -> StoreDataError | StoreUnavailable | None:
        """Store events, and return why that is not possible now."""
        if not self.is_well:
            # It is known to be sick, or about to be well: either way its loader goes on with these.
            return StoreUnavailable("it is sick")
        try:
            self._writer.insert(Payloads(part))
        except (StoreDataError, StoreUnavailable) as error:
            return error
        return None

    def keep(self, part: list[bytes], error: Exception) -> None:
        """Let events wait on disk. Raises StoreUnavailable: the disk does not take them."""
        if self.is_well:
            log.error("Shard %d does not take events, which wait for it on disk: %s. The others go on.", self._number + 1, error)
        try:
            asyncio.run(self.spool.append(part))
        except SpoolError as full:
            raise StoreUnavailable(
                f"shard {self._number + 1} does not take events ({error}), and its spool neither: {full}"
            ) from full

    def stop(self, timeout: float) -> None:
        self._loader.stop(timeout)
        self.spool.close()
        self._writer.close()
