"""Counted values -> how much each field differs, and by which condition. Pure; `docs/bubbleup.md` explains the score."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

from collector.query.bubbleup.candidates import Candidate
from collector.query.bubbleup.survey import Counted
from collector.query.spec import Filter
from collector.query.statistics import Interval, newcombe, sure

#: A value that fewer rows have is not taken for a finding.
_LEAST_ROWS: Final = 5
#: Of a field that one side has and the other lacks: from this share on its commonest value stands for having it.
_ALMOST_ALL: Final = 0.95
_SHOWN_VALUES, _SHOWN_BINS = 10, 20
_NEXT_BEST: Final = 2
#: A text of which the average value occurs less often, while none has a share, tells events apart instead of describing them.
_ID_ROWS, _ID_SHARE, _ID_VALUES = 2.0, 0.05, 20


@dataclass(frozen=True, slots=True)
class Side:
    """The selection or the baseline, as sampled: the rows looked at, the events they stand for, and the effective rows of each.

    Args:
        evenness: effective rows of each row: 1 where all rows stand for the same number of events, less where they do not.
    """

    rows: int
    events: float
    evenness: float = 1.0


@dataclass(frozen=True, slots=True)
class Difference:
    """How much the two sides differ in one condition.

    Args:
        condition: the condition.
        selection, baseline: the shares of both sides that satisfy it.
        difference: what it makes, after normalising.
        interval: of the difference, at 95 %.
        strict: the same, at the level for so many comparisons.
        of_all: whether the shares are of all events, or of those that have the field.
    """

    condition: Filter
    selection: float
    baseline: float
    difference: float
    interval: Interval
    strict: Interval
    of_all: bool

    @property
    def score(self) -> float:
        """What the difference is at least, 0 to 1."""
        return sure(self.difference, self.interval)

    @property
    def stands_out(self) -> bool:
        """Whether chance does not explain it."""
        return sure(self.difference, self.strict) > 0


@dataclass(frozen=True, slots=True)
class Comparison:
    """One field on both sides.

    Args:
        candidate: the field.
        best: its most telling condition.
        next_best: of a text, other conditions that tell something.
        have: the shares of the selection and the baseline that have the field.
        values: `{"value" or "from" and "to", "selection", "baseline"}`, shares of the events that have it.
        different: how many values it has.
    """

    candidate: Candidate
    best: Difference
    next_best: tuple[Difference, ...]
    have: tuple[float, float]
    values: list[dict[str, Any]]
    different: int


class Comparer:
    """Compares the fields of two sides.

    Args:
        chosen, other: the selection and the baseline.
        z: how many standard errors are remarkable.
    """

    def __init__(self, chosen: Side, other: Side, z: float) -> None:
        self._chosen, self._other, self._z = chosen, other, z

    def compare(self, candidate: Candidate, counted: Sequence[Counted]) -> Comparison:
        """Return how one field differs; `counted` has at least one value."""
        one = counted[0]
        have = one.all_chosen / self._chosen.events, one.all_other / self._other.events
        ordered = sorted(counted, key=lambda value: value.low) if candidate.is_number else list(counted)
        exists = self._exists(candidate, have, ordered)
        options = [exists, *self._conditions(candidate, have, ordered)] if min(have) > 0 else [exists]
        options.sort(key=lambda one: (round(one.score, 3), round(one.difference, 3), _clearness(one)), reverse=True)
        best, *rest = options
        next_best = (
            () if candidate.is_number else tuple(one for one in rest if one.score > 0 and one.condition.op == "=")[:_NEXT_BEST]
        )
        values = _bins(ordered) if candidate.is_number else _values(candidate, ordered)
        return Comparison(candidate, best, next_best, have, values, one.different)

    def _exists(self, candidate: Candidate, have: tuple[float, float], counted: Sequence[Counted]) -> Difference:
        condition = Filter(candidate.column.name, "exists" if have[0] >= have[1] else "does-not-exist")
        if condition.op == "exists" and not candidate.is_number and counted[0].chosen >= _ALMOST_ALL * counted[0].all_chosen > 0:
            condition = _equals(candidate, counted[0])
            have = counted[0].chosen / self._chosen.events, counted[0].other / self._other.events
        shares = have if condition.op != "does-not-exist" else (1 - have[0], 1 - have[1])
        return self._difference(condition, shares, (self._chosen.rows, self._other.rows), None)

    def _conditions(self, candidate: Candidate, have: tuple[float, float], counted: Sequence[Counted]) -> Iterator[Difference]:
        one = counted[0]
        rows = one.all_chosen_rows, one.all_other_rows
        shares = _thresholds(candidate, counted) if candidate.is_number else _equalities(candidate, counted)
        for condition, chosen, other in shares:
            yield self._difference(condition, (chosen / one.all_chosen, other / one.all_other), rows, have[0])

    def _difference(
        self, condition: Filter, shares: tuple[float, float], rows: tuple[int, int], coverage: float | None
    ) -> Difference:
        scale = 1 if coverage is None else min(1.0, coverage)
        effective = rows[0] * self._chosen.evenness, rows[1] * self._other.evenness
        intervals = [newcombe(shares[0], effective[0], shares[1], effective[1], z) for z in (1.959964, self._z)]
        usual, strict = (Interval(scale * low, scale * high) for low, high in intervals)
        return Difference(condition, *shares, scale * (shares[0] - shares[1]), usual, strict, coverage is None)


def _clearness(option: Difference) -> int:
    """Rank conditions that tell as much: which value it is says more than which it is not, and that more than having any."""
    return ("exists", "does-not-exist", "!=", "<", ">=", "=").index(option.condition.op)


def is_id(candidate: Candidate, counted: Sequence[Counted]) -> bool:
    """Return whether a field tells events apart instead of describing them."""
    one = counted[0]
    rows = one.all_chosen_rows + one.all_other_rows
    is_spread = one.different >= _ID_VALUES and rows < _ID_ROWS * one.different
    return candidate.type == "string" and is_spread and max(value.share for value in counted) < _ID_SHARE


def _equals(candidate: Candidate, value: Counted, op: str = "=") -> Filter:
    return Filter(candidate.column.name, op, value.text == "true" if candidate.type == "boolean" else value.text)


def _equalities(candidate: Candidate, counted: Sequence[Counted]) -> Iterator[tuple[Filter, float, float]]:
    """Yield `field = value` of every value that has rows, or `field != value` where the selection has it less often."""
    for value in counted:
        if value.chosen_rows + value.other_rows < _LEAST_ROWS:
            continue
        if value.chosen / value.all_chosen >= value.other / value.all_other:
            yield _equals(candidate, value), value.chosen, value.other
        elif value.different > 1:
            yield _equals(candidate, value, "!="), value.all_chosen - value.chosen, value.all_other - value.other


def _thresholds(candidate: Candidate, counted: Sequence[Counted]) -> Iterator[tuple[Filter, float, float]]:
    """Yield `field >= number` between all bins, or `field < number` where that is what the selection has more often."""
    chosen = other = 0.0
    for below, above in itertools.pairwise(counted):
        chosen, other = chosen + below.chosen, other + below.other
        # A time is cut at a full second: its bins are far wider.
        line = math.ceil(below.high) if candidate.type == "time" else roundest(below.high, above.low)
        if chosen / below.all_chosen > other / below.all_other:
            yield Filter(candidate.column.name, "<", line), chosen, other
        else:
            yield Filter(candidate.column.name, ">=", line), below.all_chosen - chosen, below.all_other - other


def roundest(low: float, high: float) -> float:
    """Return the number above `low` and up to `high` that has the fewest digits."""
    if not low < high:
        return high
    if low < 0 <= high:
        return 0
    for digits in range(1, 18):
        step = 10.0 ** (math.floor(math.log10(max(abs(low), abs(high)))) + 1 - digits)
        number = float(f"{math.floor(high / step) * step:.15g}")
        if low < number <= high:
            return int(number) if number.is_integer() and abs(number) < 2**53 else number
    return high


def _values(candidate: Candidate, counted: Sequence[Counted]) -> list[dict[str, Any]]:
    return [{"value": _equals(candidate, one).value, **_shares(one, one.chosen, one.other)} for one in counted[:_SHOWN_VALUES]]


def _bins(counted: Sequence[Counted]) -> list[dict[str, Any]]:
    """Return neighbouring bins put together until each holds a part of both sides."""
    bins: list[dict[str, Any]] = []
    chosen = other = 0.0
    low: float | None = None
    for index, one in enumerate(counted):
        low = one.low if low is None else low
        chosen, other = chosen + one.chosen, other + one.other
        shares = _shares(one, chosen, other)
        if sum(shares.values()) / 2 >= 1 / _SHOWN_BINS or index == len(counted) - 1:
            bins.append({"from": _short(low), "to": _short(one.high), **shares})
            chosen, other, low = 0.0, 0.0, None
    return bins


def _short(number: float) -> float:
    return float(f"{number:.7g}") if abs(number) < 1e9 else number


def _shares(one: Counted, chosen: float, other: float) -> dict[str, float]:
    return {
        "selection": round(chosen / one.all_chosen, 5) if one.all_chosen else 0.0,
        "baseline": round(other / one.all_other, 5) if one.all_other else 0.0,
    }
