"""A browser that stays warm for a module's tests, and a shop for each of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from collector.checks.attempt import Attempt, Setting
from collector.checks.browser.chromium import Chromium
from collector.checks.files.load import load
from collector.checks.kinds import kind_of
from collector.checks.marks import Mark
from collector.checks.variables import given
from tests.checks.shop import Shop, shop

MARK = Mark("a1b2c3d4e5f60718293a4b5c6d7e8f90", "1893456000.mark", 1_893_456_000)
Go = Callable[..., Attempt]


@pytest.fixture(scope="module")
def chromium() -> Iterator[Chromium]:
    browser = Chromium()
    yield browser
    browser.close()


@pytest.fixture
def site() -> Iterator[Shop]:
    with shop() as server:
        yield server


@pytest.fixture
def go(chromium: Chromium, site: Shop, tmp_path: Path) -> Go:
    """Run a journey, or a check of another kind: `go([{"open": "/"}], timeout=5)`."""

    def run(steps: list[dict[str, Any]] | None = None, setting: dict[str, Any] | None = None, **keys: Any) -> Attempt:
        path = tmp_path / "checks" / "it.check.yaml"
        path.parent.mkdir(exist_ok=True)
        document = (
            {"kind": "journey", "url": site.url, "steps": steps, "step_timeout": 20, "timeout": 120, "screenshots": "none"}
            if steps
            else {}
        )
        path.write_text(yaml.safe_dump(document | keys, sort_keys=False))
        (check,), problems = load([path])
        assert problems == []
        variables = given(check.variables, {}, {})
        chosen = {"allow_private": True, "evidence_dir": tmp_path / "evidence", "variables": variables} | (setting or {})
        return kind_of(check).make_attempt()(check, Setting(MARK, **chosen), chromium)

    return run


def ends(attempt: Attempt) -> list[str]:
    """Return how the steps ended."""
    return [step.status for step in attempt.steps]
