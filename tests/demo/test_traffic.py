"""The demo's traffic: believable, consistent, the same for the same seed, and with three stories in it."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import Any

import orjson
import pytest

from collector.config import IngestLimits
from collector.demo import shop
from collector.demo.traffic import View, traffic
from collector.fields import BY_NAME
from collector.ingest.decode import decode_beacon

NOW = 1_795_426_000_000
ATTRIBUTES = {"plan", "experiment", "logged_in", "cart.items"}
Event = dict[str, Any]

MARKS = (
    "redirect_start", "redirect_end", "fetch_start", "domain_lookup_start", "domain_lookup_end", "connect_start",
    "secure_connection_start", "connect_end", "request_start", "final_response_headers_start", "response_start", "response_end",
    "dom_interactive", "dom_content_loaded_event_start", "dom_content_loaded_event_end", "dom_complete", "load_event_start",
    "load_event_end",
)  # fmt: skip
PARTS = {
    "ttfb": ("waiting_duration", "cache_duration", "dns_duration", "connection_duration", "request_duration"),
    "fcp": ("time_to_first_byte", "time_since_first_byte"),
    "lcp": ("time_to_first_byte", "resource_load_delay", "resource_load_duration", "element_render_delay"),
    "inp": ("input_delay", "processing_duration", "presentation_delay"),
}


@pytest.fixture(scope="module")
def views() -> list[View]:
    return list(traffic(NOW, 7, 3000, 1))


@pytest.fixture(scope="module")
def events(views: list[View]) -> list[Event]:
    return [view.event for view in views if view.agent.interacts]


@pytest.fixture(scope="module")
def others(views: list[View]) -> list[Event]:
    return [event for view in views for event in view.others]


def p75(events: list[Event], name: str, wanted: Callable[[Event], bool] = lambda _: True) -> float:
    values = sorted(event[name] for event in events if name in event and wanted(event))
    return float(values[len(values) * 3 // 4])


def test_the_number_of_views_is_about_what_was_asked_for(views: list[View]) -> None:
    assert 2800 < len(views) < 3200


def test_every_field_is_in_the_dictionary_and_a_senders_to_set(events: list[Event], others: list[Event]) -> None:
    names = {name for event in (*events, *others) for name in event} - ATTRIBUTES

    assert names <= BY_NAME.keys()
    assert {BY_NAME[name].origin for name in names} == {"sender"}


def test_ingest_accepts_every_event(events: list[Event], others: list[Event]) -> None:
    both, limits = [*events, *others], IngestLimits()
    parts = [both[at : at + limits.max_events] for at in range(0, len(both), limits.max_events)]
    beacons = [decode_beacon(orjson.dumps({"v": 1, "events": part}), limits) for part in parts]

    assert [beacon.rejected for beacon in beacons if beacon.rejected] == []
    assert beacons[0].events[0]["attrs_string"].keys() == {"plan", "experiment"}


def test_the_same_seed_gives_the_same_views_and_another_seed_others(events: list[Event]) -> None:
    again = [view.event for view in traffic(NOW, 7, 300, 1)]

    assert again == [view.event for view in traffic(NOW, 7, 300, 1)]
    assert {event["id"] for event in again}.isdisjoint(view.event["id"] for view in traffic(NOW, 7, 300, 2))


def test_seeding_an_hour_later_adds_only_what_has_passed() -> None:
    before = {view.event["id"]: view for view in traffic(NOW, 7, 2000, 1)}
    after = {view.event["id"]: view for view in traffic(NOW + shop.HOUR, 7, 2000, 1)}

    new = [[view.event, *view.others][-1] for id_, view in after.items() if id_ not in before]
    assert all(event["time"] + event.get("page.age", 0) > NOW for event in new)
    assert all(before[id_] == view for id_, view in after.items() if id_ in before)


def test_views_lie_within_the_days_and_are_over(views: list[View]) -> None:
    assert min(view.event["time"] for view in views) >= NOW - 6.9 * shop.DAY
    assert max(event["time"] + event.get("page.age", 0) for view in views for event in (view.event, *view.others)) <= NOW


def test_nights_are_quiet(events: list[Event]) -> None:
    german = [event["time"] // shop.HOUR % 24 for event in events if event["geo.country.iso_code"] == "DE"]

    assert sum(hour in (1, 2, 3) for hour in german) * 5 < sum(hour in (17, 18, 19) for hour in german)


def test_marks_ascend(events: list[Event]) -> None:
    for event in events:
        marks = [event[f"navigation.{mark}"] for mark in MARKS if f"navigation.{mark}" in event]
        assert all(earlier <= later for earlier, later in itertools.pairwise(marks)), event


@pytest.mark.parametrize("vital", PARTS)
def test_the_parts_of_a_vital_add_up_to_it(events: list[Event], vital: str) -> None:
    explained = [event for event in events if f"{vital}.{PARTS[vital][0]}" in event]

    assert len(explained) > 1000
    for event in explained:
        parts = [event[f"{vital}.{part}"] for part in PARTS[vital]]
        assert sum(parts) == pytest.approx(event[f"{vital}.value"], abs=0.01)
        assert min(parts) >= 0


def test_vitals_follow_from_the_marks(events: list[Event]) -> None:
    for event in events:
        if "lcp.element" in event:
            assert event["ttfb.value"] == event["navigation.response_start"] == event["lcp.time_to_first_byte"]
            assert event["ttfb.value"] < event["fcp.value"] <= event["lcp.value"] <= event["page.age"]


def test_the_times_of_an_interactions_frame_add_up_to_it(events: list[Event]) -> None:
    totals = ("total_script_duration", "total_style_and_layout_duration", "total_paint_duration", "total_unattributed_duration")
    framed = [event for event in events if "inp.total_script_duration" in event]

    assert framed
    for event in framed:
        assert sum(event[f"inp.{total}"] for total in totals) == pytest.approx(event["inp.value"], abs=0.01)
        assert min(event[f"inp.{total}"] for total in totals) >= 0


def test_what_a_browser_cannot_measure_is_absent(views: list[View]) -> None:
    assert all("cls.value" not in view.event for view in views if view.agent.engine != "chromium")
    assert any("inp.value" not in view.event for view in views)


def test_the_vitals_are_those_of_a_usual_shop(events: list[Event]) -> None:
    assert 2000 < p75(events, "lcp.value") < 2600
    assert 150 < p75(events, "inp.value") < 220
    assert 0.06 < p75(events, "cls.value") < 0.1


def test_the_bad_release_is_worse_in_lcp_and_cls(events: list[Event]) -> None:
    def is_bad(event: Event) -> bool:
        return bool(event["service.version"] == shop.BAD_RELEASE)

    assert p75(events, "lcp.value", is_bad) > 1.4 * p75(events, "lcp.value", lambda e: not is_bad(e))
    assert p75(events, "cls.value", is_bad) > 2 * p75(events, "cls.value", lambda e: not is_bad(e))


def test_the_slow_country_waits_for_connections(events: list[Event]) -> None:
    def is_slow(event: Event) -> bool:
        return bool(event["geo.country.iso_code"] == "BR")

    assert p75(events, "ttfb.value", is_slow) > 2 * p75(events, "ttfb.value", lambda e: not is_slow(e))


def test_the_heavy_third_party_delays_interactions_on_product_pages(events: list[Event]) -> None:
    def is_heavy(event: Event) -> bool:
        return event.get("resource.slowest_host") == shop.HEAVY_HOST

    assert p75(events, "inp.input_delay", is_heavy) > 3 * p75(events, "inp.input_delay", lambda e: not is_heavy(e))
    assert {event["page.route"] for event in events if is_heavy(event)} == {"/product/:id"}


@pytest.mark.parametrize("days", [0.5, 1, 3, 4, 7])
def test_the_bad_release_lies_within_the_days(days: float) -> None:
    begin, end = shop.plan_releases(NOW, days).bad

    assert NOW - days * shop.DAY < begin < end < NOW
