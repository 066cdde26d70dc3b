"""Conditions are read as they are written, and say what they found."""

from __future__ import annotations

from typing import Any

import pytest

from collector.checks.conditions import ConditionError, look, parse

FACTS: dict[str, Any] = {
    "status": 200,
    "cert.days_left": 9,
    "lcp.value": 2600.5,
    "header.content-type": "text/html; charset=utf-8",
    "body": "<h1>Shop</h1>",
    "json": {"items": [{"id": "a1", "price": 3, "tags": ["new"]}], "ok": True, "none": None},
}


@pytest.mark.parametrize(
    "text",
    [
        "status == 200",
        "status < 400",
        "cert.days_left >= 9",
        'header.content-type contains "charset=utf-8"',
        "body matches <h1>.*</h1>",
        "json.items[0].id == a1",
        "json.items[0].price != 4",
        "json.items[0].tags contains new",
        "json.items[0].id exists",
        "json.items[1].id missing",
        "json.ok == true",
        "json.none == null",
        "json.ok != 1",
    ],
)
def test_a_condition_holds(text: str) -> None:
    assert look(parse(text), FACTS).holds


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("status == 404", "status == 404: status is 200."),
        ("lcp.value <= 2500 warn", "lcp.value <= 2500 warn: lcp.value is 2600.5."),
        ("header.etag exists", "header.etag exists: header.etag is missing."),
        ("json.items[3].id == a1", "json.items[3].id == a1: there is no json.items[3].id."),
        ("json.ok == 1", "json.ok == 1: json.ok is true."),
        ("body < 3", 'body < 3: body is "<h1>Shop</h1>".'),
    ],
)
def test_a_condition_that_does_not_hold_says_what_was_found(text: str, message: str) -> None:
    result = look(parse(text), FACTS)

    assert (result.holds, result.message) == (False, message)


def test_warn_makes_a_condition_soft() -> None:
    assert parse("lcp.value <= 2500 warn").is_soft
    assert not parse("body contains warn").is_soft


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("== 200", "must begin with what it is about"),
        ("status = 200", "needs one of =="),
        ("status", "not 'nothing'"),
        ("status ==", "ends where a value should follow =="),
        ("body contains two words", "in double quotes"),
        ("body matches [", "regular expression"),
        ("status < ok", "takes a number"),
        ("status == [1]", "write a number"),
    ],
)
def test_a_condition_that_cannot_be_read_says_why(text: str, part: str) -> None:
    with pytest.raises(ConditionError, match=part):
        parse(text)
