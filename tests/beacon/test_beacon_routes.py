"""Single-page applications: every route is a view of its own."""

from __future__ import annotations

import pytest
from beacon_site import Server, Visit, leave
from playwright.sync_api import Page

pytestmark = pytest.mark.browser

SHOP = """<p id="text">hello</p><button id="go">go</button>
<script>
  document.getElementById('go').onclick = () => {
    history.pushState({}, '', '/product/' + Math.floor(1e6 + Math.random() * 1e6));
    const content = '<h2 style="font-size:60px">new content of this route</h2>';
    setTimeout(() => document.body.insertAdjacentHTML('beforeend', content), 30);
  };
</script>"""


def push(page: Page, path: str) -> None:
    page.evaluate("path => history.pushState({}, '', path)", path)


def test_a_changed_path_is_a_view_of_its_own(visit: Visit, collector: Server) -> None:
    page = visit()
    push(page, "/product/4711?x=1")
    page.wait_for_timeout(100)
    leave(page)

    load, route = collector.rows()

    assert (load["page.path"], load["navigation.type"]) == ("/", "navigate")
    assert (route["page.path"], route["navigation.type"]) == ("/product/4711", "route-change")
    assert (load["view.number"], route["view.number"], route["view.previous_id"]) == (1, 2, load["id"])
    assert not {"lcp.value", "fcp.value", "ttfb.value", "page.referrer"} & set(route)
    assert load["page.age"] < route["time"] - load["time"] + 50


def test_a_changed_query_or_fragment_is_none(visit: Visit, collector: Server) -> None:
    page = visit(path="/list")
    page.evaluate("history.pushState({}, '', '/list?page=2'); location.hash = 'top'; history.replaceState({}, '', '/list')")
    leave(page)

    assert collector.row()["page.path"] == "/list"


def test_an_address_corrected_while_loading_is_no_view(visit: Visit, collector: Server) -> None:
    correct = "<script>setTimeout(() => history.replaceState({}, '', '/home'), 150)</script>"
    body = f"<p>hello</p><script async src='/x.js?ms=300'></script>{correct}"
    page = visit(body)
    page.wait_for_load_state("load")
    leave(page)

    assert collector.row()["page.path"] == "/home"


def test_history_is_not_patched(visit: Visit) -> None:
    page = visit()

    assert page.evaluate("[history.pushState, history.replaceState].every((call) => String(call).includes('[native code]'))")


def test_soft_navigations_are_told_with_their_paints(visit: Visit, collector: Server, page: Page) -> None:
    page = visit(SHOP)
    for _ in range(2):
        page.click("#go")
        page.wait_for_function("n => performance.getEntriesByType('soft-navigation').length >= n", arg=_ + 1)
    page.wait_for_timeout(300)
    leave(page)

    load, *softs = collector.rows()

    assert load["navigation.type"] == "navigate"
    assert [soft["navigation.type"] for soft in softs] == ["soft-navigation"] * 2
    for soft in softs:
        assert soft["lcp.value"] > 0
        assert soft["fcp.value"] > 0
        assert soft["page.path"].startswith("/product/")
    assert [row["view.number"] for row in (load, *softs)] == [1, 2, 3]


def test_a_route_may_be_named_before_or_after_the_change(visit: Visit, collector: Server) -> None:
    page = visit(path="/start")
    page.evaluate("history.pushState({}, '', '/product/1'); wideload('route', '/product/:slug')")
    push(page, "/about")
    leave(page)

    routes = [row.get("page.route") for row in collector.rows()]

    assert routes == [None, "/product/:slug", None]


def test_the_template_of_the_first_page_comes_from_tag_or_meta(visit: Visit, collector: Server) -> None:
    meta = '<meta name="wideload-route" content="/p/:id"><script async src="{beacon}" data-key="shop"></script>'
    page = visit(path="/p/1", tag=meta)
    push(page, "/q/1")
    leave(page)

    first, second = collector.rows()

    assert first["page.route"] == "/p/:id"
    assert "page.route" not in second


def test_where_no_navigation_api_is_steps_through_history_are_noticed(visit: Visit, collector: Server, page: Page) -> None:
    page.add_init_script("delete window.navigation; Object.defineProperty(window, 'navigation', {value: undefined})")
    page = visit(path="/a")
    page.evaluate("history.pushState({}, '', '/b'); wideload('route', '/b')")
    page.evaluate("history.back()")
    page.wait_for_timeout(200)
    leave(page)

    assert [row["page.path"] for row in collector.rows()] == ["/a", "/b", "/a"]
