"""The steps of journeys: one closed set. Each is one key, such as `click`, with what belongs to it beside.

steps:
  - open: /login
  - fill: "#user"
    value: jane
  - click: ["role=button[name='Sign in']", "#signin"]
    optional: true
"""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from jsonschema import Draft202012Validator

from collector.checks.files.shapes import (
    Shape,
    flag,
    network,
    nothing,
    number,
    pair,
    size,
    target,
    text,
    texts,
    values,
    variable,
    word,
)

_MATCH: Final = ("contains", "exact", "regex")
_COUNT: Final = r"^(?:==|>=|<=|>|<) ?\d+$"


@dataclass(frozen=True, slots=True)
class Verb:
    """A step's key.

    Attributes:
        meaning: a sentence.
        value: the shape of what follows it.
        more: the shapes of keys that only this verb has.
        required: which of them must be there.
    """

    meaning: str
    value: Shape
    more: Mapping[str, Shape] = field(default_factory=dict)
    required: tuple[str, ...] = ()

    @property
    def is_about_element(self) -> bool:
        """Its value is a target."""
        return self.value == target()


def _at() -> dict[str, Shape]:
    return {
        "at": pair("Where in the element, in CSS pixels from its left upper corner; by default its middle.", -100_000, 100_000),
        "button": word("Which button.", "left", "right", "middle", default="left"),
        "modifiers": {"type": "array", "items": {"enum": ["Alt", "Control", "Meta", "Shift"]}, "description": "Keys held down."},
        "force": flag("Whether it is done although the element cannot be clicked, such as one under another."),
    }


def _match(default: str) -> dict[str, Shape]:
    return {
        "value": text("The text."),
        "match": word("How the text is compared; white space counts as one space.", *_MATCH, default=default),
    }


def _count(meaning: str) -> Shape:
    return {"anyOf": [{"type": "integer", "minimum": 0}, {"type": "string", "pattern": _COUNT}], "description": meaning}


#: What all steps take.
COMMON: Final[Mapping[str, Shape]] = {
    "name": text("What people call the step.", minLength=1, maxLength=200),
    "if": text("JavaScript, an expression or a body with `return`; the step is skipped unless it is true.", minLength=1),
    "optional": flag("Whether the journey goes on as if nothing was when the step fails: it is skipped."),
    "soft": flag("Whether the journey goes on when the step fails, and the run is degraded."),
    "secret": flag("Whether the texts of the step are kept out of all that is kept: pictures, messages, events."),
    "timeout": number("Seconds that the step may take.", 0.01, 600),
    "frame": {"anyOf": [{"type": "string", "minLength": 1},
                        {"type": "array", "minItems": 1, "items": {"type": ["string", "integer"], "minimum": 0, "minLength": 1}}],
              "description": "The frame that the element is in: a selector, or a path of selectors or of places counted from 0."},
    "page": {"anyOf": [{"type": "integer", "minimum": -1}, {"type": "string", "minLength": 1}],
             "description": "Which page: 0 is the first one, 1 the first pop-up, -1 the last one; or a part of its URL. "
                            "Later steps stay there."},
}  # fmt: skip

_JS: Final = "JavaScript, an expression or a body with `return`, which may be awaited"

