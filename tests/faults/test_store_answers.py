"""What a store may answer to an insert, and what becomes of the events."""

from __future__ import annotations

import time

import pytest
from conftest import Away

from bench.process import wait_until
from bench.traffic import Traffic, event


@pytest.mark.parametrize(
    ("code", "message"),
    [
        (252, "Too many parts (3001). Merges are processing significantly slower than inserts."),
        (241, "Memory limit (total) exceeded: would use 3.73 GiB"),
        (242, "Table is in readonly mode"),
        (60, "Table faults.events does not exist"),
        (16, "No such column resources.path in table faults.events"),
        (159, "Timeout exceeded: elapsed 30 seconds"),
        (999, "Keeper exception"),
        (4711, "An error that nobody has heard of"),
    ],
    ids=lambda value: str(value) if isinstance(value, int) else "",
)
def test_the_batch_is_held_and_stored_when_the_store_lets_it(away: Away, code: int, message: str) -> None:
    away.faults.answer(code, message)
    with Traffic(away.collector.url, threads=2, pause=0.05) as traffic:
        wait_until(lambda: away.collector.health()["loader"] == "holding")
        time.sleep(0.5)
        away.faults.clear()
    assert traffic.statuses.keys() == {202}
    away.collector.verify(traffic.acknowledged)
    assert away.collector.get("/api/dead-letters")["count"] == 0
    assert message[:20] in away.log


def test_a_store_that_can_take_little_at_once_gets_little(away: Away) -> None:
    away.faults.answer(241, "Memory limit exceeded", beyond=1000)
    sent = [event() for _ in range(4000)]
    for start in range(0, 4000, 400):
        assert away.collector.send(*sent[start : start + 400]).status_code == 202

    away.collector.verify({one["id"] for one in sent})


def test_a_poison_event_is_a_dead_letter_and_its_neighbours_are_stored(away: Away) -> None:
    good, bad = [event() for _ in range(50)], event()
    before = away.collector.settle()["dead_lettered"]
    away.faults.answer(27, "Cannot parse input: expected quote", poison=[bad["id"]])
    assert away.collector.send(*good[:25], bad, *good[25:]).status_code == 202

    books = away.collector.settle()
    (letter,) = away.collector.get("/api/dead-letters")["dead_letters"]
    assert (books["dead_lettered"] - before, letter["code"], letter["event"]["id"]) == (1, 27, bad["id"])
    assert "Cannot parse input" in letter["reason"]
    assert away.collector.get(f"/api/dead-letters/{letter['id']}")["payload"]["page.path"] == "/"

    away.faults.clear()
    assert away.collector.post("/api/dead-letters/retry", {"ids": [letter["id"]]}) == {"retried": 1}
    everything = {one["id"] for one in (*good, bad)}
    away.collector.verify(everything)
    assert away.collector.get("/api/dead-letters")["count"] == 0


def test_many_poison_events_are_a_fault_of_the_schema_and_wait(away: Away) -> None:
    sent = [event() for _ in range(300)]
    away.faults.answer(53, "Type mismatch", poison=[one["id"] for one in sent[:40]])
    away.collector.send(*sent)
    wait_until(lambda: away.collector.health()["loader"] == "holding")

    assert "refuses too many rows" in away.collector.get("/api/doctor")["loader"]["reason"]
    assert away.collector.get("/api/dead-letters")["count"] == 0
    away.faults.clear()
    ids = {one["id"] for one in sent}
    away.collector.verify(ids)
    assert away.collector.get("/api/dead-letters")["count"] == 0
