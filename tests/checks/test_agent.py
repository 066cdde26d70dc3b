"""An agent runs what is due at its location, with a token that is good for nothing else."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx2
import pytest
from click.testing import CliRunner

from bench.running import Running, collector
from collector.checks import evidence
from collector.checks.agent import Agent
from collector.checks.runs.job import Outcome
from collector.checks.schedule.lease import LeaseGone
from collector.cli import main
from collector.client import Client, Credential
from tests.checks.served import Server, site
from tests.checks.test_schedule_service import runs, until


@pytest.fixture(scope="module")
def shop() -> Iterator[Server]:
    with site() as server:
        yield server


@pytest.fixture(scope="module")
def running(shop: Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    folder = tmp_path_factory.mktemp("agents") / "all"
    (folder / "shop").mkdir(parents=True)
    every = "every: 10s\nexpect: [status == 200]\n"
    address = f"http://127.0.0.1:{shop.server_port}"
    (folder / "shop" / "front.check.yaml").write_text(f"kind: http\nlocations: [berlin]\nurl: {address}/front-${{key}}\n"
                                                      f"secrets: [key]\nid: shop/front\n{every}")  # fmt: skip
    (folder / "by-hand.check.yaml").write_text(f"kind: http\nlocations: [paris]\nurl: {address}/\ndata: rows.csv\n{every}")
    (folder / "rows.csv").write_text("user\nanna\nbob\n")
    with collector(environment={"WIDELOAD_CHECKS_DIR": str(folder)}) as made:
        yield made


@pytest.fixture(scope="module")
def token(running: Running) -> str:
    arguments = ["tokens", "create", "berlin", "--scope", "run-checks", "--dataset", "demo", "--data-dir", str(running.data)]
    made = CliRunner().invoke(main, arguments, catch_exceptions=False)
    return made.stdout.split()[-1]


@contextmanager
def started(running: Running, token: str, *arguments: str) -> Iterator[subprocess.Popen[bytes]]:
    command = [sys.executable, "-m", "collector", "agent", "--url", running.url, "--location", "berlin", *arguments]
    environment = {**os.environ, "WIDELOAD_TOKEN": token, "WIDELOAD_CHECK_SECRET_KEY": "hush-hush"}
    with subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL) as process:
        try:
            yield process
        finally:
            process.terminate()
            process.wait(20)


def test_an_agent_runs_what_is_due_at_its_location(running: Running, token: str, shop: Server) -> None:
    with started(running, token, "--allow-private") as process:
        found = until(lambda: [one for one in runs(running, "shop/front") if one["check.status"] == "pass"])
        process.terminate()
        assert process.wait(20) == 0

    assert [(one["check.location"], one["check.trigger"]) for one in found] == [("berlin", "schedule")]
    assert "/front-hush-hush" in [path for path, _ in shop.seen]


def test_a_token_that_runs_checks_does_nothing_else(running: Running, token: str) -> None:
    headers = {"authorization": f"Bearer {token}"}

    def ask(method: str, path: str, **more: object) -> int:
        return httpx2.request(method, running.url + path, headers=headers, **more).status_code  # type: ignore[arg-type]

    assert ask("POST", "/api/query", json={"dataset": "demo"}) == 403
    assert ask("POST", "/api/markers", json={"dataset": "demo", "message": "x"}) == 403
    assert ask("GET", "/api/dead-letters") == 403
    assert ask("GET", "/metrics") == 403
    assert ask("POST", "/api/checks/runs", json={"dataset": "demo"}) == 201
    assert ask("POST", "/api/checks/runs", json={"dataset": "wideload"}) == 403
    assert httpx2.get(f"{running.url}/api/me", headers=headers).json()["datasets"] == []


def test_leases_files_and_evidence_travel(running: Running, token: str, tmp_path: Path) -> None:
    def client() -> Client:
        return Client(running.url, Credential(token, "a test"))

    with Agent(client, "demo", "paris") as agent:
        lease = until(lambda: agent.take("hand"))
        folder = Path(agent.folder_of(lease))
        assert (lease.name, [one.row for one in lease.runs]) == ("by-hand", [1, 2])
        assert (folder / lease.file).read_text().startswith("kind: http")
        assert (folder / "rows.csv").exists()
        assert agent.folder_of(lease) == str(folder)

        sha256 = evidence.write(agent.evidence_dir, b"a picture")
        piece = {"kind": "screenshot", "name": "end", "sha256": sha256, "media_type": "image/png", "size": 9}
        event = {"id": f"{lease.runs[0].run_id}-1", "kind": "check_run", "time": lease.slot_at * 1000, "check.status": "fail",
                 "check.is_final": True}  # fmt: skip
        outcomes = [Outcome(lease.runs[0].run_id, "fail", "assertion", "It does not.", [event], [piece])]
        agent.complete(lease, "hand", outcomes)
        with pytest.raises(LeaseGone):
            agent.complete(lease, "hand", outcomes)

    assert not agent.folder.exists()
    kept = evidence.place_of(running.data / "evidence" / "demo", sha256)
    assert kept.read_bytes() == b"a picture"
    found = until(lambda: len(one := runs(running, "by-hand")) > 1 and one)
    assert {(one["check.status"], one["check.location"]) for one in found} == {("fail", "paris"), ("no_data", "paris")}


@pytest.mark.parametrize(
    ("arguments", "part"),
    [
        (("--url", "http://rum.example.com", "--location", "berlin"), "must begin with https://"),
        (("--url", "https://rum.example.com", "--location", "Berlin!"), "--location must be a name"),
        (("--url", "nowhere", "--location", "berlin"), "--url must be a URL"),
    ],
)
def test_an_agent_that_cannot_work_says_so_at_once(arguments: tuple[str, ...], part: str) -> None:
    result = CliRunner().invoke(main, ["agent", "--token", "x" * 16, *arguments])

    assert (result.exit_code, part in result.stderr) == (1, True), result.output
