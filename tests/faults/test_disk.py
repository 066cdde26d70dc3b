"""A disk that is full, or refuses to write."""

from __future__ import annotations

import resource
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from conftest import Away

from bench.process import wait_until
from bench.traffic import Traffic, event


@contextmanager
def mounted(folder: Path, *arguments: str) -> Iterator[None]:
    folder.mkdir(exist_ok=True)
    if subprocess.run(["mount", *arguments, str(folder)], capture_output=True).returncode:
        pytest.skip("file systems can't be mounted here")
    try:
        yield
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)


def test_a_full_disk_refuses_beacons_goes_on_reading_and_heals(away: Away) -> None:
    away.collector.kill()
    with mounted(away.collector.data / "spool", "-t", "tmpfs", "-o", "size=4m", "tmpfs"):
        away.collector.start()
        away.proxy.set("refuse")
        acknowledged, refused = set(), None
        while refused is None:
            events = [event(filling="x" * 1000) for _ in range(50)]
            answer = away.collector.send(*events)
            if answer.status_code == 202:
                acknowledged |= {one["id"] for one in events}
            else:
                refused = answer
        assert (refused.status_code, refused.json()["error"]["reason"]) == (503, "spool_error")
        assert 0 < int(refused.headers["retry-after"]) <= 2
        health = away.collector.health()
        assert (health["status"], health["code"], health["pending_events"]) == ("unavailable", 503, len(acknowledged))
        away.proxy.set("pass")
        wait_until(lambda: away.collector.health()["status"] == "ok", 30)
        more = event()
        assert away.collector.send(more).status_code == 202
        away.collector.settle()
        assert acknowledged | {more["id"]} <= away.collector.rows().keys()
        away.collector.kill()


def test_errors_of_the_disk_refuse_beacons_and_heal(away: Away) -> None:
    with Traffic(away.collector.url, pause=0.01) as traffic:
        wait_until(lambda: traffic.acknowledged)
        unlimited = resource.prlimit(away.collector.process.pid, resource.RLIMIT_FSIZE)
        # Every write behind the first KB of a file fails from here on.
        resource.prlimit(away.collector.process.pid, resource.RLIMIT_FSIZE, (1024, unlimited[1]))
        wait_until(lambda: traffic.statuses.get(503))
        assert away.collector.health()["status"] == "unavailable"
        resource.prlimit(away.collector.process.pid, resource.RLIMIT_FSIZE, unlimited)
        wait_until(lambda: away.collector.health()["status"] == "ok", 15)
        before = traffic.statuses[202]
        wait_until(lambda: traffic.statuses[202] > before)
    assert traffic.statuses.keys() == {202, 503}
    away.collector.verify(traffic.acknowledged)


def test_a_spool_at_its_cap_warns_before_and_heals(away: Away) -> None:
    away.collector.kill()
    away.collector.start(spool_max_bytes="1MiB")
    away.proxy.set("refuse")
    seen = set()
    while (answer := away.collector.send(*(event(filling="x" * 1000) for _ in range(40)))).status_code == 202:
        seen.add(away.collector.health()["status"])
    assert (answer.status_code, answer.json()["error"]["reason"]) == (503, "spool_full")
    assert "degraded" in seen
    assert away.collector.health()["status"] == "unavailable"
    away.proxy.set("pass")
    wait_until(lambda: away.collector.health()["status"] == "ok", 30)
    assert away.collector.send(event()).status_code == 202
    away.collector.kill()
