"""The process that runs checks: it answers, it can be ended, and it does not outlive whoever started it."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from collector.checks.runs import parent
from collector.checks.runs.job import Job, RunOrder
from collector.checks.runs.parent import Child, ChildLost
from tests.checks.served import Server, silent_port, site

PARENT = """
import sys
from collector.checks.runs.job import Job
from collector.checks.runs.parent import Child
child = Child()
print(child._started().pid, flush=True)
child.run(Job.read(sys.stdin.buffer.readline()), 60)
"""


@pytest.fixture
def shop() -> Iterator[Server]:
    with site() as server:
        yield server


@pytest.fixture
def child() -> Iterator[Child]:
    made = Child({**os.environ, "WIDELOAD_ADMIN_TOKEN": "x" * 16})
    yield made
    made.close()


def job(folder: Path, port: int, path: str = "/", rows: int = 0, **more: Any) -> Job:
    file = folder / "it.check.yaml"
    data = "data: pages.csv\n" if rows else ""
    file.write_text(f"kind: http\nurl: http://127.0.0.1:{port}{path}\nexpect: [status == 200]\n{data}")
    runs = [RunOrder(f"{number:032x}", "m", 1, number if rows else 0) for number in range(1, max(rows, 1) + 1)]
    return Job(str(file), "shop/front", "main", "schedule", time.time() - 2, tuple(runs), **{"allow_private": True} | more)


def ends(pid: int, seconds: float = 10) -> bool:
    """Whether a process is gone within some seconds."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        with contextlib.suppress(FileNotFoundError):
            if Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z":
                time.sleep(0.02)
                continue
        return True
    return False


def test_a_job_is_answered_with_what_came_of_it(tmp_path: Path, shop: Server, child: Child) -> None:
    (outcome,) = child.run(job(tmp_path, shop.server_port), 30)

    assert (outcome.run_id, outcome.status) == (f"{1:032x}", "pass")
    run = outcome.events[0]
    assert (run["check.name"], run["check.location"], run["check.trigger"]) == ("shop/front", "main", "schedule")
    assert run["check.delay"] >= 2000


def test_one_process_does_many_jobs_and_is_replaced_after_some(
    tmp_path: Path, shop: Server, child: Child, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(parent, "MAX_JOBS", 2)
    pids = []
    for _ in range(3):
        child.run(job(tmp_path, shop.server_port), 30)
        pids.append(child._started().pid if child._jobs < 2 else child._process.pid)  # type: ignore[union-attr]

    assert pids[0] == pids[1] != pids[2]


def test_rows_of_data_are_run_in_turn(tmp_path: Path, shop: Server, child: Child) -> None:
    (tmp_path / "pages.csv").write_text("page\nold\ndata\n")
    outcomes = child.run(job(tmp_path, shop.server_port, "/${page}", rows=3), 30)

    assert next(path for path, _ in shop.seen if path in ("/old", "/data")) == "/old"
    assert [(one.status, one.reason) for one in outcomes] == [("pass", ""), ("pass", ""), ("no_data", "config_error")]


def test_a_check_that_cannot_be_read_gives_no_data(tmp_path: Path, shop: Server, child: Child) -> None:
    wanted = job(tmp_path, shop.server_port)
    Path(wanted.file).write_text("kind: nothing\n")

    (outcome,) = child.run(wanted, 30)
    assert (outcome.status, outcome.reason, outcome.events) == ("no_data", "config_error", [])


def test_a_job_that_takes_too_long_is_ended_and_the_next_one_runs(tmp_path: Path, shop: Server, child: Child) -> None:
    with silent_port() as port, pytest.raises(ChildLost, match="did not end within"):
        child.run(job(tmp_path, port), 0.3)

    assert child.run(job(tmp_path, shop.server_port), 30)[0].status == "pass"


def test_a_process_that_is_killed_is_noticed(tmp_path: Path, child: Child) -> None:
    with silent_port() as port:
        pid = child._started().pid
        threading.Timer(0.2, os.kill, (pid, signal.SIGKILL)).start()
        with pytest.raises(ChildLost, match="ended"):
            child.run(job(tmp_path, port), 30)


def test_secrets_of_the_collector_are_not_in_its_environment(child: Child) -> None:
    environment = Path(f"/proc/{child._started().pid}/environ").read_bytes()

    assert b"PATH=" in environment
    assert b"WIDELOAD_" not in environment


def test_it_ends_when_whoever_started_it_is_killed(tmp_path: Path) -> None:
    with (
        silent_port() as port,
        subprocess.Popen([sys.executable, "-c", PARENT], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as starter,
    ):
        assert starter.stdin is not None
        assert starter.stdout is not None
        pid = int(starter.stdout.readline())
        starter.stdin.write(job(tmp_path, port).line())
        starter.stdin.flush()
        starter.kill()

        assert ends(pid)
