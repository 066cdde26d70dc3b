from __future__ import annotations

from typing import Any

import pytest

from collector.store.params import escaped


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("plain", "plain"),
        ("a'b", "a\\'b"),
        ("a\\b\tc\nd", "a\\\\b\\tc\\nd"),
        (5, "5"),
        (1.5, "1.5"),
        (True, "true"),
        ([], "[]"),
        (["a", "it's\t"], "['a','it\\'s\\t']"),
        ([1, 2.5, False], "[1,2.5,false]"),
    ],
)
def test_a_value_becomes_escaped_text(value: Any, text: str) -> None:
    assert escaped(value) == text


@pytest.mark.parametrize("value", [None, {"a": 1}, [[1]], b"bytes"])
def test_other_values_are_refused(value: Any) -> None:
    with pytest.raises(TypeError, match="A query parameter can't be"):
        escaped(value)
