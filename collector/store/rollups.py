"""Rollups and narrow copies of settled hours, as SQL: which hours have changed, and how they are built. Pure.

An hour is built from the events as they are at one moment, `built` (epoch µs by the store's clock). Its rows are only looked at
while no event of the hour has been stored or removed since: then `changed` is later, and questions go to the events until it is
built again. A change is told after it was made, never before: so a build that did not see it is older than what tells of it.

`narrow` tells of the narrow copy, as `built` does of the rollup: a collector that does not know the copy builds rollups alone.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

from collector.fields.rollup import (
    BINS_A_DOUBLING,
    DIMENSIONS,
    EVENTS,
    HOUR_SECONDS,
    MEASURES,
    METRICS,
    NARROW,
    SPANS,
    has,
    name_and_rating,
    value_of,
)
from collector.store.base import Hour

#: An hour has settled so many seconds after its end: most page views have ended by then.
SETTLED_SECONDS: Final = 600
#: Until so long after its end no hour is built by anybody, so it need not be told twice that it changes. An INSERT ends in between.
QUIET_SECONDS: Final = 300
#: An hour that changes all the time is not built more often.
AGAIN_SECONDS: Final = 300
#: Old builds are kept so long for the questions that still read them.
KEEP_SECONDS: Final = 600
NOW: Final = "toUnixTimestamp64Micro(now64(6))"
_SETTINGS: Final = "SETTINGS session_timezone = 'UTC', do_not_merge_across_partitions_select_final = 1, max_threads = 1"

#: The tables that have rows of hours.
TABLES: Final = ("rollups", "narrow")
#: Hours to build, the latest first: people look at these.
_STALE: Final = f"""SELECT dataset, toUnixTimestamp(hour) AS start
FROM rollup_hours
GROUP BY dataset, hour
HAVING least(max(built), {{narrow}}) <= max(changed) AND least(max(built), {{narrow}}) < {NOW} - {AGAIN_SECONDS} * 1000000
  AND hour < now() - {HOUR_SECONDS + SETTLED_SECONDS}
ORDER BY hour DESC, dataset
LIMIT {{{{most:UInt32}}}}"""


def changed(hours: Iterable[Hour]) -> str:
    """Return the INSERT that tells that hours have changed."""
    return _hours(hours, NOW, "0")


def built(hour: Hour, at: int, *, with_narrow: bool) -> str:
    """Return the INSERT that tells that an hour was built from what there was at a time (epoch µs)."""
    return _hours([hour], "0", str(at), str(at if with_narrow else 0))


def stale(*, with_narrow: bool) -> str:
    """Return the SELECT of hours to build, with the parameter `most`; with or without regard to their narrow copies."""
    return _STALE.format(narrow="max(narrow)" if with_narrow else "max(built)")


def changed_before(dataset: str, ts: int) -> str:
    """Return the INSERT that tells that all hours of a dataset up to a time (epoch ms) have changed."""
    return (
        f"INSERT INTO rollup_hours (dataset, hour, changed, built) SELECT dataset, hour, {NOW}, 0 FROM rollup_hours"
        f" WHERE dataset = {_text(dataset)} AND hour <= fromUnixTimestamp({ts // 1000}) GROUP BY dataset, hour"
    )


def build(hour: Hour, at: int) -> str:
    """Return the INSERT of an hour's rows."""
    columns = ["dataset", "hour", "span", "ts", "built", *(f"`{name}`" for name in DIMENSIONS), *MEASURES]
    selects = (_rows(hour, at, span, metric) for span in SPANS for metric in (EVENTS, *METRICS))
    return f"INSERT INTO rollups ({', '.join(columns)})\n{'UNION ALL '.join(selects)}{_SETTINGS}"


