"""Sees at the start whether the topic is there, and makes it where that was asked for."""

from __future__ import annotations

import logging
from typing import Final

from confluent_kafka import KafkaError, KafkaException
from confluent_kafka.admin import AdminClient
from confluent_kafka.cimpl import NewTopic

from collector.config.kafka import KafkaSettings
from collector.errors import SpoolError
from collector.pipeline.kafka.clients import common
from collector.pipeline.kafka.watch import error_text
from collector.telemetry import Counters

log = logging.getLogger(__name__)

#: How long a start waits for the brokers before it goes on without them.
START_SECONDS: Final = 5.0


def prepare_topic(settings: KafkaSettings, counters: Counters) -> None:
    """See to it that the topic is there. Where the brokers do not answer, nobody knows, and it is left for later.

    Raises:
        SpoolError: there is no such topic, and none could be made.
    """
    client = AdminClient(common(settings, counters))
    try:
        # All topics: to ask for one by its name would make it, at brokers with `auto.create.topics.enable`.
        topics = client.list_topics(timeout=START_SECONDS).topics
    except KafkaException as error:
        log.warning("Kafka does not answer yet (%s): beacons get 503 until it does.", error_text(error))
        return
    if settings.topic in topics:
        return
    if not settings.partitions:
        raise SpoolError(
            f"Kafka at {', '.join(settings.brokers)} has no topic {settings.topic}. Make it, or let the collector: add "
            "?partitions=12&replication=3 to WIDELOAD_SPOOL."
        )
    _make(client, settings)


def _make(client: AdminClient, settings: KafkaSettings) -> None:
    # An acknowledgement is worth something while two replicas have it.
    config = {"cleanup.policy": "delete", "min.insync.replicas": str(min(2, settings.replication))}
    topic = NewTopic(settings.topic, settings.partitions, settings.replication, config=config)
    try:
        client.create_topics([topic])[settings.topic].result(START_SECONDS * 2)
    except (KafkaException, TimeoutError) as error:
        if isinstance(error, KafkaException) and error.args[0].code() == KafkaError.TOPIC_ALREADY_EXISTS:
            return
        raise SpoolError(f"The topic {settings.topic} could not be made: {error_text(error)}.") from error
    log.warning("Made the topic %s with %d partitions and %d replicas.", settings.topic, settings.partitions, settings.replication)
