"""A topic, those that write to it and load from it, and what tests say of events."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from uuid import uuid4

import orjson
from confluent_kafka import Producer, TopicPartition
from kafka_broker import Broker, asked

from collector.config import LoaderSettings
from collector.config.kafka import parse_kafka
from collector.errors import SpoolError
from collector.pipeline.dead_letters import DeadLetters
from collector.pipeline.kafka.spool import KafkaSpool
from collector.pipeline.ledger import Ledger
from collector.pipeline.loader import Loader
from collector.store.base import Writer

SETTINGS = LoaderSettings(linger_seconds=0.001, min_backoff_seconds=0.01, max_backoff_seconds=0.02)


class Topic:
    """A topic, and those that write to it and load from it."""

    def __init__(self, broker: Broker, folder: Path, partitions: int = 3) -> None:
        self.broker, self.folder, self.partitions = broker, folder, partitions
        self.name = f"t-{uuid4().hex}"
        self.url = broker.make_topic(self.name, partitions)
        self._opened: list[KafkaSpool] = []
        self._loaders: list[Loader] = []
        self.dead = DeadLetters(folder / "dead.sqlite3")

    def open(self, *, loads: bool = True, ack_timeout: int = 10) -> KafkaSpool:
        """Return a spool of this topic; a short time-out is for tests in which it comes to that."""
        settings = replace(parse_kafka(self.url), session_timeout=self.broker.session_seconds, ack_timeout=ack_timeout)
        self._opened.append(KafkaSpool(settings, Ledger(), loads=loads))
        return self._opened[-1]

    def load(self, spool: KafkaSpool, store: Writer) -> Loader:
        """Begin to load."""
        loader = Loader(spool, store, self.dead, SETTINGS)
        loader.start()
        self._loaders.append(loader)
        return loader

    def leave(self, spool: KafkaSpool) -> None:
        """Close a spool."""
        self._opened.remove(spool)
        spool.close()

    def write(self, value: bytes) -> None:
        """Write to the topic as a stranger does."""
        stranger = Producer({"bootstrap.servers": self.broker.address})
        stranger.produce(self.name, value)
        assert stranger.flush(5) == 0

    def ends(self) -> list[int]:
        """Return the next offset of each partition."""
        with asked(self.broker.address) as client:
            places = [TopicPartition(self.name, partition) for partition in range(self.partitions)]
            return [client.get_watermark_offsets(place, 5)[1] for place in places]

    def close(self) -> None:
        for loader in self._loaders:
            loader.stop(5)
        for spool in self._opened:
            spool.close()
        self.dead.close()


def event(name: str, **fields: object) -> bytes:
    return orjson.dumps({"id": name, "dataset": "d", **fields})


def send(spool: KafkaSpool, *names: str) -> None:
    """Have events acknowledged, each by itself."""

    async def all_of_them() -> None:
        await asyncio.gather(*(spool.append([event(name)], "d") for name in names))

    asyncio.run(all_of_them())


def is_taken(spool: KafkaSpool, name: str) -> bool:
    """Try once to have an event acknowledged."""
    try:
        send(spool, name)
    except SpoolError:
        return False
    return True


def wait_until(condition: Callable[[], object], seconds: float = 20) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.01)
