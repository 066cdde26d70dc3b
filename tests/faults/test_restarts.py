"""Stopping and restarting under load."""

from __future__ import annotations

import itertools
import time
from pathlib import Path

from bench.process import CollectorProcess, wait_until
from bench.traffic import Traffic, event


def test_an_orderly_stop_is_announced_and_loses_nothing(data: Path, native_server: str) -> None:
    store = f"clickhouse://{native_server}/stops"
    with CollectorProcess(data, store, unready_seconds=1) as collector:
        with Traffic(collector.url, pause=0.01) as traffic:
            time.sleep(0.3)
            collector.process.terminate()
            unready = wait_until(lambda: (health := collector.health())["code"] == 503 and health, 5, 0.01)
            late = event()
            assert collector.send(late).status_code == 202
            traffic.acknowledged.add(late["id"])
            collector.process.wait(20)
        assert unready["status"] == "stopping"
        assert traffic.statuses.keys() <= {202, 0}
        collector.start()
        collector.verify(traffic.acknowledged)


def test_a_stop_with_the_store_away_ends_in_time_and_keeps_everything(data: Path) -> None:
    with CollectorProcess(data, "clickhouse://nobody@127.0.0.1:1/away") as collector:
        sent = [event() for _ in range(10)]
        assert collector.send(*sent).status_code == 202
        start = time.monotonic()
        collector.terminate(20)
        assert time.monotonic() - start < 15
        collector.start()
        assert collector.balance()["pending"] == 10


def test_two_collectors_are_restarted_one_after_the_other_and_nobody_notices(tmp_path: Path, native_server: str) -> None:
    store = f"clickhouse://{native_server}/rolling"
    with (
        CollectorProcess(tmp_path / "one", store, unready_seconds=2) as one,
        CollectorProcess(tmp_path / "two", store, unready_seconds=2) as two,
    ):
        ready, turn = {one.url, two.url}, itertools.count()
        # Each request goes to a ready one, as a balancer's would.
        with Traffic(lambda: sorted(ready)[next(turn) % len(ready)], pause=0.01, reconnect=True) as traffic:
            for collector in (one, two):
                collector.process.terminate()
                wait_until(lambda collector=collector: collector.health().get("code") == 503, every=0.01)
                ready.discard(collector.url)
                collector.process.wait(60)
                collector.start()
                ready.add(collector.url)
        assert traffic.statuses.keys() == {202}
        one.settle()
        two.verify(traffic.acknowledged)


def test_what_reaches_two_collectors_or_one_twice_counts_once(tmp_path: Path, native_server: str) -> None:
    store = f"clickhouse://{native_server}/doubles"
    with CollectorProcess(tmp_path / "one", store) as one, CollectorProcess(tmp_path / "two", store) as two:
        sent = [event() for _ in range(20)]
        for collector in (one, two, one):
            assert collector.send(*sent).status_code == 202
        amended = [{**sent[0], "revision": 1, "page.path": "/amended"}]
        assert two.send(*amended).status_code == 202
        one.settle()
        ids = {each["id"] for each in sent}
        two.verify(ids)
        rows = one.post("/api/query", {"dataset": "demo", "time_range": 3600, "breakdowns": ["page.path"], "disable_series": True})
        assert {row["data"]["page.path"]: row["data"]["COUNT"] for row in rows["results"]} == {"/": 19, "/amended": 1}
