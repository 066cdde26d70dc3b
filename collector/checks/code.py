"""The kind `code`: a file of pytest tests, such as pytest-playwright's, as it is. Each test is a step, and an assertion."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import asdict
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

from collector.checks.attempt import Attempt, Piece, Setting, Step
from collector.checks.conditions import Condition, Result, look
from collector.checks.evidence import write
from collector.checks.files.load import Check
from collector.checks.probes.model import ProbeError
from collector.checks.secrets import Masker
from collector.checks.variables import fill_condition

#: Of what pytest prints, the end.
_MAX_OUTPUT: Final = 1 << 18
_MAX_NAME: Final = 200
#: Exit codes of pytest: all passed, some failed; with all others it did not run them to their end.
_RAN: Final = (0, 1)
_NONE_FOUND: Final = 5


def attempt(check: Check, setting: Setting, _: object = None) -> Attempt:
    """Run the file. Variables and secrets are in its environment, by their names in capitals. Raises UnknownVariable."""
    file = check.path.parent / check.options["file"]
    if not file.is_file():
        raise ProbeError("config_error", f"There is no {file}, which the check names as its `file`.")
    if not find_spec("pytest"):
        raise ProbeError("config_error", "Checks of the kind code need pytest: install it where they run.")
    made, mask = Attempt(), Masker(setting.secrets.values())
    with TemporaryDirectory(prefix="wideload-code-") as folder:
        results = Path(folder) / "results.jsonl"
        about = {"check.name": check.name, "check.kind": check.kind, "check.location": setting.location}
        order = Path(folder) / "run.json"
        order.write_text(json.dumps({"mark": asdict(setting.mark), "about": about, "results": str(results)}))
        code, output = _pytest(check, setting, file, order)
        _take(made, results, mask)
    _keep(made, setting, mask(output))
    if code is None:
        made.error = ProbeError("timeout", f"The tests took longer than {check.timeout_seconds:g} s, and were ended.")
    elif code not in _RAN and code != _NONE_FOUND:
        last = next((line for line in reversed(output.splitlines()) if line.strip()), "")
        made.error = ProbeError("config_error", mask(f"pytest ended with {code}: {last.strip()[:300]}"))
    values = {**setting.variables, **setting.secrets}
    passed = sum(step.status == "pass" for step in made.steps)
    made.found.facts |= {"tests.passed": passed, "tests.failed": len(made.steps) - passed}
    if not made.error:
        made.results += [look(fill_condition(condition, values), made.found.facts) for condition in check.expect]
    return made


def _pytest(check: Check, setting: Setting, file: Path, order: Path) -> tuple[int | None, str]:
    """Run pytest, and return its exit code (None if it took too long) and the end of what it printed."""
    command = [sys.executable, "-m", "pytest", "-q", "-p", "collector.pytest_plugin", "--wideload-run", str(order), str(file)]
    if chosen := check.options.get("select"):
        command += ["-k", chosen]
    given = {name.upper(): value for name, value in {**setting.variables, **setting.secrets}.items()}
    environment = {**os.environ, **given, "PYTHONDONTWRITEBYTECODE": "1", "PYTEST_ADDOPTS": ""}
    # It stays in this process's group, which is ended as a whole.
    process = subprocess.Popen(
        command, cwd=file.parent, env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    )
    code: int | None
    try:
        output, _ = process.communicate(timeout=check.timeout_seconds)
        code = process.returncode
    except subprocess.TimeoutExpired:
        process.kill()
        output, _ = process.communicate()
        code = None
    return code, output[-_MAX_OUTPUT:].decode("utf-8", "replace")


def _take(made: Attempt, results: Path, mask: Masker) -> None:
    """Take in what the tests said, one a line; the last line of one that was ended may be broken."""
    if not results.exists():
        return
    for line in results.read_text(encoding="utf-8").splitlines():
        try:
            told: dict[str, Any] = json.loads(line)
        except ValueError:
            continue
        name, status = mask(told["name"])[:_MAX_NAME], "pass" if told["passed"] else "fail"
        message = mask(told["message"])
        made.steps.append(Step(len(made.steps), name, "test", status, round(told["seconds"] * 1000, 3), message))
        condition = Condition(name, "test", "exists", None, is_soft=False)
        made.results.append(Result(condition, bool(told["passed"]), f"{name}: {message}" if message else name))


def _keep(made: Attempt, setting: Setting, output: str) -> None:
    """Keep what pytest printed, if a test failed or none ran."""
    if setting.evidence_dir and output and (not made.steps or any(step.status == "fail" for step in made.steps)):
        body = output.encode()
        made.evidence.append(Piece("console", "pytest", write(setting.evidence_dir, body), "text/plain; charset=utf-8", len(body)))
