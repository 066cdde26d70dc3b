"""Shares and how sure they are. Pure.

Sources: Wilson (1927) for the interval of one share, Newcombe (1998), method 10, for that of the difference of two.
"""

from __future__ import annotations

import math
from statistics import NormalDist
from typing import Final, NamedTuple

#: Of a 95 % interval.
Z95: Final = NormalDist().inv_cdf(0.975)


class Interval(NamedTuple):
    """Where a number probably lies."""

    low: float
    high: float


def z_of_many(tests: int, error: float = 0.05) -> float:
    """Return how many standard errors make one of so many comparisons remarkable (Bonferroni).

    With it, data without any cause shows a remarkable difference in at most `error` of the cases.
    """
    return NormalDist().inv_cdf(1 - error / (2 * max(tests, 1)))


def wilson(share: float, rows: float, z: float = Z95) -> Interval:
    """Return the interval of a share that was seen among so many rows; everything is possible where there are none."""
    if rows <= 0:
        return Interval(0.0, 1.0)
    centre = share + z * z / (2 * rows)
    spread = z * math.sqrt(max(0.0, share * (1 - share)) / rows + z * z / (4 * rows * rows))
    scale = 1 + z * z / rows
    return Interval(max(0.0, (centre - spread) / scale), min(1.0, (centre + spread) / scale))


def newcombe(one: float, one_rows: float, other: float, other_rows: float, z: float = Z95) -> Interval:
    """Return the interval of the difference `one - other` of two shares."""
    first, second = wilson(one, one_rows, z), wilson(other, other_rows, z)
    difference = one - other
    return Interval(
        difference - math.hypot(one - first.low, second.high - other),
        difference + math.hypot(first.high - one, other - second.low),
    )


def evidence(one: float, one_rows: float, other: float, other_rows: float) -> float:
    """Return by how much two shares explain what was seen better than one share for both sides would, in nats.

    That is the log of the likelihood ratio, half of the G statistic of the 2x2 table (Wilks 1938).
    """
    rows = one_rows + other_rows
    if rows <= 0:
        return 0.0
    pooled = (one * one_rows + other * other_rows) / rows
    return one_rows * _divergence(one, pooled) + other_rows * _divergence(other, pooled)


def _divergence(share: float, expected: float) -> float:
    """Return the Kullback–Leibler divergence of two shares, where the expected one is 0 or 1 only if the other is."""
    parts = ((share, expected), (1 - share, 1 - expected))
    return sum(part * math.log(part / of) for part, of in parts if part > 0 < of)


def sure(difference: float, interval: Interval) -> float:
    """Return how large a difference is at least, whatever its sign: the end of its interval that is nearer to 0, or 0."""
    return max(0.0, interval.low) if difference >= 0 else max(0.0, -interval.high)
