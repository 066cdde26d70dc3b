"""The rest of a visit to the demo shop: what was loaded, long frames, errors, and views without a load."""

from __future__ import annotations

import itertools
from typing import Any

import pytest

from collector.demo import shop
from collector.demo.traffic import View, traffic
from collector.fields import PARALLEL

NOW = 1_795_426_000_000
Event = dict[str, Any]


@pytest.fixture(scope="module")
def views() -> list[View]:
    return list(traffic(NOW, 7, 2000, 1))


@pytest.fixture(scope="module")
def loaded(views: list[View]) -> list[Event]:
    return [view.event for view in views if view.event.get("resource.count")]


def of_kind(views: list[View], kind: str) -> list[tuple[View, Event]]:
    return [(view, event) for view in views for event in view.others if event["kind"] == kind]


@pytest.mark.parametrize("shared", PARALLEL)
def test_lists_that_belong_together_are_whole_and_equally_long(views: list[View], shared: str) -> None:
    names = [field.name for field in PARALLEL[shared]]
    events = [view.event for view in views if names[0] in view.event]

    assert len(events) > 500
    assert all(len({len(event[name]) for name in names}) == 1 for event in events)


def test_the_waterfall_is_sorted_and_was_over_when_the_visitor_left(loaded: list[Event]) -> None:
    for event in loaded:
        starts, durations = event["resources.start"], event["resources.duration"]
        assert all(earlier <= later for earlier, later in itertools.pairwise(starts))
        assert max(map(sum, zip(starts, durations, strict=True))) <= event["page.age"]
        assert all(ttfb is None or ttfb <= duration for ttfb, duration in zip(event["resources.ttfb"], durations, strict=True))


def test_the_totals_are_those_of_the_waterfall(loaded: list[Event]) -> None:
    for event in loaded:
        third = sum(host != shop.HOST for host in event["resources.host"])
        assert event["resource.count"] == len(event["resources.host"]) == sum(event["resource_types.count"])
        assert event["resource.third_party_count"] == third == sum(event.get("resource_hosts.count", [0]))
        assert event["resource.duration"] == pytest.approx(sum(event["resources.duration"]))
        assert event["resource.slowest_duration"] == max(event["resources.duration"])


def test_the_largest_image_of_a_page_is_in_its_waterfall(loaded: list[Event]) -> None:
    shown = [event for event in loaded if "lcp.url" in event]

    assert len(shown) > 500
    for event in shown:
        at = event["resources.path"].index(event["lcp.url"].removeprefix(f"https://{shop.IMAGES}"))
        assert event["resources.start"][at] == pytest.approx(event["lcp.time_to_first_byte"] + event["lcp.resource_load_delay"])


def test_other_hosts_hide_what_they_like(loaded: list[Event]) -> None:
    for event in loaded:
        for host, size in zip(event["resources.host"], event["resources.transfer_size"], strict=True):
            assert (size is None) == (host in (shop.HEAVY_HOST, "stats.tally.example"))


def test_long_frames_are_told_by_chromium_alone_longest_first(views: list[View]) -> None:
    assert {view.agent.engine for view in views if "loaf.count" in view.event} == {"chromium"}
    framed = [view.event for view in views if view.event.get("loaf.count")]
    assert all(event["loaf_scripts.duration"] == sorted(event["loaf_scripts.duration"], reverse=True) for event in framed)
    assert all(event["loaf.count"] == sum(event["loaf_scripts.count"]) for event in framed)


def test_an_error_happens_within_its_view_which_counts_it(views: list[View]) -> None:
    errors = of_kind(views, "error")

    assert len(errors) > 20
    assert {error["error.source"] for _, error in errors} >= {"exception", "unhandled-rejection", "resource", "csp-violation"}
    for view, error in errors:
        assert error["view.id"] == view.event["id"]
        assert 0 <= error["time"] - view.event["time"] <= view.event["page.age"]
        assert any(view.event.get(name) for name in view.event if name.startswith("error.") and name.endswith("_count")) or (
            view.event["error.count"] >= error["error.occurrences"]
        )


def test_the_bad_release_throws_on_product_pages(views: list[View]) -> None:
    thrown = [error for _, error in of_kind(views, "error") if "reading 'price'" in error.get("exception.message", "")]

    assert {(error["service.version"], error["page.route"]) for error in thrown} == {(shop.BAD_RELEASE, "/product/:id")}


def test_some_views_are_made_without_a_load_and_follow_one(views: list[View]) -> None:
    soft = of_kind(views, "page_view")

    assert 0.03 < len(soft) / len(views) < 0.15
    for view, event in soft:
        assert event["view.previous_id"] == view.event["id"]
        assert event["time"] >= view.event["time"] + view.event["page.age"]
        assert event["navigation.type"] == ("soft-navigation" if view.agent.engine == "chromium" else "route-change")
        assert not any(name.startswith(("navigation.response", "ttfb.")) for name in event)
        assert view.agent.engine == "chromium" or "lcp.value" not in event
        assert "script" not in event.get("resources.initiator", [])


def test_visible_time_is_that_of_the_time_line(views: list[View]) -> None:
    for view in views:
        event, ends = view.event, [*view.event["visibility.time"][1:], view.event["page.age"]]
        spans = zip(event["visibility.state"], event["visibility.time"], ends, strict=True)
        seen = sum(end - begin for state, begin, end in spans if state == "visible")
        assert event["page.visible_time"] == pytest.approx(seen, abs=0.2)
