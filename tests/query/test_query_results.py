"""Rows of the store become the JSON of an answer."""

from __future__ import annotations

import math
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collector.query.results import shortest


def stored(value: float) -> float:
    return float(struct.unpack("f", struct.pack("f", value))[0])


@pytest.mark.parametrize("value", [0.0, -0.1, 123.3, 1834.2, 16_777_216.0, 3.4e38, 1e-45, 0.30000001, 1e9, math.inf])
def test_a_float32_is_shown_as_it_was_sent(value: float) -> None:
    assert shortest(stored(value)) == pytest.approx(value, rel=1e-7)
    assert len(repr(shortest(stored(value)))) <= max(len(repr(value)), len("-1.2345678e-45"))


@given(st.floats(width=32, allow_nan=False))
def test_what_is_shown_is_stored_as_it_was(value: float) -> None:
    assert stored(shortest(value)) == value


@given(st.integers(-999_999, 999_999), st.integers(0, 6))
def test_six_digits_come_back_as_they_are(digits: int, places: int) -> None:
    assert shortest(stored(digits / 10**places)) == digits / 10**places