VERBS: Final[Mapping[str, Verb]] = {
    # Pages
    "open": Verb("Opens a URL.", text("A URL; one without a host belongs to `url` of the check.", minLength=1), {
        "until": word("What is waited for.", "load", "domcontentloaded", "commit", "networkidle", default="load")}),
    "reload": Verb("Loads the page again.", nothing()),
    "back": Verb("Goes back.", nothing()),
    "forward": Verb("Goes forward.", nothing()),
    "close": Verb("Closes the page; steps go on in the one before.", nothing()),
    "viewport": Verb("Changes the size of the page.", size("Width and height in CSS pixels.")),
    "network": Verb("Emulates a network from here on.", network("A profile, `offline`, `none`, or numbers.")),
    # Pointer and keys
    "click": Verb("Clicks an element.", target(), _at()),
    "dblclick": Verb("Clicks an element twice.", target(), _at()),
    "hover": Verb("Moves the pointer onto an element.", target(), {"at": _at()["at"]}),
    "mouse_down": Verb("Presses the button of the pointer down on an element.", target()),
    "mouse_up": Verb("Lets go of it on an element.", target()),
    "drag": Verb("Drags an element onto another.", target(), {"to": target("The other element.")}, ("to",)),
    "scroll": Verb("Scrolls to an element, or the page to a place.", {
        "anyOf": [pair("Pixels from the left and from the top.", 0, 10_000_000), target()],
        "description": "An element, or two numbers: pixels from the left and from the top."}),
    "press": Verb("Presses a key, or keys together.", text("Such as `Enter`, `Control+A`.", minLength=1, maxLength=100), {
        "target": target("The element that gets the key; by default the one in focus.")}),
    "key_down": Verb("Presses a key down.", text("Such as `Shift`.", minLength=1, maxLength=50)),
    "key_up": Verb("Lets go of a key.", text("Such as `Shift`.", minLength=1, maxLength=50)),
    # Fields
    "fill": Verb("Puts a text into a field, in place of what is there.", target(), {"value": text("The text.")}, ("value",)),
    "type": Verb("Types a text, key by key, behind what is there.", target(), {"value": text("The text.")}, ("value",)),
    "set": Verb("Gives a field of any kind a value: a text, an option, `true` or `false`.", target(), {
        "value": {"type": ["string", "boolean", "number"], "description": "The value."}}, ("value",)),
    "select": Verb("Chooses options of a list.", target(), {
        "value": {"type": ["string", "array"], "items": {"type": "string"}, "description": "One option, or several."},
        "by": word("What the options are named by.", "any", "value", "label", "index", default="any")}, ("value",)),
    "check": Verb("Ticks a box, or chooses a radio button.", target()),
    "uncheck": Verb("Clears a box.", target()),
    "upload": Verb("Chooses files.", target(), {"files": texts("Paths beside the check file.")}, ("files",)),
    "dialog": Verb("Says what is done with the next alert, question or prompt. Without it they are dismissed.",
                   word("What is done.", "accept", "dismiss"), {"value": text("What a prompt is answered.")}),
    # Waiting
    "wait": Verb("Waits.", number("Seconds.", 0, 300)),
    "wait_for": Verb("Waits for an element.", target(), {
        "state": word("What is waited for.", "visible", "hidden", "attached", "detached", default="visible"),
        "count": _count("How many there have to be, such as `>= 2`.")}),
    "wait_for_js": Verb("Waits until an expression is true.", text(f"{_JS}.", minLength=1)),
    "wait_for_url": Verb("Waits for an address.", text("A part of the URL.", minLength=1), {"match": _match("contains")["match"]}),
    # Values
    "eval": Verb("Runs JavaScript.", text(f"{_JS}.", minLength=1), {
        "target": target("An element, which is `element` there."), "into": variable("The variable that takes the result.")}),
    "extract": Verb("Takes a text of the page into a variable.", target(), {
        "into": variable("The variable."),
        "attribute": text("An attribute, or `value` of a field; by default the text.", minLength=1, maxLength=200)}, ("into",)),
    "store": Verb("Sets a variable.", text("The text."), {"into": variable("The variable.")}, ("into",)),
    "totp": Verb("Computes a one-time password (RFC 6238).", text("The seed in base32, a secret: `${totp_seed}`.", minLength=1), {
        "into": variable("The variable.")}, ("into",)),
    "request": Verb("Asks for a URL with the cookies of the page.", text("A URL.", minLength=1), {
        "method": word("The method.", "GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", default="GET"),
        "headers": {"type": "object", "additionalProperties": {"type": "string"}, "description": "Headers."},
        "body": text("The body."),
        "expect": texts("Conditions on the answer, such as `status == 200`, `json.id exists`."),
        "save": values("Variables by name, and what they take: `id: json.items[0].id`.", "string")}),
    "screenshot": Verb("Takes a picture, and compares it with the accepted one.",
                       text("Its name; the step's by default.", maxLength=100) | {"type": ["string", "null"]}, {
        "target": target("An element; by default the viewport."),
        "full_page": flag("Whether all of the page is in it."),
        "compare": flag("Whether it is compared."),
        "mask": texts("Elements that are covered."),
        "tolerance": number("Per cent of the pixels that may differ.", 0, 100, default=0.1),
        "threshold": number("How much a colour may differ, from 0 to 1.", 0, 1, default=0.1)}),
    "use": Verb("Does the steps of a module, `*.module.yaml`.", text("Its path from this file.", pattern=r"\.module\.ya?ml$"), {
        "with": values("Variables that are set before.", "string", "number", "boolean")}),
    "exit": Verb("Ends the journey here.", word("How.", "pass", "fail"), {"message": text("Why.", maxLength=1000)}),
    # Expectations
    "expect_url": Verb("The address is so.", text("The URL, or a part of it."), {"match": _match("contains")["match"]}),
    "expect_title": Verb("The title is so.", text("The title, or a part of it."), {"match": _match("contains")["match"]}),
    "expect_visible": Verb("An element can be seen.", target()),
    "expect_hidden": Verb("None can be seen.", target()),
    "expect_present": Verb("There is an element.", target()),
    "expect_absent": Verb("There is none.", target()),
    "expect_enabled": Verb("It can be used.", target()),
    "expect_disabled": Verb("It cannot be used.", target()),
    "expect_text": Verb("Its text is so.", target(), _match("contains"), ("value",)),
    "expect_not_text": Verb("Its text is not so.", target(), _match("contains"), ("value",)),
    "expect_value": Verb("A field's value is so.", target(), _match("exact"), ("value",)),
    "expect_attribute": Verb("An attribute is so.", target(), {
        "attribute": text("Its name.", minLength=1, maxLength=200), **_match("exact")}, ("attribute", "value")),
    "expect_checked": Verb("A box is ticked.", target(), {"value": flag("Whether it shall be.", True)}),
    "expect_selected": Verb("An option is chosen.", target(), {"value": text("Its label or value.")}, ("value",)),
    "expect_count": Verb("There are so many.", target(), {"value": _count("A number, or such as `>= 2`.")}, ("value",)),
    "expect_aria": Verb("What assistive technology is told is so.", target(), {
        "value": text("An ARIA snapshot, as Playwright has it.")}, ("value",)),
    "expect_js": Verb("An expression is true.", text(f"{_JS}.", minLength=1), {
        "target": target("An element, which is `element` there.")}),
    "expect_request": Verb("A request was made.", text("A part of the URL, or with `*` for anything.", minLength=1), {
        "method": text("The method.", maxLength=20), "status": {"type": "integer", "minimum": 100, "maximum": 599,
                                                              "description": "The status of the answer."},
        "count": _count("How many; by default at least one.")}),
    "expect_no_console_errors": Verb("Up to here the console has no error, and pages caught all exceptions.", nothing(), {
        "ignore": texts("Regular expressions of messages that do not count.")}),
    "expect_dialog": Verb("The last alert, question or prompt had this text.", text("The text."), {
        "match": _match("contains")["match"]}),
    "expect_download": Verb("A file was downloaded.", text("Its name, with `*` for anything.", minLength=1), {
        "min_bytes": {"type": "integer", "minimum": 0, "default": 1, "description": "The least bytes that it has."}}),
    "expect_beacon": Verb("The page's own beacon is sent now, was accepted, and can be asked for.", nothing(), {
        "within": number("Seconds.", 0.1, 300, default=30),
        "fields": {"type": "array", "items": {"type": "string"}, "description": "Fields that it must have: `lcp.value`."}}),
}  # fmt: skip

