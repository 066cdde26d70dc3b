"""A cluster of two test servers: each event goes to its shard, and a sick shard does not hold the other."""

from __future__ import annotations

import json
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import orjson
import pytest

from bench.process import wait_until
from bench.running import free_port
from collector.config import LoaderSettings, ServerSettings, SpoolSettings
from collector.errors import StoreUnavailable
from collector.pipeline.dead_letters import DeadLetters
from collector.pipeline.loader import Loader
from collector.pipeline.payloads import Payloads
from collector.pipeline.shards import ShardedWriter
from collector.store.clickhouse import ClickHouseStore
from collector.store.clickhouse_cluster import ClusterStore
from collector.store.cluster import shard_of

LOADER = LoaderSettings(linger_seconds=0.001, min_backoff_seconds=0.02, max_backoff_seconds=0.1)
TIMES = {"ts": 1_790_000_000_000, "time": 1_790_000_000_000, "received_at": 1_790_000_000_000}


class Site:
    """Two servers that say they are the shards of a cluster, and the writer between them and a loader."""

    def __init__(self, folder: Path, servers: Any) -> None:
        self._folder, self._servers = folder, servers
        self.ports = [free_port(), free_port()]
        self.clusters = folder / "clusters.json"
        self.clusters.write_text(json.dumps([["main", number + 1, "127.0.0.1", port] for number, port in enumerate(self.ports)]))
        self.writer = self.open()

    def open(self) -> ShardedWriter:
        """Return a writer as a collector that starts has."""
        letters = DeadLetters(self._folder / "letters.sqlite3")
        return ShardedWriter(
            ClusterStore(f"{self.url(0)}?alt_hosts=127.0.0.1:{self.ports[1]}", ServerSettings(cluster="main")),
            self._folder,
            SpoolSettings(),
            lambda spool, writer: Loader(spool, writer, letters, LOADER),
            shard_of,
        )

    def url(self, shard: int) -> str:
        """Return the address of a shard's server."""
        return f"clickhouse://default:secret@127.0.0.1:{self.ports[shard]}/wideload"

    def run(self, shard: int) -> Any:
        """Run a shard's server."""
        return self._servers.run(self._folder / f"server{shard}", self.ports[shard], clusters=self.clusters)

    def migrate(self) -> None:
        """Do what `ON CLUSTER` would: test servers know nothing of each other."""
        other = ClusterStore(self.url(1), ServerSettings(cluster="main"))
        other.migrate()
        other.close()
        self.writer.migrate()

    def ids(self, shard: int) -> set[str]:
        """Return the events of a shard."""
        store = ClickHouseStore(self.url(shard))
        try:
            return {name for (name,) in store.query("SELECT id FROM events FINAL").rows}
        finally:
            store.close()


@pytest.fixture
def site(tmp_path: Path, native_servers: Any) -> Iterator[Site]:
    site = Site(tmp_path, native_servers)
    yield site
    site.writer.stop(5)
    site.writer.close()


def batch(size: int, **fields: object) -> dict[str, dict[str, object]]:
    """Return events by id."""
    return {(name := uuid4().hex): {"id": name, "kind": "event", "dataset": "d", **TIMES, **fields} for _ in range(size)}


def insert(writer: ShardedWriter, events: dict[str, Any]) -> None:
    writer.insert(Payloads([orjson.dumps(event) for event in events.values()]))


def of_shard(shard: int) -> Callable[[str], bool]:
    return lambda name: zlib.crc32(name.encode()) % 2 == shard


def test_each_event_goes_to_its_shard_and_so_does_what_replaces_it(site: Site) -> None:
    with site.run(0), site.run(1):
        site.migrate()
        events = batch(100)
        insert(site.writer, events)
        insert(site.writer, {name: event | {"revision": 1} for name, event in events.items()})

        assert [site.ids(shard) for shard in (0, 1)] == [set(filter(of_shard(shard), events)) for shard in (0, 1)]


def test_a_sick_shard_does_not_hold_the_other_and_heals(site: Site) -> None:
    with site.run(0):
        with site.run(1) as (process, _):
            site.migrate()
            process.kill()
        events = batch(100) | batch(100)
        insert(site.writer, events)
        late = batch(50)
        insert(site.writer, late)

        everything = events | late
        assert site.ids(0) == set(filter(of_shard(0), everything))
        assert site.writer.waiting_events == len(set(filter(of_shard(1), everything)))
        # What waits survives the collector.
        site.writer.stop(1)
        site.writer.close()
        site.writer = site.open()
        site.writer.migrate()
        assert site.writer.waiting_events
        with site.run(1):
            wait_until(lambda: not site.writer.waiting_events)
            assert site.ids(1) == set(filter(of_shard(1), everything))


def test_a_cluster_that_is_away_holds_the_loader(site: Site) -> None:
    with site.run(0) as (one, _), site.run(1) as (two, __):
        site.migrate()
        one.kill()
        two.kill()
    with pytest.raises(StoreUnavailable, match="no shard takes events"):
        insert(site.writer, batch(100))
    assert site.writer.waiting_events == 0


def test_a_cluster_that_nobody_knows_is_named(site: Site, tmp_path: Path) -> None:
    store = ClusterStore(site.url(0).replace("wideload", "default"), ServerSettings(cluster="other"))
    with site.run(0), pytest.raises(StoreUnavailable, match="knows no cluster 'other'"):
        store.shards()
    store.close()
