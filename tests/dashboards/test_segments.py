"""Segments of a dashboard: groups that are named once, and stand in the filters of calculations."""

from __future__ import annotations

from typing import Any

from collector.dashboards.requests import fill

MOBILE = {"column": "device.type", "op": "=", "value": "mobile"}
SLOW = {"column": "lcp.value", "op": ">", "value": 2500}


def definition() -> dict[str, Any]:
    calculations = [{"op": "COUNT", "name": "b", "filters": [{"segment": "b"}, SLOW]}]
    return {
        "segments": [{"name": "b", "title": "B", "filters": [MOBILE]}],
        "queries": {"q": {"calculations": calculations}},
        "panels": [{"title": "Views of {b}"}],
    }


def test_a_calculation_gets_the_filters_of_its_segment_and_a_text_what_they_say() -> None:
    filled = fill(definition(), {})

    assert filled["queries"]["q"]["calculations"][0]["filters"] == [MOBILE, SLOW]
    assert filled["panels"] == [{"title": "Views of device.type = mobile"}]


def test_who_has_only_a_link_cannot_filter_by_segments() -> None:
    assert fill(definition(), {"b": "f=user.id:=:7"}) == fill(definition(), {})


def test_a_segment_that_there_is_not_stays_for_the_parser_to_refuse() -> None:
    broken = definition() | {"segments": [{"name": "c", "title": "C", "filters": []}]}

    assert fill(broken, {})["queries"]["q"]["calculations"][0]["filters"] == [{"segment": "b"}, SLOW]
