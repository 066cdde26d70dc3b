"""Several processes behind one address: they are replaced without a failed request, and started again when they die."""

from __future__ import annotations

import os
import re
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from bench.process import CollectorProcess, wait_until
from bench.running import free_port
from bench.traffic import Traffic

WORKERS = 2


class Site(CollectorProcess):
    """A supervisor with its workers and the process that answers; the number of workers stands in a file."""

    def __init__(self, data: Path) -> None:
        self.file = data.parent / "wideload.toml"
        self.set_workers(WORKERS)
        super().__init__(data, config=self.file, private_listen=f"127.0.0.1:{free_port()}")

    def set_workers(self, number: int) -> None:
        self.file.write_text(f'workers = {number}\n[datasets.demo]\nsite_keys = ["demo"]\n')

    def hang_up(self, replaced: int) -> None:
        """Send SIGHUP, and wait until all has been replaced so many times."""
        self.process.send_signal(signal.SIGHUP)
        wait_until(lambda: self.log.read_text().count("have been replaced") == replaced, 60)

    def workers(self) -> list[str]:
        """Return the workers that tell of themselves."""
        return sorted(set(re.findall(r'wideload_events_pending\{worker="(\d+)"}', self.metrics_text())))


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    with Site(tmp_path / "data") as site:
        yield site
        site.terminate()


def test_no_request_fails_and_no_event_is_lost_while_all_processes_are_replaced(site: Site) -> None:
    before = site.workers()
    with Traffic(site.url, threads=3, pause=0.01, reconnect=True) as new, Traffic(site.url, threads=2, pause=0.01) as kept:
        site.hang_up(1)
        # One worker fewer: what it has not loaded yet is loaded by others.
        site.set_workers(1)
        site.hang_up(2)

    assert (before, len(site.workers())) == (["1", "2"], 1)
    assert (set(new.statuses), set(kept.statuses)) == ({202}, {202})
    acknowledged = new.acknowledged | kept.acknowledged
    wait_until(lambda: acknowledged <= site.rows().keys(), 60, 0.5)
    site.verify(acknowledged)


def test_a_worker_that_dies_is_started_again_and_counted(site: Site) -> None:
    victim = holder(site.data / "ingest" / "1" / "spool" / "lock")
    with Traffic(site.url, threads=2, pause=0.01, reconnect=True) as traffic:
        os.kill(victim, signal.SIGKILL)
        wait_until(lambda: site.metrics().get("wideload_worker_restarts_total") == 1)

    assert "has died (exit code -9); another one is started at once" in site.log.read_text()
    site.verify(traffic.acknowledged)


def test_workers_end_with_their_supervisor(site: Site) -> None:
    pids = children(site.process.pid)
    site.kill()

    wait_until(lambda: not any(Path(f"/proc/{pid}").exists() for pid in pids))


def holder(file: Path) -> int:
    """Return the process that has locked a file."""
    inode = str(file.stat().st_ino)
    locks = (line.split() for line in Path("/proc/locks").read_text().splitlines())
    return next(int(lock[4]) for lock in locks if lock[1] == "FLOCK" and lock[5].rpartition(":")[2] == inode)


def children(pid: int) -> list[int]:
    """Return the processes that a process has started."""
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
