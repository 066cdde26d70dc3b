"""The workflows of GitHub: valid, with no more rights than they need, and running what developers run."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
WORKFLOWS = sorted((ROOT / ".github/workflows").glob("*.yml"))


def run(*command: object) -> str:
    done = subprocess.run(list(map(str, command)), capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_they_follow_the_schema() -> None:
    run(sys.executable, "-m", "check_jsonschema", "--builtin-schema", "vendor.github-workflows", *WORKFLOWS)


def test_nothing_in_them_can_be_turned_against_the_repository() -> None:
    run(ROOT / ".venv/bin/zizmor", "--offline", "--quiet", *WORKFLOWS)


@pytest.mark.parametrize("workflow", WORKFLOWS, ids=lambda path: path.name)
def test_what_they_run_is_what_developers_run(workflow: Path) -> None:
    text, makefile = workflow.read_text(), (ROOT / "Makefile").read_text()

    assert ".ci/run" in text
    for target in re.findall(r"\bmake ([\w-]+)", re.sub(r"#.*", "", text)):
        assert re.search(rf"^{target}:", makefile, re.MULTILINE), target
