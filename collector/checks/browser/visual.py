"""The step `screenshot`: a picture, compared with the accepted one of the same step."""

from __future__ import annotations

from typing import Any

from playwright.sync_api import Locator

from collector.checks.attempt import Comparison
from collector.checks.baselines import ACCEPTED, Baseline, Baselines
from collector.checks.browser.difference import compare
from collector.checks.browser.pictures import still_picture
from collector.checks.browser.stage import Stage, StepFailed
from collector.checks.browser.targets import locate


def screenshot(stage: Stage, step: dict[str, Any]) -> bool:
    """Take the picture, and compare it if the step says so.

    Returns:
        whether it was compared.

    Raises:
        StepFailed: it differs by more than the tolerance.
    """
    page, frame = stage.session.page, stage.frame(step)
    masks: list[Locator] = [locate(frame, selector) for selector in step.get("mask", ())]
    target = stage.element(step, step["target"]) if "target" in step else None
    taken = still_picture(page, stage.secrets, target, step.get("full_page", False), masks)
    name = step.get("screenshot") or stage.step.name
    stage.step.screenshot = stage.evidence.add("screenshot", name, taken, "image/png")
    folder = stage.evidence.folder
    if not step.get("compare", False) or folder is None:
        return False
    baselines = Baselines(folder)
    size = page.viewport_size or {"width": 0, "height": 0}
    baseline = baselines.get(stage.check.name, stage.mask(name), "chromium", f"{size['width']}x{size['height']}")
    accepted, run_id = baselines.picture(baseline, ACCEPTED), stage.setting.mark.run_id
    if accepted is None:
        baselines.propose(baseline, taken, None, 0.0, run_id)
        _note(stage, baseline, "", 0.0, False)
        stage.step.message = f"No picture is accepted yet: look at it in the viewer, or {_command(baseline)}."
        return False
    difference = compare(accepted, taken, step.get("threshold", 0.1))
    tolerance = step.get("tolerance", 0.1)
    if difference.percent <= tolerance:
        baselines.matched(baseline)
        _note(stage, baseline, "", difference.percent, True)
        return True
    differing = stage.evidence.add("difference", f"{name}: difference", difference.picture, "image/png")
    stage.evidence.add("baseline", f"{name}: accepted", accepted, "image/png")
    baselines.propose(baseline, taken, difference.picture, difference.percent, run_id)
    _note(stage, baseline, differing or "", difference.percent, False)
    raise StepFailed(
        f"{difference.percent:.3g} % of the picture differ from the accepted one, and {tolerance:g} % may; if that is right, "
        f"accept it in the viewer, or {_command(baseline)}."
    )


def _note(stage: Stage, baseline: Baseline, difference: str, percent: float, matches: bool) -> None:
    """Note a comparison for the collector, where its own baselines are elsewhere."""
    taken = stage.step.screenshot or ""
    stage.attempt.comparisons.append(
        Comparison(baseline.step, baseline.browser, baseline.viewport, baseline.accepted, taken, difference, percent, matches)
    )


def _command(baseline: Baseline) -> str:
    return f"`wideload check baselines accept {baseline.id}`"
