"""Suggests names of fields and values while somebody types. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final

#: How a name may fit what was typed, the best way first.
_WORDS: Final = re.compile(r"[._\-\s]+")


def suggest_names(
    fields: Iterable[dict[str, Any]], typed: str, used: Callable[[str], int], shares: Mapping[str, float], limit: int
) -> list[dict[str, Any]]:
    """Return the fields whose names fit: the same, one that begins so, a word of one that does, one that has it in it anywhere.

    Among those that fit equally well, the ones that are used most in queries come first, then those that most events have.

    Args:
        fields: each with `name` and `meaning`.
        typed: the beginning or a part of a name, or words of a meaning.
        used: how often a name was used.
        shares: of the events, by name.
        limit: the most fields.
    """
    wanted = typed.strip().casefold()
    fits = [(fit, one) for one in fields if (fit := _fit(one["name"].casefold(), one["meaning"].casefold(), wanted)) is not None]
    fits.sort(key=lambda pair: (pair[0], -used(pair[1]["name"]), -shares.get(pair[1]["name"], 0), pair[1]["name"]))
    return [one for _, one in fits[:limit]]


def suggest_values(shares: Mapping[str, float], typed: str, limit: int) -> list[tuple[str, float]]:
    """Return the values that begin with what was typed, then those that have it in them, the most frequent first."""
    wanted = typed.casefold()
    begin, contain = list[tuple[str, float]](), list[tuple[str, float]]()
    for value, share in shares.items():
        place = value.casefold().find(wanted)
        if place >= 0:
            (begin if place == 0 else contain).append((value, share))
        if len(begin) == limit:
            break
    return [*begin, *contain][:limit]


def _fit(name: str, meaning: str, wanted: str) -> int | None:
    if name == wanted:
        return 0
    if name.startswith(wanted):
        return 1
    if any(word.startswith(wanted) for word in _WORDS.split(name)):
        return 2
    if wanted in name:
        return 3
    return 4 if all(word in f"{name} {meaning}" for word in wanted.split()) else None
