"""A store that is away, in every way that a network has: beacons are accepted, events wait, and all of it heals by itself."""

from __future__ import annotations

import time
from typing import Any

import pytest
from conftest import Away

from bench.process import wait_until
from bench.traffic import Traffic, event

#: The product's promise is 30 s, with the pauses and time-outs of its defaults.
HEALS = 30


def holding(away: Away) -> bool:
    return bool(away.collector.health()["loader"] == "holding")


@pytest.mark.parametrize(
    "fault",
    [
        {"mode": "refuse"},
        {"mode": "hang"},
        {"mode": "cut_request", "after": 3000},
        {"mode": "cut_answer", "after": 100},
        {"mode": "half_close", "after": 100},
    ],
    ids=lambda fault: fault["mode"],
)
def test_a_store_that_cannot_be_reached_costs_no_beacon_and_heals(away: Away, fault: dict[str, Any]) -> None:
    with Traffic(away.collector.url, pause=0.02) as traffic:
        wait_until(lambda: away.collector.metrics()["wideload_inserts_total"] > 0)
        away.proxy.set(**fault)
        wait_until(lambda: holding(away), 20)
        time.sleep(1)
        lag = away.collector.balance()
        away.proxy.set("pass")
        start = time.monotonic()
        wait_until(lambda: not holding(away), HEALS)
        healed = time.monotonic() - start
    assert traffic.statuses.keys() == {202}
    assert lag["pending"] > 0
    away.collector.verify(traffic.acknowledged)
    assert healed < HEALS
    assert "The store takes events again" in away.log


def test_a_slow_store_is_only_slow(away: Away) -> None:
    away.proxy.set("delay", seconds=0.05)
    with Traffic(away.collector.url, pause=0.02) as traffic:
        time.sleep(2)
    assert traffic.statuses.keys() == {202}
    away.collector.verify(traffic.acknowledged)


def test_an_insert_that_was_applied_and_not_confirmed_counts_once(away: Away) -> None:
    with Traffic(away.collector.url, pause=0.02) as traffic:
        wait_until(lambda: away.collector.metrics()["wideload_inserts_total"] > 0)
        away.faults.answer(0, "", applied=True)
        wait_until(lambda: holding(away))
        time.sleep(1)
        away.faults.clear()
    away.collector.verify(traffic.acknowledged)


def test_a_collector_that_starts_without_its_store_takes_beacons(away: Away) -> None:
    away.collector.kill()
    away.proxy.set("refuse")
    away.collector.start()
    sent = event()
    assert away.collector.send(sent).status_code == 202

    assert away.collector.health()["status"] == "degraded"
    away.proxy.set("pass")
    away.collector.verify({sent["id"]})


def test_memory_does_not_grow_with_what_waits(away: Away) -> None:
    for _ in range(20):
        away.collector.send(*(event() for _ in range(100)))
    before = away.collector.memory_mb()
    away.proxy.set("refuse")
    for _ in range(100):
        assert away.collector.send(*(event(filling="x" * 100) for _ in range(400))).status_code == 202
    assert away.collector.memory_mb() < 2 * before
