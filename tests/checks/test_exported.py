"""Journeys are exported as Playwright tests, which run."""

from __future__ import annotations

import ast
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml
from click.testing import CliRunner

from collector.checks.export.playwright import export
from collector.checks.export.steps import VERBS as WRITTEN
from collector.checks.files.load import load
from collector.checks.files.steps import VERBS
from collector.cli import main
from tests.checks.recorded import checks_of, recorded_shop

#: The fixtures of pytest-playwright that the tests use.
CONFTEST = """
import pytest
from playwright.sync_api import sync_playwright

@pytest.fixture(scope="session")
def browser():
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path={program!r}, args=["--no-sandbox"])
        yield browser
        browser.close()

@pytest.fixture(scope="session")
def browser_context_args():
    return {{}}

@pytest.fixture
def page(browser, browser_context_args):
    context = browser.new_context(**browser_context_args)
    yield context.new_page()
    context.close()
"""


def exported(folder: Path, *steps: dict[str, Any], **keys: Any) -> str:
    path = folder / "checks" / "it.check.yaml"
    path.parent.mkdir(exist_ok=True)
    path.write_text(yaml.safe_dump({"kind": "journey", "steps": list(steps), **keys}, sort_keys=False))
    (check,), problems = load([path])
    assert problems == []
    return export(check).text


@pytest.mark.browser
def test_what_is_exported_runs(tmp_path: Path) -> None:
    tests = tmp_path / "tests"
    tests.mkdir()
    # Settings of its own, and not those of the checkout.
    (tests / "pytest.ini").write_text("[pytest]\n")
    (tests / "conftest.py").write_text(CONFTEST.format(program=shutil.which("chromium")))
    environment = dict(os.environ)
    with recorded_shop() as url:
        for name in ("recorder.json", "ghost-inspector-suite.json", "project.side", "pingdom-transaction.json"):
            for check, secrets in checks_of(name, tmp_path / name, url):
                made = export(check)
                assert made.left_out == ()
                (tests / made.name).write_text(made.text)
                environment |= {f"WIDELOAD_CHECK_SECRET_{key.upper()}": value for key, value in secrets.items()}

        options = ["-q", "-p", "no:cacheprovider", "--rootdir", str(tests)]
        command = [sys.executable, "-m", "pytest", *options, str(tests)]
        result = subprocess.run(command, env=environment, cwd=tests, capture_output=True, text=True, timeout=120, check=False)

    assert (result.returncode, "5 passed" in result.stdout) == (0, True), result.stdout[-4000:]


def test_every_step_can_be_exported() -> None:
    assert set(VERBS) - set(WRITTEN) == {"use"}


def test_what_only_a_check_can_do_is_named(tmp_path: Path) -> None:
    exported(tmp_path, {"open": "/"}, {"expect_beacon": None}, url="https://shop.example")
    result = CliRunner().invoke(main, ["check", "export", "--pytest", str(tmp_path)])

    assert "it, not exported: expect_beacon: Only a check can ask the collector" in result.stderr
    assert 'pytest.fail("Not exported: expect_beacon.' in result.stdout


def test_variables_become_python(tmp_path: Path) -> None:
    (tmp_path / "checks").mkdir()
    (tmp_path / "checks" / "users.csv").write_text("user,page\njane,1\n")
    text = exported(
        tmp_path, {"open": "${base}/${page}"}, {"fill": "#a", "value": "{${user}} $${x}"}, {"expect_js": "vars.user === 'a'"},
        variables={"base": "https://shop.example"}, data="users.csv",
    )  # fmt: skip

    ast.parse(text)
    assert ('user = row["user"]' in text, 'page_ = row["page"]' in text) == (True, True)
    assert 'page.goto(f"{base}/{page_}")' in text
    assert 'fill(f"{{{user}}} ${{x}}")' in text
    assert 'evaluate("(vars) => (vars.user === \'a\')", {"user": user})' in text


def test_what_stands_in_a_check_cannot_become_code(tmp_path: Path) -> None:
    nasty = "\"\"\"'\\\n${name}{evil}\n__import__('os')"
    text = exported(
        tmp_path, {"open": "https://shop.example", "name": "a\nraise"}, {"eval": nasty}, {"expect_text": nasty, "value": nasty},
        variables={"name": nasty}, title=nasty,
    )  # fmt: skip

    calls = {node.func.id for node in ast.walk(ast.parse(text)) if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)}
    assert calls <= {"expect"}
