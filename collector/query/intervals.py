"""How sure a percentile is: its 95 % interval, from the values near it. Pure.

The interval is free of assumptions about the distribution. Of n events, the share below the true percentile is the level within
Wilson's interval of that share; the values at both ends of it are the ends of the percentile's interval. The store gives the values
at a ladder of levels around each percentile, and between two steps a straight line is drawn.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from typing import Any, Final

from collector.query.statistics import wilson

#: Steps away from a percentile: enough for some ten rows as for some million.
_STEPS: Final = (0.0005, 0.002, 0.007, 0.02, 0.06, 0.18)
#: The smallest value; a level of 0 would divide by nothing in some of the engine's functions.
_LOWEST: Final = 1e-9


def ladder(level: float) -> list[float]:
    """Return the levels, in order, whose values an interval is made of."""
    steps = {round(level + sign * step, 9) for step in _STEPS for sign in (-1, 1)}
    return sorted({_LOWEST, level, 1.0} | {step for step in steps if _LOWEST < step < 1})


def interval(level: float, effective_rows: float, values: Sequence[float] | None) -> dict[str, Any] | None:
    """Return `{"low", "high", "effective_rows"}`; None where nothing was measured.

    Args:
        level: of the percentile.
        effective_rows: how many events of weight one would be as sure: (Σ weight)² / Σ weight².
        values: at the levels of the ladder.
    """
    if not values or not effective_rows:
        return None
    share = wilson(level, effective_rows)
    levels = ladder(level)
    low, high = (_value_at(end, levels, values) for end in share)
    return {"low": low, "high": high, "effective_rows": round(effective_rows, 1)}


def _value_at(level: float, levels: Sequence[float], values: Sequence[float]) -> float:
    above = min(max(1, bisect_left(levels, level)), len(levels) - 1)
    (low, high), (first, second) = levels[above - 1 : above + 1], values[above - 1 : above + 1]
    part = min(1.0, max(0.0, (level - low) / (high - low)))
    return float(f"{first + part * (second - first):.7g}")
