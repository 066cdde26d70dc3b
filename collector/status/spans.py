"""From runs of checks to spans of time in which something was up, degraded, down or not measured. Pure.

A run says how it is until the next one at the same location, but not for much longer than that usually takes: then nobody knows.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from enum import IntEnum
from itertools import pairwise
from statistics import median
from typing import Final, NamedTuple

#: For how long a run may stand: so many times the usual pause, within these bounds (seconds).
_PAUSES: Final = 2.5
SHORTEST, LONGEST = 120.0, 3 * 3600.0
#: With less of a day measured there is too little to judge it.
ENOUGH: Final = 0.5


class State(IntEnum):
    """How something is; of several the highest counts."""

    UNKNOWN = 0
    UP = 1
    DEGRADED = 2
    DOWN = 3


_STATES: Final = {"pass": State.UP, "degraded": State.DEGRADED, "fail": State.DOWN}


class Span(NamedTuple):
    """From one moment to another, in epoch seconds."""

    start: float
    end: float
    state: State


class Told(NamedTuple):
    """What a run said, and when."""

    at: float
    status: str


@dataclass(frozen=True, slots=True)
class Summary:
    """How much of some time was what, in seconds; `total` is all of it."""

    total: float = 0
    up: float = 0
    degraded: float = 0
    down: float = 0

    @property
    def measured(self) -> float:
        """Return for how long it is known."""
        return self.up + self.degraded + self.down

    @property
    def has_enough(self) -> bool:
        """Whether enough is known to judge."""
        return self.measured > 0 and self.measured >= ENOUGH * self.total

    @property
    def percent(self) -> float | None:
        """Return the uptime with two decimals; never rounded up, so only what was never down has 100. None: not measured."""
        if not self.measured:
            return None
        return 100.0 if not self.down else math.floor((self.measured - self.down) / self.measured * 10_000) / 100

    def __add__(self, other: Summary) -> Summary:
        """Return both together."""
        return Summary(self.total + other.total, self.up + other.up, self.degraded + other.degraded, self.down + other.down)


def spans_of(runs: Sequence[Told], start: float, end: float) -> list[Span]:
    """Return the spans of a check at one location.

    Args:
        runs: in the order of time; those before `start` say how it began.
        start, end: what is asked for.
    """
    told = [run for run in runs if run.status in _STATES]
    pauses = [after.at - before.at for before, after in pairwise(told)]
    longest = min(LONGEST, max(SHORTEST, _PAUSES * median(pauses))) if pauses else SHORTEST
    spans = []
    for run, after in zip(told, [*(one.at for one in told[1:]), math.inf], strict=True):
        begin, stop = max(run.at, start), min(after, run.at + longest, end)
        if stop > begin:
            spans.append(Span(begin, stop, _STATES[run.status]))
    return spans


def across_locations(places: Iterable[Sequence[Span]]) -> list[Span]:
    """Return the spans of a check: it is down while half of the locations that know, or more, say so."""

    def judge(states: list[State]) -> State:
        known = [state for state in states if state]
        if not known:
            return State.UNKNOWN
        if 2 * known.count(State.DOWN) >= len(known):
            return State.DOWN
        return State.DEGRADED if max(known) > State.UP else State.UP

    return _sweep([list(spans) for spans in places], judge)


def across_checks(checks: Iterable[Sequence[Span]]) -> list[Span]:
    """Return the spans of a component: it is what its worst check is."""
    return _sweep([list(spans) for spans in checks], lambda states: max(states, default=State.UNKNOWN))


def summarize(spans: Iterable[Span], start: float, end: float) -> Summary:
    """Return how much of the time was what."""
    seconds = dict.fromkeys(State, 0.0)
    for span in spans:
        seconds[span.state] += max(0.0, min(span.end, end) - max(span.start, start))
    return Summary(max(0.0, end - start), seconds[State.UP], seconds[State.DEGRADED], seconds[State.DOWN])


def at(spans: Iterable[Span], moment: float) -> State:
    """Return the state at a moment."""
    return next((span.state for span in spans if span.start <= moment < span.end), State.UNKNOWN)


def outages(spans: Sequence[Span]) -> list[Span]:
    """Return the spans in which it was down, the oldest first."""
    return [span for span in spans if span.state is State.DOWN]


def _sweep(lists: list[list[Span]], judge: Callable[[list[State]], State]) -> list[Span]:
    """Return the spans that a judgement of the states at each moment gives; neighbours of one state are one."""
    moments = sorted({moment for spans in lists for span in spans for moment in (span.start, span.end)})
    places, found = [0] * len(lists), list[Span]()
    for begin, stop in pairwise(moments):
        states = []
        for number, spans in enumerate(lists):
            while places[number] < len(spans) and spans[places[number]].end <= begin:
                places[number] += 1
            here = places[number]
            states.append(spans[here].state if here < len(spans) and spans[here].start <= begin else State.UNKNOWN)
        state = judge(states)
        if state is State.UNKNOWN:
            continue
        if found and found[-1].state is state and found[-1].end == begin:
            found[-1] = Span(found[-1].start, stop, state)
        else:
            found.append(Span(begin, stop, state))
    return found
