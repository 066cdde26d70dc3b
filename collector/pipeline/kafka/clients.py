"""What librdkafka is told: how to reach the brokers, and what makes an acknowledgement a promise.

Source: https://github.com/confluentinc/librdkafka/blob/master/CONFIGURATION.md
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from confluent_kafka import KafkaError

from collector.config.kafka import KafkaSettings
from collector.errors import SpoolError
from collector.pipeline.kafka.library_log import LibraryLog
from collector.telemetry import Counters

#: What the brokers have not confirmed yet waits in memory, so much of it at the most; beyond it beacons get 503.
QUEUE_BYTES: Final = 64 << 20
#: What is fetched ahead of what the loader was given.
_AHEAD_KILOBYTES: Final = 16 << 10
#: How long beacons wait for others, to travel together.
_LINGER_MILLISECONDS: Final = 2
ERRORS: Final = "wideload_kafka_errors"

Config = dict[str, Any]
_library = LibraryLog()


def common(settings: KafkaSettings, counters: Counters, on_error: Callable[[KafkaError], None] = lambda _: None) -> Config:
    """Return what every client needs. Raises SpoolError: the password can't be read."""

    def note(error: KafkaError) -> None:
        counters.add(ERRORS, 1, error.name())
        on_error(error)

    found: Config = {
        "bootstrap.servers": ",".join(settings.brokers),
        "client.id": "wideload",
        "security.protocol": ("SASL_" if settings.sasl_username else "") + ("SSL" if settings.is_tls else "PLAINTEXT"),
        # A broker that comes back is noticed within seconds.
        "reconnect.backoff.max.ms": 2_000,
        "socket.keepalive.enable": True,
        "log.connection.close": False,
        "logger": _library,
        "error_cb": note,
    }
    if settings.is_tls:
        files = {"ssl.ca.location": settings.ca_certs, "ssl.certificate.location": settings.certfile,
                 "ssl.key.location": settings.keyfile}  # fmt: skip
        found |= {name: str(path) for name, path in files.items() if path}
        found["enable.ssl.certificate.verification"] = settings.verify
    if settings.sasl_username:
        found |= {"sasl.mechanism": settings.sasl_mechanism, "sasl.username": settings.sasl_username,
                  "sasl.password": password(settings)}  # fmt: skip
    return found


def password(settings: KafkaSettings) -> str:
    """Return the password. Raises SpoolError."""
    if not settings.sasl_password_file:
        return ""
    try:
        return settings.sasl_password_file.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise SpoolError(f"The password of Kafka in {settings.sasl_password_file} cannot be read: {error}.") from error


def producing(settings: KafkaSettings) -> Config:
    """Return what one that writes needs besides: nothing counts before all in-sync replicas have it, and nothing counts twice."""
    return {
        "acks": "all",
        "enable.idempotence": True,
        "linger.ms": _LINGER_MILLISECONDS,
        "message.timeout.ms": settings.ack_timeout * 1000,
        "compression.type": settings.compression,
        "queue.buffering.max.kbytes": QUEUE_BYTES >> 10,
        "queue.buffering.max.messages": 1_000_000,
        # The same as Java's clients: an id stays in its partition whoever writes it.
        "partitioner": "murmur2_random",
    }


def reading(settings: KafkaSettings) -> Config:
    """Return what one that reads needs besides: nothing is committed but what the store has confirmed."""
    return {
        "group.id": settings.group,
        "enable.auto.commit": False,
        "enable.auto.offset.store": False,
        "auto.offset.reset": "earliest",
        "allow.auto.create.topics": False,
        "isolation.level": "read_committed",
        "partition.assignment.strategy": "cooperative-sticky",
        "session.timeout.ms": settings.session_timeout * 1000,
        "heartbeat.interval.ms": min(3000, settings.session_timeout * 1000 // 3),
        "queued.max.messages.kbytes": _AHEAD_KILOBYTES,
        # A thread polls all the time. Should it ever be stuck, the others take over.
        "max.poll.interval.ms": 300_000,
    }
