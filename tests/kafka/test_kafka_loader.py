"""What is in the topic is loaded: nothing is lost, nothing counts twice, and nothing needs a person to go on."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence

import pytest
from confluent_kafka import KafkaError
from kafka_broker import FETCH, OFFSET_COMMIT, TOPIC_AUTHORIZATION_FAILED, UNKNOWN_SERVER_ERROR, committed
from kafka_topic import Topic, is_taken, send, wait_until

from collector.errors import StoreDataError, StoreUnavailable
from collector.events import Event
from collector.pipeline.kafka import reader, share
from collector.pipeline.kafka.spool import KafkaSpool
from collector.store.base import Attribute

NAMES = [f"e{n}" for n in range(30)]


class ListStore:
    """A Writer that keeps what it gets, and fails as it is told: `problem` looks at a batch and returns an error, or None."""

    def __init__(self) -> None:
        self.rows: list[str] = []
        self.problem: Callable[[Sequence[Event]], Exception | None] = lambda _: None

    def insert(self, events: Sequence[Event]) -> None:
        names = [event["id"] for event in events]
        if error := self.problem(events):
            raise error
        self.rows += names

    def add_attributes(self, attributes: Sequence[Attribute]) -> None:
        pass

    def ping(self) -> None:
        pass

    def broken_parts(self) -> list[str]:
        return []


def committed_of(topic: Topic) -> int:
    return committed(topic.broker.address, topic.name)


def paused(topic: Topic, monkeypatch: pytest.MonkeyPatch, most: int) -> tuple[KafkaSpool, ListStore]:
    """Return a spool that fetches no more, as it holds so many events for a store that is away."""
    monkeypatch.setattr(share, "MOST_HELD", most)
    monkeypatch.setattr(reader, "PATIENCE_SECONDS", 0.1)
    spool, store = topic.open(), ListStore()
    store.problem = lambda _: StoreUnavailable("away", 210)
    topic.load(spool, store)
    send(spool, *NAMES)
    wait_until(lambda: spool.details["is_paused"])
    return spool, store


def test_what_is_stored_is_committed_and_nothing_is_left(topic: Topic) -> None:
    spool, store = topic.open(), ListStore()
    topic.load(spool, store)
    send(spool, *NAMES)

    wait_until(lambda: committed_of(topic) == len(NAMES))
    assert sorted(store.rows) == sorted(NAMES)
    assert (spool.pending_events, spool.oldest_age_seconds) == (0, 0)
    assert spool.ledger.balance(0).stored == len(NAMES)


def test_nothing_is_committed_before_the_store_has_it(topic: Topic) -> None:
    spool, store = topic.open(), ListStore()
    store.problem = lambda _: StoreUnavailable("away", 210)
    loader = topic.load(spool, store)
    send(spool, *NAMES)
    wait_until(lambda: loader.is_holding and spool.pending_events == len(NAMES))
    assert (committed_of(topic), store.rows) == (0, [])

    store.problem = lambda _: None
    wait_until(lambda: committed_of(topic) == len(NAMES))
    assert sorted(store.rows) == sorted(NAMES)


def test_while_the_store_is_away_it_pauses_and_keeps_its_partitions(topic: Topic, monkeypatch: pytest.MonkeyPatch) -> None:
    spool, store = paused(topic, monkeypatch, 10)
    before = spool.ledger.counters.total("wideload_kafka_rebalances")

    # Longer than the session: a member that did not poll would have lost its partitions.
    time.sleep(topic.broker.session_seconds + 0.5)
    assert spool.details["partitions"] == topic.partitions
    assert spool.ledger.counters.total("wideload_kafka_rebalances") == before

    store.problem = lambda _: None
    wait_until(lambda: committed_of(topic) == len(NAMES))
    assert sorted(set(store.rows)) == sorted(NAMES)
    assert not spool.details["is_paused"]


def test_the_lag_tells_how_many_wait_and_since_when(topic: Topic, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(share, "MOST_HELD", 10)
    spool, store = topic.open(), ListStore()
    store.problem = lambda _: StoreUnavailable("away", 210)
    topic.load(spool, store)
    begun = time.time()
    send(spool, *NAMES)
    sent = time.time()
    idle = topic.open(loads=False)

    # Also what has not been fetched is known, and by everybody.
    wait_until(lambda: (spool.watch.look(), spool.pending_events)[1] == len(NAMES))
    assert (spool.details["group_lag"], idle.details["group_lag"]) == (len(NAMES), len(NAMES))
    # Brokers write times down in milliseconds.
    wait_until(lambda: begun - 0.01 <= time.time() - spool.oldest_age_seconds <= sent + 0.01)

    store.problem = lambda _: None
    wait_until(lambda: spool.pending_events == 0)
    wait_until(lambda: idle.watch.look() and idle.details["group_lag"] == 0)


def test_poison_goes_to_the_dead_letters_and_the_rest_goes_on(topic: Topic) -> None:
    spool, store = topic.open(), ListStore()
    store.problem = lambda events: StoreDataError("bad", 27) if any(one["id"] == "e7" for one in events) else None
    topic.load(spool, store)
    send(spool, *NAMES)

    wait_until(lambda: committed_of(topic) == len(NAMES))
    assert sorted(store.rows) == sorted(set(NAMES) - {"e7"})
    assert [(letter.reason, letter.code) for letter in topic.dead.all()] == [("bad", 27)]
    assert spool.ledger.balance(0).dead_lettered == 1


@pytest.mark.parametrize("junk", [b"{torn", b"", b"null", b"{}"])
def test_what_others_have_put_into_the_topic_stops_nobody(topic: Topic, junk: bytes) -> None:
    spool, store = topic.open(), ListStore()
    topic.write(junk)
    topic.load(spool, store)
    send(spool, "a")

    wait_until(lambda: committed_of(topic) == 2)
    assert store.rows == ["a"]
    assert [letter.payload for letter in topic.dead.all()] == [junk]


def test_brokers_that_go_and_come_back_need_no_restart(topic: Topic) -> None:
    spool, store = topic.open(ack_timeout=1), ListStore()
    topic.load(spool, store)
    send(spool, "before")
    wait_until(lambda: committed_of(topic) == 1)
    topic.broker.go_down()
    wait_until(lambda: not spool.is_writable)

    topic.broker.come_up()
    wait_until(lambda: is_taken(spool, "after"))
    wait_until(lambda: "after" in store.rows)
    wait_until(lambda: spool.problem == spool.reading_problem == "" and spool.pending_events == 0)


@pytest.mark.parametrize("error", [TOPIC_AUTHORIZATION_FAILED, UNKNOWN_SERVER_ERROR])
def test_errors_of_fetching_are_said_and_pass(topic: Topic, error: int, caplog: pytest.LogCaptureFixture) -> None:
    spool, store = topic.open(), ListStore()
    wait_until(lambda: spool.details["partitions"] == topic.partitions)
    topic.broker.fail(FETCH, error)
    topic.load(spool, store)
    send(spool, *NAMES)

    wait_until(lambda: sorted(store.rows) == sorted(NAMES))
    assert spool.reading_problem == ""
    if error == TOPIC_AUTHORIZATION_FAILED:
        assert "The topic cannot be read" in caplog.text


def test_a_commit_that_fails_is_said_and_sent_again(topic: Topic, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reader, "COMMIT_SECONDS", 0.2)
    spool, store = topic.open(), ListStore()
    topic.load(spool, store)
    wait_until(lambda: spool.details["partitions"] == topic.partitions)
    topic.broker.fail(OFFSET_COMMIT, TOPIC_AUTHORIZATION_FAILED, 2)
    send(spool, "a")

    wait_until(lambda: committed_of(topic) == 1)
    assert spool.ledger.counters.total("wideload_kafka_errors") >= 1


def test_a_member_that_comes_in_mid_batch_leads_to_no_loss(topic: Topic) -> None:
    spool, store = topic.open(), ListStore()
    inserting, go_on = threading.Event(), threading.Event()

    def wait_in_mid_batch(_: Sequence[Event]) -> None:
        inserting.set()
        go_on.wait(20)

    store.problem = wait_in_mid_batch
    topic.load(spool, store)
    send(spool, *NAMES)
    assert inserting.wait(20)

    second = topic.open()
    topic.load(second, store)
    wait_until(lambda: 0 < second.details["partitions"] < topic.partitions)
    go_on.set()
    wait_until(lambda: committed_of(topic) == len(NAMES))
    assert set(store.rows) == set(NAMES)
    wait_until(lambda: spool.pending_events == second.pending_events == 0)


def test_partitions_that_come_and_go_during_a_pause_are_all_loaded_after_it(topic: Topic, monkeypatch: pytest.MonkeyPatch) -> None:
    spool, store = paused(topic, monkeypatch, 4)
    second = topic.open()
    wait_until(lambda: 0 < second.details["partitions"] < topic.partitions)
    topic.leave(second)
    wait_until(lambda: spool.details["partitions"] == topic.partitions)

    store.problem = lambda _: None
    wait_until(lambda: committed_of(topic) == len(NAMES))
    assert set(store.rows) == set(NAMES)


def test_a_member_that_leaves_hands_over_at_once(topic: Topic) -> None:
    first, store = topic.open(), ListStore()
    topic.load(first, store)
    second = topic.open()
    topic.load(second, store)
    wait_until(lambda: first.details["partitions"] and second.details["partitions"])

    first._reader.close()  # type: ignore[union-attr]
    wait_until(lambda: second.details["partitions"] == topic.partitions, 5)
    send(second, *NAMES)
    wait_until(lambda: set(store.rows) == set(NAMES))


def test_who_starts_anew_goes_on_where_the_store_is(topic: Topic) -> None:
    first, store = topic.open(), ListStore()
    loader = topic.load(first, store)
    send(first, *NAMES)
    wait_until(lambda: len(store.rows) == len(NAMES))
    loader.stop(5)
    topic.leave(first)

    second = topic.open()
    topic.load(second, store)
    send(second, "new")
    wait_until(lambda: "new" in store.rows)
    assert sorted(store.rows) == sorted([*NAMES, "new"])


def test_events_that_the_retention_took_before_they_were_loaded_are_counted_and_named(
    topic: Topic, caplog: pytest.LogCaptureFixture
) -> None:
    first, store = topic.open(), ListStore()
    loader = topic.load(first, store)
    send(first, *NAMES)
    wait_until(lambda: committed_of(topic) == len(NAMES))
    loader.stop(5)
    first._reader.close()  # type: ignore[union-attr]
    send(first, *(f"late{n}" for n in range(30)))
    topic.broker.delete_records(topic.name, 0, topic.ends()[0])

    second = topic.open()
    topic.load(second, store)
    wait_until(lambda: (gone := second.ledger.balance(0).dead_lettered) > 0 and len(store.rows) + gone == 60)
    assert f"{60 - len(store.rows)} acknowledged events of partition 0 are lost" in caplog.text


def test_a_client_that_cannot_go_on_joins_the_group_anew(topic: Topic, caplog: pytest.LogCaptureFixture) -> None:
    spool, store = topic.open(), ListStore()
    topic.load(spool, store)
    send(spool, *NAMES)
    wait_until(lambda: committed_of(topic) == len(NAMES))
    spool._reader._notes.note(KafkaError(KafkaError._FATAL, "fenced", fatal=True))  # type: ignore[union-attr]
    wait_until(lambda: "is replaced" in caplog.text)

    send(spool, "after")
    wait_until(lambda: "after" in store.rows)
    assert len(store.rows) == len(NAMES) + 1


def test_an_erasure_waits_for_what_anybody_has_acknowledged(topic: Topic) -> None:
    spool, other, store = topic.open(), topic.open(loads=False), ListStore()
    store.problem = lambda _: StoreUnavailable("away", 210)
    topic.load(spool, store)
    send(other, *NAMES)
    end = spool.roll()
    assert not spool.is_stored(end)

    store.problem = lambda _: None
    wait_until(lambda: spool.is_stored(end))
    assert set(store.rows) == set(NAMES)
