"""Loads of a page, plain and odd: every vital and its parts are those of web-vitals."""

from __future__ import annotations

import json

import pytest
from watching import SHIFT, SHOP, Watch

pytestmark = pytest.mark.browser


def test_plain_load(watch: Watch) -> None:
    tab = watch.visit(SHOP)
    tab.wait_until("oracle.metrics.LCP.target === '#hero'")
    tab.evaluate(SHIFT)
    tab.wait_until("oracle.metrics.CLS.value > 0")
    watch.slow_click(tab, "#buy")
    watch.leave(tab)

    (row,) = watch.rows()

    assert row["navigation.type"] == "navigate"
    assert row["lcp.value"] > 150
    assert row["cls.largest_shift_target"] in ("#title", "#hero", "#buy")
    assert (row["inp.interaction_target"], row["inp.script.function"]) == ("#buy", "onBuy")


def test_reload(watch: Watch) -> None:
    tab = watch.visit(SHOP)
    tab.send("Page.reload")
    tab.wait_until("performance.getEntriesByType('navigation')[0].type === 'reload' && oracle.metrics.LCP && oracle.metrics.TTFB")
    watch.leave(tab)

    first, second = watch.rows(2)

    assert (first["navigation.type"], second["navigation.type"]) == ("navigate", "reload")


def test_scripts_that_come_long_after_everything_happened(watch: Watch) -> None:
    tab = watch.open(watch.page(SHOP, scripts=""))
    tab.wait_until("document.readyState === 'complete' && performance.getEntriesByName('first-contentful-paint').length")
    tab.evaluate(SHIFT)
    tab.rest()
    # Browsers keep events only from 104 ms on for observers to come.
    tab.evaluate("slowness = 130")
    tab.click("#buy")
    tab.rest()
    watch.add_scripts(tab)
    tab.wait_until("oracle.metrics.LCP && oracle.metrics.TTFB && oracle.metrics.CLS && Object.keys(oracle.interactions).length")
    watch.leave(tab)

    (row,) = watch.rows()

    assert row["inp.value"] >= 130
    assert row["cls.value"] > 0


def test_interaction_and_shift_while_the_page_still_loads(watch: Watch) -> None:
    tab = watch.open(watch.page(SHOP + '<img src="/hero.svg?hold=1" width="1" height="1">'))
    tab.wait_until("oracle.metrics.FCP && document.readyState === 'interactive'")
    watch.site.wait_for("/hero.svg?hold=1")
    tab.evaluate(SHIFT)
    tab.wait_until("oracle.metrics.CLS?.value > 0")
    watch.slow_click(tab, "#buy")
    watch.site.release.set()
    tab.wait_until("oracle.metrics.TTFB")
    watch.leave(tab)

    (row,) = watch.rows()

    assert (row["cls.load_state"], row["inp.load_state"]) == ("dom-content-loaded", "dom-content-loaded")


def test_slow_server_that_sends_early_hints(watch: Watch) -> None:
    watch.leave(watch.visit(SHOP, "?hints=1&ms=200"))

    (row,) = watch.rows()

    assert 0 < row["navigation.first_interim_response_start"] < row["navigation.final_response_headers_start"] - 190


def test_redirect_chain(watch: Watch) -> None:
    url = watch.page(SHOP, "/page").replace("/page", "/redirect/redirect/redirect/page?ms=30")
    tab = watch.open(url)
    tab.wait_until("document.readyState === 'complete' && oracle.metrics.LCP && oracle.metrics.TTFB")
    watch.leave(tab)

    (row,) = watch.rows()

    assert row["navigation.redirect_count"] == 3
    assert row["ttfb.waiting_duration"] > 90
    assert row["page.path"] == "/page"


@pytest.mark.parametrize("source", ["network", "cache"])
def test_page_of_a_service_worker(watch: Watch, source: str) -> None:
    tab = watch.open(watch.page("<p>hello", "/plain", scripts=""))
    url = watch.page(SHOP, "/page")
    keep = "caches.open('pages').then((cache) => cache.add('/page'))" if source == "cache" else "0"
    tab.evaluate(f"""navigator.serviceWorker.register('/worker.js').then(() => navigator.serviceWorker.ready).then(() => {keep})""")
    tab.wait_until("navigator.serviceWorker.controller !== null")
    tab.go(url)
    tab.wait_until("document.readyState === 'complete' && oracle.metrics.LCP && oracle.metrics.TTFB")
    watch.leave(tab)

    (row,) = watch.rows()

    assert row["navigation.worker_start"] > 0
    assert len([request for request in watch.site.received if request.path == "/page"]) == 1


def test_page_in_a_frame(watch: Watch) -> None:
    watch.page(SHOP, "/inner")
    tab = watch.open(watch.page('<iframe id="inner" src="/inner" width="1000" height="600"></iframe>', scripts=""))
    inner = "document.querySelector('iframe').contentWindow.eval"
    tab.wait_until(f"{inner}(\"document.readyState === 'complete' && oracle.metrics.LCP && oracle.metrics.TTFB\")")
    tab.evaluate(f"{inner}({json.dumps(SHIFT)})")
    tab.wait_until(f"{inner}('oracle.metrics.CLS.value > 0')")
    watch.leave(tab)

    (row,) = watch.rows()

    assert row["page.path"] == "/inner"


def test_elements_without_an_id_are_the_same_ones(watch: Watch) -> None:
    body = '<div id="banner"></div><main><p class="a b">little</p><section><h1 class="c">Largest</h1></section></main>'
    tab = watch.visit(body)
    tab.evaluate(SHIFT)
    tab.wait_until("oracle.metrics.CLS.value > 0")
    (told,) = tab.evaluate("oracle.views")
    tab.rest()
    tab.go("about:blank")
    watch.site.wait_for("/oracle")
    row = watch.collector.event()

    tab.go(watch.page(body, scripts=""))
    tab.wait_until("document.readyState === 'complete'")

    for sent, selector in (
        (row["lcp.element"], told["metrics"]["LCP"]["target"]),
        (row["cls.largest_shift_target"], told["metrics"]["CLS"]["largestShiftTarget"]),
    ):
        find = f"document.querySelectorAll({json.dumps(sent)})"
        assert tab.wait_until(f"[{find}.length, {find}[0] === document.querySelector({json.dumps(selector)})]") == [1, True]
