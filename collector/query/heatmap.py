"""The cells of heat maps: which values lie together. Pure."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, Final

#: How many cells a heat map has, one above the other.
CELLS: Final = 60


@dataclass(frozen=True, slots=True)
class Scale:
    """The edges of the cells: even steps, or even ratios where no value is negative, with a cell for 0 then.

    Args:
        low: the smallest value, or the smallest above 0 where the steps are ratios.
        high: the largest value.
        is_log: whether the steps are ratios.
        with_zero: whether 0 has a cell of its own.
    """

    low: float
    high: float
    is_log: bool
    with_zero: bool

    @classmethod
    def of(cls, smallest: float | None, above_zero: float | None, largest: float | None) -> Scale:
        """Return the scale for values from `smallest` to `largest`; `above_zero` is the smallest above 0."""
        if smallest is None or largest is None:
            return cls(0, 0, False, False)
        if smallest < 0 or above_zero is None:
            return cls(smallest, largest, False, False)
        return cls(above_zero, largest, True, smallest == 0)

    @property
    def _steps(self) -> int:
        return CELLS - self.with_zero if self.high > self.low else 1

    def cell(self, x: str) -> str:
        """Return the SQL of the number of a value's cell."""
        if self._steps == 1:
            return f"toUInt16({x} > 0)" if self.with_zero else "toUInt16(0)"
        if not self.is_log:
            step = f"floor(({x} - {self.low!r}) * {self._steps / (self.high - self.low)!r})"
            return f"toUInt16(least({self._steps - 1}, greatest(0, {step})))"
        step = f"floor(log({x} / {self.low!r}) * {self._steps / math.log(self.high / self.low)!r})"
        first = int(self.with_zero)
        cell = f"least({self._steps - 1}, greatest(0, {step})) + {first}"
        return f"toUInt16(if({x} > 0, {cell}, 0))"

    def edges(self) -> list[float]:
        """Return the edges: cell k holds the values from edge k up to edge k + 1, the last cell also that one."""
        zero = [0.0] if self.with_zero else []
        if self._steps == 1:
            return [*zero, self.low, self.high]
        if self.is_log:
            ratio = (self.high / self.low) ** (1 / self._steps)
            inner = [self.low * ratio**step for step in range(self._steps)]
        else:
            inner = [self.low + (self.high - self.low) * step / self._steps for step in range(self._steps)]
        return [*zero, *(float(f"{edge:.7g}") for edge in inner), self.high]


def cells(counts: dict[int, int] | None) -> list[list[Any]]:
    """Return `[cell, events]` of the cells that have any, from the lowest."""
    return [[cell, count] for cell, count in sorted((counts or {}).items())]
