"""What was imported is run, in a real browser, against the shop that it was recorded in."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from collector.checks.attempt import Attempt, Setting
from collector.checks.browser.chromium import Chromium
from collector.checks.files.load import Check, find, load
from collector.checks.importers import reading, writing
from collector.checks.kinds import kind_of
from collector.checks.runs.verdict import judge
from collector.checks.variables import given
from tests.checks.conftest import MARK

pytestmark = pytest.mark.browser
RECORDINGS = Path(__file__).parent / "recordings"
SITE = "https://shop.example"


class Quiet(SimpleHTTPRequestHandler):
    """Serves the pages, and says nothing."""

    def log_message(self, format: str, *args: Any) -> None:
        """Be quiet."""


@pytest.fixture(scope="module")
def recorded_shop() -> Iterator[str]:
    """The address of the shop that the recordings were made in."""
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=RECORDINGS / "shop")) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.02,))
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


def checks_of(name: str, folder: Path, shop: str) -> list[tuple[Check, dict[str, str]]]:
    """Return the checks of a recording, with their secrets, about the shop at this address."""
    imports = reading.read([RECORDINGS / name])
    texts = {path: text.replace(SITE, shop) for path, text in writing.files(imports).items()}
    writing.write(texts, folder / "checks", overwrite=False)
    checks, problems = load(find([folder / "checks"]))
    assert problems == []
    secrets = {key: value for one in imports for key, value in one.secrets.items()}
    return [(check, {name: secrets[name] for name in check.secrets}) for check in checks]


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
def test_an_imported_recording_passes(name: str, healed: set[str], recorded_shop: str, chromium: Chromium, tmp_path: Path) -> None:
    for check, secrets in checks_of(name, tmp_path, recorded_shop):
        made = attempt(check, secrets, chromium)

        bad = [(step.name, step.message) for step in made.steps if step.status not in ("pass", "skipped")]
        assert (bad, made.error, judge(made).status) == ([], None, "pass")
        if len(check.options["steps"]) > 5:
            assert {step.selector for step in made.steps if step.is_healed} >= healed


def test_a_step_that_was_not_translated_fails_when_it_is_run(recorded_shop: str, chromium: Chromium, tmp_path: Path) -> None:
    ((check, secrets),) = checks_of("ghost-inspector-test.json", tmp_path, recorded_shop)

    made = attempt(check, secrets, chromium)

    assert [step.status for step in made.steps] == ["pass", "pass", "fail"]
    assert (judge(made).status, "Not translated: assertAccessibility" in made.steps[-1].message) == ("fail", True)