EXPECTATIONS: Final = tuple(name for name in VERBS if name.startswith("expect_"))


def step_shape(name: str) -> Shape:
    """Return the shape of a step."""
    verb = VERBS[name]
    return {
        "type": "object",
        "title": name,
        "description": verb.meaning,
        "properties": {name: verb.value, **verb.more, **COMMON},
        "required": [name, *verb.required],
        "additionalProperties": False,
    }


_VALIDATORS: Final = {name: Draft202012Validator(step_shape(name)) for name in VERBS}


def verb_of(step: Mapping[str, Any]) -> str:
    """Return the key that says what a step does."""
    return next(name for name in step if name in VERBS)


def step_problems(steps: Any) -> Iterator[tuple[tuple[str | int, ...], str]]:
    """Yield what is wrong with steps: the place within them, and a sentence."""
    if not isinstance(steps, list):
        return
    for index, step in enumerate(steps):
        if not isinstance(step, dict):
            yield (index,), f'A step is a mapping, such as `click: "#buy"`, not {step!r}.'
            continue
        verbs = [name for name in step if name in VERBS]
        if len(verbs) != 1:
            yield (index,), _verbless(step, verbs)
            continue
        for error in _VALIDATORS[verbs[0]].iter_errors(step):
            yield (index, *error.absolute_path), _sentence(error, verbs[0], step)


def _verbless(step: Mapping[str, Any], verbs: list[str]) -> str:
    if verbs:
        return f"A step does one thing: this one says {' and '.join(verbs)}."
    unknown = [str(name) for name in step if name not in COMMON]
    near = difflib.get_close_matches(unknown[0], VERBS, 1) if unknown else []
    guess = f"did you mean {near[0]}?" if near else f"there are: {', '.join(VERBS)}."
    return f"No step does {unknown[0]}; {guess}" if unknown else f"The step does nothing: it needs one of {', '.join(VERBS)}."


def _sentence(error: Any, verb: str, step: Mapping[str, Any]) -> str:
    if error.validator == "additionalProperties" and not error.absolute_path:
        known = [*VERBS[verb].more, *COMMON]
        unknown = next(str(name) for name in step if name not in known and name != verb)
        near = difflib.get_close_matches(unknown, known, 1)
        return f"The step {verb} has no {unknown}; " + (f"did you mean {near[0]}?" if near else f"it takes {', '.join(known)}.")
    if error.validator == "required":
        return f"The step {verb} needs more: {error.message}."
    where = ".".join(map(str, error.absolute_path))
    if error.validator == "anyOf":
        shape = VERBS[verb].value if where == verb else {**VERBS[verb].more, **COMMON}.get(where, {})
        return f"{where} is {error.instance!r}, which it cannot be. {shape.get('description', '')}"
    return f"{where}: {error.message}."
