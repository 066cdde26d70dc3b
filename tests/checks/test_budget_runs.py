"""A page is measured against what real users measure."""

from __future__ import annotations

from pathlib import Path

import pytest

from collector.checks.browser.chromium import Chromium
from collector.checks.files.load import load
from collector.checks.runs.run import Order, Runner
from tests.checks.conftest import MARK
from tests.checks.shop import Shop

BUDGET = "fcp.value <= rum p75 28d + 15%"


@pytest.mark.browser
@pytest.mark.parametrize(
    ("value", "status", "words"),
    [(60_000.0, "pass", ""), (0.001, "fail", "The budget is 0.001: p75 is 0."), (None, "degraded", "nobody was there")],
)
def test_the_run_says_the_budget_that_was_used(
    site: Shop, chromium: Chromium, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, value: float | None, status: str, words: str
) -> None:
    path = tmp_path / "page.check.yaml"
    path.write_text(f"kind: page\nurl: {site.url}/\nloads: 1\nquiet: 0.2\nscreenshots: none\nexpect: [{BUDGET}]\n")
    (check,), _ = load([path])
    note = "p75 is 0" if value else "nobody was there"
    runner = Runner()
    monkeypatch.setattr(runner, "_browser", lambda _: chromium)

    run = runner.run(Order(check, MARK, allow_private=True, budgets={BUDGET: (value, note)}))

    assert (run.verdict.status, words in run.verdict.message) == (status, True), run.verdict
