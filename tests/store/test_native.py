from __future__ import annotations

from typing import Any

import pytest

from collector.errors import StoreDataError
from collector.store.columns import Columns
from collector.store.native import decode, encode


@pytest.mark.parametrize(
    ("type_", "values"),
    [
        ("String", ["", "é", "x" * 300]),
        ("Nullable(String)", [None, "", "a"]),
        ("LowCardinality(String)", ["a", "b", "a"]),
        ("LowCardinality(Nullable(String))", [None, "a", None]),
        ("LowCardinality(Nullable(String))", [None, None]),
        ("LowCardinality(Nullable(String))", ["", None, "a"]),
        ("Nullable(Float32)", [None, 1.5, -0.25]),
        ("Nullable(Float64)", [1e300, None]),
        ("Nullable(UInt16)", [65535, None, 0]),
        ("Nullable(Bool)", [True, None, False]),
        ("UInt32", [0, 2**32 - 1]),
        ("Map(LowCardinality(String), String)", [{}, {"a": "b", "c": ""}]),
        ("Map(LowCardinality(String), String)", [{}, {}]),
        ("Map(LowCardinality(String), Bool)", [{"a": True}, {}]),
        ("Array(String)", [["a", "b"], []]),
    ],
)
def test_a_column_reads_back(type_: str, values: list[Any]) -> None:
    spec, columns = decode(encode(Columns([("x", type_)], [list(values)])))

    assert spec == [("x", type_)]
    assert columns == [values]


@pytest.mark.parametrize("type_", ["LowCardinality(String)", "LowCardinality(Nullable(String))"])
@pytest.mark.parametrize("different", [1, 254, 255, 256, 257, 65_534, 65_535, 65_536, 70_000])
def test_any_number_of_different_texts_reads_back(type_: str, different: int) -> None:
    values = [f"text {number % different}" for number in range(70_000)]

    _, columns = decode(encode(Columns([("x", type_)], [list(values)])))

    assert columns == [values]


def test_blocks_follow_each_other() -> None:
    first, second = (encode(Columns([("x", "String"), ("y", "UInt32")], [[text], [1]])) for text in ("a", "b"))

    assert decode(first + second) == ([("x", "String"), ("y", "UInt32")], [["a", "b"], [1, 1]])


def test_nothing_is_no_block() -> None:
    assert decode(b"") == ([], [])


@pytest.mark.parametrize(
    ("type_", "value"),
    [
        ("Nullable(Float32)", "1"),
        ("Nullable(Float32)", 1e39),
        ("Nullable(UInt16)", 70_000),
        ("Nullable(UInt16)", 1.5),
        ("UInt32", None),
        ("DateTime64(3, 'UTC')", None),
        ("String", None),
        ("LowCardinality(String)", 5),
        ("LowCardinality(Nullable(String))", ["unhashable"]),
        ("LowCardinality(Nullable(String))", 5),
        ("Nullable(String)", b"\xff".decode("utf-8", "surrogateescape")),
        ("Map(LowCardinality(String), Float64)", {"a": "b"}),
        ("Map(LowCardinality(String), String)", "text"),
    ],
)
def test_a_value_that_does_not_fit_is_a_data_error(type_: str, value: Any) -> None:
    with pytest.raises(StoreDataError, match="doesn't fit"):
        encode(Columns([("x", type_)], [[value]]))
