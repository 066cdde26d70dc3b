"""Workers do what there is to do, say what came of it, and let go of processes that are not needed."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from collector.checks.runs.job import Job, Outcome, RunOrder
from collector.checks.runs.parent import Child, ChildLost
from collector.checks.schedule import worker
from collector.checks.schedule.lease import Lease
from collector.checks.schedule.worker import Means, Workers
from collector.errors import WideloadError

LEASE = Lease("l1", "front", "main", "schedule", 1, 5, "front.check.yaml", "b", ("key",), (RunOrder("r1", "m", 1),))


class OneLease:
    """Has one thing to do, and remembers what came of it."""

    def __init__(self, fault: Exception | None = None) -> None:
        self.left, self.fault = [LEASE], fault
        self.outcomes: list[Outcome] = []
        self.is_done = threading.Event()

    def take(self, _: str) -> Lease | None:
        return self.left.pop() if self.left else None

    def complete(self, _: Lease, __: str, outcomes: Sequence[Outcome]) -> None:
        self.outcomes += outcomes
        self.is_done.set()

    def folder_of(self, _: Lease) -> str:
        if self.fault:
            raise self.fault
        return "/checks"


class FakeChild(Child):
    """Stands for a process that answers at once, or breaks off."""

    def __init__(self, fault: Exception | None = None) -> None:
        super().__init__({})
        self.fault, self.jobs, self.is_closed = fault, list[Job](), threading.Event()

    def run(self, job: Job, seconds: float) -> list[Outcome]:
        self.jobs.append(job)
        if self.fault:
            raise self.fault
        return [Outcome("r1", "pass", "", "", [])]

    def close(self) -> None:
        self.is_closed.set()


def work(leases: OneLease, child: FakeChild, **means: Any) -> None:
    workers = Workers(leases, "r", 1, Means(lambda: {"key": "hush", "other": "not its"}, **means), lambda: child)
    workers.start()
    assert leases.is_done.wait(10)
    workers.stop()


def test_a_job_has_the_secrets_of_its_check_and_no_others() -> None:
    leases, child = OneLease(), FakeChild()
    work(leases, child, allow_private=True, evidence_dir=Path("/evidence"))

    (job,) = child.jobs
    assert (job.file, job.secrets, job.allow_private, job.evidence_dir) == (
        "/checks/front.check.yaml", {"key": "hush"}, True, "/evidence",
    )  # fmt: skip
    assert [one.status for one in leases.outcomes] == ["pass"]


@pytest.mark.parametrize(
    ("leases", "child"),
    [
        (OneLease(WideloadError("It broke.")), FakeChild()),
        (OneLease(), FakeChild(ChildLost("It broke."))),
    ],
    ids=["no files", "a process that ended"],
)
def test_what_cannot_be_run_gave_no_data(leases: OneLease, child: FakeChild) -> None:
    work(leases, child)

    assert [(one.run_id, one.status, one.reason, one.message) for one in leases.outcomes] == [
        ("r1", "no_data", "runner_error", "It broke.")
    ]


def test_a_process_without_work_is_ended_after_a_while(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(worker, "REST_SECONDS", 0.0)
    monkeypatch.setattr(worker, "_IDLE_SECONDS", 0.01)
    leases, child = OneLease(), FakeChild()
    workers = Workers(leases, "r", 1, Means(dict), lambda: child)
    workers.start()

    assert child.is_closed.wait(10)
    workers.stop()
