"""The collector tells its own story, also of the time when nobody could listen."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from collector.config import SpoolSettings
from collector.errors import StoreUnavailable
from collector.events import Event
from collector.pipeline import recorder
from collector.pipeline.recorder import Recorder
from collector.pipeline.spool import Spool


class Store:
    """Takes events, or not."""

    def __init__(self) -> None:
        self.events: list[Event] = []
        self.is_away = False

    def insert(self, events: Sequence[Event]) -> None:
        if self.is_away:
            raise StoreUnavailable("away")
        self.events += events


@pytest.fixture
def spool(tmp_path: Path) -> Iterator[Spool]:
    spool = Spool(tmp_path, SpoolSettings())
    yield spool
    spool.close()


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recorder, "_STORE_SECONDS", 0.0)


def test_a_sample_holds_what_has_changed_since_the_one_before(spool: Spool) -> None:
    store, mine = Store(), Recorder(spool, lambda: "")
    asyncio.run(spool.append([b"{}"] * 3, "shop"))
    spool.ledger.rejected("shop", ["too_long", "too_long"])
    mine.sample()
    asyncio.run(spool.append([b"{}"], "shop"))
    mine.sample()
    mine.store(store)  # type: ignore[arg-type]

    samples = [event for event in store.events if event["kind"] == "pipeline"]
    assert [(one["pipeline.received"], one["pipeline.acknowledged"], one["pipeline.pending"]) for one in samples] == [
        (5, 3, 3),
        (1, 1, 4),
    ]
    (refusal,) = (event for event in store.events if event["kind"] == "refusal")
    assert [refusal[f"pipeline.refused{what}"] for what in ("", "_what", "_reason", "_dataset")] == [2, "event", "too_long", "shop"]
    assert {event["dataset"] for event in store.events} == {"wideload"}


def test_what_happens_while_the_store_is_away_is_told_later(spool: Spool) -> None:
    store, mine = Store(), Recorder(spool, lambda: "connection refused")
    store.is_away = True
    for _ in range(3):
        mine.sample()
        mine.store(store)  # type: ignore[arg-type]
    store.is_away = False
    mine.store(store)  # type: ignore[arg-type]
    mine.store(store)  # type: ignore[arg-type]

    assert [(event["pipeline.is_holding"], event["pipeline.hold_reason"]) for event in store.events] == [
        (True, "connection refused")
    ] * 3
