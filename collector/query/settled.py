"""Which hours of a question are settled, and what is kept of them: a rollup, a narrow copy of the events, or neither.

Pure but for `look`. What is kept of an hour is as its events are, as long as none of them was stored or removed since it was built.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from collector.fields.rollup import HOUR_SECONDS
from collector.query.columns import Params
from collector.query.limits import EngineLimits
from collector.query.run import Run
from collector.query.sql import Scope, Statement, select

#: Of the hours that a question covers, at most this share may have to be read from the events, and in so many pieces.
_MOST_OPEN: Final = 0.5
_MOST_PIECES: Final = 60
_HOURS: Final = """SELECT
  toUnixTimestamp(hour) AS start,
  if(max(built) > max(changed), max(built), 0) AS rolled_up_at,
  if(max(narrow) > max(changed), max(narrow), 0) AS copied_at
FROM rollup_hours
WHERE dataset = {dataset}
  AND hour >= toDateTime({start}, 'UTC')
  AND hour < toDateTime({end}, 'UTC')
GROUP BY hour
ORDER BY start"""

#: A range of time in epoch seconds, the end exclusive.
Piece = tuple[int, int]
Hours = Mapping[int, int]


@dataclass(frozen=True, slots=True)
class Settled:
    """What is kept of the hours of a scope.

    Args:
        scope: the rows that a question is about.
        rollups: its whole hours that have a rollup, each with its build.
        copies: its hours, also those of which it covers a part, that have a narrow copy, each with its build.
    """

    scope: Scope
    rollups: Hours
    copies: Hours

    def serves(self, hours: Hours) -> bool:
        """Return whether enough is kept of these hours for a question to be answered from it."""
        wanted = (self.scope.end - self.scope.start) // HOUR_SECONDS
        return len(hours) >= wanted * (1 - _MOST_OPEN) and len(self.pieces(hours)) <= _MOST_PIECES

    def pieces(self, hours: Hours) -> list[Piece]:
        """Return the rest of the scope, without these hours."""
        return list(_without(self.scope.start, self.scope.end, hours))

    def split(self, pieces: Sequence[Piece]) -> tuple[list[Piece], list[Piece]]:
        """Return what of pieces is in narrow copies, and what is in the events alone."""
        copied = [
            (max(start, hour), min(end, hour + HOUR_SECONDS))
            for start, end in pieces
            for hour in range(start // HOUR_SECONDS * HOUR_SECONDS, end, HOUR_SECONDS)
            if hour in self.copies
        ]
        return copied, [piece for start, end in pieces for piece in _without(start, end, self.copies)]

    def copies_of(self, pieces: Sequence[Piece]) -> Hours:
        """Return the narrow copies that have the pieces."""
        return {start: self.copies[start] for start in {start // HOUR_SECONDS * HOUR_SECONDS for start, _ in pieces}}


def look(scope: Scope, run: Run, limits: EngineLimits) -> Settled | None:
    """Return what is kept of a scope; None where there is little of it: the events answer at once. Raises StoreError."""
    first, last = -(-scope.start // HOUR_SECONDS) * HOUR_SECONDS, scope.end // HOUR_SECONDS * HOUR_SECONDS
    if (last - first) // HOUR_SECONDS < limits.rollup_hours or run.census(scope)[0] < limits.rollup_rows:
        return None
    params = Params()
    bound = {"dataset": params.bind("String", scope.dataset)}
    bound |= {"start": params.bind("Int64", first - HOUR_SECONDS), "end": params.bind("Int64", scope.end)}
    rows = run.rows(Statement(_HOURS.format(**bound), params.values))
    rollups = {int(hour): int(at) for hour, at, _ in rows if at and first <= hour < last}
    copies = {int(hour): int(at) for hour, _, at in rows if at and hour > scope.start - HOUR_SECONDS}
    return Settled(scope, rollups, copies)


def in_hours(hours: Hours, params: Params) -> list[str]:
    """Return the SQL of the rows of builds."""
    return [
        f"hour IN {params.bind('Array(DateTime)', sorted(hours))}",
        f"built IN {params.bind('Array(UInt64)', sorted(hours.values()))}",
    ]


def in_pieces(pieces: Sequence[Piece], params: Params, ts: str = "e.ts") -> str:
    """Return the SQL of the rows of pieces of time."""
    # The last millisecond, and not the end: where that is a whole hour, the sort key would have the hour after it read.
    ranges = [
        f"({ts} >= fromUnixTimestamp64Milli({params.bind('Int64', start * 1000)}, 'UTC')"
        f" AND {ts} <= fromUnixTimestamp64Milli({params.bind('Int64', end * 1000 - 1)}, 'UTC'))"
        for start, end in pieces
    ]
    return f"({' OR '.join(ranges)})"


def selects(
    settled: Settled, pieces: Sequence[Piece], fields: Sequence[str], conditions: Sequence[str], params: Params
) -> list[str]:
    """Return the SELECTs that read events of pieces of time together: from their narrow copies, and the rest from the table.

    Args:
        settled: what is kept.
        pieces: of its scope.
        fields: what to select; of `collector.fields.rollup.NARROW` and the ratings.
        conditions: beside those on the time.
        params: take the values.
    """
    copied, others = settled.split(pieces)
    of_dataset = f"dataset = {params.bind('String', settled.scope.dataset)}"
    made = []
    if copied:
        kept = [of_dataset, *in_hours(settled.copies_of(copied), params), in_pieces(_joined(copied), params)]
        made.append(select(fields, [*kept, *conditions], source="narrow AS e"))
    if others:
        made.append(select(fields, [of_dataset, in_pieces(others, params), *conditions], source="events AS e FINAL"))
    return made


def _without(start: int, end: int, hours: Hours) -> Iterator[Piece]:
    at = start
    for hour in range(start // HOUR_SECONDS * HOUR_SECONDS, end, HOUR_SECONDS):
        if hour in hours:
            if hour > at:
                yield at, hour
            at = hour + HOUR_SECONDS
    if end > at:
        yield at, end


def _joined(pieces: Sequence[Piece]) -> list[Piece]:
    """Return pieces in order, with those that follow one another made one."""
    joined: list[Piece] = []
    for start, end in sorted(pieces):
        if joined and joined[-1][1] == start:
            joined[-1] = joined[-1][0], end
        else:
            joined.append((start, end))
    return joined
