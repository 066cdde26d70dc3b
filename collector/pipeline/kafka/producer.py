"""The ingest side: a beacon is acknowledged when all in-sync replicas have its events.

`append` is awaited in the event loop. librdkafka gathers what arrives at about the same time into one request a broker; one thread
takes its answers and wakes those that wait.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import threading
import time
from collections import deque
from collections.abc import Sequence
from typing import Any, Final

import orjson
from confluent_kafka import KafkaError, KafkaException, Message, Producer

from collector.config.kafka import KafkaSettings
from collector.errors import EventTooLarge, SpoolError, SpoolFull
from collector.pipeline.kafka.clients import ERRORS, QUEUE_BYTES, common, producing
from collector.pipeline.kafka.complaint import Complaint
from collector.pipeline.kafka.watch import Notes, Watch, error_text
from collector.pipeline.ledger import Ledger
from collector.turns import be_quick

log = logging.getLogger(__name__)

_POLL_SECONDS: Final = 0.1
#: How long the events of a client that was given up may take to fail.
_GIVE_UP_SECONDS: Final = 5.0


class _Waiter:
    """A beacon whose events are on their way: all of them must arrive."""

    __slots__ = ("_done", "begun", "dataset", "error", "events", "future", "left", "size")

    def __init__(self, events: int, size: int, dataset: str, done: deque[_Waiter]) -> None:
        self.future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.events = self.left = events
        self.size, self.dataset, self._done = size, dataset, done
        self.begun = time.perf_counter()
        self.error: KafkaError | None = None

    def delivered(self, error: KafkaError | None, _: Message[Any, Any]) -> None:
        """One event has arrived, or never will; called in the thread that polls."""
        self.left -= 1
        self.error = self.error or error
        if not self.left:
            self._done.append(self)


class KafkaProducer:
    """Sends events to the topic.

    Args:
        settings: where the topic is.
        ledger: counts what was acknowledged.
        watch: knows when the brokers are well again.
    """

    def __init__(self, settings: KafkaSettings, ledger: Ledger, watch: Watch) -> None:
        self._settings, self._ledger, self._watch = settings, ledger, watch
        self._counters = ledger.counters
        self._done: deque[_Waiter] = deque()
        #: Held where the client is replaced, and where it is used outside its thread.
        self._lock = threading.Lock()
        self._notes = Notes(settings, watch)
        self._producer = self._open()
        self.refused = Complaint("Kafka does not take events. Beacons get 503 until it does", "Kafka takes events again")
        self._failed_at = float("-inf")
        #: After a failure one beacon goes ahead, and the others follow when it has arrived.
        self._scout: _Waiter | None = None
        self.pending_events = self.pending_bytes = 0
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="kafka producer", daemon=True)
        self._thread.start()

    @property
    def problem(self) -> str:
        """Why a beacon would get 503 now; empty if it would not."""
        if self._watch.problem:
            return f"Kafka cannot be reached: {self._watch.problem}"
        reason = self.refused.reason
        return f"Kafka does not take events: {reason}" if reason and self._watch.seen_well < self._failed_at else ""

    async def append(self, payloads: Sequence[bytes], dataset: str) -> None:
        """Return when the brokers have the payloads.

        Raises:
            EventTooLarge: one of them will never be taken.
            SpoolFull: too many wait for the brokers.
            SpoolError: the brokers do not take them now. Some may have arrived all the same.
        """
        if problem := self.problem:
            raise SpoolError(problem)
        if self.refused.reason and self._scout:
            raise SpoolError(f"Kafka refused a moment ago: {self.refused.reason}")
        waiter = _Waiter(len(payloads), sum(map(len, payloads)), dataset, self._done)
        if self.refused.reason:
            self._scout = waiter
        try:
            self._produce(payloads, waiter)
        except SpoolError:
            waiter.future.cancel()
            self._scout = None if self._scout is waiter else self._scout
            raise
        await waiter.future

    def _produce(self, payloads: Sequence[bytes], waiter: _Waiter) -> None:
        topic, pending = self._settings.topic, self.pending_bytes
        with self._lock:
            for payload in payloads:
                try:
                    self._producer.produce(topic, payload, _key(payload), on_delivery=waiter.delivered)
                except BufferError:
                    raise SpoolFull(f"{pending:,} bytes wait for Kafka already, and more than {QUEUE_BYTES:,} never do") from None
                except KafkaException as error:
                    if error.args[0].code() == KafkaError.MSG_SIZE_TOO_LARGE:
                        raise EventTooLarge(f"an event of {len(payload):,} bytes is too large for a message of Kafka") from None
                    raise SpoolError(f"Kafka does not take events: {error_text(error)}") from None
            self.pending_events += waiter.events
            self.pending_bytes += waiter.size

    # --- The thread that polls -------------------------------------------------------------------------------------

    def _open(self) -> Producer:
        return Producer({**common(self._settings, self._counters, self._notes.note), **producing(self._settings)})

    def _run(self) -> None:
        be_quick()
        while not self._stop.is_set():
            try:
                self._producer.poll(_POLL_SECONDS)
                if self._notes.is_broken.is_set():
                    self._replace()
                self._notes.renew(self._producer)
                self._answer()
                self.refused.remind()
            except Exception:
                # Nothing may end this thread.
                log.exception("Writing to Kafka met an error of its own; it goes on.")
                self._stop.wait(_POLL_SECONDS)

    def _replace(self) -> None:
        """Give up a client that says of itself that it can't go on; its beacons get 503, and are sent again."""
        new = self._open()
        with self._lock:
            old, self._producer = self._producer, new
            self._notes.is_broken.clear()
        log.error("The Kafka client could not go on and was replaced; %d events are sent again by their pages.", len(old))
        old.purge()
        old.flush(_GIVE_UP_SECONDS)

    def _answer(self) -> None:
        """Wake those whose events have arrived, or never will."""
        done: list[_Waiter] = []
        while self._done:
            done.append(self._done.popleft())
        if not done:
            return
        self._counters.time("wideload_commit_duration", time.perf_counter() - done[0].begun)
        with self._lock:
            self.pending_events -= sum(one.events for one in done)
            self.pending_bytes -= sum(one.size for one in done)
        # The failures first: where some arrive, the brokers are well.
        for waiter in sorted(done, key=lambda one: one.error is None):
            self._judge(waiter)
        for loop in {waiter.future.get_loop() for waiter in done}:
            # A loop that has been closed has nobody who waits.
            with contextlib.suppress(RuntimeError):
                loop.call_soon_threadsafe(_resolve, [one for one in done if one.future.get_loop() is loop])

    def _judge(self, waiter: _Waiter) -> None:
        if waiter.error is None:
            self._ledger.acknowledged({waiter.dataset: waiter.events})
            self.refused.end()
        elif waiter.error.code() != KafkaError.MSG_SIZE_TOO_LARGE:
            self._failed_at = time.monotonic()
            self._counters.add(ERRORS, 1, waiter.error.name())
            self.refused.say(waiter.error.str())
            self._watch.hurry()
        if waiter is self._scout or not self.refused.reason:
            self._scout = None

    def close(self, seconds: float) -> None:
        """Wait for what is on its way, at most so long."""
        deadline = time.monotonic() + seconds
        while len(self._producer) and time.monotonic() < deadline:
            time.sleep(0.01)
        self._stop.set()
        self._thread.join(seconds)
        if left := len(self._producer):
            log.error("%d events were not taken by Kafka before the stop; none was acknowledged.", left)
            self._producer.purge()
        self._producer.flush(1)
        self._answer()


def _key(payload: bytes) -> str | None:
    """Return the event's id: an amended page view follows its original, in the same partition."""
    try:
        found = orjson.loads(payload)["id"]
    except (ValueError, TypeError, KeyError):
        return None
    return found if isinstance(found, str) else None


def _resolve(waiters: list[_Waiter]) -> None:
    for waiter in waiters:
        if waiter.future.done():
            continue
        if waiter.error is None:
            waiter.future.set_result(None)
        elif waiter.error.code() == KafkaError.MSG_SIZE_TOO_LARGE:
            waiter.future.set_exception(EventTooLarge("the brokers take none so large; raise max.message.bytes of the topic"))
        else:
            waiter.future.set_exception(SpoolError(f"Kafka does not take events: {waiter.error.str()}"))
