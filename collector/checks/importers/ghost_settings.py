"""Settings of tests of Ghost Inspector: a test's own, and those that it takes from its suite."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any, Final

from collector.checks.importers.model import Step
from collector.checks.importers.names import escape
from collector.checks.importers.recording import Recording, seconds

_ALERTS: Final = "Alerts are rules of their own; this check comes without one."
_WAITS: Final = "Steps wait by themselves until what they need is there."
#: Settings without a counterpart, and what there is instead.
_INSTEAD: Final[Mapping[str, str]] = {
    "notifications": _ALERTS, "notificationsSuite": _ALERTS, "slackChannel": _ALERTS, "webhook": _ALERTS,
    "region": "Where it runs is said by `locations`, which name agents of yours.",
    "geolocation": "Where it runs is said by `locations`, which name agents of yours.",
    "maxAjaxDelay": _WAITS, "globalStepDelay": _WAITS,
    "testFrequencyAdvanced": "Write it as `cron` and `timezone`.",
    "filters": "It has no counterpart, and is left out.",
    "publicStatusEnabled": "The status page has its own list of checks.",
    "dataSource": "Put the rows into a CSV file beside the check, and name it as `data: rows.csv`.",
    "maxConcurrentDataRows": "Rows run one after the other.",
    "maxConcurrentTests": "A location runs as many checks at once as its setting says.",
    "persistVariables": "Each check begins with its own variables.",
    "abortOnTestFailure": "Checks run independently of each other.",
}  # fmt: skip
#: What is translated, and what says nothing about a run.
_READ: Final = frozenset({
    "_id", "id", "name", "startUrl", "steps", "suite", "autoRetry", "browser", "viewportSize", "viewport", "userAgent", "language",
    "httpAuthUsername", "httpAuthPassword", "httpAuth", "httpHeaders", "maxWaitDelay", "finalDelay", "failOnJavaScriptError",
    "disallowInsecureCertificates", "disableVisuals", "screenshotCompareEnabled", "screenshotCompareThreshold", "screenshotTarget",
    "screenshotExclusions", "testFrequency", "variables", "importOnly", "organization", "dateCreated", "dateUpdated", "details",
    "description", "links", "folder", "tests", "testCount", "screenshot", "passing", "screenshotComparePassing", "viewportSizes",
    "browsers", "dateExecutionStarted", "dateExecutionFinished", "dateExecutionTriggered", "executionTime", "code", "data",
})  # fmt: skip
#: Ghost Inspector's own values: they say nothing that anybody chose.
_DEFAULTS: Final[Mapping[str, Any]] = {
    "region": "us-east-1", "maxAjaxDelay": 10_000, "globalStepDelay": 250, "maxConcurrentTests": 0, "testFrequencyAdvanced": [],
}  # fmt: skip
_DEFAULT_WAIT_MS: Final = 15_000
_MAX_SECONDS: Final = 300
Settings = Mapping[str, Any]


def settings_of(test: Settings, suite: Settings) -> dict[str, Any]:
    """Return a test's settings: those that are null are its suite's."""
    own = {key: value for key, value in test.items() if value not in (None, "")}
    return {**{key: value for key, value in suite.items() if key not in ("name", "_id", "tests")}, **own}


def apply(settings: Settings, recording: Recording) -> None:
    """Take over the settings of a test, and say of the others what there is instead."""
    draft, document = recording.draft, recording.draft.document
    document["step_timeout"] = min(_MAX_SECONDS, seconds(_number(settings.get("maxWaitDelay"), _DEFAULT_WAIT_MS)))
    if settings.get("autoRetry") is True:
        document["attempts"] = 2
    if every := _number(settings.get("testFrequency"), 0):
        document["every"] = f"{every:g}m" if every % 60 else f"{every / 60:g}h"
    _browser(settings, recording)
    if settings.get("disallowInsecureCertificates") is False:
        note = "Certificates have to be good; with `browser: {insecure: true}` others are taken as well, as Ghost Inspector does."
        draft.note("setting", "disallowInsecureCertificates", note)
    notes: dict[str, list[str]] = {}
    for key, value in settings.items():
        if key not in _READ and value not in (None, "", [], {}, False) and value != _DEFAULTS.get(key):
            notes.setdefault(_INSTEAD.get(key, "It has no counterpart, and is left out."), []).append(key)
    for note, keys in notes.items():
        draft.note("settings" if len(keys) > 1 else "setting", ", ".join(keys), note)


def last_steps(settings: Settings) -> list[tuple[str, Step, str]]:
    """Return what the settings do at the end of a test: the setting, the step, and what is different."""
    found: list[tuple[str, Step, str]] = []
    if delay := _number(settings.get("finalDelay"), 0):
        found.append(("finalDelay", {"wait": min(_MAX_SECONDS, seconds(delay))}, ""))
    if settings.get("failOnJavaScriptError") is True:
        note = "Errors that the page writes into the console count as well as exceptions."
        found.append(("failOnJavaScriptError", {"expect_no_console_errors": None}, note))
    if settings.get("screenshotCompareEnabled") is True and settings.get("disableVisuals") is not True:
        note = "The picture is compared with the last one that somebody accepted, not with the last one that passed."
        found.append(("screenshotCompareEnabled", picture(settings, "final"), note))
    return found


def picture(settings: Settings, name: str) -> Step:
    """Return the step that takes a picture and compares it."""
    step: Step = {"screenshot": name, "full_page": True, "compare": True}
    step["tolerance"] = round(100 * _number(settings.get("screenshotCompareThreshold"), 0.1), 4)
    if settings.get("screenshotTarget"):
        step["target"] = escape(str(settings["screenshotTarget"]))
        del step["full_page"]
    masks = [one.strip() for one in re.split(r",(?![^(]*\))", str(settings.get("screenshotExclusions") or "")) if one.strip()]
    return step | ({"mask": masks} if masks else {})


def _browser(settings: Settings, recording: Recording) -> None:
    draft = recording.draft
    sizes = _list(settings.get("viewportSizes") or settings.get("viewportSize") or settings.get("viewport"))
    if sizes and (size := _size(sizes[0])):
        recording.browser("viewport", size)
    if len(sizes) > 1:
        draft.note("setting", "viewportSize", "It is the first of several sizes: make a check for each of the others.")
    browsers = [str(one) for one in _list(settings.get("browsers") or settings.get("browser"))]
    if others := [one for one in browsers if not one.startswith("chrome")]:
        draft.note("setting", "browser", f"Checks run in Chromium, not in {' and '.join(others)}.")
    if settings.get("userAgent"):
        recording.browser("user_agent", escape(str(settings["userAgent"])))
    if settings.get("language"):
        recording.browser("locale", str(settings["language"]).replace("_", "-"))
    found = settings.get("httpAuth")
    auth: dict[str, Any] = found if isinstance(found, dict) else {}
    user = settings.get("httpAuthUsername") or auth.get("username")
    if user:
        recording.sign_in(str(user), str(settings.get("httpAuthPassword") or auth.get("password") or ""))
    headers = {}
    for header in settings.get("httpHeaders") or ():
        name, value = str(header.get("name")), str(header.get("value") or "")
        is_private = header.get("private") or re.search(r"(?i)authorization|cookie|token|secret|key", name)
        headers[name] = recording.secret(f"{draft.title} {name}", value) if is_private and value else escape(value)
    if headers:
        recording.browser("headers", headers)
        draft.note("setting", "httpHeaders", "They are sent to the site of `url` only.")


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [] if value in (None, "", {}) else [value]


def _size(value: Any) -> list[int] | None:
    """Return width and height: of an object with both, or of a text such as 1024x768."""
    shown = f"{value.get('width')} {value.get('height')}" if isinstance(value, dict) else json.dumps(value)
    found = [int(one) for one in re.findall(r"\d+", shown)]
    return found if len(found) == 2 else None


def _number(value: Any, default: float) -> float:
    try:
        return default if value in (None, "") else float(value)
    except (TypeError, ValueError):
        return default
