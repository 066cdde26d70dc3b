"""What questions may cost: settings, not the law."""

from __future__ import annotations

from dataclasses import dataclass, field

from collector.query.spec import SpecLimits
from collector.store.base import Limits


@dataclass(frozen=True, slots=True)
class EngineLimits:
    """What questions may cost.

    Args:
        spec: how large a question may be.
        statement: what each of its statements may cost the store; its seconds are for all of them together.
        series_rows: how many points the series of all groups may have together.
        exact_rows: up to how many stored rows the percentiles of unsampled events are exact: 4 bytes of memory a row and column.
        exact_weighted_rows: the same for sampled events, where exactness takes up to twice the time of an estimate.
        rollup_hours, rollup_rows: from so many whole hours and stored rows on, the rollup answers what it holds.
        fresh_seconds: for how long the catalogue of attributes and the sizes of datasets are used before they are read again.
        slow_seconds: what takes longer, by an estimate, gets a first answer from a sample, where that is asked for.
    """

    spec: SpecLimits = field(default_factory=SpecLimits)
    statement: Limits = field(default_factory=lambda: Limits(result_rows=200_000))
    series_rows: int = 100_000
    exact_rows: int = 10_000_000
    exact_weighted_rows: int = 500_000
    rollup_hours: int = 6
    rollup_rows: int = 1_000_000
    fresh_seconds: float = 5
    slow_seconds: float = 1
