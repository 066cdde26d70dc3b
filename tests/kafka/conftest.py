"""One cluster of brokers a test process; each test has a topic of its own."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from kafka_broker import Broker, RealBroker
from kafka_topic import Topic


@pytest.fixture(scope="session")
def shared_broker() -> Iterator[Broker]:
    """Mock brokers, or real ones where `WIDELOAD_TEST_KAFKA` says HOST:PORT."""
    real = os.environ.get("WIDELOAD_TEST_KAFKA")
    broker = RealBroker(real) if real else Broker()
    yield broker
    broker.close()


@pytest.fixture
def broker(shared_broker: Broker) -> Iterator[Broker]:
    """The cluster, well again after each test."""
    yield shared_broker
    shared_broker.mend()


@pytest.fixture
def topic(broker: Broker, tmp_path: Path) -> Iterator[Topic]:
    topic = Topic(broker, tmp_path)
    yield topic
    # Whoever cannot reach the brokers takes long to leave them.
    broker.mend()
    topic.close()
