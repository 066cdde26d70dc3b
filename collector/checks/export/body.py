"""The test that is being written: what writes its statements adds to it."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from collector.checks.conditions import Condition, ConditionError, parse
from collector.checks.export.words import Words
from collector.checks.files.steps import verb_of

Step = Mapping[str, Any]
Write = Callable[["Body", Step], list[str]]


class NotExported(Exception):
    """A step has no counterpart in a test; the text says why."""


class Body:
    """Writes the statements of one test.

    Args:
        verbs: writes a step's statements, by its verb.
        words: writes parts of them.
        site: what URLs without a host belong to.

    Attributes:
        lines: the statements, indented as in the function.
        left_out: what could not be exported, in sentences.
    """

    def __init__(self, verbs: Mapping[str, Write], words: Words, site: str = "") -> None:
        self.words, self._verbs = words, verbs
        # One with variables is known in the test only.
        self.site = site if "${" in site else ""
        self.lines: list[str] = []
        self.left_out: list[str] = []

    def steps(self, steps: Sequence[Step], indent: int = 1) -> None:
        """Write steps, those of modules in their places."""
        for step in steps:
            self._step(step, indent)

    def _step(self, step: Step, indent: int) -> None:
        verb = verb_of(step)
        if name := step.get("name"):
            self._add(indent, f"# {' '.join(str(name).split())}")
        if "page" in step:
            self.words.helpers.add("turn_to")
            which = step["page"]
            self._add(indent, f"page = turn_to(page, {which if isinstance(which, int) else self.words.text(which)})")
        if "if" in step:
            self._add(indent, f"if {self.words.script({**step, 'target': None}, step['if'])}:")
            indent += 1
        if step.get("optional"):
            self._add(indent, "with contextlib.suppress(AssertionError, Error):")
            indent += 1
        elif step.get("soft"):
            self.words.helpers.add("soft")
            self._add(indent, "with soft():")
            indent += 1
        if verb == "use":
            for key, value in step.get("with", {}).items():
                text = str(value).lower() if isinstance(value, bool) else str(value)
                self._add(indent, f"{self.words.name(key)} = {self.words.text(text)}")
            self.steps([{**({"frame": step["frame"]} if "frame" in step else {}), **one} for one in step["steps"]], indent)
            return
        try:
            statements = self._verbs[verb](self, step)
        except (KeyError, NotExported) as error:
            reason = str(error) if isinstance(error, NotExported) else f"There is no way to say {verb} in a test."
            self.left_out.append(f"{name or verb}: {reason}")
            statements = [f"pytest.fail({self.words.text(f'Not exported: {verb}. {reason}')})"]
        for statement in statements:
            self._add(indent, statement)

    def _add(self, indent: int, statement: str) -> None:
        self.lines.append("    " * indent + statement)

    def condition(self, text: str, response: str) -> str:
        """Return an assertion about the answer of a request."""
        try:
            condition = parse(text)
        except ConditionError as error:
            raise NotExported(str(error)) from None
        found = found_in(condition, response)
        value = "None" if condition.value is None else _python(condition.value, self.words)
        if condition.operator == "exists":
            return f"assert {found} is not None"
        if condition.operator == "missing":
            raise NotExported(f"{text!r} has no counterpart.")
        if condition.operator == "contains":
            return f"assert {value} in {found}"
        if condition.operator == "matches":
            return f"assert re.search({value}, {found})"
        return f"assert {found} {condition.operator} {value}"


def _python(value: Any, words: Words) -> str:
    return words.text(value) if isinstance(value, str) else repr(value)


def found_in(condition: Condition, response: str) -> str:
    """Return what a condition looks at in the answer of a request. Raises NotExported."""
    path = condition.path
    if path == "status":
        return f"{response}.status"
    if path == "body":
        return f"{response}.text()"
    if path == "url":
        return f"{response}.url"
    if path.startswith("header."):
        return f"{response}.headers.get({json.dumps(path.removeprefix('header.'))})"
    if path == "json" or path.startswith(("json.", "json[")):
        return _json(path, response)
    raise NotExported(f"{condition.text!r} looks at {path}, which only a check knows.")


def _json(path: str, response: str) -> str:
    found = f"{response}.json()"
    for part in path.removeprefix("json").replace("[", ".[").split("."):
        if part.startswith("["):
            found += part
        elif part:
            found += f"[{json.dumps(part)}]"
    return found


def timeout(step: Step, name: str = "timeout") -> str:
    """Return the argument that says how long a step may take; empty where it does not say."""
    return f", {name}={round(step['timeout'] * 1000)}" if "timeout" in step else ""


def eventually(body: Body, step: Step, look: str) -> list[str]:
    """Write what looks again and again until something holds."""
    body.words.helpers.add("eventually")
    return [f"eventually(page, lambda: {look}{timeout(step)})"]


def page_is(verb: str, method: str, default: str = "contains") -> Write:
    """Return what writes what the page's address or title must be."""

    def write(body: Body, step: Step) -> list[str]:
        value, how = step[verb], step.get("match", default)
        shown = body.words.text(value) if how == "exact" else (body.words.regex if how == "regex" else body.words.pattern)(value)
        return [f"expect(page).{method}({shown}{timeout(step)})"]

    return write
