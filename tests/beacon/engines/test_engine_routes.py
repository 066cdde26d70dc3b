"""Whether a change of the route is a view of its own in Firefox and WebKit, one of which has no Navigation API."""

from __future__ import annotations

import pytest
from beacon_site import Server
from engine import Visit, leave

pytestmark = pytest.mark.browser


def test_a_route_that_the_application_names_is_a_view(visit: Visit, site: Server, collector: Server) -> None:
    tab = visit()
    tab.evaluate("void (history.pushState(null, '', '/product/4711'), wideload('route', '/product/:id'))")
    leave(tab, site)

    first, second = collector.rows_on_leave(2)

    assert (first["navigation.type"], first["page.path"]) == ("navigate", "/")
    assert (second["navigation.type"], second["page.path"]) == ("route-change", "/product/4711")
    assert second["page.route"] == "/product/:id"
    assert (second["view.previous_id"], second["view.number"]) == (first["id"], first["view.number"] + 1)
    assert not [name for name in second if name.startswith(("fcp.", "lcp.", "ttfb."))]


def test_going_back_within_an_application_is_a_view(visit: Visit, site: Server, collector: Server) -> None:
    tab = visit()
    tab.evaluate("void (history.pushState(null, '', '/basket'), wideload('route', '/basket'))")
    tab.evaluate("new Promise((done) => { addEventListener('popstate', () => setTimeout(done)); history.back(); })")
    leave(tab, site)

    rows = collector.rows_on_leave(3)

    assert [row["page.path"] for row in rows] == ["/", "/basket", "/"]
    assert [row["navigation.type"] for row in rows] == ["navigate", "route-change", "route-change"]


def test_changing_the_fragment_is_no_view(visit: Visit, site: Server, collector: Server) -> None:
    tab = visit()
    tab.evaluate("new Promise((done) => { addEventListener('hashchange', () => setTimeout(done)); location.hash = 'top'; })")
    leave(tab, site)

    (row,) = collector.rows_on_leave()

    assert row["page.url"] == site.url + "/"
