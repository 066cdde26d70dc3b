"""Steps that do something."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import Any, Final

from playwright.sync_api import Error, Locator

from collector.checks.browser.settings import emulate_network
from collector.checks.browser.stage import Stage, StepFailed, counts, matches, quoted
from collector.checks.browser.targets import find, locate, selectors

Values = dict[str, Any]
#: What kind of field an element is.
_FIELD: Final = """(element) => element.tagName === 'SELECT' ? 'select'
  : ['checkbox', 'radio'].includes(element.type) ? 'box' : 'text'"""
#: Colours, dates, ranges: they take what is set, and say so like a person's choice.
_SET_VALUE: Final = """(element, value) => {
  const proto = Object.getPrototypeOf(element);
  Object.getOwnPropertyDescriptor(proto, 'value')?.set.call(element, value);
  for (const type of ['input', 'change']) element.dispatchEvent(new Event(type, {bubbles: true}));
}"""
_DRAG_STEPS: Final = 8
_TRUE: Final = frozenset({"true", "on", "yes", "1"})


def _open(stage: Stage, step: Values) -> None:
    stage.session.go(step["open"], stage.left(), step.get("until", "load"))


def _reload(stage: Stage, step: Values) -> None:
    page = stage.session.page
    try:
        page.reload(timeout=stage.left() * 1000)
    except Error as error:
        raise stage.session.reason(error, page.url) from None


def _history(forward: bool) -> Callable[[Stage, Values], None]:
    def go(stage: Stage, step: Values) -> None:
        page = stage.session.page
        before = page.url
        move = page.go_forward if forward else page.go_back
        # Without a response: another state of the same document has none.
        if not move(timeout=stage.left() * 1000, wait_until="commit") and page.url == before:
            raise StepFailed(f"There is no page to go {'forward' if forward else 'back'} to.")
        page.wait_for_load_state("domcontentloaded", timeout=stage.left() * 1000)

    return go


def _close(stage: Stage, step: Values) -> None:
    session = stage.session
    session.page.close()
    if not session.context.pages:
        raise StepFailed("That was the last page: no step can follow.")
    session.page = session.context.pages[-1]


def _viewport(stage: Stage, step: Values) -> None:
    width, height = step["viewport"]
    stage.session.page.set_viewport_size({"width": width, "height": height})


def _network(stage: Stage, step: Values) -> None:
    emulate_network(stage.session.devtools(), step["network"])


def _click(count: int) -> Callable[[Stage, Values], None]:
    def click(stage: Stage, step: Values) -> None:
        force = step.get("force", False)
        element = stage.element(step, step["click" if count == 1 else "dblclick"], must_be_seen=not force)
        act = element.click if count == 1 else element.dblclick
        act(
            button=step.get("button", "left"), modifiers=step.get("modifiers"), position=_position(step), force=force,
            timeout=stage.left() * 1000,
        )  # fmt: skip

    return click


def _position(step: Values) -> Any:
    return {"x": step["at"][0], "y": step["at"][1]} if "at" in step else None


def _hover(stage: Stage, step: Values) -> None:
    stage.element(step, step["hover"]).hover(position=_position(step), timeout=stage.left() * 1000)


def _mouse(down: bool) -> Callable[[Stage, Values], None]:
    def move(stage: Stage, step: Values) -> None:
        stage.element(step, step["mouse_down" if down else "mouse_up"]).hover(timeout=stage.left() * 1000, force=not down)
        mouse = stage.session.page.mouse
        (mouse.down if down else mouse.up)()

    return move


def _drag(stage: Stage, step: Values) -> None:
    element = stage.element(step, step["drag"])
    there = find(stage.frame(step), stage.session.page, step["to"], stage.left(), True).locator
    # Where the pointer passes by nothing, pages learn of no drag.
    element.drag_to(there, steps=_DRAG_STEPS, timeout=stage.left() * 1000)


def _scroll(stage: Stage, step: Values) -> None:
    where = step["scroll"]
    if isinstance(where, list) and not isinstance(where[0], str):
        stage.frame(step).evaluate("([x, y]) => scrollTo(x, y)", where)
    else:
        stage.element(step, where, must_be_seen=False).scroll_into_view_if_needed(timeout=stage.left() * 1000)


def _press(stage: Stage, step: Values) -> None:
    if "target" in step:
        stage.element(step, step["target"]).press(step["press"], timeout=stage.left() * 1000)
    else:
        stage.session.page.keyboard.press(step["press"])


def _key(down: bool) -> Callable[[Stage, Values], None]:
    def act(stage: Stage, step: Values) -> None:
        keyboard = stage.session.page.keyboard
        (keyboard.down if down else keyboard.up)(step["key_down" if down else "key_up"])

    return act


def _fill(stage: Stage, step: Values) -> None:
    stage.element(step, step["fill"]).fill(step["value"], timeout=stage.left() * 1000)


def _type(stage: Stage, step: Values) -> None:
    element = stage.element(step, step["type"])
    element.focus(timeout=stage.left() * 1000)
    stage.session.page.keyboard.press("End")
    element.press_sequentially(step["value"], timeout=stage.left() * 1000)


def _set(stage: Stage, step: Values) -> None:
    element = stage.element(step, step["set"], must_be_seen=False)
    value = step["value"]
    text = str(value).lower() if isinstance(value, bool) else str(value)
    kind = element.evaluate(_FIELD)
    if kind == "select":
        _choose(element, [text], "any", stage.left())
    elif kind == "box":
        wanted = text.lower() in _TRUE or text == element.get_attribute("value")
        element.set_checked(wanted, force=True, timeout=stage.left() * 1000)
    else:
        try:
            element.fill(text, timeout=stage.left() * 1000)
        except Error as error:
            if "Malformed value" not in error.message and "cannot be filled" not in error.message:
                raise
            element.evaluate(_SET_VALUE, text)


def _select(stage: Stage, step: Values) -> None:
    value = step["value"]
    element = stage.element(step, step["select"])
    _choose(element, [value] if isinstance(value, str) else value, step.get("by", "any"), stage.left())


def _choose(element: Locator, wanted: list[str], by: str, seconds: float) -> None:
    milliseconds = seconds * 1000
    if by == "index":
        element.select_option(index=[int(one) for one in wanted], timeout=milliseconds)
    elif by == "label":
        element.select_option(label=wanted, timeout=milliseconds)
    elif by == "value":
        element.select_option(value=wanted, timeout=milliseconds)
    else:
        # As one or the other.
        element.select_option(wanted, timeout=milliseconds)


def _tick(wanted: bool) -> Callable[[Stage, Values], None]:
    def act(stage: Stage, step: Values) -> None:
        element = stage.element(step, step["check" if wanted else "uncheck"], must_be_seen=False)
        # Boxes that are drawn anew hide the real one under their label.
        element.set_checked(wanted, force=not element.is_visible(), timeout=stage.left() * 1000)

    return act


def _upload(stage: Stage, step: Values) -> None:
    files = [stage.folder / name for name in step["files"]]
    for path in files:
        # A module from elsewhere must not send this machine's files away.
        if not path.resolve().is_relative_to(stage.folder.resolve()):
            raise StepFailed(f"{path.name} is not beside the check file, so it is not sent.")
        if not path.is_file():
            raise StepFailed(f"The file {path} does not exist.")
    stage.element(step, step["upload"], must_be_seen=False).set_input_files(files, timeout=stage.left() * 1000)


def _dialog(stage: Stage, step: Values) -> None:
    stage.session.watch.answer = (step["dialog"], step.get("value", ""))


def _wait(stage: Stage, step: Values) -> None:
    stage.session.page.wait_for_timeout(min(step["wait"], stage.session.left()) * 1000)


def _wait_for(stage: Stage, step: Values) -> None:
    target, state = step["wait_for"], step.get("state", "visible")
    frame = stage.frame(step)
    is_seen = state in ("visible", "hidden")

    def look() -> tuple[bool, str]:
        found = {}
        for selector in selectors(target):
            locator = locate(frame, selector)
            found[selector] = (locator.filter(visible=True) if is_seen else locator).count()
        words = ", ".join(f"{count} of {selector}" for selector, count in found.items())
        if state in ("hidden", "detached"):
            return not any(found.values()), f"There are still {words}."
        wanted = step.get("count", ">= 1")
        hit = next((selector for selector, count in found.items() if counts(count, wanted)), None)
        if hit:
            stage.step.selector, stage.step.is_healed = stage.mask(hit), hit != selectors(target)[0]
        return hit is not None, f"There are {words}, and not {wanted}."

    stage.until(look)


def _wait_for_js(stage: Stage, step: Values) -> None:
    stage.until(lambda: (bool(stage.script(step, step["wait_for_js"])), f"{quoted(step['wait_for_js'])} did not become true."))


def _wait_for_url(stage: Stage, step: Values) -> None:
    wanted, how = step["wait_for_url"], step.get("match", "contains")

    def look() -> tuple[bool, str]:
        url = stage.session.page.url
        return matches(url, wanted, how), f"The address is {quoted(url)}, and not {quoted(wanted)}."

    stage.until(look)
    stage.session.page.wait_for_load_state("domcontentloaded", timeout=stage.left() * 1000)


def seconds_of(step: Mapping[str, Any], default: float) -> float:
    """Return the seconds that a step may take."""
    least = float(step.get("wait", 0)) + 1 if "wait" in step else 0.0
    within = float(step.get("within", 30)) + 1 if "expect_beacon" in step else 0.0
    return max(float(step.get("timeout", default)), least, within)


def deadline_of(step: Mapping[str, Any], default: float, last: float) -> float:
    """Return when a step has to be done, by `time.monotonic`."""
    return min(time.monotonic() + seconds_of(step, default), last)


ACTIONS: Final[dict[str, Callable[[Stage, Values], None]]] = {
    "open": _open, "reload": _reload, "back": _history(False), "forward": _history(True), "close": _close,
    "viewport": _viewport, "network": _network, "click": _click(1), "dblclick": _click(2), "hover": _hover,
    "mouse_down": _mouse(True), "mouse_up": _mouse(False), "drag": _drag, "scroll": _scroll, "press": _press,
    "key_down": _key(True), "key_up": _key(False), "fill": _fill, "type": _type, "set": _set, "select": _select,
    "check": _tick(True), "uncheck": _tick(False), "upload": _upload, "dialog": _dialog, "wait": _wait, "wait_for": _wait_for,
    "wait_for_js": _wait_for_js, "wait_for_url": _wait_for_url,
}  # fmt: skip
