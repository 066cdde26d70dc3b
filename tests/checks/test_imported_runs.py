"""What was imported is run, in a real browser, against the shop that it was recorded in."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from collector.checks.attempt import Attempt, Setting
from collector.checks.browser.chromium import Chromium
from collector.checks.files.load import Check
from collector.checks.kinds import kind_of
from collector.checks.runs.verdict import judge
from collector.checks.variables import given
from tests.checks.conftest import MARK
from tests.checks.recorded import checks_of, recorded_shop

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def shop_url() -> Iterator[str]:
    with recorded_shop() as url:
        yield url


def attempt(check: Check, secrets: dict[str, str], chromium: Chromium) -> Attempt:
    setting = Setting(MARK, allow_private=True, variables=given(check.variables, {}, {}), secrets=secrets)
    return kind_of(check).make_attempt()(check, setting, chromium)


@pytest.mark.parametrize(
    ("name", "healed"),
    [
        ("recorder.json", {"#add-mug"}),
        ("ghost-inspector-suite.json", {'xpath=//button[@id="add-mug"]'}),
        ("project.side", set()),
        ("pingdom-transaction.json", set()),
        ("pingdom-recording.json", set()),
    ],
)
def test_an_imported_recording_passes(name: str, healed: set[str], shop_url: str, chromium: Chromium, tmp_path: Path) -> None:
    for check, secrets in checks_of(name, tmp_path, shop_url):
        made = attempt(check, secrets, chromium)

        bad = [(step.name, step.message) for step in made.steps if step.status not in ("pass", "skipped")]
        assert (bad, made.error, judge(made).status) == ([], None, "pass")
        if len(check.options["steps"]) > 5:
            assert {step.selector for step in made.steps if step.is_healed} >= healed


def test_a_step_that_was_not_translated_fails_when_it_is_run(shop_url: str, chromium: Chromium, tmp_path: Path) -> None:
    ((check, secrets),) = checks_of("ghost-inspector-test.json", tmp_path, shop_url)

    made = attempt(check, secrets, chromium)

    assert [step.status for step in made.steps] == ["pass", "pass", "fail"]
    assert (judge(made).status, "Not translated: assertAccessibility" in made.steps[-1].message) == ("fail", True)
