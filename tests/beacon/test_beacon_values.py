"""Whether what the beacon sends is true of the page and the device; `oracle/` holds it against web-vitals and the browser."""

from __future__ import annotations

import json
from typing import Any

import pytest
from beacon_site import Server, Visit, leave, rest
from playwright.sync_api import BrowserContext, Page

pytestmark = pytest.mark.browser

ORACLE = '<script src="/web-vitals.js"></script><script src="/oracle.js"></script>'
BEACON = '<script async src="{beacon}" data-key="shop"></script>'

EVERY_VITAL = """
<div id="banner" style="padding: 1px"></div>
<h1>Shop</h1>
<img id="hero" src="/hero.svg?ms=300" width="900" height="400">
<p id="text">words</p>
<button id="buy">buy</button>
<script>
  setTimeout(() => { document.getElementById('banner').style.height = '120px'; }, 500);
  document.getElementById('buy').onclick = function onBuy() {
    const end = performance.now() + 120;
    while (performance.now() < end);
  };
</script>"""


def told_by_page(site: Server) -> dict[str, Any]:
    """Return what the oracle script has sent last."""
    reports = [json.loads(request.body) for request in site.posts()]
    told: dict[str, Any] = max(reports, key=lambda told: (told["timeOrigin"], told["revision"]))
    return told


def test_marks_of_what_did_not_happen_are_absent(visit: Visit, collector: Server) -> None:
    leave(visit())

    event = collector.event()

    for mark in ("redirect_start", "worker_start", "secure_connection_start", "unload_event_start", "activation_start"):
        assert "navigation." + mark not in event
    assert (event["navigation.type"], event["navigation.redirect_count"]) == ("navigate", 0)


def test_every_vital_names_its_cause(visit: Visit, collector: Server, site: Server) -> None:
    page = visit(EVERY_VITAL)
    page.wait_for_timeout(800)
    page.click("#buy")
    rest(page)
    leave(page)

    event = collector.event()

    assert event["lcp.element"] == "#hero"
    assert event["lcp.url"] == site.url + "/hero.svg"
    assert event["lcp.value"] > 300
    assert event["lcp.resource_load_duration"] > 250
    parts = ("time_to_first_byte", "resource_load_delay", "resource_load_duration", "element_render_delay")
    assert sum(event["lcp." + part] for part in parts) == pytest.approx(event["lcp.value"], abs=0.01)
    assert event["cls.value"] > 0.01
    assert event["cls.largest_shift_target"] in ("html>body>h1", "#hero", "#text", "#buy")
    assert event["inp.value"] >= 120
    assert (event["inp.interaction_target"], event["inp.interaction_type"]) == ("#buy", "pointer")
    assert (event["inp.script.invoker"], event["inp.script.function"]) == ("BUTTON#buy.onclick", "onBuy")
    assert event["inp.script.subpart"] == "processing-duration"
    assert event["inp.script.duration"] >= 110


def test_first_paint_is_the_entry_of_the_page(visit: Visit, collector: Server, site: Server) -> None:
    leave(visit(tag=ORACLE + BEACON))

    event = collector.event()

    assert event["fp.value"] == pytest.approx(told_by_page(site)["firstPaint"], abs=0.001)


def test_calm_page_has_a_cls_of_0_and_no_inp(visit: Visit, collector: Server) -> None:
    leave(visit())

    event = collector.event()

    assert event["cls.value"] == 0
    assert not [name for name in event if name.startswith("inp.")]


def test_resources_are_totals_of_the_entries(visit: Visit, collector: Server, site: Server) -> None:
    third_party = f'<img src="{collector.url}/hero.svg?ms=300">'
    page = visit(f'<p>hello<img src="/hero.svg">{third_party}', tag=ORACLE + BEACON)
    page.wait_for_timeout(400)
    leave(page)
    event = collector.event()

    told = told_by_page(site)["resources"]
    assert event["resource.count"] == len(told) == 5
    assert event["resource.transfer_size"] == sum(entry["transferSize"] for entry in told)
    # The script and the picture; their host does not allow to tell their sizes.
    assert event["resource.third_party_count"] == 2
    assert "resource.third_party_transfer_size" not in event
    assert event["resource.slowest_duration"] >= 300
    assert event["resource.slowest_host"] == collector.url.removeprefix("http://")


def test_more_resources_than_the_browser_keeps_are_counted(visit: Visit, collector: Server) -> None:
    page = visit()
    page.evaluate("() => { for (let i = 0; i < 260; i++) fetch('/?' + i); }")
    page.wait_for_function("() => performance.getEntriesByType('resource').length >= 261", timeout=10_000)
    leave(page)

    assert collector.event()["resource.count"] == 261


def test_time_zone_is_told_where_temporal_is_missing(visit: Visit, collector: Server, page: Page) -> None:
    page.add_init_script("delete globalThis.Temporal")
    page = visit()
    zone = page.evaluate("Intl.DateTimeFormat().resolvedOptions().timeZone")
    leave(page)

    assert collector.event()["browser.time_zone"] == zone


def test_facts_about_the_device_are_those_of_the_page(browser: Any, site: Server, collector: Server) -> None:
    context: BrowserContext = browser.new_context(
        viewport={"width": 390, "height": 844}, device_scale_factor=3, is_mobile=True, locale="de-DE",
        timezone_id="Europe/Berlin", color_scheme="dark", reduced_motion="reduce",
    )  # fmt: skip
    site.pages["/"] = f'<!doctype html><meta name="viewport" content="width=device-width"><p>hello{BEACON}'
    page = context.new_page()
    page.goto(site.url)
    page.wait_for_timeout(300)
    leave(page)
    event = collector.event()
    context.close()

    assert (event["browser.width"], event["browser.height"], event["screen.pixel_ratio"]) == (390, 844, 3)
    assert (event["screen.width"], event["screen.height"]) == (390, 844)
    assert event["screen.orientation"].startswith("portrait")
    assert (event["browser.language"], event["browser.time_zone"]) == ("de-DE", "Europe/Berlin")
    assert (event["browser.color_scheme"], event["browser.reduced_motion"]) == ("dark", True)
    assert event["device.cores"] > 0
    assert event["device.memory"] > 0
    assert event["network.effective_type"] in ("slow-2g", "2g", "3g", "4g")
    assert isinstance(event["browser.webdriver"], bool)
