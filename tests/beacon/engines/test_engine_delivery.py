"""When and how the beacon sends in Firefox and WebKit, which can't send after the page's end."""

from __future__ import annotations

import pytest
from beacon_site import Server
from engine import Visit, leave

pytestmark = pytest.mark.browser


def test_leaving_a_page_sends_its_row_without_preflight(visit: Visit, site: Server, collector: Server) -> None:
    leave(visit(), site)

    (row,) = collector.rows_on_leave()

    assert (row["page.path"], row["beacon.trigger"]) == ("/", "hidden")
    assert {request.method for request in collector.posts()} == {"POST"}
    assert {request.headers["content-type"] for request in collector.posts()} == {"text/plain;charset=UTF-8"}


def test_hiding_the_page_sends_its_row(visit: Visit, collector: Server) -> None:
    tab = visit()
    tab.hide()

    (row,) = collector.rows_on_leave()

    assert row["beacon.trigger"] == "hidden"
    assert tab.evaluate("document.visibilityState") == "hidden"


def test_return_from_the_back_forward_cache_is_a_view_of_its_own(visit: Visit, site: Server, collector: Server) -> None:
    tab = visit("<p>hello<script>addEventListener('pageshow', ({persisted}) => persisted && fetch('/shown'))</script>")
    leave(tab, site)
    tab.evaluate("history.back()")
    site.wait_for("/shown")
    leave(tab, site)

    first, second = collector.rows_on_leave(2)

    assert (second["navigation.type"], second["page.path"]) == ("back-forward-cache", "/")
    assert second["time"] > first["time"]
    assert {name for name in second if name.startswith("navigation.")} == {"navigation.type"}
