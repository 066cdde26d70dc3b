"""A first answer from a part of the events, while the whole one takes its time.

Within an hour and a kind the table is sorted by the events' ids, and the beacon makes an id of random hexadecimal digits. So the
events whose ids begin with one digit are a sixteenth of all, chosen by nothing that they have to do with, and lie together on the
disk: the store reads little else. All revisions of an event are in the sample or none is, and asking again gives the same sample.

It is unbiased as far as ids are random. That is looked at first, in a few hours: where ids are of another kind (counted up, made of
times) there is no sample. A row of the sample stands for sixteen times (or 256 times) what it stands for in the whole.
"""

from __future__ import annotations

import math
import re
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, ClassVar, Final

from collector.query.calculations import Percentiles
from collector.query.columns import Column, Params
from collector.query.effort import Effort, rows_to_read
from collector.query.run import Run
from collector.query.spec import QuerySpec
from collector.query.sql import Scope, Statement, select
from collector.query.statistics import Z95
from collector.store.base import Limits, Reader, Stop

#: One event in so many is in a sample.
SIXTEENTH, SMALLER = 16, 256
#: Where a sample begins among the ids; any digit would do.
_FIRST_DIGIT: Final = "8"
#: How many hours are looked at, how many rows they must have, and how far a share may be off by chance, in standard errors.
_PROBED_HOURS: Final = 5
_PROBED_ROWS: Final = 1_000
_ERRORS: Final = 4.0
#: How long it is believed what ids are like.
_PROBE_SECONDS: Final = 600.0
#: A first answer should take so much of what may be waited for, and is none if the store has to read such a share for it.
_FIRST_SECONDS: Final = 0.3
_MOST_READ: Final = 0.3
_HOUR: Final = 3600
#: The weight of a row, and not a field of that name, which stands in backquotes.
_WEIGHT: Final = re.compile(r"(?<![`\w.])sample_rate(?![`\w])")
#: Calculations whose value in a sample does not stand for that in the whole.
_UNSCALED: Final = ("MIN", "MAX", "COUNT_DISTINCT", "RATE_MAX")


@dataclass(frozen=True, slots=True)
class SampledScope(Scope):
    """The rows of a scope that are in a sample of one in `every`."""

    every: int = SIXTEENTH

    def conditions(self, params: Params) -> list[str]:
        """Return the SQL: that of the scope, and the sample's ids, by which the engine passes over what lies between."""
        return [*Scope.conditions(self, params), _in_sample(self.every, params)]

    def whole(self, params: Params) -> list[str]:
        """Return the SQL of the scope alone."""
        return Scope.conditions(self, params)

    def whole_hours(self, params: Params) -> list[str]:
        """Return the SQL of the sample within the hours that the scope touches."""
        return [*Scope.whole_hours(self, params), _in_sample(self.every, params)]


class SampledRun(Run):
    """Runs the statements of a question about a sample: each row weighs more. Arguments as of `Run`."""

    #: Choosing a way would take longer than it saves.
    percentiles: ClassVar[Percentiles | None] = "digest"

    def __init__(
        self, store: Reader, limits: Limits, scope: SampledScope, clock: Callable[[], float], stop: Stop | None = None
    ) -> None:
        super().__init__(store, limits, scope, clock, stop)
        self._every = scope.every

    def rows(self, statement: Statement) -> list[tuple[Any, ...]]:
        """Run a statement. Raises StoreError."""
        return super().rows(replace(statement, sql=_WEIGHT.sub(f"(sample_rate * {self._every})", statement.sql)))


@dataclass(frozen=True, slots=True)
class Ids:
    """What the ids of a dataset are like.

    Args:
        is_fair: for each size of a sample, whether as many events are in it as there should be.
        heaviest: the largest `sample_rate` that was seen.
    """

    is_fair: Mapping[int, bool]
    heaviest: int


