"""The scheduler within a running collector: checks run by themselves, jobs send heartbeats, a kill leaves no data."""

from __future__ import annotations

import contextlib
import re
import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx2
import pytest

from bench.running import TOKEN, Running, collector, free_port
from collector.checks.marks import Marks
from collector.checks.secret import SECRET_FILE
from tests.checks.served import Server, silent_port, site


@pytest.fixture(scope="module")
def shop() -> Iterator[Server]:
    with site() as server:
        yield server


@pytest.fixture(scope="module")
def checks(shop: Server, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("it") / "checks"
    folder.mkdir()
    http = f"kind: http\nevery: 10s\nurl: http://127.0.0.1:{shop.server_port}"
    (folder / "front.check.yaml").write_text(f"{http}/${{key}}\nsecrets: [key]\nexpect: [status == 200]\n")
    (folder / "backup.check.yaml").write_text("kind: push\nevery: 1h\n")
    return folder


@pytest.fixture(scope="module")
def running(checks: Path) -> Iterator[Running]:
    variables = {
        "WIDELOAD_CHECKS_DIR": str(checks), "WIDELOAD_CHECKS_ALLOW_PRIVATE": "yes", "WIDELOAD_CHECK_SECRET_KEY": "hush-hush",
    }  # fmt: skip
    with collector(environment=variables) as made:
        yield made


def runs(running: Running, name: str, **more: str) -> list[dict[str, Any]]:
    filters = [{"column": "kind", "op": "=", "value": "check_run"}, {"column": "check.name", "op": "=", "value": name}]
    found = running.query(
        breakdowns=["check.status", "check.reason", "check.location", "check.trigger"], filters=filters, disable_series=True
    )  # fmt: skip
    return [one["data"] for one in found["results"]]


def until(look: Callable[[], Any], seconds: float = 40) -> Any:
    end = time.monotonic() + seconds
    while not (found := look()) and time.monotonic() < end:
        time.sleep(0.1)
    return found


def test_a_check_runs_by_its_schedule_and_its_runs_are_stored(running: Running, shop: Server) -> None:
    found = until(lambda: runs(running, "front"))

    assert found, "no run"
    assert {(one["check.status"], one["check.location"], one["check.trigger"]) for one in found} == {("pass", "main", "schedule")}
    assert "/hush-hush" in [path for path, _ in shop.seen]


def test_a_heartbeat_is_stored(running: Running) -> None:
    token = Marks((running.data / SECRET_FILE).read_text().strip()).push_tokens("backup", 1)[0]

    assert until(lambda: httpx2.post(f"{running.url}/v1/push/{token}?status=fail&message=disk+full").status_code == 204)
    assert httpx2.get(f"{running.url}/v1/push/{token}x").json()["error"]["reason"] == "unknown_push"
    assert httpx2.get(f"{running.url}/v1/push/{token}?status=well").json()["error"]["reason"] == "bad_push"
    assert [one["check.status"] for one in until(lambda: runs(running, "backup"))] == ["fail"]


def test_a_collector_that_is_killed_in_a_run_says_after_its_restart_that_it_gave_no_data(tmp_path: Path) -> None:
    folder, data, port = tmp_path / "checks", tmp_path / "data", free_port()
    folder.mkdir()
    with silent_port() as silent:
        (folder / "slow.check.yaml").write_text(
            f"kind: http\nevery: 10s\ntimeout: 300\nurl: http://127.0.0.1:{silent}/\nexpect: [status == 200]\n"
        )
        variables = {"WIDELOAD_CHECKS_DIR": str(folder), "WIDELOAD_CHECKS_ALLOW_PRIVATE": "yes", "WIDELOAD_DATA_DIR": str(data)}
        with collector(port=port, environment=variables) as first:
            child = until(lambda: child_of(first.process.pid))
            assert until(lambda: is_running(data))
            first.process.send_signal(signal.SIGKILL)
            first.process.wait()
        assert until(lambda: not Path(f"/proc/{child}").exists())
        with collector(port=port, environment=variables) as second:
            found = until(lambda: [one for one in runs(second, "slow") if one["check.reason"] == "runner_error"])

    assert [one["check.status"] for one in found] == ["no_data"]


def child_of(pid: int) -> int:
    """Return the process that runs checks for a collector, 0 if there is none."""
    for path in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            command = (path / "cmdline").read_bytes()
            parent = re.search(r"PPid:\s+(\d+)", (path / "status").read_text())
            if b"collector.checks.runs.child" in command and parent and int(parent[1]) == pid:
                return int(path.name)
    return 0


def is_running(data: Path) -> bool:
    import sqlite3

    db = sqlite3.connect(f"file:{data / 'checks.sqlite3'}?mode=ro", uri=True)
    try:
        return bool(db.execute("SELECT 1 FROM slots WHERE runner != ''").fetchone())
    finally:
        db.close()


def test_nobody_leases_without_the_right(running: Running) -> None:
    body = {"location": "berlin", "runner": "a test"}

    def ask(url: str = "?dataset=demo", **more: Any) -> httpx2.Response:
        headers = {"authorization": f"Bearer {TOKEN}"}
        return httpx2.post(f"{running.url}/api/checks/leases{url}", json=body | more, headers=headers)

    assert httpx2.post(f"{running.url}/api/checks/leases?dataset=demo", json=body).status_code == 401
    assert ask().json() == {"lease": None}
    assert [ask(**{name: value}).json()["error"]["path"] for name, value in (
        ("location", "Berlin!"), ("runner", "collector-0"), ("wait", 60),
    )] == ["location", "runner", "wait"]  # fmt: skip
    assert ask("?dataset=other").json()["error"]["reason"] == "no_checks"
