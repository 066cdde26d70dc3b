"""The scheduler within a running collector: checks run by themselves, jobs send heartbeats, a kill leaves no data."""

from __future__ import annotations

import contextlib
import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx2
import pytest
import yaml
from click.testing import CliRunner

from bench.running import TOKEN, Running, collector, free_port
from collector.checks.browser.chromium import processes_below
from collector.checks.marks import Marks
from collector.checks.secret import SECRET_FILE
from collector.cli import main
from tests.checks.served import Server, site
from tests.checks.shop import shop as shop_of_journeys


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


@pytest.mark.browser
def test_a_journey_leaves_steps_evidence_and_the_page_views_that_it_caused(running: Running, checks: Path) -> None:
    headers = {"authorization": f"Bearer {TOKEN}"}

    def ask(path: str, **params: str) -> httpx2.Response:
        return httpx2.get(f"{running.url}{path}", params={"dataset": "demo", **params}, headers=headers)

    with shop_of_journeys() as pages:
        pages.head = f'<script async src="{running.url}/beacon.js" data-key="demo"></script>'
        steps = [{"open": "/cart"}, {"expect_count": "h1", "value": 1}, {"expect_beacon": None}]
        # On a busy machine the next slot comes while this one runs, and is missed.
        document = {"kind": "journey", "every": "10s", "url": pages.url, "steps": steps}
        (checks / "buy.check.yaml").write_text(yaml.safe_dump(document))
        try:
            (run, *_) = until(lambda: ask("/api/checks/runs", name="buy", status="pass,degraded,fail").json()["runs"], 120)
        finally:
            (checks / "buy.check.yaml").unlink()
    assert (run["check.status"], run.get("check.message")) == ("pass", None)
    found = until(lambda: (one := ask(f"/api/checks/runs/{run['check.run_id']}").json())["page_views"] and one)
    assert [step["check.step.action"] for step in found["steps"]] == ["open", "expect_count", "expect_beacon"]
    assert found["page_views"][0]["page.path"] == "/cart"
    picture = next(one for one in found["evidence"] if one["media_type"].startswith("image/"))
    body = ask(f"/api/checks/evidence/{picture['sha256']}")
    assert (body.status_code, len(body.content)) == (200, picture["size"])


def test_checks_are_listed_with_the_addresses_of_heartbeats(running: Running) -> None:
    assert until(lambda: runs(running, "front"))
    arguments = ["check", "list", "--url", running.url, "--token", TOKEN]
    result = CliRunner().invoke(main, arguments, catch_exceptions=False)

    lines = result.stdout.splitlines()
    assert lines[0].split()[:4] == ["Status", "Check", "Kind", "Uptime"]
    assert any(line.split()[:5] == ["pass", "front", "http", "100.000", "%"] for line in lines), result.stdout
    assert f"  backup  {running.url}/v1/push/" in result.stdout


@pytest.mark.browser
def test_a_collector_that_is_killed_in_a_run_leaves_no_browser_and_says_that_it_gave_no_data(tmp_path: Path) -> None:
    folder, data, port = tmp_path / "checks", tmp_path / "data", free_port()
    folder.mkdir()
    variables = {"WIDELOAD_CHECKS_DIR": str(folder), "WIDELOAD_CHECKS_ALLOW_PRIVATE": "yes", "WIDELOAD_DATA_DIR": str(data)}
    with shop_of_journeys() as pages:
        steps = [{"open": "/hang"}, {"click": "#hang"}, {"expect_js": "true"}]
        document = {"kind": "journey", "every": "10s", "timeout": 300, "url": pages.url, "steps": steps}
        (folder / "slow.check.yaml").write_text(yaml.safe_dump(document))
        with collector(port=port, environment=variables) as first:
            assert until(lambda: "/hang" in [path for path, _ in pages.seen], 60)
            below = processes_below(first.process.pid)
            first.process.send_signal(signal.SIGKILL)
            first.process.wait()
        assert len(below) > 2
        assert until(lambda: not any(is_alive(pid) for pid in below)), [pid for pid in below if is_alive(pid)]
        (folder / "slow.check.yaml").write_text(yaml.safe_dump(document | {"every": "1h"}))
        with collector(port=port, environment=variables) as second:
            found = until(lambda: [one for one in runs(second, "slow") if one["check.reason"] == "runner_error"])

    assert [one["check.status"] for one in found] == ["no_data"]


def is_alive(pid: int) -> bool:
    with contextlib.suppress(FileNotFoundError, ProcessLookupError):
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    return False


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
