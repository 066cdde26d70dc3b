"""A beacon is acknowledged when the brokers have it, and refused with a reason when they do not take it."""

from __future__ import annotations

import asyncio
import time

import pytest
from confluent_kafka import KafkaError
from kafka_broker import MSG_SIZE_TOO_LARGE, NOT_ENOUGH_REPLICAS, PRODUCE, Broker, partitions_of, values
from kafka_topic import Topic, event, is_taken, send, wait_until

from collector.errors import EventTooLarge, SpoolError, SpoolFull
from collector.pipeline.kafka import producer


def test_what_was_acknowledged_is_with_the_brokers(topic: Topic) -> None:
    spool = topic.open(loads=False)
    send(spool, "a", "b", "c")

    assert sorted(values(topic.broker.address, topic.name)) == [event("a"), event("b"), event("c")]
    assert spool.ledger.balance(0).acknowledged == 3


def test_nothing_is_acknowledged_before_the_brokers_answer(topic: Topic) -> None:
    spool = topic.open(loads=False)
    send(spool, "first")
    topic.broker.be_slow(300)
    begun = time.monotonic()
    send(spool, "a")

    assert time.monotonic() - begun >= 0.3


def test_a_page_view_and_its_amendment_are_in_one_partition_in_their_order(topic: Topic) -> None:
    spool = topic.open(loads=False)
    views = [f"view-{n}" for n in range(10)]
    for revision in range(2):
        asyncio.run(spool.append([event(view, revision=revision) for view in views]))

    for found in partitions_of(topic.broker.address, topic.name):
        half = len(found) // 2
        assert [value.replace(b":0}", b":1}") for value in found[:half]] == found[half:]


def test_beacons_are_refused_while_brokers_are_away_and_taken_again_without_a_restart(topic: Topic) -> None:
    spool = topic.open(loads=False, ack_timeout=1)
    topic.broker.go_down()
    with pytest.raises(SpoolError, match="Kafka"):
        send(spool, "lost")
    begun = time.monotonic()
    with pytest.raises(SpoolError, match="Kafka"):
        send(spool, "refused at once")
    assert (time.monotonic() - begun < 0.5, spool.is_writable) == (True, False)

    topic.broker.come_up()
    wait_until(lambda: is_taken(spool, "taken"))
    assert event("taken") in values(topic.broker.address, topic.name)
    assert spool.problem == ""


def test_one_beacon_goes_ahead_after_a_failure_and_the_others_do_not_wait_for_it(topic: Topic) -> None:
    spool = topic.open(loads=False, ack_timeout=1)
    topic.broker.fail(PRODUCE, NOT_ENOUGH_REPLICAS, 1000)
    with pytest.raises(SpoolError):
        send(spool, "a")
    wait_until(lambda: spool.is_writable)

    async def two() -> list[BaseException | None]:
        return await asyncio.gather(spool.append([event("b")]), spool.append([event("c")]), return_exceptions=True)

    begun = time.monotonic()
    first, second = asyncio.run(two())
    assert "a moment ago" in str(second)
    assert isinstance(first, SpoolError)
    assert time.monotonic() - begun < 5


def test_errors_that_pass_are_not_the_beacons_problem(topic: Topic) -> None:
    spool = topic.open(loads=False)
    topic.broker.fail(PRODUCE, NOT_ENOUGH_REPLICAS, 2)
    send(spool, "a")

    assert values(topic.broker.address, topic.name) == [event("a")]


@pytest.mark.parametrize("where", ["client", "brokers"])
def test_an_event_that_is_too_large_is_refused_for_good(topic: Topic, where: str) -> None:
    spool = topic.open(loads=False)
    if where == "brokers":
        topic.broker.fail(PRODUCE, MSG_SIZE_TOO_LARGE)

    with pytest.raises(EventTooLarge):
        asyncio.run(spool.append([event("a", text="x" * (2_000_000 if where == "client" else 1))]))
    send(spool, "b")
    assert spool.problem == ""


def test_a_full_queue_refuses_and_is_emptied(topic: Topic, monkeypatch: pytest.MonkeyPatch) -> None:
    real = producer.producing
    monkeypatch.setattr(producer, "producing", lambda one: real(one) | {"queue.buffering.max.messages": 2})
    spool = topic.open(loads=False)
    topic.broker.be_slow(200)

    async def five() -> list[BaseException | None]:
        return await asyncio.gather(*(spool.append([event(str(n))]) for n in range(5)), return_exceptions=True)

    outcomes = asyncio.run(five())
    assert [type(one) for one in outcomes] == [type(None)] * 2 + [SpoolFull] * 3
    wait_until(lambda: spool.pending_bytes == 0)
    send(spool, "a")


def test_a_client_that_cannot_go_on_is_replaced(topic: Topic, caplog: pytest.LogCaptureFixture) -> None:
    spool = topic.open(loads=False)
    spool._producer._notes.note(KafkaError(KafkaError._FATAL, "fenced", fatal=True))
    wait_until(lambda: "was replaced" in caplog.text)

    send(spool, "a")
    assert values(topic.broker.address, topic.name) == [event("a")]


def test_a_stop_waits_for_what_is_on_its_way(topic: Topic, broker: Broker) -> None:
    spool = topic.open(loads=False)
    send(spool, "first")
    broker.be_slow(200)

    async def send_and_close() -> None:
        sending = asyncio.create_task(spool.append([event("a")]))
        await asyncio.sleep(0)
        await asyncio.to_thread(spool._producer.close, 5)
        await sending

    asyncio.run(send_and_close())
    assert event("a") in values(broker.address, topic.name)


def test_an_event_without_an_id_is_taken_too(topic: Topic) -> None:
    asyncio.run(topic.open(loads=False).append([b"{torn", b"[]"]))

    assert sorted(values(topic.broker.address, topic.name)) == [b"[]", b"{torn"]
