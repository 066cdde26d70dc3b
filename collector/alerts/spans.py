"""Spans of time as rules write them: `90s`, `15m`, `4h`, `2d`. Pure."""

from __future__ import annotations

from typing import Final

_UNITS: Final = {"s": 1, "m": 60, "h": 3600, "d": 86_400}


def seconds(text: str) -> float:
    """Return a span, which has the published shape, in seconds."""
    return int(text[:-1]) * _UNITS[text[-1]]


def spoken(span: float) -> str:
    """Write a span in the largest unit that leaves little out: `3 min`, `2 h`, `4 d`."""
    for limit, unit, name in ((120, 1, "s"), (7200, 60, "min"), (172_800, 3600, "h")):
        if span < limit:
            return f"{span / unit:.0f} {name}"
    return f"{span / 86_400:.0f} d"
