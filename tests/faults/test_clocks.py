"""Clocks that are wrong by years."""

from __future__ import annotations

import time

from bench.process import CollectorProcess
from bench.traffic import event

YEAR = 365 * 86_400_000


def states(collector: CollectorProcess) -> dict[str, int]:
    # A little more than times are clamped to.
    now = int(time.time())
    times = {"start_time": now - 8 * 86_400, "end_time": now + 600}
    spec = {"dataset": "demo", "breakdowns": ["clock.state"], "disable_series": True, **times}
    return {row["data"]["clock.state"]: row["data"]["COUNT"] for row in collector.post("/api/query", spec)["results"]}


def test_times_of_any_century_are_stored_within_the_last_days_and_flagged(collector: CollectorProcess) -> None:
    now = int(time.time() * 1000)
    scattered = [event(time=now + YEAR * years) for years in range(-50, 150)]
    assert collector.send(*scattered).status_code == 202
    wrong = now - 20 * YEAR
    consistent = [event(time=wrong - 5000) for _ in range(3)]
    assert collector.send(*consistent, sent_at=wrong).status_code == 202
    # A retry measures a slightly different difference, and stays the same event.
    assert collector.send(*consistent, sent_at=wrong + 4000).status_code == 202
    assert collector.send(*scattered).status_code == 202

    ids = {one["id"] for one in (*scattered, *consistent)}
    collector.verify(ids)
    assert states(collector) == {"clamped": 199, "ok": 1, "corrected": 3}
