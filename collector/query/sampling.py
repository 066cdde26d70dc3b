"""Which events stand for a dataset where all of them would be too many: those of the last day, or a part of them."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from collector.query.columns import Params
from collector.query.lists import EVENTS
from collector.query.results import iso_seconds
from collector.query.sql import Scope, Statement, census, select

#: So many events are looked at.
SAMPLE_EVENTS: Final = 100_000
#: The last day; where it has no events, the last week, and so on.
RANGES: Final = (86_400, 7 * 86_400, 31 * 86_400, 3660 * 86_400)
_PLACES: Final = 1 << 32
Rows = Callable[[Statement], list[tuple[Any, ...]]]


@dataclass(frozen=True, slots=True)
class Draw:
    """Draws a part of the events by their ids; asking again gives the same ones.

    Args:
        name: draws by hashes that have different names do not depend on one another.
        by_order: take those with the lowest ids, so that only a part of the table is read, as it is sorted by them; it stands for
            all where ids are random, as those of browsers are. Otherwise those with the lowest hashes of their ids.
    """

    name: str
    by_order: bool

    @property
    def place(self) -> str:
        """The SQL of an event's place in the draw; it is on the sort key alone, so checked before other columns are read."""
        return "id" if self.by_order else f"cityHash64(id, '{self.name}') % {_PLACES}"

    def end(self, part: float, params: Params) -> str:
        """Return the SQL of the place before which a part (0 to 1) of the events lies."""
        if self.by_order:
            # No id is above a tilde.
            return params.bind("String", f"{int(part * _PLACES):08x}" if part < 1 else "~")
        return params.bind("UInt64", round(part * _PLACES))


@dataclass(frozen=True, slots=True)
class Sample:
    """A part of the events of a scope.

    Args:
        scope: the range.
        part: how large a part of its events, 0 to 1.
        by_order: see `Draw`.
        events: how many these are.
    """

    scope: Scope
    part: float
    by_order: bool
    events: int = 0

    def conditions(self, params: Params) -> list[str]:
        """Return the SQL."""
        if self.part >= 1:
            return self.scope.conditions(params)
        draw = Draw("sample", self.by_order)
        return [f"{draw.place} < {draw.end(self.part, params)}", *self.scope.conditions(params)]

    def as_json(self) -> dict[str, Any]:
        """Say what it is."""
        return {
            "start_time": iso_seconds(self.scope.start),
            "end_time": iso_seconds(self.scope.end),
            "sampled_events": self.events,
            "sampled_share": round(self.part, 6),
        }


def choose_sample(dataset: str, now: int, rows: Rows) -> Sample:
    """Return what stands for a dataset now.

    Args:
        dataset: its name.
        now: epoch seconds.
        rows: takes statements.

    Raises:
        StoreError: the store cannot answer.
    """
    scope, stored = Scope(dataset, now - RANGES[0], now + 1), 0
    for seconds in RANGES:
        scope = Scope(dataset, max(0, now - seconds), now + 1)
        ((stored, _),) = rows(census(scope))
        if stored:
            break
    part = min(1.0, SAMPLE_EVENTS / max(1, stored))
    for by_order in (True, False):
        params = Params()
        counted = select(["count()"], Sample(scope, part, by_order).conditions(params), source=EVENTS)
        ((events,),) = rows(Statement(counted, params.values))
        if part >= 1 or abs(events - SAMPLE_EVENTS) <= 0.1 * SAMPLE_EVENTS + 4 * math.sqrt(SAMPLE_EVENTS):
            return Sample(scope, part, by_order, events)
    return Sample(scope, part, False, events)
