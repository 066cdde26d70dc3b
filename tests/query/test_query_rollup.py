"""Answers from the rollup are those that the events give, whatever has happened to them since it was built."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest
from asking import NOW, Dataset
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from collector.query.parse import parse_query
from collector.query.rollup import span_of
from collector.store.base import Hour, Key, Store

HOUR = 3600
#: The hours that have events, the first one of them.
FIRST, HOURS = NOW // HOUR * HOUR - 12 * HOUR, 6
DAY = {"start_time": FIRST - 1800, "end_time": FIRST + HOURS * HOUR + 900}
P75_BY_DEVICE = {"calculations": [{"op": "P75", "column": "lcp.value"}, {"op": "COUNT"}], "breakdowns": ["device.type"]}


def view(number: int, **fields: Any) -> dict[str, Any]:
    """Return a page view; the first ones are spread over the hours, and so are the next."""
    ts = FIRST * 1000 + number % HOURS * HOUR * 1000 + number * 1009 % 3_600_000
    given = {"device.type": ("mobile", "desktop")[number % 2], "lcp.value": 1000.0 + 37 * number, "navigation.type": "navigate"}
    return {"id": f"view{number}", "ts": ts, **given, **fields}


def roll_up(dataset: Dataset, store: Store) -> None:
    """Build the rollup of all hours."""
    for hour in range(FIRST, FIRST + HOURS * HOUR, HOUR):
        store.roll_up(Hour(dataset.name, hour))


def both(dataset: Dataset, **query: Any) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return the answer and that of the events alone."""
    return dataset.limited(rollup_rows=0).ask(**DAY, **query), dataset.ask(**DAY, **query)


def same(one: dict[str, Any], other: dict[str, Any]) -> bool:
    """Return whether rows tell the same; percentiles as exactly as the bins are."""
    return one.keys() == other.keys() and all(
        value == pytest.approx(other[key], rel=0.0073 if key.startswith("P") else 1e-6)
        if isinstance(value, float)
        else value == other[key]
        for key, value in one.items()
    )


def assert_alike(rolled: dict[str, Any], events: dict[str, Any]) -> None:
    for part in ("results", "series"):
        rows = [(row.get("time"), row["data"]) for row in rolled[part]], [(row.get("time"), row["data"]) for row in events[part]]
        assert len(rows[0]) == len(rows[1])
        for (time, one), (other_time, other) in zip(*rows, strict=True):
            assert time == other_time
            assert same(one, other), (one, other)


def test_a_question_that_the_rollup_holds_is_answered_from_it(dataset: Dataset, embedded_store: Store) -> None:
    dataset.add(*(view(number) for number in range(60)))
    roll_up(dataset, embedded_store)

    rolled, events = both(dataset, **P75_BY_DEVICE, granularity=3600)

    assert (rolled["meta"]["answered_from"], rolled["meta"]["percentiles"]) == ("rollup", "binned")
    assert (events["meta"]["answered_from"], events["meta"]["percentiles"]) == ("events", "exact")
    assert_alike(rolled, events)


@pytest.mark.parametrize(
    "query",
    [
        pytest.param({"calculations": [{"op": "COUNT_DISTINCT", "column": "lcp.value"}]}, id="another-calculation"),
        pytest.param({"calculations": [{"op": "COUNT"}], "granularity": 60}, id="finer-steps"),
        pytest.param({"calculations": [{"op": "COUNT"}], "filters": [{"column": "lcp.value", "op": ">", "value": 9}]}, id="value"),
        pytest.param(
            {"calculations": [{"op": "COUNT"}], "filters": [{"column": "lcp.rating", "op": "=", "value": "good"}]}, id="band"
        ),
    ],
)
def test_what_the_rollup_does_not_hold_is_answered_from_the_narrow_copy(
    dataset: Dataset, embedded_store: Store, query: dict[str, Any]
) -> None:
    dataset.add(*(view(number) for number in range(20)))
    roll_up(dataset, embedded_store)

    assert dataset.limited(rollup_rows=0).ask(**DAY, **query)["meta"]["answered_from"] == "narrow"


@pytest.mark.parametrize(
    "query",
    [
        pytest.param({"calculations": [{"op": "P75", "column": "page.age"}]}, id="another-number"),
        pytest.param({"calculations": [{"op": "COUNT"}], "breakdowns": ["page.path"]}, id="another-breakdown"),
        pytest.param({"calculations": [{"op": "COUNT"}], "filters": [{"column": "id", "op": "=", "value": "view3"}]}, id="filter"),
    ],
)
def test_other_questions_are_answered_from_the_events(dataset: Dataset, embedded_store: Store, query: dict[str, Any]) -> None:
    dataset.add(*(view(number) for number in range(20)))
    roll_up(dataset, embedded_store)

    assert dataset.limited(rollup_rows=0).ask(**DAY, **query)["meta"]["answered_from"] == "events"


def test_a_filter_for_what_is_not_a_rating_is_for_the_events() -> None:
    calculation = {"op": "COUNT", "filters": [{"column": "lcp.rating", "op": "!=", "value": "good"}]}

    assert span_of(parse_query({"dataset": "d", "calculations": [calculation], "disable_series": True})) == 0


