"""The embedded store of one process, written by another's loader over a socket."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from collector.errors import StoreDataError, StoreUnavailable
from collector.events import Event
from collector.pipeline.handover import HandoverServer, HandoverStore
from collector.pipeline.payloads import Payloads
from collector.store.base import Attribute


class Owner:
    """A store that remembers, waits or fails as it is told."""

    def __init__(self) -> None:
        self.events: list[Event] = []
        self.attributes: list[Attribute] = []
        self.fault: Exception | None = None
        self.go = threading.Event()
        self.go.set()
        self.entered = threading.Event()

    def insert(self, events: Sequence[Event]) -> None:
        self.entered.set()
        self.go.wait(10)
        if self.fault:
            raise self.fault
        self.events += events

    def add_attributes(self, attributes: Sequence[Attribute]) -> None:
        self.attributes += attributes

    def ping(self) -> None:
        if self.fault:
            raise self.fault

    def broken_parts(self) -> list[str]:
        return ["all_1_1_0"]


@pytest.fixture
def owner() -> Owner:
    return Owner()


@pytest.fixture
def server(owner: Owner, tmp_path: Path) -> Iterator[HandoverServer]:
    # Longer than the name of a socket may be.
    folder = tmp_path / ("d" * 120)
    folder.mkdir()
    server = HandoverServer(folder / "store.sock", owner, lambda payloads: [one for one in payloads if b"erased" not in one])
    server.start()
    yield server
    owner.go.set()
    server.stop()


@pytest.fixture
def store(server: HandoverServer) -> HandoverStore:
    return HandoverStore(server._path)


def test_what_a_loader_hands_over_arrives(store: HandoverStore, owner: Owner) -> None:
    store.insert(Payloads([b'{"id":"a"}', b'{"id":"b"}']))
    store.insert([{"id": "c"}])
    store.add_attributes([Attribute("demo", "plan", "string")])

    assert [event["id"] for event in owner.events] == ["a", "b", "c"]
    assert (owner.attributes, store.broken_parts()) == ([Attribute("demo", "plan", "string")], ["all_1_1_0"])


@pytest.mark.parametrize("fault", [StoreDataError("too long", 6), StoreUnavailable("no room", 243)])
def test_an_error_of_the_store_is_the_loaders(store: HandoverStore, owner: Owner, fault: StoreDataError) -> None:
    owner.fault = fault
    with pytest.raises(type(fault)) as caught:
        store.insert([{"id": "a"}])

    assert (caught.value.message, caught.value.code) == (fault.message, fault.code)


def test_what_nobody_can_name_is_held(store: HandoverStore, owner: Owner) -> None:
    owner.fault = KeyError("id")
    with pytest.raises(StoreUnavailable, match="KeyError"):
        store.insert([{"id": "a"}])


def test_an_owner_that_is_away_is_named(tmp_path: Path) -> None:
    with pytest.raises(StoreUnavailable, match="start one with the role query"):
        HandoverStore(tmp_path / "store.sock").ping()


def test_what_was_erased_meanwhile_is_not_stored(store: HandoverStore, owner: Owner) -> None:
    store.insert([{"id": "erased"}, {"id": "a"}])

    assert [event["id"] for event in owner.events] == ["a"]


def test_an_erasure_waits_for_what_is_on_its_way(server: HandoverServer, store: HandoverStore, owner: Owner) -> None:
    owner.go.clear()
    thread = threading.Thread(target=store.insert, args=([{"id": "a"}],))
    thread.start()
    owner.entered.wait(10)
    while_it_runs = server.wait(0)
    owner.go.set()

    assert (while_it_runs, server.wait(10), len(owner.events)) == (False, True, 1)
    thread.join()


def test_only_the_user_of_the_data_folder_may_write(server: HandoverServer) -> None:
    assert server._path.stat().st_mode & 0o777 == 0o600
