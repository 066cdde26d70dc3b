"""Rollups of settled hours, as SQL: which hours have changed, and how one is built. Pure.

An hour is built from the events as they are at one moment, `built` (epoch µs by the store's clock). Its rows are only looked at
while no event of the hour has been stored or removed since: then `changed` is later, and questions go to the events until it is
built again. A change is told after it was made, never before: so a build that did not see it is older than what tells of it.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from collector.fields.rollup import (
    BINS_A_DOUBLING,
    DIMENSIONS,
    EVENTS,
    HOUR_SECONDS,
    MEASURES,
    METRICS,
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

#: Hours to build, the latest first: people look at these.
STALE: Final = f"""SELECT dataset, toUnixTimestamp(hour) AS start
FROM rollup_hours
GROUP BY dataset, hour
HAVING max(built) <= max(changed) AND max(built) < {NOW} - {AGAIN_SECONDS} * 1000000
  AND hour < now() - {HOUR_SECONDS + SETTLED_SECONDS}
ORDER BY hour DESC, dataset
LIMIT {{most:UInt32}}"""


def changed(hours: Iterable[Hour]) -> str:
    """Return the INSERT that tells that hours have changed."""
    return _hours(hours, NOW, "0")


def built(hour: Hour, at: int) -> str:
    """Return the INSERT that tells that an hour was built from what there was at a time (epoch µs)."""
    return _hours([hour], "0", str(at))


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
    settings = "session_timezone = 'UTC', do_not_merge_across_partitions_select_final = 1, max_threads = 1"
    return f"INSERT INTO rollups ({', '.join(columns)})\n{'UNION ALL '.join(selects)}SETTINGS {settings}"


def _rows(hour: Hour, at: int, span: int, metric: str) -> str:
    kept = {name: f"`{name}`" if name in SPANS[span] else "NULL" for name in DIMENSIONS}
    keys = ", ".join(sql for sql in kept.values() if sql != "NULL")
    value, start = value_of(metric), f"fromUnixTimestamp({hour.start})"
    end = f"fromUnixTimestamp({hour.start + HOUR_SECONDS})"
    own = [f"dataset = {_text(hour.dataset)}", f"e.ts >= {start}", f"e.ts < {end}", *has(metric)]
    return f"""SELECT
  dataset, {start}, {span}, fromUnixTimestamp(intDiv(toUnixTimestamp(e.ts), {span}) * {span}) AS slot, {at},
  {", ".join(kept.values())}, {name_and_rating(metric)[0]}, {name_and_rating(metric)[1]} AS band,
  sum(toFloat64({value}) * sample_rate) / sum(sample_rate), min({value}), max({value}),
  sum(sample_rate), sum(pow(sample_rate, 2)), sum(toFloat64({value}) * sample_rate)
FROM events AS e FINAL
WHERE {" AND ".join(own)}
GROUP BY dataset, slot, {keys}, band, if({value} > 0, floor(log2({value}) * {BINS_A_DOUBLING}), {value} - 100000)
"""


def tidy(now: int) -> str:
    """Return the statement that removes builds that newer ones have replaced some time before `now` (epoch µs)."""
    current = "SELECT dataset, hour, max(built) FROM rollup_hours GROUP BY dataset, hour"
    before = now - KEEP_SECONDS * 1_000_000
    condition = f"built < {before} AND (dataset, hour, built) NOT IN ({current})"
    return f"ALTER TABLE rollups DELETE WHERE {condition} SETTINGS mutations_sync = 0"


def _hours(hours: Iterable[Hour], changed_at: str, built_at: str) -> str:
    rows = ", ".join(f"({_text(hour.dataset)}, {hour.start})" for hour in sorted(hours))
    return (
        "INSERT INTO rollup_hours (dataset, hour, changed, built)"
        f" SELECT d, fromUnixTimestamp(toUInt32(h)), {changed_at}, {built_at} FROM VALUES('d String, h UInt32', {rows})"
    )


def _text(value: str) -> str:
    return f"unhex('{value.encode().hex()}')"