def build_narrow(hour: Hour, at: int) -> str:
    """Return the INSERT of the narrow copy of an hour."""
    names = ", ".join(f"`{name}`" for name in NARROW)
    selected = f"SELECT dataset, fromUnixTimestamp({hour.start}), {at}, {names}\nFROM events AS e FINAL"
    return f"INSERT INTO narrow (dataset, hour, built, {names})\n{selected}\nWHERE {' AND '.join(_within(hour))}\n{_SETTINGS}"


def erase_narrow(hours: Iterable[Hour]) -> Iterator[str]:
    """Yield the statements that remove the narrow copies of hours of which events were erased; questions read them no more."""
    by_dataset: dict[str, list[int]] = {}
    for hour in sorted(hours):
        by_dataset.setdefault(hour.dataset, []).append(hour.start)
    for dataset, starts in by_dataset.items():
        listed = ", ".join(map(str, starts))
        condition = f"dataset = {_text(dataset)} AND toUnixTimestamp(hour) IN ({listed})"
        yield f"ALTER TABLE narrow DELETE WHERE {condition} SETTINGS mutations_sync = 0"


def erase_narrow_before(dataset: str, ts: int) -> str:
    """Return the statement that removes the narrow copies of all hours of a dataset up to a time (epoch ms)."""
    condition = f"dataset = {_text(dataset)} AND hour <= fromUnixTimestamp({ts // 1000})"
    return f"ALTER TABLE narrow DELETE WHERE {condition} SETTINGS mutations_sync = 0"


def _rows(hour: Hour, at: int, span: int, metric: str) -> str:
    kept = {name: f"`{name}`" if name in SPANS[span] else "NULL" for name in DIMENSIONS}
    keys = ", ".join(sql for sql in kept.values() if sql != "NULL")
    value, start = value_of(metric), f"fromUnixTimestamp({hour.start})"
    own = [*_within(hour), *has(metric)]
    return f"""SELECT
  dataset, {start}, {span}, fromUnixTimestamp(intDiv(toUnixTimestamp(e.ts), {span}) * {span}) AS slot, {at},
  {", ".join(kept.values())}, {name_and_rating(metric)[0]}, {name_and_rating(metric)[1]} AS band,
  sum(toFloat64({value}) * sample_rate) / sum(sample_rate), min({value}), max({value}),
  sum(sample_rate), sum(pow(sample_rate, 2)), sum(toFloat64({value}) * sample_rate)
FROM events AS e FINAL
WHERE {" AND ".join(own)}
GROUP BY dataset, slot, {keys}, band, if({value} > 0, floor(log2({value}) * {BINS_A_DOUBLING}), {value} - 100000)
"""


def _within(hour: Hour) -> list[str]:
    start, end = (f"fromUnixTimestamp({at})" for at in (hour.start, hour.start + HOUR_SECONDS))
    return [f"dataset = {_text(hour.dataset)}", f"e.ts >= {start}", f"e.ts < {end}"]


def tidy(table: str, now: int) -> str:
    """Return the statement that removes builds that newer ones have replaced some time before `now` (epoch µs).

    Args:
        table: one of `TABLES`.
        now: as above.
    """
    current = f"SELECT dataset, hour, max({'built' if table == 'rollups' else table}) FROM rollup_hours GROUP BY dataset, hour"
    before = now - KEEP_SECONDS * 1_000_000
    condition = f"built < {before} AND (dataset, hour, built) NOT IN ({current})"
    return f"ALTER TABLE {table} DELETE WHERE {condition} SETTINGS mutations_sync = 0"


def _hours(hours: Iterable[Hour], changed_at: str, built_at: str, narrow_at: str = "0") -> str:
    rows = ", ".join(f"({_text(hour.dataset)}, {hour.start})" for hour in sorted(hours))
    values = f"d, fromUnixTimestamp(toUInt32(h)), {changed_at}, {built_at}, {narrow_at} FROM VALUES('d String, h UInt32', {rows})"
    return f"INSERT INTO rollup_hours (dataset, hour, changed, built, narrow) SELECT {values}"


def _text(value: str) -> str:
    return f"unhex('{value.encode().hex()}')"
