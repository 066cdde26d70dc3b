"""Token buckets: how much passes, and how much is remembered."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from collector.ingest.buckets import Buckets


def test_a_full_bucket_gives_its_burst_and_then_its_rate() -> None:
    buckets = Buckets(10)

    assert [buckets.take("a", 2, 4, 0.0) for _ in range(5)] == [0, 0, 0, 0, 0.5]
    assert [buckets.take("a", 2, 4, 0.5) for _ in range(2)] == [0, 0.5]


def test_names_do_not_share() -> None:
    buckets = Buckets(10)

    assert [buckets.take(name, 1, 1, 0.0) for name in ("a", "b", "a")] == [0, 0, 1]


def test_what_is_refused_takes_nothing() -> None:
    buckets = Buckets(10)
    buckets.take("a", 1, 2, 0.0)

    assert [buckets.take("a", 1, 2, 0.0, cost) for cost in (2, 1)] == [1, 0]


def test_full_buckets_are_forgotten() -> None:
    buckets = Buckets(10)
    for name in range(9):
        buckets.take(name, 1, 1, 0.0)
    for name in range(9, 18):
        buckets.take(name, 1, 1, 5.0)

    assert len(buckets) == 9


@given(st.lists(st.tuples(st.integers(0, 50), st.floats(0, 1)), max_size=300))
def test_memory_is_bounded_and_no_bucket_passes_more_than_burst_and_flow(steps: list[tuple[int, float]]) -> None:
    buckets, now, taken = Buckets(60), 0.0, dict.fromkeys(range(51), 0)
    for name, pause in steps:
        now += pause
        taken[name] += not buckets.take(name, 3, 5, now)

    assert len(buckets) <= 60
    assert max(taken.values()) <= 5 + 3 * now + 1e-6
