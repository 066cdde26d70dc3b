"""The loader's side: a thread that polls all the time, so that the group knows that it lives, and holds what the loader works on.

What is held is bounded. When the loader takes nothing, as the store is away, the partitions are paused and polling goes on: they
stay assigned. An offset is committed when everything up to it is stored or dead.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterable
from typing import Any, Final

from confluent_kafka import Consumer, KafkaError, KafkaException, Message, TopicPartition

from collector.config.kafka import KafkaSettings
from collector.pipeline.kafka.clients import ERRORS, common, reading
from collector.pipeline.kafka.complaint import Complaint
from collector.pipeline.kafka.share import Part, Share
from collector.pipeline.kafka.watch import ANSWER_SECONDS, Notes, Watch, error_name, error_text
from collector.pipeline.ledger import Ledger
from collector.pipeline.position import Position
from collector.pipeline.spool import Batch

log = logging.getLogger(__name__)

#: What is taken at once.
_AT_ONCE: Final = 500
_POLL_SECONDS: Final = 0.1
#: So long it waits for room before it pauses, as a pause throws away what was fetched ahead.
PATIENCE_SECONDS: Final = 1.0
#: After so long a commit that did not arrive is sent again.
COMMIT_SECONDS: Final = 5.0
#: How long leaving the group may take.
LEAVE_SECONDS: Final = 5.0
REBALANCES: Final = "wideload_kafka_rebalances"


class KafkaReader:
    """A member of the group.

    Args:
        settings: where the topic is.
        ledger: counts what was lost.
        watch: knows the ends of the partitions.
        clock: epoch seconds, for the age of what waits.
    """

    def __init__(self, settings: KafkaSettings, ledger: Ledger, watch: Watch, clock: Callable[[], float] = time.time) -> None:
        self._settings, self._ledger, self._watch = settings, ledger, watch
        self._counters = ledger.counters
        self._share = Share(clock)
        self._is_paused, self._full_since = False, 0.0
        #: Whether partitions have come since the last turn.
        self._is_new = False
        self._committed_at = 0.0
        #: Set when there is something to commit. Clients are for one thread only: another one would wait for a gap between polls.
        self._is_due = threading.Event()
        self._notes = Notes(settings, watch)
        self.unreadable = Complaint("The topic cannot be read; what waits is loaded when it can", "The topic can be read again")
        self._uncommitted = Complaint("The group's offsets cannot be committed; a restart would load some events again",
                                      "The group's offsets can be committed again")  # fmt: skip
        self._consumer = self._open()
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="kafka reader", daemon=True)
        self._thread.start()

    # --- The loader's side -----------------------------------------------------------------------------------------

    def wait(self, timeout: float) -> bool:
        """Wait until something is held, at most so long; return whether there is."""
        return self._share.wait(timeout)

    def read(self, max_events: int, max_bytes: int) -> Batch:
        """Return the oldest events that are held."""
        return self._share.read(max_events, max_bytes)

    def release(self, end: Position, count: Callable[[], None] = lambda: None) -> None:
        """Everything up to `end` is stored or dead: commit it soon."""
        self._share.release(end, count)
        self._is_due.set()

    # --- Facts -----------------------------------------------------------------------------------------------------

    @property
    def partitions(self) -> int:
        """How many partitions this member has."""
        return len(self._share.numbers)

    @property
    def is_paused(self) -> bool:
        """Whether it fetches nothing, as the loader takes nothing."""
        return self._is_paused

    @property
    def pending_events(self) -> int:
        """Events of this member's partitions that are not stored."""
        return self._share.pending(self._watch.sight.ends)

    @property
    def oldest_age_seconds(self) -> float:
        """Age of the oldest of these."""
        return self._share.oldest_age(self._watch.sight.ends)

    @property
    def problem(self) -> str:
        """Why nothing can be read; empty if it can."""
        return self.unreadable.reason

    # --- The thread ------------------------------------------------------------------------------------------------

    def _open(self) -> Consumer:
        config = {
            **common(self._settings, self._counters, self._notes.note),
            **reading(self._settings),
            "on_commit": self._note_commit,
        }
        consumer = Consumer(config)
        consumer.subscribe([self._settings.topic], on_assign=self._assigned, on_revoke=self._revoked, on_lost=self._revoked)
        return consumer

    def _run(self) -> None:
        while not self._stop.is_set():
            try:
                if self._notes.is_broken.is_set():
                    self._replace()
                self._turn()
            except Exception as error:
                # Nothing may end this thread. What it had in hand is read again by another client, from the last commit on.
                self._counters.add(ERRORS, 1, error_name(error))
                self.unreadable.say(error_text(error))
                self._notes.is_broken.set()
                self._stop.wait(1)
        self._leave(self._consumer)

    def _turn(self) -> None:
        self._pause_or_resume()
        messages = self._poll()
        self._look_up()
        self._take(messages)
        if self._is_due.is_set() or time.monotonic() - self._committed_at >= COMMIT_SECONDS:
            self._commit()
        self._notes.renew(self._consumer)
        self.unreadable.remind()
        self._uncommitted.remind()

    def _poll(self) -> list[Message[Any, Any]]:
        """Return what has arrived. One by one: what belongs to a partition that was just taken away never comes."""
        if self._share.is_full and not self._is_paused:
            self._stop.wait(0.02)
            return []
        found: list[Message[Any, Any]] = []
        # An empty message is false.
        while len(found) < _AT_ONCE and (message := self._consumer.poll(0 if found else _POLL_SECONDS)) is not None:
            found.append(message)
        return found

    def _take(self, messages: list[Message[Any, Any]]) -> None:
        for message in messages:
            if error := message.error():
                self._note_refusal(error)
            elif (part := self._share.part(message.partition() or 0)) is not None:
                self._hold(part, message)

    def _hold(self, part: Part, message: Message[Any, Any]) -> None:
        offset = message.offset() or 0
        if part.fetched is not None and offset > part.fetched:
            self._note_gap(part, offset)
        self._share.hold(part, offset, message.timestamp()[1] / 1000, message.value() or b"")
        self.unreadable.end()

    def _pause_or_resume(self) -> None:
        if self._is_new:
            self._consumer.resume(self._consumer.assignment())
            self._is_new = self._is_paused = False
        if not self._share.is_full:
            self._full_since = 0.0
        elif not self._full_since:
            self._full_since = time.monotonic()
        if self._full_since and not self._is_paused and time.monotonic() - self._full_since >= PATIENCE_SECONDS:
            self._consumer.pause(self._consumer.assignment())
            self._is_paused = True
            log.info("Nothing is fetched from Kafka until the loader has room; the partitions stay with this collector.")
        elif self._is_paused and self._share.has_room:
            self._consumer.resume(self._consumer.assignment())
            self._is_paused = False

    # --- The group -------------------------------------------------------------------------------------------------

    def _assigned(self, _: Consumer, places: list[TopicPartition]) -> None:
        self._counters.add(REBALANCES)
        self._share.gain(place.partition for place in places)
        # A partition that was paused when it was taken away would stay so for ever. It is this member's only after this call.
        self._is_new = True
        self._tell()

    def _revoked(self, _: Consumer, places: list[TopicPartition]) -> None:
        self._share.lose(place.partition for place in places)
        self._tell()

    def _tell(self) -> None:
        numbers = self._share.numbers
        log.info("This collector loads partitions %s now.", numbers, extra={"partitions": numbers})

    def _look_up(self) -> None:
        """Find out how far the group is in partitions that are new here, and whether something was lost before that."""
        new = self._share.unknown()
        if not new:
            return
        places = [TopicPartition(self._settings.topic, part.number) for part in new]
        try:
            found = self._consumer.committed(places, ANSWER_SECONDS)
            lows = [self._consumer.get_watermark_offsets(place, ANSWER_SECONDS)[0] for place in places]
        except KafkaException as error:
            # The first event will tell where it begins.
            self.unreadable.say(error_text(error))
            return
        for part, place, low in zip(new, found, lows, strict=True):
            if 0 <= place.offset < low:
                self._count_lost(part, low - place.offset)
            self._share.begin(part, max(place.offset, low), place.offset)
        self.unreadable.end()

    def _note_gap(self, part: Part, offset: int) -> None:
        """Offsets are missing: they are lost if the brokers have let them go; else they never were events."""
        place = TopicPartition(self._settings.topic, part.number)
        try:
            low, _ = self._consumer.get_watermark_offsets(place, ANSWER_SECONDS)
        except KafkaException:
            low = offset
        if part.fetched is not None and low > part.fetched:
            self._count_lost(part, min(low, offset) - part.fetched)

    def _count_lost(self, part: Part, events: int) -> None:
        self._ledger.lost(events, "expired")
        log.error("%d acknowledged events of partition %d are lost: Kafka has deleted them before they were loaded. Raise "
                  "retention.ms and retention.bytes of the topic %s.", events, part.number, self._settings.topic,
                  extra={"lost_events": events, "partition": part.number})  # fmt: skip

    # --- Offsets ---------------------------------------------------------------------------------------------------

    def _commit(self) -> None:
        """Tell the brokers how far the store is. They answer later; until they have, it is told again and again."""
        self._committed_at = time.monotonic()
        self._is_due.clear()
        if places := self._uncommitted_places():
            try:
                self._consumer.commit(offsets=places, asynchronous=True)
            except (KafkaException, RuntimeError) as error:
                self._uncommitted.say(error_text(error))

    def _uncommitted_places(self) -> list[TopicPartition]:
        return [TopicPartition(self._settings.topic, number, offset) for number, offset in self._share.uncommitted()]

    def _note_commit(self, error: KafkaError | None, places: Iterable[TopicPartition]) -> None:
        for place in places:
            failure = error or place.error
            if failure is not None:
                self._counters.add(ERRORS, 1, failure.name())
                self._uncommitted.say(failure.str())
                return
            self._share.confirm(place.partition, place.offset)
        self._uncommitted.end()

    # --- Errors ----------------------------------------------------------------------------------------------------

    def _note_refusal(self, error: KafkaError) -> None:
        self._counters.add(ERRORS, 1, error.name())
        self.unreadable.say(error.str())
        if error.fatal():
            self._notes.is_broken.set()

    def _replace(self) -> None:
        """Give up a client that says of itself that it can't go on, and join the group anew."""
        self._notes.is_broken.clear()
        log.error("The Kafka client could not go on and is replaced: %s", self.problem)
        old = self._consumer
        self._share.lose(self._share.numbers)
        self._leave(old)
        self._consumer = self._open()

    def _leave(self, consumer: Consumer) -> None:
        """Commit what is stored, and leave the group so that the others need not wait for the session to end."""
        if places := self._uncommitted_places():
            try:
                consumer.commit(offsets=places, asynchronous=True)
            except (KafkaException, RuntimeError) as error:
                log.warning("The last offsets could not be committed: %s. Some events are loaded again.", error_text(error))
        consumer.close()

    def close(self) -> None:
        """Leave the group."""
        self._stop.set()
        self._thread.join(LEAVE_SECONDS)
        if self._thread.is_alive():
            log.warning("The Kafka group could not be left in %.0f s; the others take over when the session ends.", LEAVE_SECONDS)
