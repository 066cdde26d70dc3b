"""A Kafka cluster that obeys: librdkafka's mock brokers, on loopback, whose faults a test chooses.

They are in the library that the client's wheel bundles. Every client and every process may connect to them.
https://github.com/confluentinc/librdkafka/blob/master/src/rdkafka_mock.h
"""

from __future__ import annotations

import ctypes
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import confluent_kafka
import pytest
from confluent_kafka import Consumer, TopicPartition
from confluent_kafka.admin import AdminClient
from confluent_kafka.cimpl import NewTopic

#: Kinds of requests, by their number in the protocol, and errors by theirs.
PRODUCE, FETCH, OFFSET_COMMIT, HEARTBEAT = 0, 1, 8, 12
NOT_ENOUGH_REPLICAS, TOPIC_AUTHORIZATION_FAILED, UNKNOWN_SERVER_ERROR, MSG_SIZE_TOO_LARGE = 19, 29, -1, 10
_PRODUCER: Final = 0


def _library() -> Any:
    folder = Path(confluent_kafka.__file__).parent.parent / "confluent_kafka.libs"
    library = ctypes.CDLL(str(next(folder.glob("librdkafka*.so*"))))
    for name in ("rd_kafka_conf_new", "rd_kafka_new", "rd_kafka_mock_cluster_new"):
        getattr(library, name).restype = ctypes.c_void_p
    library.rd_kafka_mock_cluster_bootstraps.restype = ctypes.c_char_p
    return library


class Broker:
    """The cluster; `address` is its `host:port,…`."""

    #: A member that comes back waits for about so long; real brokers want 6 at least.
    session_seconds = 2

    def __init__(self, brokers: int = 1) -> None:
        self._c = _library()
        problem = ctypes.create_string_buffer(512)
        # The client that the cluster needs for its own books; it talks to nobody.
        client = self._c.rd_kafka_new(_PRODUCER, ctypes.c_void_p(self._c.rd_kafka_conf_new()), problem, len(problem))
        assert client, problem.value
        self._client = ctypes.c_void_p(client)
        self._cluster = ctypes.c_void_p(self._c.rd_kafka_mock_cluster_new(self._client, brokers))
        self._c.rd_kafka_mock_group_initial_rebalance_delay_ms(self._cluster, 0)
        self.address = self._c.rd_kafka_mock_cluster_bootstraps(self._cluster).decode()

    def make_topic(self, name: str, partitions: int = 3) -> str:
        """Make a topic, and return its address for the setting `spool`."""
        assert not self._c.rd_kafka_mock_topic_create(self._cluster, name.encode(), partitions, 1)
        return f"kafka://{self.address}/{name}"

    def go_down(self) -> None:
        """Cut all connections, and refuse new ones."""
        assert not self._c.rd_kafka_mock_broker_set_down(self._cluster, -1)

    def come_up(self) -> None:
        """Take connections again."""
        assert not self._c.rd_kafka_mock_broker_set_up(self._cluster, -1)

    def be_slow(self, milliseconds: int) -> None:
        """Answer later."""
        assert not self._c.rd_kafka_mock_broker_set_rtt(self._cluster, -1, milliseconds)

    def fail(self, request: int, error: int, times: int = 1) -> None:
        """Answer the next requests of a kind with an error."""
        errors = (ctypes.c_int * times)(*[error] * times)
        self._c.rd_kafka_mock_push_request_errors_array(self._cluster, ctypes.c_int16(request), ctypes.c_size_t(times), errors)

    def behave(self, request: int) -> None:
        """Answer requests of a kind as they should be."""
        self._c.rd_kafka_mock_clear_request_errors(self._cluster, ctypes.c_int16(request))

    def mend(self) -> None:
        """End all faults."""
        self.come_up()
        self.be_slow(0)
        for request in (PRODUCE, FETCH, OFFSET_COMMIT, HEARTBEAT):
            self.behave(request)

    def delete_records(self, topic: str, partition: int, before: int) -> None:
        """Forget the events of a partition before an offset, as its retention does."""
        assert not self._c.rd_kafka_mock_partition_delete_records(
            self._cluster, topic.encode(), ctypes.c_int32(partition), ctypes.c_int64(before)
        )

    def close(self) -> None:
        """End it."""
        self._c.rd_kafka_mock_cluster_destroy(self._cluster)
        self._c.rd_kafka_destroy(self._client)


class RealBroker(Broker):
    """Brokers of a real cluster, which do not obey: tests of faults are left out.

    Args:
        address: `host:port` of one.
    """

    session_seconds = 6

    def __init__(self, address: str) -> None:
        self.address = address
        self._admin = AdminClient({"bootstrap.servers": address})

    def make_topic(self, name: str, partitions: int = 3) -> str:
        """Make a topic, and return its address for the setting `spool`."""
        self._admin.create_topics([NewTopic(name, partitions, 1)])[name].result(10)
        return f"kafka://{self.address}/{name}"

    def go_down(self) -> None:
        """Leave the test out."""
        pytest.skip("a real broker does not break on demand")

    def be_slow(self, milliseconds: int) -> None:
        """Leave the test out."""
        self.go_down()

    def fail(self, request: int, error: int, times: int = 1) -> None:
        """Leave the test out."""
        self.go_down()

    def delete_records(self, topic: str, partition: int, before: int) -> None:
        """Forget the events of a partition before an offset, as its retention does."""
        self._admin.delete_records([TopicPartition(topic, partition, before)])[TopicPartition(topic, partition, before)].result(10)

    def mend(self) -> None:
        """It is well."""

    def close(self) -> None:
        """It goes on."""


@contextmanager
def asked(address: str) -> Iterator[Consumer]:
    """Yield a client that looks at the cluster and is no member of the group."""
    client = Consumer({"bootstrap.servers": address, "group.id": "wideload", "enable.auto.commit": False})
    yield client
    client.close()


def partitions_of(address: str, topic: str, partitions: int = 3) -> list[list[bytes]]:
    """Return all that is in a topic, by partition."""
    with asked(address) as client:
        places = [TopicPartition(topic, partition, 0) for partition in range(partitions)]
        left = sum(client.get_watermark_offsets(place, 5)[1] for place in places)
        client.assign(places)
        found: list[list[bytes]] = [[] for _ in places]
        while sum(map(len, found)) < left:
            message = client.poll(5)
            assert message is not None
            if not message.error():
                found[message.partition() or 0].append(message.value() or b"")
    return found


def values(address: str, topic: str) -> list[bytes]:
    """Return all that is in a topic."""
    return [value for part in partitions_of(address, topic) for value in part]


def committed(address: str, topic: str, partitions: int = 3) -> int:
    """Return how many events of a topic the group has committed."""
    with asked(address) as client:
        places = client.committed([TopicPartition(topic, partition) for partition in range(partitions)], 5)
    return sum(max(0, place.offset) for place in places)
