"""How the conditions that were found lie over each other: which say the same, and which pairs say more together. Pure."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from collector.query.statistics import Interval, evidence, newcombe

#: From this correlation (phi) on two conditions say the same.
_SAME: Final = 0.8
#: To be worth a second condition, a pair has to have so many times the evidence of each of its two.
_GAIN: Final = 1.5
#: And so many times that of another single condition to be told before it: of two that say about the same, the simpler one is told.
GAIN_OVER_OTHERS: Final = 1.1
#: And among the events with either of the two the other one has to be commoner in the selection, by so many standard errors.
_SURE: Final = 1.96


@dataclass(frozen=True, slots=True)
class Shares:
    """What a set of conditions holds: the shares of both sides where all of them do, and the difference with its interval.

    Args:
        evidence: by how much the two shares make what was seen more likely than one share for both sides would, in nats.
    """

    selection: float
    baseline: float
    interval: Interval
    evidence: float

    @property
    def difference(self) -> float:
        """How much larger the selection's share is."""
        return self.selection - self.baseline


class Overlaps:
    """The counts of every combination of conditions.

    Args:
        rows: `(is_selected, bits, events, rows)`.
        weights: how many events of the population a sampled one stands for, in the baseline and in the selection.
        evenness: effective rows of each row, in the same order.
    """

    def __init__(
        self, rows: Iterable[tuple[Any, ...]], weights: tuple[float, float], evenness: tuple[float, float] = (1.0, 1.0)
    ) -> None:
        self._sides: tuple[dict[int, float], dict[int, float]] = ({}, {})
        rows_of = [0.0, 0.0]
        for is_selected, bits, events, count in rows:
            self._sides[bool(is_selected)][bits] = events
            rows_of[bool(is_selected)] += count * evenness[bool(is_selected)]
        self._events = [sum(side.values()) for side in self._sides]
        self._rows, self._weights = rows_of, weights
        self._evidence: dict[int, float] = {}

    def shares(self, conditions: Sequence[int], z: float = 1.959964) -> Shares:
        """Return what the conditions with these numbers hold together."""
        mask = sum(1 << one for one in conditions)
        other, chosen = (
            sum(events for bits, events in side.items() if bits & mask == mask) / total if total else 0.0
            for side, total in zip(self._sides, self._events, strict=True)
        )
        rows = self._rows[1], self._rows[0]
        return Shares(chosen, other, newcombe(chosen, rows[0], other, rows[1], z), evidence(chosen, rows[0], other, rows[1]))

    def same(self, one: int, other: int) -> bool:
        """Return whether two conditions hold for nearly the same events of the whole population."""
        counts = [0.0] * 4
        for side, weight in zip(self._sides, self._weights, strict=True):
            for bits, events in side.items():
                counts[2 * (bits >> one & 1) + (bits >> other & 1)] += weight * events
        neither, second, first, both = counts
        product = (first + both) * (second + both) * (neither + second) * (neither + first)
        return product > 0 and (neither * both - first * second) / math.sqrt(product) >= _SAME

    def groups(self, conditions: Sequence[int]) -> list[list[int]]:
        """Put conditions that say the same together; the first of each group is the best of it."""
        groups: list[list[int]] = []
        for one in conditions:
            home = next((group for group in groups if self.same(group[0], one)), None)
            if home is None:
                groups.append([one])
            else:
                home.append(one)
        return groups

    def pairs(self, tried: Iterable[tuple[int, int]], z: float) -> list[tuple[int, int, Shares]]:
        """Return the pairs, of those tried, that explain more together than each alone, best first."""
        found = []
        for one, other in tried:
            both = self.shares([one, other], z)
            gains = both.evidence > _GAIN * max(self._alone(one), self._alone(other))
            if gains and both.interval.low > 0 and self._sharpens(one, other) and self._sharpens(other, one):
                found.append((one, other, both))
        return sorted(found, key=lambda pair: -pair[2].evidence)

    def _alone(self, one: int) -> float:
        if one not in self._evidence:
            self._evidence[one] = self.shares([one]).evidence
        return self._evidence[one]

    def _sharpens(self, one: int, other: int) -> bool:
        """Return whether, among the events with one condition, the other one is commoner in the selection, by more than chance."""
        shares, rows = [], []
        for side, total, all_rows in zip(self._sides, self._events, self._rows, strict=True):
            first = sum(events for bits, events in side.items() if bits >> one & 1)
            both = sum(events for bits, events in side.items() if bits >> one & 1 and bits >> other & 1)
            shares.append(both / first if first else 0.0)
            rows.append(all_rows * first / total if total else 0.0)
        return newcombe(shares[1], rows[1], shares[0], rows[0], _SURE).low > 0
