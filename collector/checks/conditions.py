"""Conditions of checks, such as `status == 200` or `lcp.value <= 2500 warn`. Pure.

    condition  = path ( operator value | "exists" | "missing" ) [ "warn" ]
    path       = name, such as `status`, `cert.days_left`, `header.content-type`, `json.items[0].id`
    operator   = == | != | < | <= | > | >= | contains | matches
    value      = number | true | false | null | a word | "a text in double quotes, with the escapes of JSON"

`warn` at the end makes it soft: where it does not hold the run is degraded, not failed.
"""

from __future__ import annotations

import json
import operator
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from collector.errors import WideloadError

#: A path is read from left to right: `json` is looked up by its name, `items[0].id` within it.
_PATH: Final = re.compile(r"[A-Za-z_][\w-]*(?:\.[\w-]+|\[\d+\])*")
_PART: Final = re.compile(r"\.?([\w-]+)|\[(\d+)\]")
_TEXT: Final = re.compile(r'"(?:[^"\\]|\\.)*"')
_WORD: Final = re.compile(r"\S+")
_EXISTS: Final = {"exists": True, "missing": False}
_COMPARE: Final[dict[str, Callable[[Any, Any], bool]]] = {
    "==": operator.eq, "!=": operator.ne, "<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge,
}  # fmt: skip
_ORDERED: Final = frozenset({"<", "<=", ">", ">="})
OPERATORS: Final = (*_COMPARE, "contains", "matches", *_EXISTS)
#: Of a value in a sentence.
_SHOWN: Final = 80
_MISSING: Final = object()


class ConditionError(WideloadError):
    """A condition cannot be read; the sentence quotes it."""


@dataclass(frozen=True, slots=True)
class Condition:
    """One condition; `text` is how it was written, `value` None for `exists` and `missing`."""

    text: str
    path: str
    operator: str
    value: str | float | bool | None
    is_soft: bool


@dataclass(frozen=True, slots=True)
class Result:
    """What became of a condition: whether it held, and what was found, in a sentence."""

    condition: Condition
    holds: bool
    message: str


def parse(text: str) -> Condition:
    """Return a condition. Raises ConditionError, which says what is wrong and what would be right."""
    path, rest = _take(_PATH, text.strip())
    if not path:
        raise ConditionError(f"{text!r} must begin with what it is about: status == 200.")
    word, rest = _take(_WORD, rest)
    if word not in OPERATORS:
        raise ConditionError(f"{text!r} needs one of {', '.join(OPERATORS)} after {path}, not {word or 'nothing'!r}.")
    value: str | float | bool | None = None
    if word not in _EXISTS:
        value, rest = _take_value(rest, text, word)
    if rest not in ("", "warn"):
        raise ConditionError(f"{text!r} goes on with {rest!r}: write a text with spaces in double quotes.")
    if word == "matches":
        _check_pattern(value, text)
    if word in _ORDERED and (isinstance(value, (bool, str)) or value is None):
        raise ConditionError(f"{text!r} compares with {value!r}: {word} takes a number.")
    return Condition(text.strip(), path, word, value, rest == "warn")


def look(condition: Condition, facts: Mapping[str, Any]) -> Result:
    """Look whether a condition holds.

    Args:
        condition: what to look at.
        facts: what was found, by name: numbers, texts, booleans, or what JSON makes. A name may have dots (`lcp.value`).
    """
    found = _find(condition.path, facts)
    if condition.operator in _EXISTS:
        holds = (found is not _MISSING) == _EXISTS[condition.operator]
    elif found is _MISSING:
        return Result(condition, False, f"{condition.text}: there is no {condition.path}.")
    else:
        holds = _holds(condition, found)
    return Result(condition, holds, condition.text if holds else f"{condition.text}: {condition.path} is {_show(found)}.")


def take(path: str, facts: Mapping[str, Any]) -> Any:
    """Return what stands at a path, as in a condition. Raises KeyError: nothing does."""
    found = _find(path, facts)
    if found is _MISSING:
        raise KeyError(path)
    return found


def _holds(condition: Condition, found: Any) -> bool:
    value = condition.value
    if condition.operator == "contains":
        return value in found if isinstance(found, list) else str(value) in _as_text(found)
    if condition.operator == "matches":
        return re.search(str(value), _as_text(found)) is not None
    # True is 1 for Python, and not for people.
    if isinstance(found, bool) is not isinstance(value, bool):
        return condition.operator == "!="
    if condition.operator in _ORDERED and not isinstance(found, (int, float)):
        return False
    return _COMPARE[condition.operator](found, value)


def _find(path: str, facts: Mapping[str, Any]) -> Any:
    """Return what stands at a path: the longest beginning that is a name is looked up, the rest within it."""
    for end in (*(i for i in range(len(path) - 1, 0, -1) if path[i] in ".["),):
        if path in facts:
            break
        if path[:end] in facts:
            return _within(facts[path[:end]], path[end:])
    return facts.get(path, _MISSING)


def _within(found: Any, rest: str) -> Any:
    for name, index in _PART.findall(rest):
        if isinstance(found, Mapping) and name in found:
            found = found[name]
        elif isinstance(found, list) and (index or name.isdigit()) and int(index or name) < len(found):
            found = found[int(index or name)]
        else:
            return _MISSING
    return found


def _take(pattern: re.Pattern[str], text: str) -> tuple[str, str]:
    match = pattern.match(text)
    return (match[0], text[match.end() :].strip()) if match else ("", text)


def _take_value(rest: str, text: str, word: str) -> tuple[str | float | bool | None, str]:
    raw, after = _take(_TEXT, rest)
    if not raw:
        raw, after = _take(_WORD, rest)
    if not raw:
        raise ConditionError(f"{text!r} ends where a value should follow {word}.")
    try:
        value = json.loads(raw)
    except ValueError:
        # A word needs no quotes.
        return raw, after
    if isinstance(value, (str, int, float, bool)) or value is None:
        return value, after
    raise ConditionError(f"{text!r} compares with {raw}: write a number, true, false, null or a text.")


def _check_pattern(value: Any, text: str) -> None:
    try:
        re.compile(str(value))
    except re.error as error:
        raise ConditionError(f"{text!r} has a regular expression that cannot be read: {error}.") from None


def _as_text(found: Any) -> str:
    return found if isinstance(found, str) else json.dumps(found, ensure_ascii=False)


def _show(found: Any) -> str:
    if found is _MISSING:
        return "missing"
    text = json.dumps(found, ensure_ascii=False)
    return text if len(text) <= _SHOWN else text[: _SHOWN - 1] + "…"
