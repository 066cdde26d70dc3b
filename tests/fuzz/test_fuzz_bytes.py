"""The bytes of strangers: the kept corpus again, and a few seconds of new ones by atheris. `make fuzz` takes longer."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.fuzz.targets import CORPUS, TARGETS

ROOT = Path(__file__).parents[2]
KEPT = [pytest.param(path.parent.name, path, id=f"{path.parent.name}-{path.name}") for path in sorted(CORPUS.glob("*/*"))]


@pytest.mark.parametrize(("target", "path"), KEPT)
def test_what_was_found_once_does_no_harm(target: str, path: Path) -> None:
    TARGETS[target](path.read_bytes())


@pytest.mark.parametrize("target", TARGETS)
def test_new_bytes_do_no_harm(target: str, tmp_path: Path) -> None:
    pytest.importorskip("atheris", reason="there is no atheris for this Python or system")
    # Found things belong into the checkout only when somebody runs `make fuzz`.
    shutil.copytree(CORPUS, tmp_path / "corpus")
    seconds = os.environ.get("WIDELOAD_TEST_FUZZ_SECONDS", "3")
    command = [sys.executable, "-m", "tests.fuzz", seconds, target, str(tmp_path / "corpus")]
    result = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=600, check=False)

    assert result.returncode == 0, result.stderr[-3000:]
    assert "DONE" in result.stderr, result.stderr[-3000:]
