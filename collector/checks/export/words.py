"""Texts, selectors and scripts of check files as Python."""

from __future__ import annotations

import json
import keyword
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from collector.checks.browser.scripts import is_body

_PLACE: Final = re.compile(r"\$\$\{|\$\{([^{}]*)\}")
_ROLE: Final = re.compile(r'role=([a-z]+)(?:\[name=("(?:[^"\\]|\\.)*")\])?')
_VARS: Final = re.compile(r"\bvars(?:\.(\w+)|\b)")
#: Selectors that Playwright has a method for.
_METHODS: Final = {
    "label": "get_by_label", "placeholder": "get_by_placeholder", "alt": "get_by_alt_text", "title": "get_by_title",
    "testid": "get_by_test_id",
}  # fmt: skip
#: What else is a name in the file.
_TAKEN: Final = frozenset({
    "page", "expect", "pytest", "re", "os", "csv", "json", "time", "warnings", "contextlib", "base64", "hmac", "struct", "fnmatch",
    "urljoin", "Path", "Page", "Error", "ROWS", "TIMEOUT", "row", "responses", "dialogs", "downloads", "errors", "answers",
    "answer", "response", "eventually", "by_name", "set_value", "as_text", "turn_to", "soft", "totp", "browser_context_args",
})  # fmt: skip


class Words:
    """Writes parts of a test.

    Attributes:
        helpers: the functions that the test needs, by name.
    """

    def __init__(self) -> None:
        self.helpers: set[str] = set()

    def name(self, variable: str) -> str:
        """Return the Python name of a variable."""
        return f"{variable}_" if keyword.iskeyword(variable) or variable in _TAKEN else variable

    def text(self, value: Any) -> str:
        """Return a text as a literal, or as an f-string where variables stand in it."""
        value = value if isinstance(value, str) else json.dumps(value)
        if not _PLACE.search(value):
            return _literal(value)
        parts, end, is_plain = [], 0, True
        for match in _PLACE.finditer(value):
            parts.append(_braced(value[end : match.start()]))
            parts.append("${{" if match[1] is None else "{" + self.name(match[1].strip()) + "}")
            is_plain, end = is_plain and match[1] is None, match.end()
        text = "".join([*parts, _braced(value[end:])])
        if is_plain:
            return _literal(value.replace("$${", "${"))
        # A text that is nothing but a variable.
        whole = re.fullmatch(r"\{(\w+)\}", text)
        return whole[1] if whole else f'f"{text}"'

    def pattern(self, value: str) -> str:
        """Return a regular expression that finds a text, whatever the white space in it."""
        if _PLACE.search(value):
            return f"re.compile(re.escape({self.text(value)}))"
        return f"re.compile({_literal(re.escape(value))})"

    def regex(self, value: str) -> str:
        """Return a regular expression."""
        return f"re.compile({self.text(value)})"

    # --- Elements --------------------------------------------------------------------------------------------------

    def scope(self, step: Mapping[str, Any]) -> str:
        """Return where a step looks: the page, or a frame in it."""
        found = "page"
        frame = step.get("frame")
        for one in frame if isinstance(frame, list) else [frame] if frame else []:
            found += f'.frame_locator("iframe").nth({one})' if isinstance(one, int) else f".frame_locator({self.text(one)})"
        return found

    def element(self, step: Mapping[str, Any], target: str | Sequence[str]) -> str:
        """Return the locator of a step's element: of several, the first that is there."""
        return f"{self.elements(step, target)}.first"

    def elements(self, step: Mapping[str, Any], target: str | Sequence[str]) -> str:
        """Return the locator of all elements that a target stands for."""
        first, *others = [target] if isinstance(target, str) else target
        scope = self.scope(step)
        return self._locator(scope, first) + "".join(f".or_({self._locator(scope, one)})" for one in others)

    def _locator(self, scope: str, selector: str) -> str:
        parts = selector.split(" >> ")
        if len(parts) > 1 and any(part.partition("=")[0] in (*_METHODS, "name") for part in parts):
            for part in parts:
                scope = self._locator(scope, part)
            return scope
        kind, _, rest = selector.partition("=")
        if rest and kind in _METHODS:
            return f"{scope}.{_METHODS[kind]}({self.text(rest)})"
        if rest and kind == "name":
            self.helpers.add("by_name")
            return f"by_name({scope}, {self.text(rest)})"
        if role := _ROLE.fullmatch(selector):
            named = f", name={self.text(json.loads(role[2]))}, exact=True" if role[2] else ""
            return f"{scope}.get_by_role({_literal(role[1])}{named})"
        return f"{scope}.locator({self.text(selector)})"

    # --- Scripts ---------------------------------------------------------------------------------------------------

    def script(self, step: Mapping[str, Any], code: str) -> str:
        """Return the call that runs a step's JavaScript, with its element and its variables."""
        names = sorted({match[1] for match in _VARS.finditer(code) if match[1]})
        element = step.get("target")
        first = "element" if element or "frame" in step else ""
        parameters = ", ".join(filter(None, (first, "vars" if names else "")))
        whole = f"{{ {code} }}" if is_body(code) else f"({code})"
        arrow = f"{'async ' if 'await' in code else ''}({parameters}) => {whole}"
        given = ", {" + ", ".join(f"{_literal(name)}: {self.name(name)}" for name in names) + "}" if names else ""
        root = f'{self.scope(step)}.locator(":root")' if "frame" in step else "page"
        return f"{self.element(step, element) if element else root}.evaluate({self._code(arrow)}{given})"

    def _code(self, code: str) -> str:
        if "\n" in code and not _PLACE.search(code) and '"""' not in code and "\\" not in code and not code.endswith('"'):
            return f'"""{code}"""'
        return self.text(code)


def test_name(name: str, taken: Iterable[str] = ()) -> str:
    """Return the name of a test function."""
    plain = re.sub(r"[^a-z0-9]+", "_", name.lower()).strip("_") or "check"
    found, number = f"test_{plain}", 1
    while found in taken:
        number += 1
        found = f"test_{plain}_{number}"
    return found


def _literal(text: str) -> str:
    # What JSON writes is a literal of Python; with single quotes one with double quotes is easier to read.
    shown = json.dumps(text, ensure_ascii=False)
    return f"'{text}'" if shown[1:-1] == text.replace('"', '\\"') and '"' in text and "'" not in text else shown


def _braced(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)[1:-1].replace("{", "{{").replace("}", "}}")