@pytest.mark.parametrize("granularity, span", [(3600, 3600), (86_400, 3600), (600, 600), (1800, 600), (300, 0)])
def test_the_coarsest_rows_that_hold_the_steps_are_read(granularity: int, span: int) -> None:
    query = {"dataset": "d", "calculations": [{"op": "COUNT"}], "granularity": granularity, "time_range": 10_000}

    assert span_of(parse_query(query)) == span


def test_late_amended_and_erased_events_count_at_once(dataset: Dataset, embedded_store: Store) -> None:
    dataset.add(*(view(number) for number in range(60)))
    roll_up(dataset, embedded_store)

    amended, late, erased = view(3, revision=5, **{"lcp.value": 9000.0}), view(77), view(5)
    dataset.add(amended, late)
    embedded_store.erase(dataset.name, [Key("page_view", erased["id"], erased["ts"])])
    rolled, events = both(dataset, calculations=[{"op": "COUNT"}, {"op": "MAX", "column": "lcp.value"}], granularity=600)

    assert rolled["meta"]["answered_from"] == "rollup"
    assert rolled["results"][0]["data"] == {"COUNT": 60, "MAX(lcp.value)": 9000}
    assert_alike(rolled, events)


def test_all_hours_of_a_dataset_are_stale_after_an_erasure_by_time(dataset: Dataset, embedded_store: Store) -> None:
    dataset.add(*(view(number) for number in range(60)))
    roll_up(dataset, embedded_store)

    embedded_store.erase_before(dataset.name, (FIRST + HOUR) * 1000)
    rolled, events = both(dataset, calculations=[{"op": "COUNT"}], granularity=3600)

    assert rolled["meta"]["answered_from"] == "rollup"
    assert_alike(rolled, events)


def test_an_hour_that_is_built_again_counts_once(dataset: Dataset, embedded_store: Store) -> None:
    dataset.add(*(view(number) for number in range(60)))
    roll_up(dataset, embedded_store)
    roll_up(dataset, embedded_store)

    rolled, _ = both(dataset, calculations=[{"op": "COUNT"}], granularity=3600)

    assert (rolled["results"][0]["data"]["COUNT"], rolled["meta"]["answered_from"]) == (60, "rollup")


EVENTS = st.lists(
    st.builds(
        view,
        st.integers(0, 60),
        sample_rate=st.sampled_from([1, 1, 1, 7]),
        revision=st.integers(0, 3),
        **{
            "device.type": st.sampled_from(["mobile", "desktop", None]),
            "navigation.type": st.sampled_from(["navigate", "reload", None]),
            "user_agent.is_bot": st.sampled_from([True, False, None]),
            "lcp.value": st.sampled_from([None, 0.0, 1200.5, 2500.0, 2500.1, 4000.0, 9000.0]),
            "cls.value": st.sampled_from([None, 0.0, 0.0001, 0.1, 0.25, 1.5]),
        },
    ),
    min_size=1,
    max_size=40,
)
DIMENSION = st.sampled_from(
    [
        {"column": "device.type", "op": "=", "value": "mobile"},
        {"column": "device.type", "op": "!=", "value": "mobile"},
        {"column": "user_agent.is_bot", "op": "!=", "value": True},
        {"column": "navigation.type", "op": "not-in", "value": ["reload"]},
        {"column": "navigation.type", "op": "does-not-exist"},
    ]
)
RATED = st.sampled_from([{"column": "lcp.rating", "op": "=", "value": "good"}, {"column": "lcp.value", "op": "exists"}])
CALCULATION = st.one_of(
    st.just({"op": "COUNT"}),
    st.builds(lambda rated, one: {"op": "COUNT", "name": "rated", "filters": [rated, one]}, RATED, DIMENSION),
    st.builds(
        lambda op, column: {"op": op, "column": column},
        st.sampled_from(["SUM", "AVG", "MIN", "MAX", "P50", "P75", "P99"]),
        st.sampled_from(["lcp.value", "cls.value"]),
    ),
)
QUERIES = st.fixed_dictionaries(
    {
        "calculations": st.lists(
            CALCULATION, min_size=1, max_size=4, unique_by=lambda one: (one["op"], one.get("column"), one.get("name"))
        ),
        "filters": st.lists(DIMENSION, max_size=2),
        "breakdowns": st.sampled_from([[], ["device.type"], ["navigation.type", "user_agent.is_bot"]]),
        "granularity": st.sampled_from([600, 3600]),
        "filter_combination": st.sampled_from(["AND", "OR"]),
    }
)


# What fails is small already, and each try takes the store a second.
@settings(
    max_examples=8,
    deadline=None,
    phases=[Phase.reuse, Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(before=EVENTS, after=EVENTS, queries=st.lists(QUERIES, min_size=1, max_size=3))
def test_whatever_is_asked_and_whatever_comes_late_the_answers_are_alike(
    dataset: Dataset, embedded_store: Store, before: list[Any], after: list[Any], queries: list[dict[str, Any]]
) -> None:
    dataset = Dataset(f"{dataset.name} {uuid4().hex}", embedded_store)
    dataset.add(*before)
    roll_up(dataset, embedded_store)
    dataset.add(*after[: len(after) // 8])

    for query in queries:
        rolled, events = both(dataset, **query)
        assert_alike(rolled, events)