class Sampler:
    """Decides whether a question gets a first answer, and from how large a sample.

    Args:
        effort: tells how long the whole answer takes.
        slow_seconds: what takes longer gets a first answer.
        clock: seconds that never go back.
    """

    def __init__(self, effort: Effort, slow_seconds: float = 1.0, clock: Callable[[], float] = time.monotonic) -> None:
        self._effort, self._slow_seconds, self._clock = effort, slow_seconds, clock
        self._lock = threading.Lock()
        self._ids: dict[str, tuple[float, Ids]] = {}

    def choose(self, spec: QuerySpec, columns: Mapping[str, Column], run: Run) -> SampledScope | None:
        """Return the sample to ask first; None where the whole is answered soon, or no sample would be fair. Raises StoreError."""
        total = rows_to_read(run, run.scope)
        seconds = self._effort.seconds(spec, columns, total)
        if seconds < self._slow_seconds:
            return None
        is_fair = self.ids(run).is_fair
        small = SampledScope(run.scope.dataset, run.scope.start, run.scope.end, SMALLER)
        # The engine reads some thousands of rows at once: of an hour with few events it reads all of them for any sample.
        least = rows_to_read(run, small) / total
        if least > _MOST_READ or not is_fair[SMALLER]:
            return None
        is_soon = (least + 1 / SIXTEENTH) * seconds <= _FIRST_SECONDS * self._slow_seconds
        return replace(small, every=SIXTEENTH) if is_soon and is_fair[SIXTEENTH] else small

    def ids(self, run: Run) -> Ids:
        """Return what the ids of the scope's dataset are like. Raises StoreError."""
        with self._lock:
            at, known = self._ids.get(run.scope.dataset, (0.0, None))
        if known is None or self._clock() - at > _PROBE_SECONDS:
            known = _look_at(run.rows(probe(run.scope))[0])
            with self._lock:
                self._ids[run.scope.dataset] = self._clock(), known
        return known


def probe(scope: Scope) -> Statement:
    """Count the rows of a few hours and of each sample there, and find the largest weight."""
    params = Params()
    step = max(1, (scope.end - scope.start) // (_PROBED_HOURS * _HOUR))
    hours = [(scope.start // _HOUR + step * number) * _HOUR for number in range(_PROBED_HOURS)]
    conditions = [
        f"dataset = {params.bind('String', scope.dataset)}",
        f"toStartOfHour(ts) IN {params.bind('Array(DateTime)', hours)}",
    ]
    samples = [f"countIf({_in_sample(every, params)})" for every in (SIXTEENTH, SMALLER)]
    return Statement(select(["count()", "max(sample_rate)", *samples], conditions, source="events"), params.values)


def mark(answer: dict[str, Any], spec: QuerySpec, every: int, heaviest: int) -> dict[str, Any]:
    """Return a sample's answer with what a reader must know: that it is one, and between what the counts lie, at 95 %."""
    counts = [one.key for one in spec.calculations if one.op == "COUNT"]
    for row in answer["results"]:
        if counts:
            row["intervals"] = row.get("intervals", {}) | {key: _interval(row["data"][key], every, heaviest) for key in counts}
    unscaled = [one.key for one in spec.calculations if one.op in _UNSCALED]
    meta = {**answer["meta"], "answered_from": "sample", "sampled": True, "sample_share": 1 / every, "unscaled": unscaled}
    return answer | {"meta": meta}


def _look_at(row: Sequence[Any]) -> Ids:
    rows, heaviest, *sampled = row
    is_fair = {}
    for every, found in zip((SIXTEENTH, SMALLER), sampled, strict=True):
        error = math.sqrt(rows * (1 / every) * (1 - 1 / every))
        is_fair[every] = rows >= _PROBED_ROWS and abs(found - rows / every) <= _ERRORS * error
    return Ids(is_fair, heaviest or 1)


def _in_sample(every: int, params: Params) -> str:
    low = _FIRST_DIGIT.ljust(1 if every == SIXTEENTH else 2, "0")
    high = low[:-1] + chr(ord(low[-1]) + 1)
    return f"(id >= {params.bind('String', low)} AND id < {params.bind('String', high)})"


def _interval(count: float | None, every: int, heaviest: int) -> dict[str, float] | None:
    """Return where a count lies. Every row was in the sample with a chance of one in `every`; none weighs more than `heaviest`."""
    if not count:
        return None
    spread = Z95 * math.sqrt(count * every * heaviest * (1 - 1 / every))
    return {"low": max(0, round(count - spread)), "high": round(count + spread)}
