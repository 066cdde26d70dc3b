from __future__ import annotations

import pytest
from store_samples import DAY, NOW, event

from collector.errors import StoreDataError
from collector.store.columns import BLOCK_ROWS, EVENT_COLUMNS, event_blocks, event_columns, split_by_days


def column(name: str, *events: dict[str, object]) -> list[object]:
    columns = event_columns(events)
    return columns.data[[known for known, _ in columns.spec].index(name)]


def test_a_column_has_one_value_an_event_in_order() -> None:
    events = [event("d", id=str(number)) for number in range(250)]

    assert column("id", *events) == [str(number) for number in range(250)]


@pytest.mark.parametrize(
    ("name", "value"),
    [("lcp.value", None), ("page.path", None), ("revision", 0), ("sample_rate", 1), ("attrs_string", {}), ("time", NOW)],
)
def test_an_absent_field_has_its_default(name: str, value: object) -> None:
    assert column(name, event("d"), event("d", **{name: None})) == [value, value]


def test_an_absent_list_is_as_long_as_those_that_belong_to_it() -> None:
    events = [event("d"), event("d", **{"resources.host": ["a", "b"]}), event("d", **{"resources.path": ["/"]})]

    assert column("resources.host", *events) == [[], ["a", "b"], [""]]
    assert column("resources.ttfb", *events) == [[], [None, None], [None]]
    assert column("resource_hosts.name", *events) == [[], [], []]


@pytest.mark.parametrize("name", ["dataset", "id", "kind", "ts"])
def test_an_event_without_a_key_is_refused_by_name(name: str) -> None:
    incomplete = event("d")
    del incomplete[name]

    with pytest.raises(StoreDataError, match=f"`{name}`"):
        event_columns([event("d"), incomplete])


def test_no_events_make_empty_columns() -> None:
    columns = event_columns([])

    assert (columns.rows, len(columns.data)) == (0, len(EVENT_COLUMNS))


def test_events_are_cut_into_blocks() -> None:
    events = [event("d", id=str(number)) for number in range(BLOCK_ROWS * 2 + 1)]

    assert [block.rows for block in event_blocks(events)] == [BLOCK_ROWS, BLOCK_ROWS, 1]


def test_events_of_few_days_stay_together_in_their_order() -> None:
    events = [event("d", ts=NOW - day * DAY) for day in (3, 1, 2)]

    assert list(split_by_days(events, max_days=3)) == [events]


def test_events_of_many_days_are_split_and_none_is_lost() -> None:
    events = [event("d", id=str(number), ts=NOW - number % 7 * DAY) for number in range(100)]

    batches = list(split_by_days(events, max_days=3))

    assert [len({one["ts"] for one in batch}) for batch in batches] == [3, 3, 1]
    assert sorted(one["id"] for batch in batches for one in batch) == sorted(one["id"] for one in events)
