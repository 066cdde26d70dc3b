"""Pages that are prerendered: their clock starts when somebody goes to them."""

from __future__ import annotations

import pytest
from devtools import Tab
from watching import SHIFT, SHOP, Watch

pytestmark = pytest.mark.browser

START = """<h1>Start</h1><a href="/next">next</a>
<script type="speculationrules">{"prerender": [{"urls": ["/next"], "eagerness": "immediate"}]}</script>"""


def activate(watch: Watch, body: str, when: str) -> Tab:
    """Prerender a page until it asks for a path, then go to it and wait until it has its vitals."""
    watch.page(body + "<script>addEventListener('load', () => fetch('/loaded'))</script>", "/next")
    tab = watch.open(watch.page(START, scripts=""))
    watch.site.wait_for(when)
    tab.evaluate("document.querySelector('a').click()")
    tab.wait_until("location.pathname === '/next' && !document.prerendering && oracle.metrics.LCP && oracle.metrics.CLS")
    tab.rest()
    return tab


def test_page_that_was_ready_before_anybody_went_to_it(watch: Watch) -> None:
    tab = activate(watch, SHOP, "/loaded")
    tab.wait_until("oracle.metrics.TTFB && oracle.metrics.LCP.target === '#hero'")
    tab.evaluate(SHIFT)
    tab.wait_until("oracle.metrics.CLS.value > 0")
    watch.slow_click(tab, "#buy")
    watch.leave(tab)

    (row,) = watch.rows()

    assert row["navigation.type"] == "prerender"
    assert row["navigation.load_event_end"] < row["navigation.activation_start"]
    assert row["fcp.value"] > row["ttfb.value"] == 0


def test_page_that_still_loads_when_somebody_goes_to_it(watch: Watch) -> None:
    tab = activate(watch, SHOP.replace("ms=150", "hold=1"), "/hero.svg?hold=1")
    watch.site.release.set()
    tab.wait_until("oracle.metrics.TTFB && oracle.metrics.LCP.target === '#hero'")
    watch.leave(tab)

    (row,) = watch.rows()

    assert row["navigation.activation_start"] < row["navigation.load_event_end"]
    assert row["lcp.value"] > row["fcp.value"] > 0


def test_page_that_was_painted_before_anybody_went_to_it(watch: Watch) -> None:
    """Chromium paints a prerendered page no earlier than when it is shown, but need not stay so: its clock is set here."""
    tab = watch.open(watch.page('<h1 id="title">Shop</h1>', scripts=""))
    tab.wait_until("document.readyState === 'complete' && performance.getEntriesByName('first-contentful-paint').length")
    tab.rest()
    tab.evaluate(
        """Object.defineProperty(PerformanceNavigationTiming.prototype, 'activationStart', {
          get: () => performance.getEntriesByName('first-contentful-paint')[0].startTime + 2000
        }); 0"""
    )
    watch.add_scripts(tab)
    tab.wait_until("oracle.metrics.LCP && oracle.metrics.TTFB && oracle.metrics.CLS")
    watch.leave(tab)

    (row,) = watch.rows()

    assert row["navigation.type"] == "prerender"
    assert (row["ttfb.value"], row["fcp.value"], row["lcp.value"]) == (0, 0, 0)
