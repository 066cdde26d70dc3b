"""When the beacon sends, how, and how often."""

from __future__ import annotations

import re

import pytest
from beacon_site import OpenUnwatched, Server, Visit, leave
from playwright.sync_api import Page

pytestmark = pytest.mark.browser

ID = re.compile(r"[0-9a-f]{32}")


def test_leaving_a_page_sends_one_event(visit: Visit, collector: Server) -> None:
    page = visit()
    leave(page)

    event = collector.event()

    assert ID.fullmatch(event["id"])
    assert event["kind"] == "page_view"
    assert event["beacon.trigger"] == "hidden"


def test_beacon_is_a_plain_text_post_without_preflight(visit: Visit, collector: Server) -> None:
    leave(visit())
    collector.event()

    (request,) = collector.posts()
    assert (request.method, request.path) == ("POST", "/v1/beacon/shop")
    assert request.headers["content-type"] == "text/plain;charset=UTF-8"
    assert len(request.body) < 4096


def test_closing_the_tab_sends_the_event(visit: Visit, collector: Server) -> None:
    visit().close(run_before_unload=True)

    assert collector.event()["page.path"] == "/"


def test_leaving_before_the_page_has_loaded_sends_what_is_known(visit: Visit, collector: Server, page: Page) -> None:
    page.add_init_script(
        """const painted = () => performance.getEntriesByName('first-contentful-paint').length;
        const timer = setInterval(() => {
          if (!painted() || !(Symbol.for('wideload') in window)) return;
          clearInterval(timer);
          setTimeout(() => { location = 'about:blank'; }, 100);
        }, 20)"""
    )
    body = '<p>hello</p><script async src="/oracle.js?ms=3000"></script>'
    visit(body, settle=False)
    page.wait_for_url("about:blank")

    event = collector.event()

    assert event["navigation.response_start"] > 0
    assert event["fcp.value"] > 0
    assert event["ttfb.value"] == event["navigation.response_start"]
    assert "navigation.load_event_end" not in event
    assert "navigation.duration" not in event


# Opens a tab over the page after the given time and runs `change` when it is seen again, then leaves.
COVERED = """<!doctype html><div id="top" style="padding:1px"></div><p id="text">hello</p>
<script async src="{beacon}" data-key="shop"></script>
<script>
  addEventListener('load', () => setTimeout(() => open('/cover'), 400));
  document.addEventListener('visibilitychange', () => {
    if (document.visibilityState !== 'visible') return;
    CHANGE;
    setTimeout(() => { location = '/left'; }, 400);
  });
</script>"""


def test_hidden_page_that_did_not_change_is_not_sent_again(open_unwatched: OpenUnwatched, collector: Server, site: Server) -> None:
    site.pages |= {"/": COVERED.replace("CHANGE", ""), "/cover": "<script>setTimeout(close, 200)</script>", "/left": ""}
    open_unwatched("/")
    site.wait_for("/left")

    assert collector.event()["beacon.trigger"] == "hidden"


def test_change_after_hiding_is_sent_as_next_revision_of_the_same_event(
    open_unwatched: OpenUnwatched, collector: Server, site: Server
) -> None:
    change = "document.getElementById('top').style.height = '300px'"
    site.pages |= {"/": COVERED.replace("CHANGE", change), "/cover": "<script>setTimeout(close, 500)</script>", "/left": ""}
    open_unwatched("/")

    first, second = collector.events(2)

    assert first["id"] == second["id"]
    assert first["revision"] < second["revision"]
    assert first["cls.value"] == 0
    assert second["cls.value"] > 0
    assert second["cls.largest_shift_target"] == "#text"
    assert set(first) <= set(second)
    assert second["page.age"] - first["page.age"] > 800
    assert 300 < second["page.visible_time"] - first["page.visible_time"] < second["page.age"] - first["page.age"] - 400


def test_return_from_the_back_forward_cache_is_a_view_of_its_own(visit: Visit, collector: Server, site: Server) -> None:
    page = visit()
    site.pages["/next"] = "<p>next</p>"
    page.goto(site.url + "/next")
    page.evaluate("history.back()")
    page.wait_for_timeout(500)
    assert page.url == site.url + "/"
    leave(page)

    first, second = collector.events(2)

    assert first["id"] != second["id"]
    assert second["navigation.type"] == "back-forward-cache"
    assert second["time"] > first["time"]
    assert second["page.age"] < first["page.age"] + 1000
    assert second["page.path"] == "/"
    assert second["ttfb.value"] == 0
    assert second["fcp.value"] > 0
    assert {name for name in second if name.startswith("navigation.")} == {"navigation.type"}
    assert "lcp.element_render_delay" not in second


def test_prerendered_page_is_sent_only_once_it_is_activated(open_unwatched: OpenUnwatched, collector: Server, site: Server) -> None:
    beacon = '<script async src="{beacon}" data-key="shop"></script>'
    rules = '{"prerender": [{"urls": ["/next", "/never"], "eagerness": "immediate"}]}'
    start = "setTimeout(() => document.querySelector('a').click(), 1200)"
    leave = "document.addEventListener('prerenderingchange', () => setTimeout(() => { location = '/left'; }, 400))"
    site.pages |= {
        "/": f'<p>hello <a href="/next">next</a><script type="speculationrules">{rules}</script><script>{start}</script>',
        "/next": f"<!doctype html><p>next{beacon}<script>{leave}</script>",
        "/never": f"<!doctype html><p>never{beacon}",
        "/left": "",
    }
    open_unwatched("/")

    event = collector.event()

    assert (event["page.path"], event["navigation.type"]) == ("/next", "prerender")
    assert event["navigation.activation_start"] > 500
    assert event["page.visible_time"] < event["page.age"] - 500
    assert event["fp.value"] < event["navigation.activation_start"]
    assert "page.hidden_at_start" not in event


@pytest.mark.parametrize("send", ["undefined", "() => false"])
def test_fetch_takes_over_where_send_beacon_fails(send: str, visit: Visit, collector: Server, page: Page) -> None:
    page.add_init_script(f"navigator.sendBeacon = {send}")
    leave(visit())

    collector.event()

    (request,) = collector.posts()
    assert request.headers["content-type"] == "text/plain;charset=UTF-8"
    assert "cookie" not in request.headers


def test_page_opened_and_left_in_the_background_is_sent(open_unwatched: OpenUnwatched, collector: Server, site: Server) -> None:
    beacon = '<script async src="{beacon}" data-key="shop"></script>'
    go = "document.addEventListener('visibilitychange', () => { location = '/next'; }); setTimeout(() => open('/cover'), 400)"
    site.pages |= {
        "/": f"<!doctype html><p>hello<script>{go}</script>",
        "/cover": "<p>cover",
        "/next": f"<!doctype html><p>next{beacon}<script>setTimeout(() => {{ location = '/left'; }}, 800)</script>",
        "/left": "",
    }
    open_unwatched("/")

    event = collector.event()

    assert event["page.hidden_at_start"] is True
    assert event["beacon.trigger"] == "pagehide"
    assert event["page.visible_time"] == 0
    assert not {"fp.value", "fcp.value", "lcp.value", "cls.value"} & set(event)
