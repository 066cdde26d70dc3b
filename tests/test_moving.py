"""An embedded store's events on their way to a server."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from bench.events import stored_event
from collector import moving
from collector.config import load_settings
from collector.errors import SettingsError, StoreUnavailable
from collector.events import Event
from collector.moving import copy, move
from collector.store.base import Attribute
from collector.store.chdb import ChdbStore
from collector.store.clickhouse import ClickHouseStore

COUNT = "SELECT dataset, count(), max(revision) FROM events FINAL GROUP BY dataset ORDER BY dataset"


@pytest.fixture
def source(embedded_store: ChdbStore) -> Iterator[ChdbStore]:
    store = ChdbStore(embedded_store.folder, database=f"moving_{uuid4().hex}")
    store.migrate()
    yield store
    store.close()


@pytest.fixture
def target(native_server: str) -> Iterator[ClickHouseStore]:
    store = ClickHouseStore(f"clickhouse://{native_server}/moving_{uuid4().hex}")
    store.migrate()
    yield store
    store.close()


def fill(store: ChdbStore, dataset: str, number: int, hours: int = 1) -> list[Event]:
    events = [stored_event(n) for n in range(number)]
    for n, event in enumerate(events):
        at = 1_790_000_000_000 - n % hours * 3_600_000
        event |= {"id": f"{dataset}{n}", "dataset": dataset, "ts": at, "time": at, "received_at": at}
    store.insert(events)
    return events


def test_every_event_arrives_with_all_that_it_has(
    source: ChdbStore, target: ClickHouseStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(moving, "CHUNK", 7)
    monkeypatch.setattr(moving, "_EVENTS_SQL", moving._EVENTS_SQL.replace("LIMIT 5000", "LIMIT 7"))
    fill(source, "shop", 50, hours=3)
    fill(source, "blog", 10)
    source.add_attributes([Attribute("shop", "plan", "string")])
    moved = copy(source, target, tmp_path / "moved.json")

    names = ", ".join(f"`{name}`" for name in moving._NAMES)
    everything = f"SELECT {names} FROM events FINAL ORDER BY dataset, id"
    assert (moved.events, moved.hours, moved.erased) == (60, 4, 0)
    assert target.query(everything).rows == source.query(everything).rows
    assert Attribute("shop", "plan", "string") in target.attributes()


def test_what_came_meanwhile_stays(source: ChdbStore, target: ClickHouseStore, tmp_path: Path) -> None:
    events = fill(source, "shop", 5)
    target.insert([events[0] | {"revision": 9}])
    copy(source, target, tmp_path / "moved.json")

    assert target.query(COUNT).rows == [("shop", 5, 9)]


class Broken:
    """A server that is gone after some inserts, or that loses what it gets."""

    def __init__(self, store: ClickHouseStore, good: int, *, loses: bool = False) -> None:
        self._store, self._good, self._loses = store, good, loses
        self.inserted = 0

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store, name)

    def insert(self, events: Sequence[Event]) -> None:
        if self._loses:
            return
        if not self._good:
            raise StoreUnavailable("gone")
        self._good -= 1
        self.inserted += len(events)
        self._store.insert(events)


def test_it_goes_on_where_it_was_stopped(source: ChdbStore, target: ClickHouseStore, tmp_path: Path) -> None:
    fill(source, "shop", 30, hours=3)
    with pytest.raises(StoreUnavailable, match="gone"):
        copy(source, Broken(target, 2), tmp_path / "moved.json")
    rest = Broken(target, 9)
    moved = copy(source, rest, tmp_path / "moved.json")

    assert (moved.events, rest.inserted) == (30, 10)
    assert target.query(COUNT).rows == [("shop", 30, 2)]


def test_fewer_events_than_were_copied_are_an_error_and_copied_again(
    source: ChdbStore, target: ClickHouseStore, tmp_path: Path
) -> None:
    fill(source, "shop", 3)
    with pytest.raises(StoreUnavailable, match="has 0 events of shop"):
        copy(source, Broken(target, 1, loses=True), tmp_path / "moved.json")

    assert copy(source, target, tmp_path / "moved.json").events == 3
    assert list(json.loads((tmp_path / "moved.json").read_text()).values()) == [3]


def test_what_was_erased_since_does_not_come_back(source: ChdbStore, target: ClickHouseStore, tmp_path: Path) -> None:
    fill(source, "shop", 3)
    moved = copy(source, target, tmp_path / "moved.json", lambda payloads: [one for one in payloads if b'"shop1"' not in one])

    assert (moved.events, moved.erased) == (2, 1)
    assert target.query(COUNT).rows == [("shop", 2, 2)]


def test_only_a_server_is_a_place_to_move_to(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="must be the address of a ClickHouse server"):
        move(load_settings({}, {"data_dir": str(tmp_path)}), "embedded", lambda done, of: None)


def test_a_folder_without_a_store_is_named(tmp_path: Path, native_server: str) -> None:
    with pytest.raises(StoreUnavailable, match="There is no embedded store"):
        move(load_settings({}, {"data_dir": str(tmp_path)}), f"clickhouse://{native_server}/default", lambda done, of: None)
