"""Strict reading of JSON: every mistake becomes a QueryError that names the part and says what would be right."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any

from collector.errors import QueryError

Scalar = str | int | float | bool

_NAMES = {str: "text", bool: "true or false", int: "a number", float: "a number", list: "an array", dict: "an object"}
_SHOWN_CHARACTERS = 60


def describe(value: object) -> str:
    """Say what a JSON value is, in words."""
    return "null" if value is None else _NAMES.get(type(value), type(value).__name__)


def shorten(text: str) -> str:
    """Return the text as an error message can show it: short, and valid Unicode."""
    shown = text if len(text) <= _SHOWN_CHARACTERS else text[:_SHOWN_CHARACTERS] + "…"
    return shown.encode("utf-8", "replace").decode()


def nearest(name: str, options: Iterable[str]) -> str:
    """Return ` Did you mean …?` with the options that look like the name; empty where none does."""
    by_folded = {option.casefold(): option for option in options}
    found = get_close_matches(name.casefold(), by_folded, n=3)
    return f" Did you mean {' or '.join(by_folded[match] for match in found)}?" if found else ""


@dataclass(frozen=True, slots=True)
class Part:
    """A value somewhere in the request.

    Args:
        value: what JSON decoding gave.
        path: where it stands, such as `calculations[0].op`; empty for the whole.
    """

    value: Any
    path: str = ""

    def error(self, message: str) -> QueryError:
        """Return the error that refuses the part."""
        return QueryError(self.path, message)

    def members(self, allowed: Collection[str]) -> dict[str, Part]:
        """Read an object: its members by key. Members that are null count as absent."""
        if not isinstance(self.value, dict):
            raise self.error(f"{self.path or 'The query'} must be an object, not {describe(self.value)}.")
        for key in self.value:
            if key not in allowed:
                guess = nearest(shorten(key), allowed)
                raise self._member(key).error(f"“{shorten(key)}” is not known here.{guess} Use {', '.join(sorted(allowed))}.")
        return {key: self._member(key) for key, value in self.value.items() if value is not None}

    def _member(self, key: str) -> Part:
        return Part(self.value[key], f"{self.path}.{shorten(key)}" if self.path else shorten(key))

    def items(self, most: int) -> list[Part]:
        """Read an array."""
        if not isinstance(self.value, list):
            raise self.error(f"{self.path} must be an array, not {describe(self.value)}.")
        if len(self.value) > most:
            raise self.error(f"{self.path} has {len(self.value)} entries; at most {most} are allowed.")
        return [Part(item, f"{self.path}[{index}]") for index, item in enumerate(self.value)]

    def text(self, longest: int) -> str:
        """Read text of at least one character."""
        if not isinstance(self.value, str):
            raise self.error(f"{self.path} must be text, not {describe(self.value)}.")
        if not self.value:
            raise self.error(f"{self.path} must not be empty.")
        return self._clean_text(longest)

    def choice(self, options: Collection[str], what: str) -> str:
        """Read one of several words."""
        if not isinstance(self.value, str):
            raise self.error(f"{self.path} must be text, not {describe(self.value)}. Use one of {', '.join(options)}.")
        if self.value not in options:
            shown = shorten(self.value)
            raise self.error(f"“{shown}” is not {what}.{nearest(shown, options)} Use one of {', '.join(options)}.")
        return self.value

    def whole(self, low: int, high: int) -> int:
        """Read a whole number within a range."""
        value = self.value
        is_whole = isinstance(value, int) or (isinstance(value, float) and value.is_integer())
        if not is_whole or isinstance(value, bool):
            raise self.error(f"{self.path} must be a whole number, not {self._shown()}.")
        if not low <= value <= high:
            raise self.error(f"{self.path} must be between {low} and {high}, not {self._shown()}.")
        return int(value)

    def number(self) -> int | float:
        """Read a finite number."""
        value = self.scalar(0)
        if isinstance(value, bool | str):
            raise self.error(f"{self.path} must be a number, not {describe(value)}.")
        return value

    def flag(self) -> bool:
        """Read true or false."""
        if not isinstance(self.value, bool):
            raise self.error(f"{self.path} must be true or false, not {describe(self.value)}.")
        return self.value

    def scalar(self, longest: int) -> Scalar:
        """Read text (which may be empty), a finite number, true or false."""
        value = self.value
        if isinstance(value, bool):
            return value
        if isinstance(value, str):
            return self._clean_text(longest) if longest else value
        if isinstance(value, int | float):
            # Beyond 64 bits only a float can be bound; Python's own JSON reader gives such integers, orjson doesn't.
            number = value if isinstance(value, float) or abs(value) < 2**63 else _as_float(value)
            if math.isfinite(number):
                return number
            raise self.error(f"{self.path} must be a finite number of at most 64 bits.")
        raise self.error(f"{self.path} must be text, a number, true or false, not {describe(value)}.")

    def _clean_text(self, longest: int) -> str:
        if len(self.value) > longest:
            raise self.error(f"{self.path} has {len(self.value)} characters; at most {longest} are allowed.")
        try:
            self.value.encode()
        except UnicodeEncodeError:
            raise self.error(f"{self.path} is not valid Unicode: it has half of a surrogate pair.") from None
        return str(self.value)

    def _shown(self) -> str:
        if isinstance(self.value, int | float) and not isinstance(self.value, bool):
            return shorten(format(_as_float(self.value), "g"))
        return describe(self.value)


def _as_float(value: float) -> float:
    try:
        return float(value)
    except OverflowError:
        return math.inf
