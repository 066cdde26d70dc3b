"""Playwright tests of others: as a suite with the plugin, and as a check of the kind `code`."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from click.testing import CliRunner

from bench.running import Running
from collector.checks import code
from collector.checks.attempt import Attempt, Setting
from collector.checks.files.load import load
from collector.checks.marks import Mark
from collector.checks.runs.verdict import judge
from collector.cli import main
from tests.checks.shop import shop

#: What pytest-playwright does, in short.
CONFTEST = """
import os, shutil
import pytest
from playwright.sync_api import sync_playwright

@pytest.fixture(scope="session")
def browser():
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
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


def write(folder: Path, tests: str, conftest: str = CONFTEST) -> Path:
    (folder / "conftest.py").write_text(conftest)
    file = folder / f"test_{uuid4().hex[:8]}.py"
    file.write_text(f"import os\nimport pytest\n{tests}")
    return file


def run_pytest(file: Path, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-q",
        "-p",
        "no:cacheprovider",
        "-p",
        "collector.pytest_plugin",
        *arguments,
        str(file),
    ]
    variables = {**os.environ, **environment, "PYTEST_ADDOPTS": ""}
    return subprocess.run(command, cwd=file.parent, env=variables, capture_output=True, text=True, check=False)


def script(collector: Running) -> str:
    return f'<script async src="{collector.url}/beacon.js" data-key="demo"></script>'


@pytest.mark.browser
def test_a_suite_records_its_tests_and_the_page_views_that_they_cause(tmp_path: Path, live_collector: Running) -> None:
    with shop() as site:
        site.head = script(live_collector)
        file = write(tmp_path, f"""
def test_good(page):
    page.goto("{site.url}/cart")

def test_bad(page):
    page.goto("{site.url}/terms")
    assert 1 == 2, "no"

def test_skipped(page):
    pytest.skip("not today")

def test_without_a_page():
    assert True
""")  # fmt: skip
        result = run_pytest(file, "--wideload-url", live_collector.url, WIDELOAD_TOKEN=live_collector.token)
    assert "1 failed, 2 passed, 1 skipped" in result.stdout, result.stdout

    mine = {"column": "check.name", "op": "starts-with", "value": file.name}
    end = time.monotonic() + 30
    while live_collector.count(filters=[mine]) < 4 and time.monotonic() < end:
        time.sleep(0.1)
    found = live_collector.query(
        breakdowns=["kind", "check.name", "check.status", "page.path", "check.run_id"], filters=[mine], disable_series=True
    )["results"]  # fmt: skip
    runs = {one["data"]["check.name"]: one["data"] for one in found if one["data"]["kind"] == "check_run"}
    views = {one["data"]["check.name"]: one["data"] for one in found if one["data"]["kind"] == "page_view"}
    good, bad = f"{file.name}::test_good", f"{file.name}::test_bad"
    assert {name: run["check.status"] for name, run in runs.items()} == {good: "pass", bad: "fail"}
    assert {name: view["page.path"] for name, view in views.items()} == {good: "/cart", bad: "/terms"}
    assert all(views[name]["check.run_id"] == run["check.run_id"] for name, run in runs.items())


@pytest.mark.browser
def test_budgets_are_kept_without_a_collector(tmp_path: Path, live_collector: Running) -> None:
    with shop() as site:
        site.head = script(live_collector)
        file = write(tmp_path, f"""
@pytest.mark.wideload_budget("ttfb.value <= 60000", "page.path == /cart")
def test_kept(wideload_page):
    wideload_page.page.goto("{site.url}/cart")

@pytest.mark.wideload_budget("page.path == /elsewhere")
def test_broken(wideload_page):
    wideload_page.page.goto("{site.url}/cart")

def test_views(wideload_page):
    wideload_page.page.goto("{site.url}/cart")
    assert wideload_page.run_id == ""
    wideload_page.budget("page.path exists")
    assert [view["page.path"] for view in wideload_page.views()] == ["/cart"]
""")  # fmt: skip
        result = run_pytest(file)

    # A budget is looked at when the test is over, so its failure is one of the test's end.
    assert "3 passed, 1 error" in result.stdout, result.stdout
    assert "page.path == /elsewhere: page.path is" in result.stdout


