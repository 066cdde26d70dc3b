"""The small script: the same rows, without what it leaves out."""

from __future__ import annotations

import pytest
from beacon_site import Server, Visit, leave, rest
from playwright.sync_api import Page

pytestmark = pytest.mark.browser

BODY = """<h1 id="title">hello</h1>
<button id="go" onclick="for (const end = performance.now() + 80; performance.now() < end;);">go</button>
<script>performance.mark('shown')</script>"""


def test_small_script_tells_vitals_errors_and_routes(visit: Visit, collector: Server, page: Page) -> None:
    page = visit(BODY, tag=f'<script async src="{collector.url}/beacon.small.js" data-key="shop"></script>')
    page.wait_for_function("() => !!window.wideload")
    page.evaluate("wideload('error', new Error('boom'))")
    page.click("#go")
    rest(page)
    page.evaluate("wideload('mark', 'ready', 5); history.pushState({}, '', '/next')")
    leave(page)

    load, route = collector.rows()
    error = collector.row("error")

    assert {"navigation.response_start", "ttfb.value", "fcp.value", "lcp.element", "cls.value", "inp.value"} <= set(load)
    assert {"page.visible_time", "device.cores", "error.count", "mark.ready"} <= set(load)
    assert load["inp.script.invoker"] == "BUTTON#go.onclick"
    assert not {"resource.count", "resources.path", "loaf.count", "mark.shown", "scroll.depth", "click.count"} & set(load)
    assert (route["navigation.type"], route["page.path"]) == ("route-change", "/next")
    assert error["exception.message"] == "boom"
