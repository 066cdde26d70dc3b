"""Looks at the topic from outside, every few seconds: whether it takes and gives events, and how far its group is.

It is a client of its own, which is no member of the group. So every collector knows of a lag, also one that loads nothing, and also
while nobody loads.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Final

from confluent_kafka import Consumer, KafkaError, KafkaException, Producer, TopicPartition

from collector.config.kafka import KafkaSettings
from collector.errors import SpoolError
from collector.periodic import Periodic
from collector.pipeline.kafka.clients import ERRORS, common, password, reading
from collector.pipeline.kafka.complaint import Complaint
from collector.telemetry import Counters

log = logging.getLogger(__name__)

#: How often it looks while all is well, and while something is wrong.
LOOK_SECONDS: Final = 5.0
RETRY_SECONDS: Final = 1.0
#: How long the brokers may take over one answer.
ANSWER_SECONDS: Final = 3.0


@dataclass(frozen=True, slots=True)
class Sight:
    """What one look has shown, by partition: the first offset there is, the next one there will be, and the group's."""

    starts: dict[int, int] = field(default_factory=dict)
    ends: dict[int, int] = field(default_factory=dict)
    committed: dict[int, int] = field(default_factory=dict)

    @property
    def lag(self) -> int:
        """Events that the group has not committed."""
        return sum(max(0, end - self.stored(partition)) for partition, end in self.ends.items())

    def stored(self, partition: int) -> int:
        """Return the offset up to which a partition is stored."""
        return max(self.committed.get(partition, 0), self.starts.get(partition, 0))

    def covers(self, ends: dict[int, int]) -> bool:
        """Whether the group has committed everything up to these offsets."""
        return all(self.stored(partition) >= end for partition, end in ends.items())


class Watch(Periodic):
    """The one that looks, in a thread of its own.

    Args:
        settings: where the topic is.
        counters: where errors are counted.
    """

    def __init__(self, settings: KafkaSettings, counters: Counters) -> None:
        super().__init__("kafka watch", RETRY_SECONDS)
        self._settings, self._counters = settings, counters
        self._client = Consumer({**common(settings, counters), **reading(settings)})
        self._lock = threading.Lock()
        self._password = password(settings)
        #: Are called with the password when the file has another one.
        self.renewals: list[Callable[[str], None]] = [self._renew]
        self.sight = Sight()
        #: When the brokers were last found to take events; monotonic.
        self.seen_well = float("-inf")
        self._looked = float("-inf")
        self.unreachable = Complaint("Kafka cannot be reached", "Kafka can be reached again")
        self._unknown = Complaint("The lag of the Kafka group is not known", "The lag of the Kafka group is known again")

    @property
    def problem(self) -> str:
        """Why the topic does not take events; empty if it does."""
        return self.unreachable.reason

    def turn(self) -> None:
        """Look, if it is time to."""
        self._renew_password()
        if self.problem or time.monotonic() - self._looked >= LOOK_SECONDS:
            self.look()

    def hurry(self) -> None:
        """Look at the next turn: somebody has met an error."""
        self._looked = float("-inf")

    def look(self) -> bool:
        """Look now; return whether everything was seen."""
        with self._lock:
            self._looked = time.monotonic()
            self._client.poll(0)
            try:
                partitions = self._partitions()
            except (KafkaException, SpoolError) as error:
                self._fail(self.unreachable, error)
                return False
            self.unreachable.end()
            self.seen_well = time.monotonic()
            try:
                self.sight = self._measure(partitions)
            except KafkaException as error:
                self._fail(self._unknown, error)
                return False
            self._unknown.end()
            return True

    def _partitions(self) -> list[int]:
        """Return the topic's partitions. Raises KafkaException, or SpoolError: it does not take events."""
        topic = self._client.list_topics(self._settings.topic, timeout=ANSWER_SECONDS).topics[self._settings.topic]
        if topic.error is not None:
            raise KafkaException(topic.error)
        if headless := sorted(one.id for one in topic.partitions.values() if one.leader < 0):
            raise SpoolError(f"the topic {self._settings.topic} has partitions without a leader: {headless}")
        return sorted(topic.partitions)

    def _measure(self, partitions: list[int]) -> Sight:
        places = [TopicPartition(self._settings.topic, partition) for partition in partitions]
        sight = Sight()
        for place in places:
            sight.starts[place.partition], sight.ends[place.partition] = self._client.get_watermark_offsets(place, ANSWER_SECONDS)
        for place in self._client.committed(places, ANSWER_SECONDS):
            if place.error is not None:
                raise KafkaException(place.error)
            if place.offset >= 0:
                sight.committed[place.partition] = place.offset
        return sight

    def _fail(self, complaint: Complaint, error: Exception) -> None:
        self._counters.add(ERRORS, 1, error_name(error))
        complaint.say(error_text(error))

    def _renew_password(self) -> None:
        """Tell the clients when the password in the file is another one."""
        try:
            found = password(self._settings)
        except SpoolError as error:
            log.warning("%s The one before it is used.", error)
            return
        if found != self._password:
            self._password = found
            for renew in self.renewals:
                renew(found)

    def _renew(self, found: str) -> None:
        self._client.set_sasl_credentials(self._settings.sasl_username, found)

    def stop(self, timeout: float | None = None) -> None:
        """Look no more."""
        super().stop(timeout)
        with self._lock:
            self._client.close()


def error_name(error: Exception) -> str:
    """Return an error's name, for counters."""
    cause = _cause(error)
    return str(cause.name()) if cause else type(error).__name__


def error_text(error: Exception) -> str:
    """Return an error's words, for people."""
    cause = _cause(error)
    return str(cause.str()).rstrip(".") if cause else str(error).rstrip(".")


def _cause(error: Exception) -> Any:
    return error.args[0] if isinstance(error, KafkaException) and error.args and hasattr(error.args[0], "name") else None


class Notes:
    """What others tell the thread of a client: that the client can't go on, or that its password is another one now.

    Args:
        settings: whose password it is.
        watch: knows of new passwords, and looks sooner where something is wrong.
    """

    def __init__(self, settings: KafkaSettings, watch: Watch) -> None:
        self._settings, self._watch, self._password = settings, watch, ""
        self.is_broken = threading.Event()
        watch.renewals.append(self._take)

    def note(self, error: KafkaError) -> None:
        """Take an error that the client reports; any thread may call it."""
        if error.fatal():
            self.is_broken.set()
        self._watch.hurry()

    def renew(self, client: Consumer | Producer) -> None:
        """Give the client its new password, if there is one; in its own thread."""
        if self._password:
            client.set_sasl_credentials(self._settings.sasl_username, self._password)
            self._password = ""

    def _take(self, password: str) -> None:
        self._password = password
