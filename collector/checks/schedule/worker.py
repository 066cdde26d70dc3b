"""Workers: take leases, have them run by a process of their own, and say what came of it. The same here and in an agent."""

from __future__ import annotations

import logging
import os
import socket
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from collector.checks.attempt import Collector
from collector.checks.runs.job import Job, Outcome
from collector.checks.runs.parent import Child, ChildLost
from collector.checks.schedule.lease import Lease, LeaseGone, Leases
from collector.errors import WideloadError

log = logging.getLogger(__name__)

_IDLE_SECONDS: Final = 0.5
#: After so long without work its process is ended: a browser that waits takes memory.
REST_SECONDS: Final = 300.0
_FIRST_WAIT, _LONGEST_WAIT = 1.0, 30.0


@dataclass(frozen=True, slots=True)
class Means:
    """What this machine gives to checks.

    Attributes:
        secrets: returns all of them by name; asked for each lease.
        allow_private: whether private addresses may be asked.
        evidence_dir: where evidence is kept; None keeps none.
        collector: where can be asked for what arrived.
    """

    secrets: Callable[[], Mapping[str, str]]
    allow_private: bool = False
    evidence_dir: Path | None = None
    collector: Collector | None = None


class Workers:
    """So many threads, each with a process that runs checks.

    Args:
        leases: where work comes from.
        runner: the name of this runner.
        count: how many checks run at once.
        means: see there.
        make_child: makes a process.
    """

    def __init__(self, leases: Leases, runner: str, count: int, means: Means, make_child: Callable[[], Child] = Child) -> None:
        self._leases, self._runner, self._means, self._make_child = leases, runner, means, make_child
        self._stop = threading.Event()
        self._children: list[Child] = []
        self._threads = [
            threading.Thread(target=self._work, args=(f"{runner}-{number}",), name=f"check-worker-{number}", daemon=True)
            for number in range(count)
        ]

    def start(self) -> None:
        """Begin."""
        for thread in self._threads:
            thread.start()

    def stop(self, seconds: float = 10.0) -> None:
        """Stop at once: what runs is ended, and said to have given no data. Waits no longer than these seconds for that."""
        self._stop.set()
        end = time.monotonic() + seconds
        for child in self._children:
            child.kill()
        for thread in self._threads:
            thread.join(max(0.0, end - time.monotonic()))

    def _work(self, runner: str) -> None:
        child, wait, worked_at = self._make_child(), _IDLE_SECONDS, time.monotonic()
        self._children.append(child)
        try:
            while not self._stop.wait(wait):
                try:
                    lease = self._leases.take(runner)
                    if lease:
                        self._do(lease, runner, child)
                        worked_at = time.monotonic()
                    elif time.monotonic() - worked_at > REST_SECONDS:
                        child.close()
                    wait = 0.0 if lease else _IDLE_SECONDS
                except Exception as error:
                    wait = min(max(wait * 2, _FIRST_WAIT), _LONGEST_WAIT)
                    log.warning("Checks cannot be run at the moment; trying again in %g s: %s", wait, error)
        finally:
            child.close()

    def _do(self, lease: Lease, runner: str, child: Child) -> None:
        outcomes = self._run(lease, child)
        try:
            self._leases.complete(lease, runner, outcomes)
        except LeaseGone as error:
            log.warning("What came of %s is not taken: %s", lease.name, error)

    def _run(self, lease: Lease, child: Child) -> list[Outcome]:
        try:
            folder, known = self._leases.folder_of(lease), self._means.secrets()
        except WideloadError as error:
            return [Outcome(one.run_id, "no_data", "runner_error", str(error), []) for one in lease.runs]
        job = Job(
            str(Path(folder) / lease.file), lease.name, lease.location, lease.trigger, lease.slot_at,
            lease.runs, {name: known[name] for name in lease.secrets if name in known}, self._means.allow_private,
            str(self._means.evidence_dir or ""), self._means.collector, lease.budgets,
        )  # fmt: skip
        try:
            return child.run(job, lease.seconds)
        except ChildLost as error:
            log.warning("The run of %s gave no data: %s", lease.name, error)
            why = "The runner was stopped while it ran." if self._stop.is_set() else str(error)
            return [Outcome(one.run_id, "no_data", "runner_error", why, []) for one in lease.runs]


def runner_name() -> str:
    """Return what a runner on this machine is called."""
    return f"{socket.gethostname()[:48]}-{os.getpid()}"
