"""What happens to a row when the page crashes, the collector refuses, or the network is away."""

from __future__ import annotations

import json

import pytest
from beacon_site import Server, Visit, leave
from playwright.sync_api import BrowserContext, Error, Page

pytestmark = pytest.mark.browser

TAG = '<script async src="{beacon}" data-key="shop"></script>'


KEPT = TAG.replace("data-key", 'data-storage="local" data-key')


def crash(page: Page) -> None:
    """End the process that draws the page."""
    with pytest.raises(Error):
        page.goto("chrome://crash", timeout=1500)


def test_a_page_that_crashes_is_told(context: BrowserContext, site: Server, collector: Server) -> None:
    site.pages["/"] = f"<!doctype html><p>hello{TAG}"
    page = context.new_page()
    page.goto(site.url + "/")
    page.wait_for_timeout(300)

    crash(page)

    event = collector.row()
    page.close()
    assert (event["page.path"], event["beacon.trigger"]) == ("/", "arm")
    assert event["navigation.response_start"] > 0


def test_a_refusal_for_now_is_tried_again(visit: Visit, collector: Server) -> None:
    collector.headers |= {"retry-after": "1", "access-control-expose-headers": "retry-after"}
    collector.refusals += [503, 429]
    page = visit()
    page.evaluate("wideload('event', 'purchase'); wideload('flush')")
    page.wait_for_function("performance.now() > 4000", timeout=8000)

    first, *others = [json.loads(post.body)["events"] for post in collector.posts()]

    assert len(others) == 2
    for events in others:
        assert {event["id"] for event in events} >= {event["id"] for event in first}


def test_a_refusal_for_good_is_not_tried_again(visit: Visit, collector: Server) -> None:
    collector.headers |= {"retry-after": "1", "access-control-expose-headers": "retry-after"}
    collector.refusals += [400]
    page = visit()
    page.evaluate("wideload('flush')")
    page.wait_for_timeout(1500)

    assert len(collector.posts()) == 1


def test_what_could_not_be_sent_waits_for_the_next_page_where_it_may(
    context: BrowserContext, site: Server, collector: Server
) -> None:
    site.pages["/"] = f"<!doctype html><p>hello{KEPT}"
    collector.refusals += [503, 503]
    page = context.new_page()
    page.goto(site.url + "/")
    page.wait_for_function("() => !!window.wideload")
    with page.expect_response("**/v1/beacon/shop"):
        page.evaluate("wideload('event', 'purchase'); wideload('flush')")
    page.wait_for_function("() => 'unsent' in JSON.parse(localStorage.wideload)")
    leave(page)
    collector.events(2)
    page.goto(site.url + "/")
    page.wait_for_function("() => performance.getEntriesByName('first-contentful-paint').length > 0")
    page.wait_for_timeout(500)
    leave(page)

    collector.events(3)
    purchases = [event for post in collector.posts()[2:] for event in json.loads(post.body)["events"] if event["kind"] == "event"]

    assert len({event["id"] for event in purchases}) == 1
    page.close()


def test_large_bodies_are_trimmed_in_order_and_say_so(visit: Visit, collector: Server) -> None:
    long_name = "x" * 200
    script = f"for (let i = 0; i < 120; i++) fetch('/{long_name}' + i + '{long_name}').catch(() => {{}})"
    page = visit(f"<p>hello</p><script>{script}</script>")
    fields = "Object.fromEntries([...Array(5)].map((_, n) => ['shop.' + n, 'y'.repeat(900)]))"
    page.evaluate(f"for (let i = 0; i < 6; i++) wideload('event', 'e', {fields})")
    page.wait_for_function("performance.getEntriesByType('resource').length >= 120")
    page.wait_for_timeout(100)
    leave(page)

    event = collector.row()

    assert event["beacon.cut"] == "resources"
    assert "resources.path" not in event
    assert event["resource.count"] >= 120
    assert max(len(post.body) for post in collector.posts()) <= 48 << 10


def test_a_page_in_a_frame_is_measured(visit: Visit, collector: Server, site: Server) -> None:
    site.pages["/frame"] = f"<!doctype html><p>framed{TAG}"
    leave(visit('<p>hello</p><iframe src="/frame"></iframe>', tag="<meta name=none>"))

    assert collector.row()["page.path"] == "/frame"


def test_endpoint_may_be_a_path_of_the_page(visit: Visit, site: Server) -> None:
    leave(visit(tag='<script async src="{beacon}" data-key="shop" data-endpoint="/w/shop"></script>'))

    assert site.row()["page.path"] == "/"
    assert [post.path for post in site.posts()] == ["/w/shop"]
