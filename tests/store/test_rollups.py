"""Rollups of hours, in both stores. That questions get the same answers from them is told in tests/query/test_query_rollup.py."""

from __future__ import annotations

import time
from collections.abc import Callable

from store_samples import DAY, event

from collector.store import rollups
from collector.store.base import Hour, Key
from collector.store.sql import SqlStore

#: Some hour that ended long ago.
OLD = int(time.time()) // 3600 * 3600 - 5 * 3600


def at(dataset: str, hour: int, **fields: object) -> dict[str, object]:
    """Return an event of that hour (epoch seconds)."""
    ts = hour * 1000 + 5000
    return event(dataset, ts=ts, time=ts, received_at=ts, **fields)


def is_rolled_up(store: SqlStore, hour: Hour) -> bool:
    """Return whether questions may read the hour's rollup."""
    rows = store.query(
        "SELECT max(built) > max(changed) FROM rollup_hours"
        f" WHERE dataset = '{hour.dataset}' AND toUnixTimestamp(hour) = {hour.start} GROUP BY hour"
    ).rows
    return bool(rows and rows[0][0])


def counted(store: SqlStore, hour: Hour) -> dict[str, int]:
    """Return how many events the newest build of an hour has of each metric."""
    rows = store.query(
        f"SELECT metric, sum(events) FROM rollups WHERE dataset = '{hour.dataset}' AND span = 3600"
        f" AND built = (SELECT max(built) FROM rollup_hours WHERE dataset = '{hour.dataset}') GROUP BY metric"
    ).rows
    return dict(rows)


def test_an_hour_that_has_settled_is_stale_until_it_is_built(store: SqlStore, dataset: str) -> None:
    old, now = Hour(dataset, OLD), int(time.time()) // 3600 * 3600
    store.insert([at(dataset, OLD), at(dataset, now)])

    assert [hour for hour in store.stale_hours(1000) if hour.dataset == dataset] == [old]
    store.roll_up(old)
    assert not [hour for hour in store.stale_hours(1000) if hour.dataset == dataset]


def test_every_event_counts_once_and_by_its_weight(store: SqlStore, dataset: str) -> None:
    hour = Hour(dataset, OLD)
    store.insert([at(dataset, OLD, id="a", **{"lcp.value": 900.0}), at(dataset, OLD, id="b", sample_rate=10)])
    store.insert([at(dataset, OLD, id="a", revision=3, **{"lcp.value": 900.0, "cls.value": 0.0})])

    store.roll_up(hour)

    assert counted(store, hour) == {"": 11, "lcp.value": 1, "cls.value": 1}


def test_a_change_makes_only_its_hour_stale(store: SqlStore, dataset: str) -> None:
    hours = [Hour(dataset, OLD), Hour(dataset, OLD - 3600)]
    store.insert([at(dataset, hour.start) for hour in hours])
    for hour in hours:
        store.roll_up(hour)

    store.insert([at(dataset, OLD, id="late")])

    assert [is_rolled_up(store, hour) for hour in hours] == [False, True]


def test_an_erasure_makes_its_hours_stale(store: SqlStore, dataset: str) -> None:
    one, other = Hour(dataset, OLD), Hour(dataset, OLD - DAY // 1000)
    store.insert([at(dataset, one.start, id="a"), at(dataset, other.start, id="b")])
    for hour in (one, other):
        store.roll_up(hour)

    store.erase(dataset, [Key("page_view", "a", OLD * 1000 + 5000)])
    assert (is_rolled_up(store, one), is_rolled_up(store, other)) == (False, True)

    store.erase_before(dataset, OLD * 1000)
    assert not is_rolled_up(store, other)


def copied(store: SqlStore, hour: Hour) -> int:
    """Return how many events the narrow copies of an hour have."""
    of_hour = f"dataset = '{hour.dataset}' AND toUnixTimestamp(hour) = {hour.start}"
    return int(store.query(f"SELECT count() FROM narrow WHERE {of_hour}").rows[0][0])


def wait_until(condition: Callable[[], bool]) -> None:
    """Wait for what the engine does in the background."""
    deadline = time.monotonic() + 30
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_the_narrow_copy_has_each_event_once(store: SqlStore, dataset: str) -> None:
    hour = Hour(dataset, OLD)
    store.insert([at(dataset, OLD, id="a"), at(dataset, OLD, id="b")])
    store.insert([at(dataset, OLD, id="a", revision=3)])

    store.roll_up(hour)

    assert copied(store, hour) == 2


def test_an_erasure_removes_the_narrow_copies_of_its_hours(store: SqlStore, dataset: str) -> None:
    hours = [Hour(dataset, OLD), Hour(dataset, OLD - DAY // 1000)]
    store.insert([at(dataset, hour.start) for hour in hours])
    for hour in hours:
        store.roll_up(hour)

    store.erase(dataset, [Key("page_view", "a", OLD * 1000 + 5000)])
    wait_until(lambda: [copied(store, hour) for hour in hours] == [0, 1])

    store.erase_before(dataset, OLD * 1000)
    wait_until(lambda: copied(store, hours[1]) == 0)


def test_an_hour_without_its_narrow_copy_is_stale(store: SqlStore, dataset: str) -> None:
    hour = Hour(dataset, OLD)
    store.insert([at(dataset, OLD)])
    now = store.query(f"SELECT {rollups.NOW}").rows[0][0]

    store._command(rollups.built(hour, now, with_narrow=False))

    assert hour in store.stale_hours(1000)


def test_tidying_leaves_the_newest_build(store: SqlStore, dataset: str) -> None:
    hour = Hour(dataset, OLD)
    store.insert([at(dataset, OLD)])
    store.roll_up(hour)
    store.roll_up(hour)

    store.tidy_rollups()

    # What was replaced a moment ago may still be read.
    assert counted(store, hour) == {"": 1}
