"""The loader stores everything that can be stored, isolates what can't, and never gives up."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import orjson
import pytest

from collector.config import LoaderSettings, SpoolSettings
from collector.errors import StoreDataError, StoreError, StoreUnavailable
from collector.events import Event
from collector.pipeline.dead_letters import DeadLetters
from collector.pipeline.loader import FEW_DEAD, Loader
from collector.pipeline.spool import Spool
from collector.store.base import Attribute

SETTINGS = LoaderSettings(linger_seconds=0.001, min_backoff_seconds=0.001, max_backoff_seconds=0.002)


class ListStore:
    """A Writer that keeps what it gets, and fails as it is told: `problem` looks at a batch and returns an error, or None."""

    def __init__(self) -> None:
        self.rows: dict[str, Event] = {}
        self.attributes: list[Attribute] = []
        self.tries = 0
        self.problem: Callable[[Sequence[Event]], Exception | None] = lambda _: None

    def insert(self, events: Sequence[Event]) -> None:
        self.tries += 1
        rows = {event["id"]: event for event in events}
        if error := self.problem(events):
            raise error
        self.rows |= rows

    def add_attributes(self, attributes: Sequence[Attribute]) -> None:
        self.attributes += attributes

    def ping(self) -> None:
        pass

    def broken_parts(self) -> list[str]:
        return []


class Setup:
    def __init__(self, folder: Path, settings: LoaderSettings = SETTINGS) -> None:
        self.spool = Spool(folder / "spool", SpoolSettings())
        self.store = ListStore()
        self.dead = DeadLetters(folder / "dead.sqlite3")
        self.counters = self.spool.ledger.counters
        self.loader = Loader(self.spool, self.store, self.dead, settings)

    def spool_events(self, *names: str, **fields: object) -> None:
        payloads = [orjson.dumps({"id": name, "dataset": "d", **fields}) for name in names]
        asyncio.run(self.spool.append(payloads))

    def run_until(self, condition: Callable[[], bool]) -> None:
        self.loader.start()
        wait_until(condition)
        self.loader.stop(5)

    def close(self) -> None:
        self.spool.close()
        self.dead.close()


def wait_until(condition: Callable[[], bool]) -> None:
    end = time.monotonic() + 10
    while not condition() and time.monotonic() < end:
        time.sleep(0.002)
    assert condition()


@pytest.fixture
def setup(tmp_path: Path) -> Iterator[Setup]:
    setup = Setup(tmp_path)
    yield setup
    setup.close()


def poison(*names: str) -> Callable[[Sequence[Event]], Exception | None]:
    return lambda events: StoreDataError("cannot parse", 27) if {e["id"] for e in events} & set(names) else None


def test_events_are_stored_and_released(setup: Setup) -> None:
    setup.spool_events("a", "b")

    assert setup.loader.load_batch() == 2
    assert (set(setup.store.rows), setup.spool.pending_events) == ({"a", "b"}, 0)
    assert setup.counters.total("wideload_events_stored") == 2


def test_a_poison_event_goes_to_the_dead_letters_and_its_neighbours_are_stored(setup: Setup) -> None:
    setup.store.problem = poison("c")
    setup.spool_events(*"abcdefg")
    setup.loader.load_batch()

    assert set(setup.store.rows) == set("abdefg")
    (letter,) = setup.dead.all()
    assert (orjson.loads(letter.payload)["id"], letter.reason, letter.code) == ("c", "cannot parse", 27)
    assert setup.counters.total("wideload_events_dead_lettered") == 1


def test_a_payload_that_is_not_json_goes_to_the_dead_letters(setup: Setup) -> None:
    asyncio.run(setup.spool.append([b"{torn"]))
    setup.spool_events("a")
    setup.loader.load_batch()

    assert (set(setup.store.rows), setup.dead.all()[0].payload) == ({"a"}, b"{torn")


@pytest.mark.parametrize("error", [StoreUnavailable("gone", 210), StoreError("odd"), ValueError("a bug"), MemoryError()])
def test_every_other_error_holds_the_batch_and_heals(setup: Setup, error: Exception, caplog: pytest.LogCaptureFixture) -> None:
    setup.store.problem = lambda _: error if setup.store.tries < 4 else None
    setup.spool_events("a")
    setup.run_until(lambda: setup.spool.pending_events == 0)

    assert (set(setup.store.rows), setup.dead.all()) == ({"a"}, [])
    assert "The store does not take events" in caplog.text
    assert "The store takes events again" in caplog.text


def test_holding_is_visible_while_it_lasts(setup: Setup) -> None:
    setup.store.problem = lambda _: StoreUnavailable("the cable is out", 210)
    setup.spool_events("a")
    setup.run_until(lambda: setup.loader.is_holding)

    assert setup.loader.hold_reason == "the cable is out"
    assert setup.spool.pending_events == 1
    assert setup.counters.total("wideload_insert_failures") >= 1


def test_the_log_says_it_at_once_and_then_rarely(setup: Setup, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.ERROR)
    setup.store.problem = lambda _: StoreUnavailable("gone")
    setup.spool_events("a")
    setup.run_until(lambda: setup.store.tries > 20)

    assert caplog.text.count("The store does not take events") == 1


def test_too_many_dead_rows_are_a_schema_fault_and_hold(setup: Setup) -> None:
    names = [f"e{n}" for n in range(200)]
    setup.store.problem = poison(*names[: FEW_DEAD + 5])
    setup.spool_events(*names)
    setup.run_until(lambda: setup.loader.is_holding)

    assert "refuses too many rows" in setup.loader.hold_reason
    assert setup.dead.all() == []
    assert setup.spool.pending_events == 200


def test_a_schema_fault_is_noticed_even_when_events_trickle(setup: Setup) -> None:
    setup.store.problem = lambda _: StoreDataError("no such enum", 36)
    for n in range(FEW_DEAD + 1):
        setup.spool_events(f"e{n}")
        if n < FEW_DEAD:
            setup.loader.load_batch()
    setup.run_until(lambda: setup.loader.is_holding)

    assert len(setup.dead.all()) == FEW_DEAD


def test_new_attributes_reach_the_catalogue_once_and_before_their_events(setup: Setup) -> None:
    setup.store.problem = lambda _: None if setup.store.attributes else AssertionError("the catalogue came too late")
    setup.spool_events("a", attrs_string={"plan": "gold"}, attrs_number={"plan": 1})
    setup.loader.load_batch()
    setup.spool_events("b", attrs_string={"plan": "free"})
    setup.loader.load_batch()

    in_order = sorted(setup.store.attributes, key=lambda a: a.type)
    assert in_order == [Attribute("d", "plan", "number"), Attribute("d", "plan", "string")]


def test_the_store_is_prepared_first_and_for_as_long_as_it_takes(tmp_path: Path) -> None:
    setup = Setup(tmp_path)
    tries = iter([StoreUnavailable("starting"), StoreUnavailable("starting"), None])

    def prepare() -> None:
        if error := next(tries):
            raise error

    setup.loader = Loader(setup.spool, setup.store, setup.dead, SETTINGS, prepare)
    setup.spool_events("a")
    setup.run_until(lambda: bool(setup.store.rows))

    assert setup.loader.has_tried.is_set()
    setup.close()


def test_an_event_waits_for_company_but_not_for_long(tmp_path: Path) -> None:
    setup = Setup(tmp_path, replace(SETTINGS, linger_seconds=0.2))
    setup.loader.start()
    for n in range(5):
        setup.spool_events(f"e{n}")
    wait_until(lambda: len(setup.store.rows) == 5)
    setup.loader.stop(5)

    assert setup.store.tries <= 2
    setup.close()


def test_stopping_leaves_the_held_batch_in_the_spool(setup: Setup) -> None:
    setup.store.problem = lambda _: StoreUnavailable("gone")
    setup.spool_events("a")
    setup.run_until(lambda: setup.loader.is_holding)

    assert not setup.loader.is_alive
    assert setup.spool.read(10, 100).payloads != []


def test_a_store_without_memory_gets_smaller_batches_and_then_larger_ones_again(setup: Setup) -> None:
    sizes: list[int] = []

    def problem(events: Sequence[Event]) -> Exception | None:
        sizes.append(len(events))
        return StoreUnavailable("memory limit", 241) if len(events) > 300 else None

    setup.store.problem = problem
    setup.spool_events(*(f"e{n}" for n in range(1000)))
    loader = Loader(setup.spool, setup.store, setup.dead, replace(SETTINGS, batch_events=1000))
    while setup.spool.pending_events:
        loader.load_batch()

    assert (len(setup.store.rows), sizes[:3]) == (1000, [1000, 500, 250])
    assert max(sizes[3:]) > 250


def test_a_store_with_too_many_parts_gets_larger_batches(setup: Setup) -> None:
    setup.store.problem = lambda events: StoreUnavailable("too many parts", 252) if len(events) < 40 else None
    setup.spool_events(*(f"e{n}" for n in range(100)))
    loader = Loader(setup.spool, setup.store, setup.dead, replace(SETTINGS, batch_events=10))

    assert loader.load_batch() == 40


def test_a_missing_table_is_made_again(setup: Setup) -> None:
    prepared: list[bool] = []
    setup.store.problem = lambda _: None if prepared else StoreUnavailable("no such table", 60)
    setup.spool_events("a")
    loader = Loader(setup.spool, setup.store, setup.dead, SETTINGS, lambda: prepared.append(True))

    assert loader.load_batch() == 1


def test_a_spool_that_cannot_be_read_holds_and_heals(setup: Setup, monkeypatch: pytest.MonkeyPatch) -> None:
    setup.spool_events("a")
    original, tries = setup.spool.read, []

    def read(events: int, size: int) -> object:
        tries.append(1)
        if len(tries) < 4:
            raise OSError(5, "Input/output error")
        return original(events, size)

    monkeypatch.setattr(setup.spool, "read", read)

    assert setup.loader.load_batch() == 1
    assert set(setup.store.rows) == {"a"}


def test_the_books_balance_with_dead_letters(setup: Setup) -> None:
    setup.store.problem = poison("c")
    setup.spool_events(*"abcdefg")
    setup.loader.load_batch()

    balance = setup.spool.ledger.balance(setup.spool.pending_events)
    assert (balance.acknowledged, balance.stored, balance.dead_lettered, balance.missing) == (7, 6, 1, 0)


def test_what_has_been_erased_is_not_stored_also_when_it_is_loaded_again(tmp_path: Path) -> None:
    setup = Setup(tmp_path)
    setup.loader = Loader(setup.spool, setup.store, setup.dead, SETTINGS, screen=lambda all_: [p for p in all_ if b"ann" not in p])
    setup.spool_events("ann", "bob")
    setup.spool.roll()

    for _ in range(2):
        setup.loader.load_batch()

        assert set(setup.store.rows) == {"bob"}
        assert setup.spool.ledger.balance(setup.spool.pending_events).missing == 0
        setup.spool.replay()
    assert dict(setup.counters.items("wideload_events_dead_lettered")) == {("erased",): 2}
    setup.close()
