"""The Dockerfile as a text: clean, pinned, and saying the same as the program. `make test-image` carries it out."""

from __future__ import annotations

import re
import subprocess
import tomllib
from pathlib import Path

import pytest

from collector.config import PREFIX, SETTINGS
from tests.image.dockerfile import Dockerfile, Ignored

ROOT = Path(__file__).parents[2]
TARGETS = ("lean", "embedded", "checks")
VARIABLES = {PREFIX + "CONFIG", *(setting.variable for setting in SETTINGS)}


@pytest.fixture(scope="module")
def dockerfile() -> Dockerfile:
    return Dockerfile.read(ROOT / "Dockerfile")


def last(dockerfile: Dockerfile, target: str, name: str) -> str:
    """Return what the last instruction of this name says, in a target or in what it stands on."""
    found = [one.value for stage in dockerfile.lineage(target) for one in stage.instructions if one.name == name]
    return found[-1] if found else ""


def test_hadolint_finds_nothing() -> None:
    done = subprocess.run([ROOT / ".venv/bin/hadolint", ROOT / "Dockerfile"], capture_output=True, text=True, check=False)

    assert (done.returncode, done.stdout) == (0, "")


def test_the_lean_image_is_what_is_built_by_default(dockerfile: Dockerfile) -> None:
    assert dockerfile.target == "lean"


def test_everything_from_elsewhere_has_a_digest_or_a_hash(dockerfile: Dockerfile) -> None:
    bases = [stage.base for stage in dockerfile.stages.values() if stage.base not in dockerfile.stages]
    installs = re.findall(r"pip [^&]*?install [^&]+", (ROOT / "Dockerfile").read_text())

    assert all(re.search(r":\S+@sha256:[0-9a-f]{64}$", base) for base in bases)
    assert all("--require-hashes" in install or "--no-deps" in install for install in installs)


@pytest.mark.parametrize("target", TARGETS)
def test_an_image_runs_as_nobody_in_particular_and_says_what_it_is(dockerfile: Dockerfile, target: str) -> None:
    (labels,) = [one.pairs() for stage in dockerfile.lineage(target) for one in stage.instructions if one.name == "LABEL"]

    assert last(dockerfile, target, "USER") == "10001:10001"
    assert last(dockerfile, target, "VOLUME") == "/var/lib/wideload"
    assert {"title", "source", "licenses", "version", "revision"} <= {name.rpartition(".")[2] for name in labels}


def test_the_health_check_is_a_command_of_the_program(dockerfile: Dockerfile) -> None:
    assert last(dockerfile, "lean", "HEALTHCHECK").endswith('CMD ["wideload", "ready"]')
    assert last(dockerfile, "lean", "ENTRYPOINT") == '["wideload"]'


@pytest.mark.parametrize("target", TARGETS)
def test_the_variables_of_an_image_are_settings(dockerfile: Dockerfile, target: str) -> None:
    names = {
        name for stage in dockerfile.lineage(target) for one in stage.instructions if one.name == "ENV" for name in one.pairs()
    }

    assert {name for name in names if name.startswith(PREFIX)} <= VARIABLES


@pytest.mark.parametrize(
    "path",
    [
        ".venv/bin/python",
        ".git/config",
        "data/admin-token",
        "collector/static/beacon/beacon.js",
        "collector/__pycache__/app.pyc",
        "beacon_js/node_modules/x",
        "tests/conftest.py",
        "wideload.toml",
    ],
)
def test_what_is_not_for_the_image_does_not_go_into_the_build(path: str) -> None:
    assert Ignored(ROOT / ".dockerignore")(path)


def test_every_dependency_of_the_program_is_in_the_lock_of_the_image() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    extras = project["optional-dependencies"]

    for lock, wanted in (("lean", []), ("embedded", extras["embedded"]), ("checks", extras["checks"])):
        locked = set(re.findall(r"^([\w-]+)==", (ROOT / f"requirements/image/{lock}.txt").read_text(), re.MULTILINE))
        names = {re.split(r"[\[>=;]", one)[0] for one in [*project["dependencies"], *wanted]}
        assert names <= locked, "run `make lock`"
