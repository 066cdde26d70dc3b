"""Rows of the store -> the JSON of an answer. Pure."""

from __future__ import annotations

import math
import struct
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any, Final

from collector.fields import ATTRIBUTE_COLUMNS

_FLOAT32: Final = struct.Struct("f")
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


# Every group of a series has the same points in time.
@lru_cache(maxsize=4096)
def iso_seconds(seconds: int) -> str:
    """Return epoch seconds as `2026-11-23T08:00:00Z`."""
    return (_EPOCH + timedelta(seconds=seconds)).strftime("%Y-%m-%dT%H:%M:%SZ")


def iso_milliseconds(milliseconds: int) -> str:
    """Return epoch milliseconds as `2026-11-23T08:00:00.000Z`."""
    time = _EPOCH + timedelta(milliseconds=milliseconds)
    return time.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def cell(value: Any, is_time: bool = False) -> Any:
    """Return one value as JSON has it: times as text, and null for what is no number."""
    if is_time and isinstance(value, int):
        return iso_milliseconds(value)
    return None if isinstance(value, float) and not math.isfinite(value) else value


def shortest(value: float) -> float:
    """Return a Float32 as the number of the fewest digits that is stored as it: 123.30000305175781 is 123.3."""
    if not math.isfinite(value):
        return value
    for digits in (6, 7, 8):
        found = float(f"{value:.{digits}g}")
        if _FLOAT32.unpack(_FLOAT32.pack(found))[0] == value:
            return found
    return float(f"{value:.9g}")


def data(keys: Sequence[str], values: Iterable[Any], times: frozenset[str] = frozenset()) -> dict[str, Any]:
    """Return one row of results or of a series."""
    return {key: cell(value, key in times) for key, value in zip(keys, values, strict=True)}


def event(keys: Sequence[str], values: Iterable[Any], times: frozenset[str]) -> dict[str, Any]:
    """Return one event, flat: attributes merged in, what is null or a list of nothing left out."""
    flat: dict[str, Any] = {}
    attributes: dict[str, Any] = {}
    for key, value in data(keys, values, times).items():
        if key in ATTRIBUTE_COLUMNS.values():
            attributes |= value
        elif value is not None and value != []:
            flat[key] = value
    return flat | {name: value for name, value in attributes.items() if name not in flat}
