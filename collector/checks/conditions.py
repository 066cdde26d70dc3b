"""Conditions of checks, such as `status == 200` or `lcp.value <= 2500 warn`. Pure.

    condition  = path ( operator value | "exists" | "missing" ) [ "warn" ]
    path       = name, such as `status`, `cert.days_left`, `header.content-type`, `json.items[0].id`
    operator   = == | != | < | <= | > | >= | contains | matches
    value      = number | true | false | null | a word | "a text in double quotes, with the escapes of JSON" | budget
    budget     = "rum" percentile span [ ("+" | "-") number [ "%" ] ], such as `rum p75 28d + 15%`

`warn` at the end makes it soft: where it does not hold the run is degraded, not failed.
"""

from __future__ import annotations

import json
import operator
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
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
_BUDGET: Final = re.compile(r"rum\s+(p\d{1,2}(?:\.\d{1,4})?)\s+(\d{1,3})([hdw])(?:\s*([+-])\s*(\d+(?:\.\d+)?)(%?))?(?=\s|$)")
_BUDGET_EXAMPLE: Final = "`rum p75 28d + 15%`"
_SPANS: Final = {"h": 3600, "d": 86_400, "w": 7 * 86_400}
_ORDERED: Final = frozenset({"<", "<=", ">", ">="})
OPERATORS: Final = (*_COMPARE, "contains", "matches", *_EXISTS)
#: Of a value in a sentence.
_SHOWN: Final = 80
_MISSING: Final = object()


class ConditionError(WideloadError):
    """A condition cannot be read; the sentence quotes it."""


@dataclass(frozen=True, slots=True)
class Budget:
    """A limit taken from real users: a percentile of their last `seconds`, times `factor`, plus `more`."""

    percentile: str
    seconds: int
    factor: float = 1.0
    more: float = 0.0

    def of(self, found: float) -> float:
        """Return the limit, given the percentile."""
        return round(found * self.factor + self.more, 3)


@dataclass(frozen=True, slots=True)
class Condition:
    """One condition.

    Attributes:
        text: how it was written.
        value: None for `exists` and `missing`, and for a budget that is not known yet.
        budget: where the value comes from, if that is real users.
        note: how the value came about, or why it is not known.
    """

    text: str
    path: str
    operator: str
    value: str | float | bool | None
    is_soft: bool
    budget: Budget | None = None
    note: str = ""


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
    budget, rest = _take_budget(rest, text, word)
    if word not in _EXISTS and not budget:
        value, rest = _take_value(rest, text, word)
    if rest not in ("", "warn"):
        raise ConditionError(f"{text!r} goes on with {rest!r}: write a text with spaces in double quotes.")
    if word == "matches":
        _check_pattern(value, text)
    if word in _ORDERED and not budget and (isinstance(value, (bool, str)) or value is None):
        raise ConditionError(f"{text!r} compares with {value!r}: {word} takes a number.")
    return Condition(text.strip(), path, word, value, rest == "warn", budget)


def look(condition: Condition, facts: Mapping[str, Any]) -> Result:
    """Look whether a condition holds.

    Args:
        condition: what to look at.
        facts: what was found, by name: numbers, texts, booleans, or what JSON makes. A name may have dots (`lcp.value`).

    Where a budget is not known nothing can be said of the check, so it degrades the run, however the condition is meant.
    """
    if condition.budget and condition.value is None:
        why = condition.note or "there is no collector to ask what real users measure"
        return Result(replace(condition, is_soft=True), False, f"{condition.text}: {why}.")
    found = _find(condition.path, facts)
    if condition.operator in _EXISTS:
        holds = (found is not _MISSING) == _EXISTS[condition.operator]
    elif found is _MISSING:
        return Result(condition, False, f"{condition.text}: there is no {condition.path}.")
    else:
        holds = _holds(condition, found)
    limit = f" The budget is {condition.value}: {condition.note}." if condition.budget else ""
    words = f"{condition.text}.{limit}" if limit else condition.text
    return Result(condition, holds, words if holds else f"{condition.text}: {condition.path} is {_show(found)}.{limit}")


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


def _take_budget(rest: str, text: str, word: str) -> tuple[Budget | None, str]:
    if word not in _ORDERED or not re.match(r"rum\b", rest):
        return None, rest
    match = _BUDGET.match(rest)
    if not match:
        raise ConditionError(f"{text!r} has a budget that cannot be read: write it as {_BUDGET_EXAMPLE}.")
    percentile, count, unit, sign, number, share = match.groups()
    amount = float(number or 0) * (-1 if sign == "-" else 1)
    factor, more = (1 + amount / 100, 0.0) if share else (1.0, amount)
    return Budget(percentile.upper(), int(count) * _SPANS[unit], factor, more), rest[match.end() :].strip()


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
