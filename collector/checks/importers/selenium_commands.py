"""Commands of Selenium IDE → steps. Those that steer (conditions, loops, windows, frames, dialogs) are in `selenium`."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from collector.checks.importers.model import Step, Untranslatable
from collector.checks.importers.names import Names, escape
from collector.checks.importers.recording import Made, Recording, body, made, seconds, with_keys
from collector.checks.importers.targets import Target, selenium_selector, selenium_target

_VARIABLE: Final = re.compile(r"\$\{(\w+)\}")
_KEY: Final = re.compile(r"\$\{KEY_(\w+)\}")
_KEYS: Final = {
    "ENTER": "Enter", "RETURN": "Enter", "TAB": "Tab", "ESC": "Escape", "ESCAPE": "Escape", "BACKSPACE": "Backspace",
    "BKSP": "Backspace", "DELETE": "Delete", "DEL": "Delete", "UP": "ArrowUp", "DOWN": "ArrowDown", "LEFT": "ArrowLeft",
    "RIGHT": "ArrowRight", "PAGE_UP": "PageUp", "PGUP": "PageUp", "PAGE_DOWN": "PageDown", "PGDN": "PageDown", "HOME": "Home",
    "END": "End", "INSERT": "Insert", "SPACE": "Space", "CONTROL": "Control", "CTRL": "Control", "ALT": "Alt", "SHIFT": "Shift",
    "META": "Meta", "COMMAND": "Meta", **{f"F{number}": f"F{number}" for number in range(1, 13)},
    **{f"NUM{number}": f"Numpad{number}" for number in range(10)},
}  # fmt: skip
_HELD: Final = frozenset({"Control", "Alt", "Shift", "Meta"})
_BY: Final = {"label": "label", "value": "value", "index": "index"}
_MAX_SECONDS: Final = 300
_FOUND: Final = "[...element.options].find(o => {})"
_CHANGED: Final = (
    "element.dispatchEvent(new Event('input', {bubbles: true})); element.dispatchEvent(new Event('change', {bubbles: true}))"
)


@dataclass(frozen=True, slots=True)
class Command:
    """One command while it is translated.

    Attributes:
        raw: as the project has it.
        recording: takes secrets.
        names: of variables.
        module: returns the path of a test's module by its name, or raises Untranslatable.
    """

    raw: Mapping[str, Any]
    recording: Recording
    names: Names
    module: Callable[[str], str]

    @property
    def target(self) -> str:
        """Return the first argument as it stands there."""
        return str(self.raw.get("target") or "")

    @property
    def value(self) -> str:
        """Return the second argument as it stands there."""
        return str(self.raw.get("value") or "")

    @property
    def element(self) -> Target:
        """Return the element that the first argument names, with its fallbacks."""
        others = self.raw.get("targetFallback") or self.raw.get("targets") or ()
        found = selenium_target([self.target, *(str(one[0]) for one in others if isinstance(one, list) and one)])
        return self.text(found) if isinstance(found, str) else [self.text(one) for one in found]

    def text(self, text: str) -> str:
        """Return a text with its variables as check files have them."""
        parts, end = [], 0
        for match in _VARIABLE.finditer(text):
            parts += [escape(text[end : match.start()]), f"${{{self.names.of(match[1])}}}"]
            end = match.end()
        return "".join([*parts, escape(text[end:])])

    def script(self, text: str) -> str:
        """Return a script, in which a variable is a value and not a text that is put in."""
        parts, end = [], 0
        for match in _VARIABLE.finditer(text):
            parts += [escape(text[end : match.start()]), f"vars.{self.names.of(match[1])}"]
            end = match.end()
        return "".join([*parts, escape(text[end:])])

    def into(self, name: str) -> str:
        """Return the name of the variable that takes a result."""
        if not name:
            raise Untranslatable("It names no variable.")
        return self.names.of(name)


def typed_note(script: str) -> str:
    """Return what is different about a script that compares a variable strictly."""
    return "Variables are texts: === compares with a text only." if "===" in script and "${" in script else ""


def _type(one: Command, verb: str = "set") -> Made:
    target = one.element
    text, is_secret = one.recording.text_for(target, one.text(one.value), one.value)
    note = f"What is typed is the secret {text[2:-1]}." if is_secret and text != one.text(one.value) else ""
    return made(with_keys({verb: target, "value": text}, secret=is_secret), note=note)


def _send_keys(one: Command) -> Made:
    if not _KEY.search(one.value):
        return _type(one, "type")
    target, steps, held = one.element, list[Step](), list[str]()
    for part in re.split(r"(\$\{KEY_\w+\})", one.value):
        key = _KEY.fullmatch(part)
        if key and key[1] not in _KEYS:
            raise Untranslatable(f"The keyboard of the browser has no key KEY_{key[1]}.")
        if key and _KEYS[key[1]] in _HELD:
            held.append(_KEYS[key[1]])
        elif key:
            steps.append({"press": "+".join([*held, _KEYS[key[1]]]), "target": target})
        elif part and held:
            steps += [{"press": "+".join([*held, letter]), "target": target} for letter in part]
        elif part:
            steps.append({"type": target, "value": one.text(part)})
    return made(*steps)


def _select(one: Command) -> Made:
    by, value = _option(one)
    return made({"select": one.element, "value": value, "by": by})


def _option(one: Command) -> tuple[str, str]:
    kind, equals, rest = one.value.partition("=")
    if not equals or kind not in {*_BY, "id"}:
        return "label", one.text(one.value)
    if kind == "id":
        raise Untranslatable("An option is named by its id; name it by its label or value.")
    return _BY[kind], one.text(rest)


def _selection(is_selected: bool) -> Callable[[Command], Made]:
    def translate(one: Command) -> Made:
        by, value = _option(one)
        wanted = f"o.{'label' if by == 'label' else by} {'==' if by == 'index' else '==='} {json.dumps(value)}"
        script = f"{_FOUND.format(wanted)}.selected = {str(is_selected).lower()}; {_CHANGED};"
        return made({"eval": script, "target": one.element})

    return translate


def _at(verb: str) -> Callable[[Command], Made]:
    def translate(one: Command) -> Made:
        numbers = [float(number) for number in re.findall(r"-?\d+(?:\.\d+)?", one.value)]
        step: Step = {verb: one.element}
        if len(numbers) != 2:
            return made(step)
        if verb in ("mouse_down", "mouse_up"):
            return made({"hover": one.element, "at": numbers}, step, note="The button is moved in the middle of the element.")
        return made(step | {"at": numbers})

    return translate


def _element(verb: str, **more: Any) -> Callable[[Command], Made]:
    return lambda one: made({verb: one.element, **more})


def _compared(verb: str, **more: str) -> Callable[[Command], Made]:
    return lambda one: made({verb: one.element, "value": one.text(one.value), **more})


def _element_js(script: str) -> Callable[[Command], Made]:
    """Return a translator to an expression about the element; `{}` in it is the value."""
    return lambda one: made({"expect_js": script.replace("{}", one.script(_literal(one.value))), "target": one.element})


def _literal(text: str) -> str:
    """Return JavaScript of a text: one that is nothing but a variable is that variable."""
    return text if _VARIABLE.fullmatch(text) else json.dumps(text, ensure_ascii=False)


def _wait(verb: str, **more: str) -> Callable[[Command], Made]:
    def translate(one: Command) -> Made:
        milliseconds = re.fullmatch(r"\s*(\d+)\s*", one.value)
        return made(with_keys({verb: one.element, **more}, timeout=seconds(int(milliseconds[1])) if milliseconds else None))

    return translate


def _open(one: Command) -> Made:
    return made({"open": one.recording.address(one.text(one.target or "/"))})


def _pause(one: Command) -> Made:
    milliseconds = one.target or one.value
    if not milliseconds.strip().isdigit():
        raise Untranslatable(f"It pauses for {milliseconds!r}, which is no number of milliseconds.")
    return made({"wait": min(_MAX_SECONDS, seconds(int(milliseconds)))})


def _script(one: Command) -> Made:
    step: Step = {"eval": body(one.script(one.target))}
    return made(step | ({"into": one.into(one.value)} if one.value else {}), note=typed_note(one.target))


def _async_script(one: Command) -> Made:
    body = one.target.strip().rstrip(";")
    body = body.removeprefix("return ").strip()
    step: Step = {"eval": f"return await ({one.script(body)})"}
    return made(step | ({"into": one.into(one.value)} if one.value else {}), note=typed_note(one.target))


def _store_attribute(one: Command) -> Made:
    locator, _, attribute = one.target.rpartition("@")
    if not locator:
        raise Untranslatable("It names no attribute: a locator, @, and the attribute's name.")
    target = one.text(selenium_selector(locator))
    return made({"extract": target, "into": one.into(one.value), "attribute": attribute})


def _store_count(one: Command) -> Made:
    selector = one.text(selenium_selector(one.target))
    if selector.startswith("xpath="):
        script = f"document.evaluate({json.dumps(f'count({selector[6:]})')}, document, null, XPathResult.NUMBER_TYPE).numberValue"
    else:
        script = f"document.querySelectorAll({json.dumps(selector)}).length"
    return made({"eval": script, "into": one.into(one.value)})


def _assert(one: Command) -> Made:
    return made({"expect_js": f"String(vars.{one.into(one.target)}) === {one.script(_literal(one.value))}"})


def _move_out(one: Command) -> Made:
    return made({"hover": "html", "at": [0, 0]}, note="The pointer goes to the corner of the page.")


def _ignore(note: str) -> Callable[[Command], Made]:
    return lambda one: made(note=note)


#: Every assertion is there as `verify…`, too.
COMMANDS: Final[Mapping[str, Callable[[Command], Made]]] = {
    "open": _open,
    "click": _element("click"),
    "clickAt": _at("click"),
    "doubleClick": _element("dblclick"),
    "doubleClickAt": _at("dblclick"),
    "mouseOver": _element("hover"),
    "mouseMoveAt": _at("hover"),
    "mouseOut": _move_out,
    "mouseDown": _element("mouse_down"),
    "mouseDownAt": _at("mouse_down"),
    "mouseUp": _element("mouse_up"),
    "mouseUpAt": _at("mouse_up"),
    "dragAndDropToObject": lambda one: made({"drag": one.element, "to": one.text(selenium_selector(one.value))}),
    "type": _type,
    "editContent": lambda one: _type(one, "fill"),
    "sendKeys": _send_keys,
    "select": _select,
    "addSelection": _selection(True),
    "removeSelection": _selection(False),
    "check": _element("check"),
    "uncheck": _element("uncheck"),
    "submit": lambda one: made({"eval": "(element.form ?? element).requestSubmit()", "target": one.element}),
    "pause": _pause,
    "close": lambda one: made({"close": None}),
    "waitForElementPresent": _wait("wait_for", state="attached"),
    "waitForElementNotPresent": _wait("wait_for", state="detached"),
    "waitForElementVisible": _wait("wait_for", state="visible"),
    "waitForElementNotVisible": _wait("wait_for", state="hidden"),
    "waitForElementEditable": _wait("expect_enabled"),
    "waitForElementNotEditable": _wait("expect_disabled"),
    "waitForText": _compared("expect_text", match="exact"),
    "executeScript": _script,
    "executeAsyncScript": _async_script,
    "runScript": lambda one: made({"eval": body(one.script(one.target))}, note=typed_note(one.target)),
    "run": lambda one: made({"use": one.module(one.target)}),
    "store": lambda one: made({"store": one.text(one.target), "into": one.into(one.value)}),
    "storeText": lambda one: made({"extract": one.element, "into": one.into(one.value)}),
    "storeValue": lambda one: made({"extract": one.element, "into": one.into(one.value), "attribute": "value"}),
    "storeAttribute": _store_attribute,
    "storeTitle": lambda one: made({"eval": "document.title", "into": one.into(one.target or one.value)}),
    "storeElementCount": _store_count,
    "storeJson": lambda one: made(
        {"store": one.text(one.target), "into": one.into(one.value)}, note="Variables are texts: JSON stays one."
    ),
    "assert": _assert,
    "assertChecked": _element("expect_checked"),
    "assertNotChecked": _element("expect_checked", value=False),
    "assertEditable": _element_js("!element.disabled && !element.readOnly"),
    "assertNotEditable": _element_js("Boolean(element.disabled || element.readOnly)"),
    "assertElementPresent": _element("expect_present"),
    "assertElementNotPresent": _element("expect_absent"),
    "assertText": _compared("expect_text", match="exact"),
    "assertNotText": _compared("expect_not_text", match="exact"),
    "assertTitle": lambda one: made({"expect_title": one.text(one.target), "match": "exact"}),
    "assertValue": _compared("expect_value", match="exact"),
    "assertNotValue": _element_js("element.value !== {}"),
    "assertSelectedValue": _compared("expect_value", match="exact"),
    "assertNotSelectedValue": _element_js("element.value !== {}"),
    "assertSelectedLabel": _compared("expect_selected"),
    "assertNotSelectedLabel": _element_js("[...element.selectedOptions].every(o => o.label !== {})"),
    "echo": _ignore("Nothing is printed."),
    "debugger": _ignore("There is no debugger to stop in."),
    "setSpeed": _ignore("Steps wait by themselves until what they need is there."),
}
