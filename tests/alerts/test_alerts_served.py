"""A collector with rules: from a beacon to a signed message, and the commands that look at it."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx2
import pytest
from click.testing import CliRunner
from receiving import SECRET, Receiver, receiving

from bench.running import Running, collector
from collector.alerts.files.load import find, load
from collector.cli import main

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "alerts.md").read_text(encoding="utf-8")
RULE = """\
kind: query
dataset: demo
title: The demo is slow
severity: critical
query: {calculations: [{op: P75, column: lcp.value}], breakdowns: [page.path]}
when: "> 2500"
minimum_samples: 5
"""


@pytest.fixture(scope="module")
def hook() -> Iterator[Receiver]:
    with receiving() as server:
        yield server


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory, hook: Receiver) -> Iterator[Running]:
    """A collector whose one rule fails on ten slow page views."""
    folder = tmp_path_factory.mktemp("rules") / "alerts"
    folder.mkdir()
    channel = {"kind": "webhook", "url": hook.url, "secret": {"env": "HOOK_SECRET"}, "allow_private": True}
    (folder / "channels.yaml").write_text(json.dumps({"channels": {"ops": channel}, "default": ["ops"]}))
    with collector(environment={"WIDELOAD_ALERTS_DIR": str(folder), "HOOK_SECRET": SECRET}) as started:
        now = time.time() * 1000
        events = [{"id": f"slow-{n}", "kind": "page_view", "time": now, "page.path": "/slow", "lcp.value": 4000} for n in range(10)]
        httpx2.post(f"{started.url}/v1/beacon/demo", json={"v": 1, "sent_at": now, "events": events}).raise_for_status()
        deadline = time.monotonic() + 30
        while started.count() < 10 and time.monotonic() < deadline:
            time.sleep(0.05)
        # A rule that is new is looked at at once.
        (folder / "slow.alert.yaml").write_text(RULE)
        yield started


def test_slow_pages_become_a_signed_message(running: Running, hook: Receiver) -> None:
    _, headers, body = hook.got.get(timeout=30)

    namespace: dict[str, Any] = {}
    (code,) = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
    exec(code, namespace)
    assert namespace["is_genuine"](SECRET, headers, body)
    assert not namespace["is_genuine"](SECRET, headers, body + b" ")
    incident = json.loads(body)["data"]["incident"]
    assert (incident["subject"], incident["value"], incident["samples"]) == ("page.path = /slow", 4000, 10)
    shown = running.get(f"/api/incidents/{incident['id']}")
    assert shown["incident"]["impact"]["page_views"] == 10
    assert [(one["event"], one["channel"]) for one in shown["messages"]] == [("opened", "ops")]
    assert running.metric("wideload_incidents_open") == 1
    assert running.get("/api/markers?dataset=demo")["markers"][0]["type"] == "incident"

    commands(running)


def commands(running: Running) -> None:
    def run(*words: str) -> str:
        where = ("--url", running.url, "--token", running.token)
        result = CliRunner().invoke(main, ["alert", words[0], *where, *words[1:]], catch_exceptions=False)
        assert result.exit_code == 0, result.output
        return result.stdout

    listed = run("list")
    assert re.search(r"slow\s+critical\s+failing\s+1\s+page.path = /slow: P75\(lcp.value\) is 4,000", listed)
    assert json.loads(run("list", "--json"))["alerts"][0]["rule"] == "slow"
    assert "The demo is slow" in run("incidents")
    assert "There are no such incidents" not in run("incidents", "--all", "--dataset", "demo")
    assert "It would tell ops." in run("test", "slow")
    assert "ops: sent" in run("test", "slow", "--send")


def test_lint_names_mistakes_by_file_and_line(tmp_path: Path) -> None:
    (tmp_path / "a.alert.yaml").write_text(RULE)
    (tmp_path / "b.alert.yaml").write_text(RULE + "channels: [opps]\nid: other\n")
    run = CliRunner()

    good = run.invoke(main, ["alert", "lint", str(tmp_path / "a.alert.yaml")])
    bad = run.invoke(main, ["alert", "lint", str(tmp_path)])
    assert (good.exit_code, good.stdout) == (0, "1 rule, no mistakes.\n")
    assert (bad.exit_code, "names the channel 'opps'; there are none" in bad.stdout) == (1, True)


def test_the_rules_of_the_page_are_good(tmp_path: Path) -> None:
    blocks = [text for text in re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL) if text.startswith("kind:")]
    for number, text in enumerate(blocks):
        (tmp_path / f"{number}.alert.yaml").write_text(text)

    rules, problems = load(find([tmp_path]))
    assert (len(rules), problems) == (2, [])
