"""Attributes with columns of their own: the answers stay what they were."""

from __future__ import annotations

from typing import Any

import pytest
from asking import Dataset

from collector.fields.promoted import can_be_promoted
from collector.query.columns import Column
from collector.query.popularity import POPULAR_QUESTIONS, Popularity
from collector.store.base import Attribute, Store

EVENTS = [
    {"attrs_string": {"hot.plan": "free"}, "attrs_number": {"hot.size": 1.5}, "attrs_bool": {"hot.in": True}},
    {"attrs_string": {"hot.plan": ""}, "attrs_number": {"hot.size": 0.0}, "attrs_bool": {"hot.in": False}},
    {"attrs_string": {"hot.plan": "gold", "hot.mixed": "x"}},
    {"attrs_number": {"hot.mixed": 7}},
    {},
]
HOT = [("hot.plan", "string"), ("hot.size", "number"), ("hot.in", "boolean"), ("hot.mixed", "number")]
QUESTIONS: list[dict[str, Any]] = [
    {"calculations": [{"op": "COUNT"}], "breakdowns": ["hot.plan"]},
    {"calculations": [{"op": "COUNT"}], "breakdowns": ["hot.in"]},
    {"calculations": [{"op": "COUNT"}], "breakdowns": ["hot.mixed"]},
    {"calculations": [{"op": "SUM", "column": "hot.size"}, {"op": "COUNT_DISTINCT", "column": "hot.plan"}]},
    {"calculations": [{"op": "COUNT"}], "filters": [{"column": "hot.plan", "op": "!=", "value": "free"}]},
    {"calculations": [{"op": "COUNT"}], "filters": [{"column": "hot.in", "op": "exists"}]},
    {"calculations": [{"op": "COUNT"}], "filters": [{"column": "hot.mixed", "op": "in", "value": ["x", 7]}]},
]


def ask_all(dataset: Dataset) -> list[Any]:
    """Return the answers of an engine that has read the catalogue anew."""
    return [sorted(map(repr, dataset.limited().rows(**question))) for question in QUESTIONS]


def test_promoted_attributes_answer_as_before(dataset: Dataset, embedded_store: Store) -> None:
    dataset.add(*EVENTS)
    before = ask_all(dataset)

    embedded_store.promote(HOT)
    stored_before = ask_all(dataset)
    dataset.add(*EVENTS)
    embedded_store.erase_before(dataset.name, 0)

    assert stored_before == before
    assert dataset.limited().one("SUM", "hot.size") == 3.0
    assert embedded_store.attributes()[Attribute(dataset.name, "hot.plan", "string")]
    assert not embedded_store.attributes()[Attribute(dataset.name, "hot.mixed", "string")]


def test_whole_events_are_what_was_sent(dataset: Dataset, embedded_store: Store) -> None:
    embedded_store.promote(HOT)
    dataset.add(EVENTS[0])

    (event,) = dataset.events()

    assert {name: event[name] for name in event if "hot" in name} == {"hot.plan": "free", "hot.size": 1.5, "hot.in": True}


@pytest.mark.parametrize("name", ["it's", "a`b", "a\\b", "", "x" * 129, "größe", "a b"])
def test_a_name_that_a_column_cannot_have_is_left_alone(name: str) -> None:
    assert not can_be_promoted(name)


def test_attributes_are_popular_after_many_questions_and_forgotten_after_days() -> None:
    now = [0.0]
    popularity = Popularity(lambda: now[0])
    columns = [Column("plan", ("string",)), Column("page.path", ("string",), "String")]

    for _ in range(POPULAR_QUESTIONS):
        assert popularity.popular() == []
        popularity.note("shop", columns)
    assert popularity.popular() == [("shop", "plan")]

    now[0] += 86_400
    popularity.note("shop", [])
    assert popularity.popular() == []
