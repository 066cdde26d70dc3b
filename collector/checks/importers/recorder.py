"""Recordings of the Recorder in Chrome's DevTools: a title, and steps of 14 types.

https://github.com/puppeteer/replay/blob/main/src/Schema.ts says what they have.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any, Final

from collector.checks.files.steps import VERBS, step_problems
from collector.checks.importers.model import Draft, Imported, Step, Untranslatable
from collector.checks.importers.names import Names, escape, slug
from collector.checks.importers.recording import Made, Recording, made, seconds, shorten, with_keys
from collector.checks.importers.targets import Target, recorder_target

#: A button that is held longer than this is held on purpose.
_HOLD_MS: Final = 250
#: A step of the Recorder waits so long unless it says something else.
_TIMEOUT_MS: Final = 5_000
_BUTTONS: Final = {"primary": "left", "auxiliary": "middle", "secondary": "right"}
_KEYS: Final = {"\r": "Enter", "\n": "Enter", " ": "Space"}
#: Keys of Puppeteer's keyboard that Playwright's has not.
_NO_KEYS: Final = frozenset({
    "Power", "Eject", "Abort", "Help", "Convert", "NonConvert", "Select", "Open", "MediaStop", "NumpadEqual", "Props", "Cancel",
    "Clear", "Accept", "ModeChange", "Print", "Execute", "Attn", "CrSel", "ExSel", "EraseEof", "Play", "ZoomOut", "SoftLeft",
    "SoftRight", "Camera", "Call", "EndCall", "VolumeDown", "VolumeUp", "\0", *(f"F{number}" for number in range(13, 25)),
})  # fmt: skip
_OPPOSITE: Final = {">=": "<", "<=": ">"}
_STEPS_KEYS: Final = frozenset({"type", "timeout", "assertedEvents", "target", "frame"})


def import_recording(flow: dict[str, Any], names: Names) -> Imported:
    """Return the journey of one recording."""
    title = str(flow.get("title") or "recording")
    draft = Draft(f"{slug(title)}.check.yaml", title, {})
    imported = Imported("Chrome DevTools Recorder", [draft])
    _Flow(flow, Recording(draft, imported, names)).translate()
    return imported


class _Flow:
    """Translates the steps of one recording.

    Args:
        flow: as the Recorder writes it.
        recording: takes the steps.
    """

    def __init__(self, flow: dict[str, Any], recording: Recording) -> None:
        self._flow, self._recording = flow, recording
        self._place = "main"
        self._has_opened = False
        self._has_offsets = False

    def translate(self) -> None:
        """Fill in the draft."""
        draft = self._recording.draft
        draft.document["step_timeout"] = seconds(self._flow.get("timeout") or _TIMEOUT_MS)
        steps = [step for step in self._flow.get("steps") or () if isinstance(step, dict)]
        number = 0
        while number < len(steps):
            pressed = self._is_press(steps[number : number + 2])
            self._one(number, steps[number], pressed)
            number += 2 if pressed else 1
        for key in sorted(set(self._flow) - {"title", "timeout", "steps", "selectorAttribute"}):
            draft.note("setting", key, "It has no counterpart, and is left out.")
        if self._has_offsets:
            note = (
                "Clicks go to the middle of their elements, wherever they were recorded: give one `at: [x, y]` where that matters."
            )
            draft.note("setting", "offsetX, offsetY", note)

    def _one(self, number: int, step: dict[str, Any], pressed: bool) -> None:
        type_ = str(step.get("type"))
        place = f"step {number + 1}" if not pressed else f"steps {number + 1} and {number + 2}"

        def translate() -> Made:
            if type_ not in _TYPES:
                raise Untranslatable(f"The Recorder documents no steps of the type {type_!r}.")
            found = made({"press": _key(step)}) if pressed else _TYPES[type_](self, step)
            page, note = self._page(step, bool(found.steps))
            first = [with_keys(found.steps[0], page=page) if page is not None else found.steps[0]] if found.steps else []
            notes = " ".join(filter(None, (found.note, note)))
            return Made((*first, *found.steps[1:], *self._asserted(step)), notes)

        keys: dict[str, Any] = {"timeout": seconds(step["timeout"]) if isinstance(step.get("timeout"), (int, float)) else None}
        self._recording.add(place, f"{type_} {_shown(step)}", translate, keys)

    def _is_press(self, pair: list[dict[str, Any]]) -> bool:
        """Whether a key goes down and up without anything between."""
        if [step.get("type") for step in pair] != ["keyDown", "keyUp"]:
            return False
        down, up = pair
        same = down.get("key") == up.get("key") and down.get("target", "main") == up.get("target", "main")
        return same and not up.get("assertedEvents") and down.get("key") not in _NO_KEYS

    def _page(self, step: Mapping[str, Any], has_steps: bool) -> tuple[int | str | None, str]:
        """Return where the step goes on, where that is another page than before."""
        target = str(step.get("target") or "main")
        if target == self._place or not has_steps:
            return None, ""
        self._place = target
        if target == "main":
            return 0, ""
        instead = f"frame: iframe[src^={json.dumps(target)}]"
        note = f"{target} is taken for a pop-up; if it is a frame from another site, write `{instead}` instead."
        return escape(target), note

    def _asserted(self, step: Mapping[str, Any]) -> list[Step]:
        """Return what the navigation that the step brings about has to lead to."""
        steps: list[Step] = []
        for event in step.get("assertedEvents") or ():
            if event.get("type") != "navigation":
                raise Untranslatable(f"It waits for an event {event.get('type')!r}, which checks do not know.")
            if event.get("url"):
                steps.append({"expect_url": escape(str(event["url"])), "match": "exact"})
            # The Recorder writes an empty title where the page had none yet.
            if event.get("title"):
                steps.append({"expect_title": escape(str(event["title"])), "match": "exact"})
        return steps

    # --- The types of steps ----------------------------------------------------------------------------------------

    def viewport(self, step: Mapping[str, Any]) -> Made:
        size = [int(step["width"]), int(step["height"])]
        if self._has_opened:
            odd = [key for key in ("isMobile", "hasTouch") if step.get(key)] + (
                ["deviceScaleFactor"] if step.get("deviceScaleFactor", 1) != 1 else []
            )
            return made({"viewport": size}, note=f"{', '.join(odd)} cannot change once a page is open." if odd else "")
        set_up = {
            "viewport": size,
            "scale": step.get("deviceScaleFactor") or 1,
            "mobile": step.get("isMobile"),
            "touch": step.get("hasTouch"),
        }
        for key, value in set_up.items():
            if value and (key, value) != ("scale", 1):
                self._recording.browser(key, value)
        return made()

    def navigate(self, step: Mapping[str, Any]) -> Made:
        url = str(step.get("url", ""))
        if url.startswith(("chrome://", "about:")):
            return made(note="The browser's own page is left out.")
        self._has_opened = True
        return made({"open": self._recording.address(escape(url))})

    def click(self, step: Mapping[str, Any], verb: str = "click") -> Made:
        target, frame = recorder_target(step.get("selectors")), _frame(step)
        self._has_offsets = self._has_offsets or "offsetX" in step
        note = "It is done with the mouse." if step.get("deviceType") in ("pen", "touch") else ""
        button = str(step.get("button") or "primary")
        if button in ("back", "forward"):
            return made({button: None}, note=f"It is what the mouse's button {button} does, without a click on the element.")
        if verb == "click" and (step.get("duration") or 0) > _HOLD_MS and button == "primary":
            held = seconds(step["duration"])
            steps = ({"mouse_down": target, **frame}, {"wait": held}, {"mouse_up": target, **frame})
            return made(*steps, note=f"{note} The button is held for {held:g} s.".strip())
        return made({verb: target, **({"button": _BUTTONS[button]} if button != "primary" else {}), **frame}, note=note)

    def double_click(self, step: Mapping[str, Any]) -> Made:
        return self.click(step, "dblclick")

    def hover(self, step: Mapping[str, Any]) -> Made:
        return made({"hover": recorder_target(step.get("selectors")), **_frame(step)})

    def change(self, step: Mapping[str, Any]) -> Made:
        target, value = recorder_target(step.get("selectors")), str(step.get("value", ""))
        text, is_secret = self._recording.text_for(target, escape(value), value)
        found = with_keys({"set": target, "value": text, **_frame(step)}, secret=is_secret)
        return made(found, note=_secret_note(text) if is_secret else "")

    def key_down(self, step: Mapping[str, Any]) -> Made:
        return made({"key_down": _key(step)})

    def key_up(self, step: Mapping[str, Any]) -> Made:
        return made({"key_up": _key(step)})

    def scroll(self, step: Mapping[str, Any]) -> Made:
        x, y = step.get("x") or 0, step.get("y") or 0
        if step.get("selectors"):
            return made({"eval": f"element.scrollTo({x}, {y})", "target": recorder_target(step["selectors"]), **_frame(step)})
        return made({"scroll": [max(x, 0), max(y, 0)], **_frame(step)})

    def wait_for_element(self, step: Mapping[str, Any]) -> Made:
        target, frame = recorder_target(step.get("selectors")), _frame(step)
        operator, count, is_visible = step.get("operator") or ">=", step.get("count", 1), step.get("visible", True)
        extra = _looks(step, target, frame)
        if extra and not is_visible:
            raise Untranslatable("It waits until an element is not there with these properties or attributes, which no step does.")
        if (operator, count) == (">=", 1):
            return made({"expect_visible" if is_visible else "expect_hidden": target, **frame}, *extra)
        if not is_visible and operator not in _OPPOSITE:
            raise Untranslatable(f"It waits until there are not exactly {count} elements, which no step does.")
        shown = f"{operator} {count}" if is_visible else f"{_OPPOSITE[operator]} {count}"
        note = "Properties and attributes are looked at of the first element." if extra and count > 1 else ""
        return made({"expect_count": _visible(target), "value": shown, **frame}, *extra, note=note)

    def wait_for_expression(self, step: Mapping[str, Any]) -> Made:
        return made({"expect_js": escape(str(step.get("expression", ""))), **_frame(step)})

    def network(self, step: Mapping[str, Any]) -> Made:
        download, upload, latency = (float(step.get(key) or 0) for key in ("download", "upload", "latency"))
        if download == upload == 0:
            return made({"network": "offline"})
        if download < 0 or upload < 0:
            return made({"network": "none"})
        # Bytes a second become kilobits a second.
        numbers = {"download": max(1, round(download / 125)), "upload": max(1, round(upload / 125)), "latency": round(latency)}
        return made({"network": numbers})

    def close(self, step: Mapping[str, Any]) -> Made:
        return made({"close": None})

    def custom(self, step: Mapping[str, Any]) -> Made:
        name, parameters = step.get("name"), step.get("parameters")
        if name not in VERBS or not isinstance(parameters, dict):
            raise Untranslatable(
                f"No extension is known that says what {name!r} does. A custom step may be a step of a check: its name such as "
                'expect_text, and its parameters such as {"expect_text": "#total", "value": "12"}.'
            )
        found = {**parameters, **_frame(step)}
        for _, problem in step_problems([found]):
            raise Untranslatable(problem)
        return made(found)


def _key(step: Mapping[str, Any]) -> str:
    key = str(step.get("key", ""))
    if key in _NO_KEYS or not key:
        raise Untranslatable(f"The keyboard of the browser has no key {key!r}.")
    return _KEYS.get(key, key)


def _frame(step: Mapping[str, Any]) -> Step:
    frame = step.get("frame")
    return {"frame": list(frame)} if frame else {}


def _visible(target: Target) -> Target:
    return f"{target} >> visible=true" if isinstance(target, str) else [f"{one} >> visible=true" for one in target]


def _looks(step: Mapping[str, Any], target: Target, frame: Step) -> list[Step]:
    """Return what is looked at of an element besides."""
    found: list[Step] = [
        {"expect_js": escape(f"element[{json.dumps(name)}] === {json.dumps(value)}"), "target": target, **frame}
        for name, value in (step.get("properties") or {}).items()
    ]
    for name, value in (step.get("attributes") or {}).items():
        found.append({"expect_attribute": target, "attribute": str(name), "value": escape(str(value)), **frame})
    return found


def _secret_note(text: str) -> str:
    return f"What was typed is the secret {text[2:-1]}." if text.startswith("${") else ""


def _shown(step: Mapping[str, Any]) -> str:
    """Return what a step is about, without what was typed."""
    for key in ("url", "key", "expression", "name"):
        if isinstance(step.get(key), str):
            return repr(step[key]) if key == "key" else shorten(step[key].partition("?")[0])
    selectors = step.get("selectors") or []
    first = selectors[0] if isinstance(selectors, list) and selectors else ""
    if isinstance(first, list):
        first = " ".join(map(str, first))
    return str(first) or " ".join(f"{key}={value}" for key, value in step.items() if key not in _STEPS_KEYS)


_TYPES: Final[Mapping[str, Callable[[_Flow, Mapping[str, Any]], Made]]] = {
    "setViewport": _Flow.viewport, "navigate": _Flow.navigate, "click": _Flow.click, "doubleClick": _Flow.double_click,
    "hover": _Flow.hover, "change": _Flow.change, "keyDown": _Flow.key_down, "keyUp": _Flow.key_up, "scroll": _Flow.scroll,
    "waitForElement": _Flow.wait_for_element, "waitForExpression": _Flow.wait_for_expression,
    "emulateNetworkConditions": _Flow.network, "close": _Flow.close, "customStep": _Flow.custom,
}  # fmt: skip
