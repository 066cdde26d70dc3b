"""`wideload check coverage` against a running collector."""

from __future__ import annotations

import json
import time
from pathlib import Path
from uuid import uuid4

import httpx2
import pytest
from click.testing import CliRunner, Result

from bench.running import Running
from collector.cli import main


@pytest.fixture
def host(live_collector: Running) -> str:
    """A host with page views of two routes whose files would have one name."""
    host = f"{uuid4().hex}.example"
    now = time.time_ns() // 1_000_000
    events = [
        {
            "id": uuid4().hex,
            "kind": "page_view",
            "revision": 1,
            "ts": now,
            "page.url": f"https://{host}{path}",
            "page.host": host,
            "page.path": path,
        }
        for path in ("/a-b", "/a/b", "/a/b")
    ]
    headers = {
        "user-agent": "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/150.0.0.0 Safari/537.36"
    }
    body = {"v": 1, "sent_at": now, "events": events}
    httpx2.post(f"{live_collector.url}/v1/beacon/demo", json=body, headers=headers).raise_for_status()
    until = time.monotonic() + 20
    while live_collector.count(filters=[{"column": "page.host", "op": "=", "value": host}]) < len(events):
        assert time.monotonic() < until, "the events did not arrive"
        time.sleep(0.02)
    return host


def run(running: Running, *args: str) -> Result:
    where = ("--url", running.url, "--token", running.token)
    return CliRunner().invoke(main, ["check", "coverage", *where, *args], catch_exceptions=False)


def test_check_files_are_written_and_those_that_are_there_stay(live_collector: Running, host: str, tmp_path: Path) -> None:
    folder = tmp_path / "checks" / host.replace(".", "-")

    first = run(live_collector, "--write", str(tmp_path / "checks"), "--json")
    (folder / "a-b.check.yaml").write_text("mine")
    again = run(live_collector, "--write", str(tmp_path / "checks"))

    mine = [one for one in json.loads(first.stdout)["routes"] if one["host"] == host]
    assert [(one["route"], one["views"]) for one in mine] == [("/a/b", 2), ("/a-b", 1)]
    assert f"https://{host}/a-b" in (folder / "a-b-2.check.yaml").read_text()
    assert ((folder / "a-b.check.yaml").read_text(), again.exit_code) == ("mine", 0)
    assert (host in again.stdout, "Wrote 0 check files" in again.stdout) == (True, True)
