"""A start with a topic that is not there, and what the log says of it all."""

from __future__ import annotations

import logging

import pytest
from kafka_broker import Broker

from collector.config.kafka import parse_kafka
from collector.errors import SpoolError
from collector.pipeline.kafka.complaint import Complaint
from collector.pipeline.kafka.library_log import LibraryLog
from collector.pipeline.kafka.spool import KafkaSpool
from collector.pipeline.ledger import Ledger


def test_a_topic_that_is_not_there_is_refused_with_the_way_out(broker: Broker) -> None:
    settings = parse_kafka(f"kafka://{broker.address}/nowhere")

    with pytest.raises(SpoolError, match=r"has no topic nowhere\. Make it, or let the collector: add \?partitions=12"):
        KafkaSpool(settings, Ledger())
    # Nor was it made by asking.
    with pytest.raises(SpoolError, match="has no topic nowhere"):
        KafkaSpool(settings, Ledger())


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def test_a_complaint_is_said_at_once_every_30_seconds_and_when_it_is_over(caplog: pytest.LogCaptureFixture) -> None:
    clock = Clock()
    complaint = Complaint("It rains", "It is dry again", clock)
    for _ in range(61):
        complaint.say("clouds")
        clock.now += 1
    complaint.end()
    complaint.end()

    assert [record.message for record in caplog.records] == [
        "It rains (for 0 s): clouds",
        "It rains (for 30 s): clouds",
        "It rains (for 60 s): clouds",
        "It is dry again, after 61 s.",
    ]


def test_the_library_says_the_same_once_and_how_often_it_would_have(caplog: pytest.LogCaptureFixture) -> None:
    clock = Clock()
    library = LibraryLog(clock)
    caplog.set_level(logging.INFO)
    for n in range(100):
        library.log(logging.ERROR, "%s [wideload#producer-%d]: refused (after %dms in state CONNECT)", "FAIL", n, n)
    clock.now = 31
    library.log(logging.ERROR, "%s [wideload#producer-%d]: refused (after %dms in state CONNECT)", "FAIL", 7, 7)
    library.log(logging.ERROR, "something else")

    assert [record.message for record in caplog.records] == [
        "FAIL [wideload#producer-0]: refused (after 0ms in state CONNECT)",
        "FAIL [wideload#producer-7]: refused (after 7ms in state CONNECT) (99 times more since then)",
        "something else",
    ]
