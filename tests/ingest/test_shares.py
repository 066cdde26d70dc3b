"""Each dataset has a share of the spool, which comes back as events are stored."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest

from collector.config import Dataset, DatasetLimits, SpoolSettings
from collector.errors import DatasetFull
from collector.ingest.shares import SpoolShares
from collector.pipeline.spool import Spool

NOISY = Dataset("noisy", (), limits=DatasetLimits(spool_share=0.5))
CALM = Dataset("calm", (), limits=DatasetLimits(spool_share=0.5))


@pytest.fixture
def spool(tmp_path: Path) -> Iterator[Spool]:
    spool = Spool(tmp_path, SpoolSettings(max_bytes=10_000))
    yield spool
    spool.close()


def send(spool: Spool, shares: SpoolShares, dataset: Dataset, count: int) -> int:
    """Send events of 100 bytes one by one; return how many were taken."""

    async def run() -> int:
        for number in range(count):
            try:
                shares.admit(dataset)
            except DatasetFull:
                return number
            await spool.append([b"x" * 100], dataset.name)
            shares.add(dataset.name, 1, 100)
        return count

    return asyncio.run(run())


def test_a_dataset_gets_its_share_and_no_more(spool: Spool) -> None:
    shares = SpoolShares(spool, spool.max_bytes)

    assert send(spool, shares, NOISY, 90) == 50
    assert send(spool, shares, CALM, 40) == 40


def test_what_is_stored_gives_room_back(spool: Spool) -> None:
    shares = SpoolShares(spool, spool.max_bytes)
    send(spool, shares, NOISY, 90)
    spool.release(spool.read(30, 1 << 20).end)

    assert shares.waiting("noisy") == 2000
    assert send(spool, shares, NOISY, 90) == 30


def test_the_order_of_the_queue_says_whose_events_are_stored(spool: Spool) -> None:
    shares = SpoolShares(spool, spool.max_bytes)
    send(spool, shares, CALM, 10)
    send(spool, shares, NOISY, 20)
    spool.release(spool.read(15, 1 << 20).end)

    assert (shares.waiting("calm"), shares.waiting("noisy")) == (0, 1500)


def test_what_waited_before_is_nobodys(spool: Spool) -> None:
    send(spool, SpoolShares(spool, spool.max_bytes), NOISY, 40)
    shares = SpoolShares(spool, spool.max_bytes)

    assert send(spool, shares, NOISY, 10) == 10
    assert shares.waiting("noisy") == 1000
