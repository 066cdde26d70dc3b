"""Whole collectors with their events in Kafka, as processes that are killed: every acknowledged event is counted once."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import httpx2
import pytest
from kafka_broker import Broker, committed

from bench.process import TOKEN, CollectorProcess, wait_until
from bench.running import free_port
from bench.traffic import Traffic
from bench.traffic import event as page_view

AUTH = {"authorization": f"Bearer {TOKEN}"}
QUICK = "?ack_timeout=2&session_timeout=6"


@pytest.fixture
def address(broker: Broker) -> str:
    """A topic of the test's own."""
    return broker.make_topic(f"t-{uuid4().hex}")


def topic_of(address: str) -> str:
    return address.rpartition("/")[2]


@pytest.fixture
def server(native_server: str) -> str:
    """A database of the test's own."""
    return f"clickhouse://{native_server}/t{uuid4().hex}"


@pytest.fixture
def whole(address: str, tmp_path: Path) -> Iterator[CollectorProcess]:
    with CollectorProcess(tmp_path / "data", spool=address + QUICK) as running:
        yield running


def send(collector: CollectorProcess, count: int = 20) -> set[str]:
    """Return the ids of events that were acknowledged."""
    events = [page_view() for _ in range(count)]
    return {str(event["id"]) for event in events if collector.send(event).status_code == 202}


def counted(collector: CollectorProcess, wanted: set[str]) -> bool:
    """Whether every event is there, once."""
    rows = collector.rows()
    assert all(count == 1 for count in rows.values())
    return wanted <= rows.keys()


def test_one_collector_stores_what_went_through_the_topic(whole: CollectorProcess, broker: Broker, address: str) -> None:
    names = send(whole)

    wait_until(lambda: counted(whole, names))
    wait_until(lambda: committed(broker.address, topic_of(address)) == len(names))
    assert not list((whole.data / "spool").glob("*")) if (whole.data / "spool").exists() else True
    metrics = whole.metrics()
    assert (metrics["wideload_kafka_partitions"], metrics["wideload_events_missing"]) == (3, 0)
    assert metrics["wideload_events_acknowledged_total"] == metrics["wideload_events_stored_total"] == len(names)


def test_a_collector_that_is_killed_in_mid_batch_loses_nothing(whole: CollectorProcess) -> None:
    names: set[str] = set()
    for _ in range(2):
        with Traffic(whole.url) as traffic:
            wait_until(lambda traffic=traffic: len(traffic.acknowledged) > 150)
            whole.kill()
        names |= traffic.acknowledged
        whole.start()

    wait_until(lambda: counted(whole, names))


def test_without_brokers_beacons_get_503_with_retry_after_and_are_taken_again_without_a_restart(
    whole: CollectorProcess, broker: Broker
) -> None:
    before = send(whole)
    broker.go_down()
    refused = whole.send(page_view())
    assert (refused.status_code, refused.json()["error"]["reason"]) == (503, "spool_error")
    assert "Kafka" in refused.json()["error"]["message"]
    assert int(refused.headers["retry-after"]) > 0
    wait_until(lambda: whole.health().get("status") == "unavailable")

    broker.come_up()
    wait_until(lambda: whole.health().get("status") == "ok")
    event = page_view()
    wait_until(lambda: whole.send(event).status_code == 202)
    wait_until(lambda: counted(whole, before | {str(event["id"])}))


def test_a_collector_starts_without_brokers_and_works_when_they_come(broker: Broker, address: str, tmp_path: Path) -> None:
    broker.go_down()
    collector = CollectorProcess(tmp_path / "data", spool=address + QUICK)

    def come_up_later() -> None:
        wait_until(lambda: collector.log.exists() and "Kafka does not answer yet" in collector.log.read_text(), 60)
        broker.come_up()

    starting = threading.Thread(target=come_up_later)
    starting.start()
    with collector:
        starting.join()
        names = send(collector)

        assert len(names) == 20
        wait_until(lambda: counted(collector, names))


def test_a_stop_loses_nothing_that_was_acknowledged(whole: CollectorProcess) -> None:
    with Traffic(whole.url) as traffic:
        wait_until(lambda: len(traffic.acknowledged) > 100)
        whole.terminate()
    assert "events were not taken" not in whole.log.read_text()
    whole.start()

    wait_until(lambda: counted(whole, traffic.acknowledged))


def test_one_that_takes_beacons_needs_no_store_and_one_that_loads_gets_all(address: str, server: str, tmp_path: Path) -> None:
    private = f"127.0.0.1:{free_port()}"
    ingest = CollectorProcess(tmp_path / "ingest", "clickhouse://127.0.0.1:1/nobody", role="ingest", spool=address + QUICK,
                              private_listen=private)  # fmt: skip
    with ingest:
        names = send(ingest)
        assert len(names) == 20
        assert ingest.health()["status"] == "ok"
        # Nobody loads, and everybody sees it.
        wait_until(lambda: ingest.metrics()["wideload_kafka_group_lag"] == 20)
        with CollectorProcess(tmp_path / "query", server, role="query", spool=address + QUICK) as query:
            wait_until(lambda: counted(query, names))
            wait_until(lambda: ingest.metrics()["wideload_kafka_group_lag"] == 0)


def test_when_one_of_two_that_load_is_killed_the_other_takes_over_and_nothing_counts_twice(
    address: str, server: str, tmp_path: Path
) -> None:
    first = CollectorProcess(tmp_path / "first", server, spool=address + QUICK)
    second = CollectorProcess(tmp_path / "second", server, spool=address + QUICK)
    with second, first:
        wait_until(lambda: 0 < second.metrics()["wideload_kafka_partitions"] < 3, 60)
        with Traffic(second.url) as traffic:
            wait_until(lambda: len(traffic.acknowledged) > 150)
            first.kill()
            wait_until(lambda: second.metrics()["wideload_kafka_partitions"] == 3, 60)

        wait_until(lambda: counted(second, traffic.acknowledged), 60)
        first.start()


def test_workers_write_to_the_topic_and_one_process_loads(address: str, tmp_path: Path) -> None:
    collector = CollectorProcess(tmp_path / "data", workers=2, private_listen=f"127.0.0.1:{free_port()}", spool=address + QUICK)
    with collector:
        names = send(collector)

        assert len(names) == 20
        wait_until(lambda: counted(collector, names))


def test_what_waits_on_disk_is_loaded_when_the_spool_moves_to_kafka(address: str, tmp_path: Path) -> None:
    # It lingers for so long that its events are still on disk when it is killed.
    collector = CollectorProcess(tmp_path / "data", linger_seconds=600)
    with collector:
        names = send(collector)
        collector.kill()
        collector.start(spool=address + QUICK, linger_seconds=1)

        assert len(names) == 20
        wait_until(lambda: counted(collector, names))


def test_the_doctor_tells_of_the_topic(whole: CollectorProcess, address: str) -> None:
    facts = wait_until(lambda: (found := whole.get("/api/doctor")["spool"]["kafka"])["partitions"] and found)

    assert (facts["topic"], facts["partitions"], facts["group_lag"]) == (topic_of(address), 3, 0)


def test_an_erasure_reaches_what_waits_in_the_topic(whole: CollectorProcess) -> None:
    names = send(whole)
    done = httpx2.post(f"{whole.url}/api/erase", headers=AUTH, timeout=60, json={
        "dataset": "demo", "filters": [{"column": "id", "op": "=", "value": sorted(names)[0]}]})  # fmt: skip

    assert done.status_code == 200, done.text
    wait_until(lambda: counted(whole, names - {sorted(names)[0]}))
    assert sorted(names)[0] not in whole.rows()
