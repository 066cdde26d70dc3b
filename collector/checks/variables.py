"""`${name}` in check files stands for a variable, a column of a row of data, or a secret; `$${` is how to write `${`. Pure."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any, Final, TypeVar

from collector.checks.conditions import Condition
from collector.errors import WideloadError

NAME: Final = re.compile(r"[a-z][a-z0-9_]{0,63}")
_PLACE: Final = re.compile(r"\$\$\{|\$\{([^{}]*)\}")
T = TypeVar("T")


class UnknownVariable(WideloadError):
    """A text names a variable that has no value."""


def fill(value: T, values: Mapping[str, str]) -> T:
    """Return a text, or what JSON makes with its texts, with variables filled in. Raises UnknownVariable."""
    return _fill(value, values)  # type: ignore[no-any-return]


def fill_condition(condition: Condition, values: Mapping[str, str]) -> Condition:
    """Return a condition whose value is filled in: `status == ${code}` compares with a number. Raises UnknownVariable."""
    value = condition.value
    if not isinstance(value, str) or "${" not in value:
        return condition
    filled: str | float | bool | None = fill(value, values)
    # As when it is read: what stands in quotes is a text.
    if json.dumps(value, ensure_ascii=False) not in condition.text:
        try:
            read = json.loads(str(filled))
        except ValueError:
            read = filled
        filled = filled if isinstance(read, (list, dict)) else read
    return replace(condition, value=filled)


def given(variables: Mapping[str, str | None], more: Mapping[str, str], row: Mapping[str, str]) -> dict[str, str]:
    """Return the variables that have a value: a row of data wins over what was given, and that over the check file."""
    known = {name: value for name, value in more.items() if name in variables}
    return {**{name: value for name, value in variables.items() if value is not None}, **known, **row}


def names_in(value: Any) -> Iterator[str]:
    """Yield the names that texts are filled in with."""
    if isinstance(value, str):
        yield from (match[1].strip() for match in _PLACE.finditer(value) if match[1] is not None)
    elif isinstance(value, Mapping):
        for one in value.values():
            yield from names_in(one)
    elif isinstance(value, (list, tuple)):
        for one in value:
            yield from names_in(one)


def _fill(value: Any, values: Mapping[str, str]) -> Any:
    if isinstance(value, str):
        return _PLACE.sub(lambda match: _look_up(match, values), value)
    if isinstance(value, Mapping):
        return {key: _fill(one, values) for key, one in value.items()}
    if isinstance(value, (list, tuple)):
        return type(value)(_fill(one, values) for one in value)
    return value


def _look_up(match: re.Match[str], values: Mapping[str, str]) -> str:
    if match[1] is None:
        return "${"
    name = match[1].strip()
    if name not in values:
        raise UnknownVariable(
            f"${{{name}}} has no value: give it one under `variables`, as a column of `data`, with --var {name}=…, or name it "
            f"under `secrets` and set WIDELOAD_CHECK_SECRET_{name.upper()}."
        )
    return values[name]
