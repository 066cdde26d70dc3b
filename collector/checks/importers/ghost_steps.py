"""Commands of Ghost Inspector → steps."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from collector.checks.importers import ghost_settings
from collector.checks.importers.ghost_variables import Variables, has_variables
from collector.checks.importers.model import Step, Untranslatable
from collector.checks.importers.names import slug
from collector.checks.importers.recording import Made, Recording, body, made, seconds, with_keys
from collector.checks.importers.targets import Target, ghost_target

#: Keys by the codes that old recordings have.
_KEY_CODES: Final = {
    "8": "Backspace", "9": "Tab", "13": "Enter", "27": "Escape", "32": "Space", "33": "PageUp", "34": "PageDown", "35": "End",
    "36": "Home", "37": "ArrowLeft", "38": "ArrowUp", "39": "ArrowRight", "40": "ArrowDown", "46": "Delete",
    "return": "Enter", "esc": "Escape", "space": "Space", "up": "ArrowUp", "down": "ArrowDown", "left": "ArrowLeft",
    "right": "ArrowRight",
}  # fmt: skip
_MODIFIERS: Final = {"control": "Control", "ctrl": "Control", "shift": "Shift", "alt": "Alt", "meta": "Meta"}
_MAX_SECONDS: Final = 300


@dataclass(frozen=True, slots=True)
class GhostStep:
    """One step while it is translated.

    Attributes:
        step: as it was exported.
        recording: takes secrets.
        settings: of the test.
        variables: names variables.
        module: returns the path of a module by its id, or raises Untranslatable.
    """

    step: Mapping[str, Any]
    recording: Recording
    settings: Mapping[str, Any]
    variables: Variables
    module: Callable[[str], str]

    @property
    def target(self) -> Target:
        """Return the element, with variables as check files have them."""
        found = ghost_target(self.step.get("target"))
        text = self.variables.text
        return text(found) if isinstance(found, str) else [text(one) for one in found]

    @property
    def literal(self) -> str:
        """Return the value as it was exported."""
        value = self.step.get("value")
        return "" if value is None else str(value)

    @property
    def value(self) -> str:
        """Return the value, with variables as check files have them."""
        return self.variables.text(self.literal)

    @property
    def variable(self) -> str:
        """Return the name of the variable that takes the result."""
        name = str(self.step.get("variableName") or "")
        if not name:
            raise Untranslatable("It names no variable.")
        return self.variables.of(name)

    @property
    def is_private(self) -> bool:
        """Return whether nobody shall read what is typed."""
        return self.step.get("private") is True


def _assign(one: GhostStep) -> Made:
    target = one.target
    text, is_secret = one.recording.text_for(target, one.value, one.literal)
    if one.is_private and text == one.value and not has_variables(one.literal) and one.literal:
        text, is_secret = one.recording.secret(f"{one.recording.draft.title} value", one.literal), True
    note = f"What is typed is the secret {text[2:-1]}." if text != one.value else ""
    return made(with_keys({"set": target, "value": text}, secret=is_secret or one.is_private), note=note)


def _press(one: GhostStep) -> Made:
    extra = one.step.get("extra") or {}
    held = [name for key, name in _MODIFIERS.items() if extra.get(key) or extra.get(f"{key}Key")]
    key = _KEY_CODES.get(one.literal.strip().lower(), one.value)
    if not key:
        raise Untranslatable("It names no key.")
    step: Step = {"press": "+".join([*held, key])}
    return made(step | ({"target": one.target} if one.step.get("target") else {}))


def _drag(one: GhostStep) -> Made:
    to = one.step.get("value")
    target = ghost_target(to)
    text = one.variables.text
    return made({"drag": one.target, "to": text(target) if isinstance(target, str) else [text(part) for part in target]})


def _pause(one: GhostStep) -> Made:
    try:
        return made({"wait": min(_MAX_SECONDS, seconds(float(one.literal)))})
    except ValueError:
        raise Untranslatable(f"It pauses for {one.literal!r}, which is no number of milliseconds.") from None


def _execute(one: GhostStep) -> Made:
    path = one.module(module_id(one.step))
    note = ""
    if condition_of(one.step):
        note = "The condition is looked at once, before the module; Ghost Inspector looks at it before each of its steps."
    return made({"use": path}, note=note)


def _screenshot(one: GhostStep) -> Made:
    if one.settings.get("screenshotCompareEnabled") is True:
        name = slug(str(one.step.get("notes") or ""), f"step-{one.step.get('sequence', 0)}")[:100]
        return made(ghost_settings.picture(one.settings, name))
    return made({"screenshot": None, "full_page": True})


def _open(one: GhostStep) -> Made:
    return made({"open": one.recording.address(one.value)})


def _exit(one: GhostStep) -> Made:
    return made(
        {"exit": "pass"}
        if one.literal.strip().lower() in ("passing", "pass", "passed", "")
        else {"exit": "fail", "message": one.value}
    )


def _script(verb: str, **keys: bool) -> Callable[[GhostStep], Made]:
    def translate(one: GhostStep) -> Made:
        if not one.literal.strip():
            raise Untranslatable("It has no script.")
        return made({verb: body(one.value)} | ({"into": one.variable} if keys.get("into") else {}))

    return translate


def _element(verb: str, **more: str) -> Callable[[GhostStep], Made]:
    return lambda one: made({verb: one.target, **more})


def _compared(verb: str, match: str) -> Callable[[GhostStep], Made]:
    return lambda one: made({verb: one.target, "value": one.value, "match": match})


COMMANDS: Final[Mapping[str, Callable[[GhostStep], Made]]] = {
    "open": _open,
    "refresh": lambda one: made({"reload": None}),
    "goBack": lambda one: made({"back": None}),
    "click": _element("click"),
    "mouseOver": _element("hover"),
    "assign": _assign,
    "keypress": _press,
    "dragAndDrop": _drag,
    "pause": _pause,
    "eval": _script("eval"),
    "extractEval": _script("eval", into=True),
    "assertEval": _script("expect_js"),
    "store": lambda one: made({"store": one.value, "into": one.variable}),
    "extract": lambda one: made({"extract": one.target, "into": one.variable}),
    "screenshot": _screenshot,
    "execute": _execute,
    "exit": _exit,
    "assertElementPresent": _element("expect_present"),
    "assertElementNotPresent": _element("expect_absent"),
    "assertElementVisible": _element("expect_visible"),
    "assertElementNotVisible": _element("expect_hidden"),
    "assertText": _compared("expect_text", "exact"),
    "assertNotText": _compared("expect_not_text", "exact"),
    "assertTextPresent": _compared("expect_text", "contains"),
    "assertTextNotPresent": _compared("expect_not_text", "contains"),
}
REFUSED: Final = {
    "assertAccessibility": "No step looks at accessibility as a whole: run axe in a check of the kind code, or use expect_aria."
}


def condition_of(step: Mapping[str, Any]) -> str:
    """Return a step's condition, a script that returns whether it is done."""
    found = step.get("condition")
    return str(found.get("statement") or "") if isinstance(found, dict) else str(found or "")


def module_id(step: Mapping[str, Any]) -> str:
    """Return the id of the test that a step imports."""
    value = step.get("value")
    return str(value.get("_id") or "") if isinstance(value, dict) else str(value or "")


def shown(step: Mapping[str, Any]) -> str:
    """Return what a step is about, without what is typed."""
    target = step.get("target")
    if isinstance(target, list) and target:
        target = target[0].get("selector") if isinstance(target[0], dict) else target[0]
    if target or step.get("command") == "assign":
        return str(target or "")
    return "(private)" if step.get("private") else str(step.get("value") or step.get("variableName") or "")