def test_a_collector_that_is_away_stops_the_suite_before_it_begins(tmp_path: Path) -> None:
    result = run_pytest(write(tmp_path, "def test_it(): pass\n", ""), "--wideload-url", "http://127.0.0.1:1")

    assert (result.returncode, "--wideload-url: Nobody answers at http://127.0.0.1:1" in result.stderr) == (4, True), result.stderr


def attempt(folder: Path, tests: str, evidence: Path | None = None, more: str = "", **secrets: str) -> Attempt:
    file = write(folder, tests, "")
    check = folder / "it.check.yaml"
    check.write_text(f"kind: code\nid: it\nfile: {file.name}\nsecrets: {json.dumps(list(secrets))}\n{more}")
    (found,), problems = load([check])
    assert problems == []
    return code.attempt(found, Setting(Mark("a" * 32, "m", 1), secrets=secrets, evidence_dir=evidence))


def said(made: Attempt) -> tuple[Any, ...]:
    return judge(made).status, [(step.name, step.status) for step in made.steps]


def test_each_test_is_a_step_and_an_assertion(tmp_path: Path) -> None:
    made = attempt(tmp_path, "def test_one(): pass\ndef test_two(): assert 1 == 2, 'no'\n", tmp_path / "evidence")

    assert said(made) == ("fail", [("test_one", "pass"), ("test_two", "fail")])
    assert "test_two: AssertionError: no" in judge(made).message
    assert [piece.name for piece in made.evidence] == ["pytest"]


def test_secrets_are_in_the_environment_and_not_in_what_is_kept(tmp_path: Path) -> None:
    made = attempt(tmp_path, "def test_it():\n    print(os.environ['KEY'])\n    assert os.environ['KEY'] == 'x'\n",
                   tmp_path / "evidence", key="hush-hush")  # fmt: skip

    assert "hush" not in str(made)
    assert said(made)[0] == "fail"
    assert all(b"hush" not in path.read_bytes() for path in (tmp_path / "evidence").rglob("*") if path.is_file())


@pytest.mark.parametrize(
    ("tests", "more", "status", "reason"),
    [
        ("x = 1\n", "", "no_data", "no_assertion"),
        ("def test_a(): pass\ndef test_b(): assert 0\n", "select: test_a\n", "pass", ""),
        ("import no_such_module\n", "", "no_data", "config_error"),
        ("import time\ndef test_it(): time.sleep(60)\n", "timeout: 3\n", "fail", "timeout"),
        ("def test_it(): pass\n", "expect: ['tests.passed >= 2']\n", "fail", "assertion"),
    ],
)
def test_what_tests_do_becomes_a_verdict(tmp_path: Path, tests: str, more: str, status: str, reason: str) -> None:
    verdict = judge(attempt(tmp_path, tests, more=more))

    assert (verdict.status, verdict.reason) == (status, reason), verdict


@pytest.mark.browser
def test_the_page_views_of_a_code_check_carry_its_run(tmp_path: Path, live_collector: Running) -> None:
    with shop() as site:
        site.head = script(live_collector)
        file = write(tmp_path, f"def test_buy(page):\n    page.goto('{site.url}/cart')\n")
        name = file.stem.replace("_", "-")
        check = tmp_path / f"{name}.check.yaml"
        check.write_text(f"kind: code\nid: {name}\nfile: {file.name}\ntimeout: 120\n")
        where = ("--url", live_collector.url, "--token", live_collector.token, "--wait")
        result = CliRunner().invoke(main, ["check", "run", str(check), *where], catch_exceptions=False)
    assert result.exit_code == 0, result.output

    mine = [{"column": "check.name", "op": "=", "value": name}, {"column": "kind", "op": "=", "value": "page_view"}]
    end = time.monotonic() + 30
    while not live_collector.count(filters=mine) and time.monotonic() < end:
        time.sleep(0.1)
    assert live_collector.count(filters=mine) == 1
