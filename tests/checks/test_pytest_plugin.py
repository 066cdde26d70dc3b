"""The pytest plugin: tests of Playwright tell a collector of their runs, and keep budgets."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from pathlib import Path
from uuid import uuid4

import pytest

from bench.running import Running
from collector.pytest_plugin import check_name
from tests.checks.recorded import recorded_shop

CONFTEST = """
import pytest
from playwright.sync_api import sync_playwright

@pytest.fixture(scope="session")
def browser():
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path={program!r}, args=["--no-sandbox"])
        yield browser
        browser.close()

@pytest.fixture
def context(browser):
    context = browser.new_context()
    yield context
    context.close()

@pytest.fixture
def page(context):
    return context.new_page()
"""
TESTS = """
import pytest

@pytest.mark.wideload("fcp.value <= 60000", "fcp.value <= 0 warn", name="{name}/good")
def test_good(page):
    page.goto("{url}/index.html")

@pytest.mark.wideload("fcp.value <= 0", name="{name}/slow")
def test_slow(wideload_page):
    wideload_page.goto("{url}/index.html")

@pytest.mark.wideload(name="{name}/broken")
def test_broken(page):
    assert page.title() == "Shop"

def test_without_a_browser():
    pass
"""


def run(folder: Path, text: str, *options: str, **environment: str) -> subprocess.CompletedProcess[str]:
    folder.mkdir(exist_ok=True)
    (folder / "conftest.py").write_text(CONFTEST.format(program=shutil.which("chromium")))
    (folder / "test_it.py").write_text(text)
    common = [
        "-q",
        "-p",
        "no:cacheprovider",
        "-p",
        "collector.pytest_plugin",
        "--rootdir",
        str(folder),
        "-c",
        os.devnull,
        str(folder),
    ]
    without = {key: value for key, value in os.environ.items() if key != "CI"} | {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
    command = [sys.executable, "-m", "pytest", *common, str(folder), *options]
    return subprocess.run(command, env=without | environment, capture_output=True, text=True, timeout=120, check=False)


@pytest.mark.browser
def test_tests_are_runs_of_the_collector(live_collector: Running, tmp_path: Path) -> None:
    name = f"plugin-{uuid4().hex[:8]}"
    with recorded_shop() as url:
        text = TESTS.format(name=name, url=url)
        result = run(tmp_path / "t", text, "--wideload-url", live_collector.url, WIDELOAD_TOKEN=live_collector.token)

    assert "2 failed, 2 passed" in result.stdout, result.stdout
    assert "fcp.value <= 0: fcp.value is" in result.stdout
    filters = [{"column": "kind", "op": "=", "value": "check_run"}, {"column": "check.name", "op": "starts-with", "value": name}]
    until = time.monotonic() + 20
    while live_collector.count(filters=filters) < 3:
        assert time.monotonic() < until, result.stdout
        time.sleep(0.05)
    rows = live_collector.query(filters=filters, breakdowns=["check.name", "check.status", "check.kind"])["results"]
    told = {row["data"]["check.name"].partition("/")[2]: row["data"]["check.status"] for row in rows}
    assert told == {"good": "degraded", "slow": "fail", "broken": "fail"}


@pytest.mark.browser
def test_budgets_need_no_collector(tmp_path: Path) -> None:
    with recorded_shop() as url:
        text = f"def test_it(page):\n    page.goto('{url}/index.html')\n"
        good, bad = (run(tmp_path / "t", text, "--wideload-budget", one) for one in ("fcp.value <= 60000", "fcp.value <= 0"))

    assert (good.returncode, bad.returncode) == (0, 1), good.stdout + bad.stdout


@pytest.mark.parametrize("options", [("--wideload-budget", "fcp.value = 1"), ("--wideload-budget", "fcp.value <= rum p75 28d")])
def test_a_budget_that_cannot_be_read_stops_the_start(tmp_path: Path, options: tuple[str, ...]) -> None:
    result = run(tmp_path / "t", "def test_it(): pass", *options)

    assert (result.returncode, "fcp.value" in result.stderr) == (4, True)


def test_a_collector_that_is_away_stops_the_first_test(tmp_path: Path) -> None:
    text = "def test_it(page): pass"
    result = run(tmp_path / "t", text, "--wideload-url", "http://127.0.0.1:9")

    assert (result.returncode != 0, "--wideload-url" in result.stdout + result.stderr) == (True, True)


def test_a_test_is_called_after_its_place() -> None:
    assert (
        check_name("tests/test_Shop.py::TestCart::test_buy[chromium-Größe 1]")
        == "tests/test_shop/testcart/test_buy-chromium-gr-e-1"
    )
