"""What the collector sees of Kafka: an `Intake`, as the spool of files is one."""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, nullcontext
from itertools import count
from typing import Any, Final

from collector.config.kafka import KafkaSettings
from collector.errors import StoreUnavailable
from collector.pipeline.folder import Folder
from collector.pipeline.kafka.clients import QUEUE_BYTES
from collector.pipeline.kafka.producer import KafkaProducer
from collector.pipeline.kafka.reader import KafkaReader
from collector.pipeline.kafka.topic import prepare_topic
from collector.pipeline.kafka.watch import Watch
from collector.pipeline.ledger import Ledger
from collector.pipeline.position import Position
from collector.pipeline.spool import NEARLY_FULL, Batch

#: How often the group is asked how far it is, while an erasure waits for it.
_ASK_SECONDS: Final = 0.5
#: Positions of the ends of the topic; those of batches have 0.
_END: Final = 1


class KafkaSpool:
    """A topic. Others may write to it and load from it at the same time.

    Args:
        settings: where it is.
        ledger: counts what comes in and goes out here.
        loads: whether this collector is one of the group that loads.
        claimed: a folder that is this collector's until it closes.

    Raises:
        SpoolError: there is no such topic, or the password cannot be read.
    """

    #: The brokers see to these.
    was_cut_off: Final = False
    divides_room: Final = False
    max_bytes: Final = QUEUE_BYTES

    def __init__(self, settings: KafkaSettings, ledger: Ledger, *, loads: bool = True, claimed: Folder | None = None) -> None:
        self._settings, self._claimed = settings, claimed
        self.ledger = ledger
        ledger.is_whole = False
        prepare_topic(settings, ledger.counters)
        self.watch = Watch(settings, ledger.counters)
        self.watch.look()
        self._producer = KafkaProducer(settings, ledger, self.watch)
        self._reader = KafkaReader(settings, ledger, self.watch) if loads else None
        self.watch.start()
        self._lock = threading.RLock()
        #: The last end that was asked for, by partition; empty once it is reached. There is one erasure at a time.
        self._marks: dict[Position, dict[int, int]] = {}
        self._numbers = count(1)
        self._asked = float("-inf")

    # --- The ingest side -------------------------------------------------------------------------------------------

    async def append(self, payloads: Sequence[bytes], dataset: str = "") -> None:
        """Return when the brokers have the payloads. Raises SpoolError; see `KafkaProducer.append`."""
        await self._producer.append(payloads, dataset)

    # --- The loader's side -----------------------------------------------------------------------------------------

    @property
    def _loading(self) -> KafkaReader:
        assert self._reader, "this collector loads nothing"
        return self._reader

    def wait(self, timeout: float) -> bool:
        """Wait until something can be read, at most so long; return whether there is."""
        return self._loading.wait(timeout)

    def read(self, max_events: int, max_bytes: int) -> Batch:
        """Return the oldest events that are not released; empty if there are none."""
        return self._loading.read(max_events, max_bytes)

    def release(self, end: Position, count: Callable[[], None] = lambda: None) -> None:
        """Everything up to `end` is stored or dead: commit it."""
        with self._lock:
            self._loading.release(end, count)

    def tidy(self) -> None:
        """Nothing is due: the topic's retention sees to what is old."""

    def replay(self) -> int:
        """Load nothing again; see the docs for how an operator does it."""
        return 0

    # --- Erasures and backups --------------------------------------------------------------------------------------

    def roll(self) -> Position:
        """Return the end of the topic as it is now, whoever has written to it. Raises StoreUnavailable: the brokers do not say."""
        if not self.watch.look():
            raise StoreUnavailable(
                f"Kafka does not say what waits ({self.watch.problem or 'see log'}). The erasure is remembered; ask again."
            )
        end = Position(_END, next(self._numbers))
        self._marks = {end: dict(self.watch.sight.ends)}
        return end

    def is_stored(self, end: Position) -> bool:
        """Whether the group has committed everything up to `end`, which `roll` gave."""
        ends = self._marks[end]
        if ends and time.monotonic() - self._asked >= _ASK_SECONDS:
            self._asked = time.monotonic()
            if self.watch.look() and self.watch.sight.covers(ends):
                ends.clear()
        return not ends

    def keeping(self) -> AbstractContextManager[None]:
        """There are no files that could go."""
        return nullcontext()

    # --- Facts -----------------------------------------------------------------------------------------------------

    @contextlib.contextmanager
    def still(self) -> Iterator[None]:
        """Hold what this collector's loader counts. What others do to the topic goes on."""
        with self._lock:
            yield

    @property
    def details(self) -> dict[str, Any]:
        """The topic and the group, what of it is loaded here, and the whole group's lag in events."""
        return {
            "brokers": list(self._settings.brokers),
            "topic": self._settings.topic,
            "group": self._settings.group,
            "partitions": self._reader.partitions if self._reader else 0,
            "is_paused": bool(self._reader and self._reader.is_paused),
            "group_lag": self.watch.sight.lag,
        }

    @property
    def pending_events(self) -> int:
        """Events that wait for this collector: to be loaded, or, where it loads nothing, to be taken by the brokers."""
        return self._reader.pending_events if self._reader else self._producer.pending_events

    @property
    def pending_bytes(self) -> int:
        """Bytes that wait in memory for the brokers; what they have takes no room here."""
        return self._producer.pending_bytes

    @property
    def oldest_age_seconds(self) -> float:
        """Age of the oldest event that this collector has to load; 0 if there is none."""
        return self._reader.oldest_age_seconds if self._reader else 0.0

    @property
    def fill(self) -> float:
        """The share of the memory for what the brokers have not taken yet."""
        return self.pending_bytes / self.max_bytes

    @property
    def problem(self) -> str:
        """Why beacons are not kept now, or soon will not be; empty if all is well."""
        if self._producer.problem:
            return self._producer.problem
        if self.fill >= NEARLY_FULL:
            return f"{self.pending_bytes:,} bytes wait for Kafka, and more than {self.max_bytes:,} never do"
        return ""

    @property
    def reading_problem(self) -> str:
        """Why what waits cannot be read now; empty if it can."""
        return self._reader.problem if self._reader else ""

    @property
    def is_writable(self) -> bool:
        """Whether a beacon would be kept now."""
        return not self._producer.problem and self.fill < 1

    def close(self) -> None:
        """Wait for what is on its way, and leave the group."""
        self._producer.close(self._settings.ack_timeout + 1)
        if self._reader:
            self._reader.close()
        self.watch.stop()
        if self._claimed:
            self._claimed.unlock()
