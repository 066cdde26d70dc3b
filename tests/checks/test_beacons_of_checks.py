"""A check's pages report as part of its run, and a runner that is killed leaves no browser."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from uuid import uuid4

import pytest
import yaml
from click.testing import CliRunner, Result

from bench.running import Running
from collector.checks.browser.chromium import processes_below
from collector.cli import main
from tests.checks.shop import Shop, shop

pytestmark = pytest.mark.browser
ROOT = Path(__file__).parents[2]
PATIENCE_SECONDS = 30


def run(tmp_path: Path, site: Shop, collector: Running, steps: list[dict[str, object]], **more: object) -> tuple[str, Result]:
    name = f"t{uuid4().hex[:8]}"
    path = tmp_path / f"{name}.check.yaml"
    document = {"kind": "journey", "id": name, "url": site.url, "timeout": 120} | ({"steps": steps} if steps else {}) | more
    path.write_text(yaml.safe_dump(document))
    arguments = ["check", "run", str(path), "--allow-private", "--url", collector.url, "--token", collector.token, "--wait"]
    return name, CliRunner().invoke(main, arguments, catch_exceptions=False)


def test_the_page_views_of_a_run_are_its_own_and_are_watched_to_the_store(tmp_path: Path, live_collector: Running) -> None:
    with shop() as site:
        site.head = f'<script async src="{live_collector.url}/beacon.js" data-key="demo"></script>'
        name, result = run(tmp_path, site, live_collector, [
            {"open": "/cart"}, {"expect_beacon": None, "fields": ["page.path", "navigation.type"]}, {"open": "/terms"},
            # A page that is left before its script is there says nothing.
            {"wait_for_js": "Symbol.for('wideload') in window"}, {"expect_count": "h1", "value": 1},
        ])  # fmt: skip
    assert result.exit_code == 0, result.output

    # The last page said goodbye when its window was closed.
    end = time.monotonic() + PATIENCE_SECONDS
    mine = [{"column": "check.name", "op": "=", "value": name}, {"column": "kind", "op": "=", "value": "page_view"}]
    while live_collector.count(filters=mine) < 2 and time.monotonic() < end:
        time.sleep(0.1)
    found = live_collector.query(breakdowns=["page.path", "check.run_id", "check.step.index"], filters=mine, disable_series=True)
    runs = live_collector.query(breakdowns=["check.run_id"], filters=[mine[0], {"column": "kind", "op": "=", "value": "check_run"}])
    views = {one["data"]["page.path"]: one["data"] for one in found["results"]}
    assert (views["/cart"]["check.step.index"], views["/terms"]["check.step.index"]) == (1, 2)
    assert {view["check.run_id"] for view in views.values()} == {one["data"]["check.run_id"] for one in runs["results"]}


def test_a_page_that_is_measured_has_the_fields_of_page_views(tmp_path: Path, live_collector: Running) -> None:
    with shop() as site:
        name, result = run(
            tmp_path, site, live_collector, [], kind="page", url=f"{site.url}/noisy", loads=1, expect=["status == 200"]
        )  # fmt: skip
    assert result.exit_code == 0, result.output

    (row,) = live_collector.query(
        calculations=[{"op": "MAX", "column": column} for column in ("ttfb.value", "page.fully_loaded", "check.page_errors")],
        breakdowns=["kind", "page.path", "check.samples"], filters=[{"column": "check.name", "op": "=", "value": name}],
        disable_series=True,
    )["results"]  # fmt: skip
    data = row["data"]
    assert (data["kind"], data["page.path"], data["check.samples"]) == ("check_run", "/noisy", 1)
    assert (data["MAX(ttfb.value)"] > 0, data["MAX(page.fully_loaded)"] > 0, data["MAX(check.page_errors)"]) == (True, True, 1)


def test_a_beacon_that_nobody_accepts_fails_the_check(tmp_path: Path, live_collector: Running) -> None:
    with shop() as site:
        # The key is unknown there.
        site.head = f'<script async src="{live_collector.url}/beacon.js" data-key="unknown"></script>'
        _, result = run(tmp_path, site, live_collector, [{"open": "/cart"}, {"expect_beacon": None, "within": 1}])

    assert (result.exit_code, "The beacon was sent to" in result.output) == (1, True), result.output


def test_a_runner_that_is_killed_leaves_no_browser(tmp_path: Path) -> None:
    path = tmp_path / "hang.check.yaml"
    with shop() as site:
        path.write_text(yaml.safe_dump({"kind": "journey", "url": site.url, "timeout": 60, "steps": [
            {"open": "/hang"}, {"click": "#hang"}, {"expect_js": "true"}]}))  # fmt: skip
        command = [sys.executable, "-m", "collector", "check", "run", str(path), "--no-report", "--allow-private"]
        with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL) as process:
            end = time.monotonic() + PATIENCE_SECONDS
            while not any(seen == "/hang" for seen, _ in site.seen) and time.monotonic() < end:
                time.sleep(0.05)
            below = processes_below(process.pid)
            os.kill(process.pid, signal.SIGKILL)
    assert below
    end = time.monotonic() + PATIENCE_SECONDS
    while any(_runs(pid) for pid in below):
        assert time.monotonic() < end, [pid for pid in below if _runs(pid)]
        time.sleep(0.05)


def _runs(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] not in ("Z", "X")
    except OSError:
        return False
