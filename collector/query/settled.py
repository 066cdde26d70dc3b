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
        edges: the same of those of which it covers a part.
        copies: its hours, also those of which it covers a part, that have a narrow copy, each with its build.
    """

    scope: Scope
    rollups: Hours
    edges: Hours
    copies: Hours

    def serves(self, hours: Hours) -> bool:
        """Return whether enough is kept of these hours for a question to be answered from it."""
        wanted = (self.scope.end - self.scope.start) // HOUR_SECONDS
        return len(hours) >= wanted * (1 - _MOST_OPEN) and len(self.pieces(hours)) <= _MOST_PIECES

    def pieces(self, hours: Hours) -> list[Piece]:
        """Return the rest of the scope, without these hours."""
        return list(_without(self.scope.start, self.scope.end, hours))

    def slots(self, span: int) -> list[Piece]:
        """Return what of the hours at the edges is covered by whole spans of their rollups."""
        covered = [
            (-(-max(self.scope.start, hour) // span) * span, min(self.scope.end, hour + HOUR_SECONDS) // span * span)
            for hour in self.edges
        ]
        return [(start, end) for start, end in covered if start < end]


def look(scope: Scope, run: Run, limits: EngineLimits) -> Settled | None:
    """Return what is kept of a scope; None where there is little of it: the events answer at once. Raises StoreError."""
    first, last = -(-scope.start // HOUR_SECONDS) * HOUR_SECONDS, scope.end // HOUR_SECONDS * HOUR_SECONDS
    if (last - first) // HOUR_SECONDS < limits.rollup_hours or run.census(scope)[0] < limits.rollup_rows:
        return None
    params = Params()
    bound = {"dataset": params.bind("String", scope.dataset)}
    bound |= {"start": params.bind("Int64", scope.start // HOUR_SECONDS * HOUR_SECONDS), "end": params.bind("Int64", scope.end)}
    rows = run.rows(Statement(_HOURS.format(**bound), params.values))
    rolled_up = {int(hour): int(at) for hour, at, _ in rows if at}
    rollups = {hour: at for hour, at in rolled_up.items() if first <= hour < last}
    edges = {hour: at for hour, at in rolled_up.items() if hour not in rollups}
    return Settled(scope, rollups, edges, {int(hour): int(at) for hour, _, at in rows if at})


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
    of_dataset = f"dataset = {params.bind('String', settled.scope.dataset)}"
    whole, parts = _in_copies(pieces, settled.copies)
    made = []
    if whole:
        # Without a condition on the time, which would have to be read.
        kept = {start: settled.copies[start] for start in whole}
        made.append(select(fields, [of_dataset, *in_hours(kept, params), *conditions], source="narrow AS e"))
    if parts:
        kept = {start: settled.copies[start] for start in (start // HOUR_SECONDS * HOUR_SECONDS for start, _ in parts)}
        own = [of_dataset, *in_hours(kept, params), in_pieces(parts, params)]
        made.append(select(fields, [*own, *conditions], source="narrow AS e"))
    if others := [piece for start, end in pieces for piece in _without(start, end, settled.copies)]:
        made.append(select(fields, [of_dataset, in_pieces(others, params), *conditions], source="events AS e FINAL"))
    return made


def _in_copies(pieces: Sequence[Piece], copies: Hours) -> tuple[list[int], list[Piece]]:
    """Return which hours of pieces are in the copies, and which parts of hours."""
    whole, parts = list[int](), list[Piece]()
    for start, end in pieces:
        for hour in range(start // HOUR_SECONDS * HOUR_SECONDS, end, HOUR_SECONDS):
            if hour not in copies:
                continue
            if start <= hour and hour + HOUR_SECONDS <= end:
                whole.append(hour)
            else:
                parts.append((max(start, hour), min(end, hour + HOUR_SECONDS)))
    return whole, parts


def without(pieces: Sequence[Piece], others: Sequence[Piece]) -> list[Piece]:
    """Return what is left of pieces without the others, each of which lies within one of them."""
    left = []
    for start, end in pieces:
        at = start
        for first, last in sorted(others):
            if start <= first and last <= end:
                if first > at:
                    left.append((at, first))
                at = last
        if end > at:
            left.append((at, end))
    return left


def _without(start: int, end: int, hours: Hours) -> Iterator[Piece]:
    at = start
    for hour in range(start // HOUR_SECONDS * HOUR_SECONDS, end, HOUR_SECONDS):
        if hour in hours:
            if hour > at:
                yield at, hour
            at = hour + HOUR_SECONDS
    if end > at:
        yield at, end
