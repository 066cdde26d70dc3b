"""Steps that expect something. They look again and again until it holds or their time is up."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

from playwright.sync_api import Error, Locator, expect

from collector.checks.browser.beacons import expect_beacon
from collector.checks.browser.session import glob
from collector.checks.browser.stage import Stage, StepFailed, counts, matches, quoted
from collector.checks.browser.targets import locate, selectors

Values = dict[str, Any]
_CHOSEN: Final = "(element) => [...element.selectedOptions ?? []].flatMap((one) => [one.label, one.value])"


def _address(key: str) -> Callable[[Stage, Values], None]:
    def look_at(stage: Stage, step: Values) -> None:
        def look() -> tuple[bool, str]:
            page = stage.session.page
            found, what = (page.url, "address") if key == "expect_url" else (page.title(), "title")
            holds = matches(found, step[key], step.get("match", "contains"))
            return holds, f"The {what} is {quoted(found)}, and not {quoted(step[key])}."

        stage.until(look)

    return look_at


def _state(key: str, wanted: bool, seen: bool) -> Callable[[Stage, Values], None]:
    """Return what looks whether an element is there, or can be seen."""

    def look_at(stage: Stage, step: Values) -> None:
        def look() -> tuple[bool, str]:
            found = _hits(stage, step, step[key], seen)
            what = "can be seen" if seen else "is there"
            if wanted:
                return bool(found), f"Nothing like {_names(step[key])} {what}."
            return not found, f"{_names(step[key])} {what}."

        stage.until(look)

    return look_at


def _usable(key: str, wanted: bool) -> Callable[[Stage, Values], None]:
    def look_at(stage: Stage, step: Values) -> None:
        element = stage.element(step, step[key])
        words = f"{stage.step.selector} can{'not' if wanted else ''} be used."
        stage.until(lambda: (element.is_enabled() is wanted, words))

    return look_at


def _text(key: str, wanted: bool, default: str, read: Callable[[Locator, Values], str]) -> Callable[[Stage, Values], None]:
    """Return what looks at a text of an element. Of several elements that a selector finds, one has to have it, or none."""

    def look_at(stage: Stage, step: Values) -> None:
        value, how = step["value"], step.get("match", default)

        def look() -> tuple[bool, str]:
            found = _hits(stage, step, step[key], seen=False)
            if not found:
                return False, f"Nothing like {_names(step[key])} is there."
            texts = [read(one, step) for one in found[0].all()[:100]]
            holds = any(matches(text, value, how) for text in texts) is wanted
            shown = quoted(texts[0]) + (f" and {len(texts) - 1} more" if len(texts) > 1 else "")
            return holds, f"{stage.step.selector} is {shown}, {'and not' if wanted else 'which has'} {quoted(value)}."

        stage.until(look)

    return look_at


def _checked(stage: Stage, step: Values) -> None:
    element, wanted = stage.element(step, step["expect_checked"], must_be_seen=False), step.get("value", True)
    stage.until(lambda: (element.is_checked() is wanted, f"{stage.step.selector} is {'not ' if wanted else ''}ticked."))


def _selected(stage: Stage, step: Values) -> None:
    element = stage.element(step, step["expect_selected"], must_be_seen=False)

    def look() -> tuple[bool, str]:
        chosen: list[str] = element.evaluate(_CHOSEN)
        return step["value"] in chosen, f"{stage.step.selector} is {quoted(', '.join(chosen))}, and not {quoted(step['value'])}."

    stage.until(look)


def _count(stage: Stage, step: Values) -> None:
    target, wanted = step["expect_count"], step["value"]

    def look() -> tuple[bool, str]:
        frame = stage.frame(step)
        found = max(locate(frame, selector).count() for selector in selectors(target))
        return counts(found, wanted), f"There are {found} of {_names(target)}, and not {wanted}."

    stage.until(look)


def _aria(stage: Stage, step: Values) -> None:
    element = stage.element(step, step["expect_aria"])
    try:
        expect(element).to_match_aria_snapshot(step["value"], timeout=stage.left() * 1000)
    except AssertionError:
        raise StepFailed(f"{stage.step.selector} is told as {quoted(element.aria_snapshot())}.") from None


def _js(stage: Stage, step: Values) -> None:
    stage.until(lambda: (bool(stage.script(step, step["expect_js"])), f"{quoted(step['expect_js'])} is not true."))


def _request(stage: Stage, step: Values) -> None:
    text, wanted = step["expect_request"], step.get("count", ">= 1")
    pattern = glob(text)

    def look() -> tuple[bool, str]:
        asked = [
            one for one in stage.session.watch.requests.values()
            if (pattern.match(one.url) if "*" in text else text in one.url)
            and one.method == step.get("method", one.method).upper()
        ]  # fmt: skip
        status = step.get("status")
        found = [one for one in asked if status is None or one.status == status]
        seen = f"; others were answered with {', '.join(sorted({str(one.status) for one in asked}))}" if asked and not found else ""
        return counts(len(found), wanted), f"There were {len(found)} requests like {quoted(text)}, and not {wanted}{seen}."

    stage.until(look)


def _console(stage: Stage, step: Values) -> None:
    try:
        ignored = [re.compile(text) for text in step.get("ignore", ())]
    except re.error as error:
        raise StepFailed(f"A regular expression in `ignore` cannot be read: {error}.") from None
    # What was said last is still on its way.
    stage.session.page.wait_for_timeout(0)
    lines = [line for line in stage.session.watch.errors if not any(pattern.search(line.text) for pattern in ignored)]
    if lines:
        more = f" and {len(lines) - 1} more" if len(lines) > 1 else ""
        raise StepFailed(f"The browser says {quoted(lines[0].text)}{more}.")


def _dialog(stage: Stage, step: Values) -> None:
    def look() -> tuple[bool, str]:
        dialogs = stage.session.watch.dialogs
        if not dialogs:
            return False, "There was no dialog."
        holds = matches(dialogs[-1], step["expect_dialog"], step.get("match", "contains"))
        return holds, f"The dialog said {quoted(dialogs[-1])}, and not {quoted(step['expect_dialog'])}."

    stage.until(look)


def _download(stage: Stage, step: Values) -> None:
    pattern = glob(step["expect_download"])

    def look() -> tuple[bool, str]:
        downloads = stage.session.watch.downloads
        named = [one for one in downloads if pattern.match(one.suggested_filename)]
        names = ", ".join(one.suggested_filename for one in downloads) or "none"
        return bool(named), f"No file like {quoted(step['expect_download'])} was downloaded; there was {names}."

    stage.until(look)
    download = next(one for one in reversed(stage.session.watch.downloads) if pattern.match(one.suggested_filename))
    if failure := download.failure():
        raise StepFailed(f"{download.suggested_filename} broke off: {failure}.")
    size = Path(download.path()).stat().st_size
    if size < step.get("min_bytes", 1):
        raise StepFailed(f"{download.suggested_filename} has {size:,} bytes, and not {step.get('min_bytes', 1):,}.")


def _beacon(stage: Stage, step: Values) -> None:
    stage.deadline = min(time.monotonic() + step.get("within", 30), stage.session.deadline)
    expect_beacon(stage, step.get("fields", []))


def _hits(stage: Stage, step: Values, target: Any, seen: bool) -> list[Locator]:
    """Return what the first selector that finds something finds."""
    frame = stage.frame(step)
    for place, selector in enumerate(selectors(target)):
        locator = locate(frame, selector)
        found = locator.filter(visible=True) if seen else locator
        if found.count():
            stage.step.selector, stage.step.is_healed = stage.mask(selector), place > 0
            return [found]
    return []


def _names(target: Any) -> str:
    return " or ".join(selectors(target))


def _inner_text(element: Locator, step: Values) -> str:
    return element.inner_text(timeout=1000) if element.is_visible() else element.text_content(timeout=1000) or ""


def _value(element: Locator, step: Values) -> str:
    try:
        return element.input_value(timeout=1000)
    except Error:
        raise StepFailed(f"{step['expect_value']} is no field, so it has no value.") from None


EXPECTATIONS: Final[dict[str, Callable[[Stage, Values], None]]] = {
    "expect_url": _address("expect_url"), "expect_title": _address("expect_title"),
    "expect_visible": _state("expect_visible", True, True), "expect_hidden": _state("expect_hidden", False, True),
    "expect_present": _state("expect_present", True, False), "expect_absent": _state("expect_absent", False, False),
    "expect_enabled": _usable("expect_enabled", True), "expect_disabled": _usable("expect_disabled", False),
    "expect_text": _text("expect_text", True, "contains", _inner_text),
    "expect_not_text": _text("expect_not_text", False, "contains", _inner_text),
    "expect_value": _text("expect_value", True, "exact", _value),
    "expect_attribute": _text("expect_attribute", True, "exact", lambda one, step: one.get_attribute(step["attribute"]) or ""),
    "expect_checked": _checked, "expect_selected": _selected, "expect_count": _count, "expect_aria": _aria, "expect_js": _js,
    "expect_request": _request, "expect_no_console_errors": _console, "expect_dialog": _dialog, "expect_download": _download,
    "expect_beacon": _beacon,
}  # fmt: skip
