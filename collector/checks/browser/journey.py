"""The kind `journey`: steps in a browser."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from playwright.sync_api import Error, Locator
from playwright.sync_api import TimeoutError as Late

from collector.checks.attempt import Attempt, Setting, Step
from collector.checks.browser.actions import ACTIONS, deadline_of
from collector.checks.browser.chromium import Chromium
from collector.checks.browser.evidence import Evidence
from collector.checks.browser.expectations import EXPECTATIONS
from collector.checks.browser.pictures import MEDIA_TYPE, picture
from collector.checks.browser.scripts import run_script, set_fields
from collector.checks.browser.session import Session, opened
from collector.checks.browser.stage import Ended, Stage, StepFailed
from collector.checks.browser.targets import NotFound
from collector.checks.browser.values import VALUES, as_text
from collector.checks.browser.visual import screenshot
from collector.checks.conditions import Condition, Result, look
from collector.checks.files.load import Check
from collector.checks.files.steps import verb_of
from collector.checks.probes.model import ProbeError
from collector.checks.secrets import Masker
from collector.checks.variables import UnknownVariable, fill, fill_condition

_NAME_LENGTH: Final = 200
_MESSAGE_LENGTH: Final = 500
#: Steps after which a page looks as before.
_UNSEEN: Final = frozenset({"store", "totp", "request", "dialog", "exit", "extract", "screenshot", "network", *EXPECTATIONS})
_VERBS: Final = {**ACTIONS, **VALUES, **EXPECTATIONS}


class _Stopped(Exception):
    """A step has failed, and the journey ends."""


def attempt(check: Check, setting: Setting, browser: Chromium) -> Attempt:
    """Do the steps, and look at the conditions if all were done. Raises UnknownVariable, ProbeError."""
    made = Attempt()
    values = {**setting.variables, **setting.secrets}
    # Steps are filled in when it is their turn.
    options = fill({**check.options, "steps": []}, values) | {"steps": check.options["steps"]}
    secrets = set(setting.secrets.values())
    mask = Masker(secrets)
    with opened(check, setting, options, browser, time.monotonic() + check.timeout_seconds) as session:
        stage = Stage(
            check, setting, session, made, Evidence(setting.evidence_dir, made.evidence, lambda text: stage.mask(text)), values,
            secrets, mask, check.path.parent,
        )  # fmt: skip
        with _traced(stage, options.get("trace", False)):
            try:
                _do(stage, check.options["steps"], options, "")
            except Ended:
                pass
            except _Stopped:
                _keep_page(stage)
            except UnknownVariable as error:
                made.error = ProbeError("config_error", str(error))
            made.found.facts |= _facts(session)
        _keep_lists(stage)
        if not made.error and all(step.status != "fail" for step in made.steps):
            made.results += [look(fill_condition(condition, stage.values), made.found.facts) for condition in check.expect]
    return made


def _do(stage: Stage, steps: Sequence[Mapping[str, Any]], options: Mapping[str, Any], above: str) -> None:
    for raw in steps:
        _do_one(stage, raw, options, above)


def _do_one(stage: Stage, raw: Mapping[str, Any], options: Mapping[str, Any], above: str) -> None:
    verb, made, session = verb_of(raw), stage.attempt, stage.session
    filled = stage.fill(raw)
    if raw.get("secret") and isinstance(filled.get("value"), str):
        stage.hide(filled["value"])
    name = stage.mask(above + _name(verb, filled))[:_NAME_LENGTH]
    stage.step = step = Step(len(made.steps), name, verb)
    made.steps.append(step)
    stage.deadline = deadline_of(filled, options["step_timeout"], session.deadline)
    begin = time.perf_counter()
    try:
        session.left()
        session.leave_closed()
        if "page" in filled:
            session.turn_to(filled["page"], stage.left())
        if "if" in filled and not run_script(stage.frame(filled), filled["if"], stage.values, stage.left()):
            step.status = "skipped"
            return
        if verb == "use":
            for key, value in filled.get("with", {}).items():
                stage.set(key, as_text(value) if not isinstance(value, bool) else str(value).lower())
            # Its steps are told one by one.
            made.steps.pop()
            _do_module(stage, filled, options, f"{above}{filled['name']} › ")
            return
        if verb == "screenshot":
            if screenshot(stage, filled):
                _note(stage, filled, True, step.name)
        else:
            _VERBS[verb](stage, filled)
        if verb in EXPECTATIONS:
            _note(stage, filled, True, step.name)
    except (StepFailed, NotFound, ProbeError, Error) as error:
        _fail(stage, filled, verb, error)
    finally:
        if verb != "use":
            step.duration = round((time.perf_counter() - begin) * 1000, 3)
    if session.watch.is_new:
        session.watch.is_new = False
        set_fields(session.page.main_frame, {"check.step.index": step.index, "check.step.name": step.name})
    _keep_picture(stage, verb, options["screenshots"])
    if step.status == "fail":
        raise _Stopped


def _do_module(stage: Stage, step: Mapping[str, Any], options: Mapping[str, Any], above: str) -> None:
    """Do the steps of a module. If it is optional or soft, so is what fails in it."""
    steps = step["steps"]
    inherited = {key: step[key] for key in ("frame",) if key in step}
    if not (step.get("optional") or step.get("soft")):
        _do(stage, [{**inherited, **one} for one in steps], options, above)
        return
    before = len(stage.attempt.steps), len(stage.attempt.results), stage.attempt.error
    try:
        _do(stage, [{**inherited, **one} for one in steps], options, above)
    except _Stopped:
        status = "skipped" if step.get("optional") else "degraded"
        for one in stage.attempt.steps[before[0] :]:
            one.status = status if one.status == "fail" else one.status
        kept = [one for one in stage.attempt.results[before[1] :] if one.holds]
        stage.attempt.results[before[1] :] = kept
        stage.attempt.error = before[2]
        stage.session.left()


def _fail(stage: Stage, step: Mapping[str, Any], verb: str, error: Exception) -> None:
    session, made = stage.session, stage.attempt
    if verb in ACTIONS and isinstance(error, Error) and session.page.is_closed() and session.leave_closed():
        # A click that closes its window has done what it should.
        return
    reason = error.reason if isinstance(error, ProbeError) else ""
    message = stage.mask(_sentence(error))[:_MESSAGE_LENGTH]
    stage.step.message = message
    if time.monotonic() >= session.deadline:
        reason, message = "timeout", f"The check's time was up at the step {stage.step.name}: {message}"
    elif session.is_gone(error):
        reason, message = "browser_error", f"The browser broke off at the step {stage.step.name}."
    elif step.get("optional"):
        stage.step.status = "skipped"
        return
    elif step.get("soft"):
        stage.step.status = "degraded"
        if verb in EXPECTATIONS or verb == "screenshot":
            _note(stage, step, False, f"{stage.step.name}: {message}")
        return
    stage.step.status = "fail"
    if reason:
        made.error = ProbeError(reason, message)
    elif verb in EXPECTATIONS or verb == "screenshot":
        _note(stage, step, False, f"{stage.step.name}: {message}")


def _note(stage: Stage, step: Mapping[str, Any], holds: bool, message: str) -> None:
    """Note an assertion. An optional one that does not hold is none."""
    condition = Condition(stage.step.name, stage.step.action, "exists", None, bool(step.get("soft")))
    stage.attempt.results.append(Result(condition, holds, message))


def _sentence(error: Exception) -> str:
    """Return what went wrong. Playwright says in its log what it was waiting for."""
    if not isinstance(error, Error):
        return str(error)
    first, *log = error.message.splitlines() or [""]
    why = next((line.strip(" -") for line in reversed(log) if "intercepts" in line or " is not " in line), "")
    text = first.partition(": ")[2] or first
    if isinstance(error, Late) and log:
        return f"It could not be done in time{f': {why}' if why else ''}."
    return f"{text} ({why})" if why else text


def _name(verb: str, step: Mapping[str, Any]) -> str:
    if step.get("name"):
        return str(step["name"])
    value = step[verb]
    first = value[0] if isinstance(value, list) and value and isinstance(value[0], str) else value
    shown = "" if first in (None, True) or step.get("secret") else " ".join(str(first).split())
    return f"{verb} {shown}".strip()


def _keep_picture(stage: Stage, verb: str, when: str) -> None:
    step, failed = stage.step, stage.step.status in ("fail", "degraded")
    wanted = (failed and when != "none") or (when == "all" and step.status == "pass" and verb not in _UNSEEN)
    if not wanted or stage.evidence.folder is None or step.screenshot:
        return
    try:
        data = picture(stage.session, stage.secrets)
    except Error:
        # A page that is just being left, or that is gone: there is nothing to be seen.
        return
    step.screenshot = stage.evidence.add("screenshot", step.name, data, MEDIA_TYPE)


def _keep_page(stage: Stage) -> None:
    """Keep what the page was when a step failed."""
    if stage.evidence.folder is None:
        return
    try:
        stage.evidence.add_text("dom", "page.html", stage.session.page.content())
        body: Locator = stage.session.page.locator("body")
        stage.evidence.add_text("aria", "page.aria.yaml", body.aria_snapshot(timeout=2000))
    except Error:
        return


def _keep_lists(stage: Stage) -> None:
    watch = stage.session.watch
    if watch.console:
        lines = [{"kind": one.kind, "text": one.text, "url": one.url, "at": one.at} for one in watch.console]
        stage.evidence.add_json("console", "console.json", {"lines": lines, "dropped": watch.dropped.get("console", 0)})
    if failed := watch.failed:
        kept = [
            {"url": one.url, "method": one.method, "type": one.type, "status": one.status, "failure": one.failure} for one in failed
        ]
        stage.evidence.add_json("requests", "failed-requests.json", {"requests": kept})


def _facts(session: Session) -> dict[str, Any]:
    width, height = (session.page.viewport_size or {"width": 0, "height": 0}).values() if not session.page.is_closed() else (0, 0)
    facts = session.watch.facts() | {"url": session.page.url, "viewport.width": width, "viewport.height": height}
    try:
        facts["title"] = session.page.title()
    except Error:
        return facts
    return facts


@contextmanager
def _traced(stage: Stage, wanted: bool) -> Iterator[None]:
    """Keep Playwright's trace if the attempt fails. Everything that was typed is in it, so never where there is a secret."""
    if not wanted or stage.evidence.folder is None or stage.secrets:
        yield
        return
    tracing = stage.session.context.tracing
    tracing.start(screenshots=True, snapshots=True)
    try:
        yield
    finally:
        failed = stage.attempt.error or any(step.status == "fail" for step in stage.attempt.steps)
        try:
            if failed and not stage.secrets:
                with tempfile.TemporaryDirectory() as folder:
                    path = Path(folder) / "trace.zip"
                    tracing.stop(path=path)
                    stage.evidence.add("trace", "trace.zip", path.read_bytes(), "application/zip")
            else:
                tracing.stop()
        except Error:
            # The browser is gone, and its trace with it.
            pass
