"""Columns of attributes, in both stores. What they change for questions is told in tests/query/test_query_promoted.py."""

from __future__ import annotations

from uuid import uuid4

from store_samples import ask, event

from collector.fields.promoted import promoted_column
from collector.store.base import Attribute
from collector.store.sql import SqlStore


def test_what_was_stored_before_and_what_comes_after_is_in_the_column(store: SqlStore, dataset: str) -> None:
    name = f"plan.{uuid4().hex[:8]}"
    store.insert([event(dataset, id="before", attrs_string={name: "free"}), event(dataset, id="without")])
    store.add_attributes([Attribute(dataset, name, "string")])

    store.promote([(name, "string")])
    store.insert([event(dataset, id="after", attrs_string={name: ""})])
    store.promote([(name, "string")])

    rows = ask(store, f"id, `{promoted_column(name, 'string')}`", dataset).rows
    assert rows == [("after", ""), ("before", "free"), ("without", None)]
    assert store.attributes()[Attribute(dataset, name, "string")]


def test_numbers_and_booleans_keep_their_types(store: SqlStore, dataset: str) -> None:
    name = f"size.{uuid4().hex[:8]}"
    store.promote([(name, "number"), (name, "boolean")])
    store.insert([event(dataset, attrs_number={name: 1.25}, attrs_bool={name: True})])

    columns = ", ".join(f"`{promoted_column(name, type_)}`" for type_ in ("number", "boolean"))
    assert ask(store, columns, dataset).rows == [(1.25, True)]
