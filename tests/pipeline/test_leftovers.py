"""Spools of one data folder that nobody has any more."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path

import orjson
import pytest

from collector.config import LoaderSettings, SpoolSettings
from collector.events import Event
from collector.pipeline.dead_letters import DeadLetters
from collector.pipeline.ledger import Ledger
from collector.pipeline.leftovers import Leftovers, claim
from collector.pipeline.loader import Loader
from collector.pipeline.spool import Spool
from collector.store.base import Attribute

SETTINGS = LoaderSettings(linger_seconds=0.001, min_backoff_seconds=0.001, max_backoff_seconds=0.002)


class KeepingStore:
    """A Writer that keeps the ids of what it gets."""

    def __init__(self) -> None:
        self.ids: list[str] = []

    def insert(self, events: Sequence[Event]) -> None:
        self.ids += [event["id"] for event in events]

    def add_attributes(self, attributes: Sequence[Attribute]) -> None:
        raise AssertionError

    def ping(self) -> None:
        pass

    def broken_parts(self) -> list[str]:
        return []


@pytest.fixture
def store() -> KeepingStore:
    return KeepingStore()


@pytest.fixture
def leftovers(tmp_path: Path, store: KeepingStore) -> Leftovers:
    letters = DeadLetters(tmp_path / "letters.sqlite3")
    return Leftovers(tmp_path, SpoolSettings(), lambda spool: Loader(spool, store, letters, SETTINGS), lambda: True)


def leave(spool: Spool, *names: str) -> None:
    """Spool events, and go away."""
    asyncio.run(spool.append([orjson.dumps({"id": name, "dataset": "demo"}) for name in names], "demo"))
    spool.close()


def test_each_collector_takes_a_spool_that_nobody_has(tmp_path: Path) -> None:
    one, two = (claim(tmp_path, SpoolSettings(), Ledger()) for _ in range(2))
    one.close()
    again = claim(tmp_path, SpoolSettings(), Ledger())

    assert [spool.folder.parent.name for spool in (one, two, again)] == ["1", "2", "1"]
    two.close()
    again.close()


def test_what_was_left_is_loaded_and_its_books_go_on(tmp_path: Path, leftovers: Leftovers, store: KeepingStore) -> None:
    leave(Spool(tmp_path / "spool", SpoolSettings()), "a")
    leave(claim(tmp_path, SpoolSettings(), Ledger()), "b", "c")
    loaded = leftovers.look()

    again = Spool(tmp_path / "ingest" / "1" / "spool", SpoolSettings())
    books = again.ledger.balance(again.pending_events)
    again.close()
    assert (loaded, sorted(store.ids)) == (3, ["a", "b", "c"])
    assert (books.acknowledged, books.stored, books.pending) == (2, 2, 0)


def test_the_spool_of_a_collector_that_runs_is_left_alone(tmp_path: Path, leftovers: Leftovers, store: KeepingStore) -> None:
    spool = claim(tmp_path, SpoolSettings(), Ledger())
    asyncio.run(spool.append([b'{"id":"a","dataset":"demo"}'], "demo"))

    assert (leftovers.look(), store.ids) == (0, [])
    spool.close()
