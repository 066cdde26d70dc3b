"""When and how the beacon sends in Firefox and WebKit, which can't send after the page's end."""

from __future__ import annotations

import pytest
from beacon_site import Server
from engine import Engine, Tab, Visit, leave

pytestmark = pytest.mark.browser


def test_leaving_a_page_sends_its_row_without_preflight(visit: Visit, site: Server, collector: Server) -> None:
    leave(visit(), site)

    (row,) = collector.rows_on_leave()

    assert (row["page.path"], row["beacon.trigger"]) == ("/", "hidden")
    assert {request.method for request in collector.posts()} == {"POST"}
    assert {request.headers["content-type"] for request in collector.posts()} == {"text/plain;charset=UTF-8"}


@pytest.fixture
def closing(tab: Tab, engine: Engine, site: Server) -> Tab:
    """A tab to be closed while another one shows the site: with a site's last tab, its process ends, and what it has to send."""
    site.pages["/left"] = "<p>left"
    leave(tab, site)
    return engine.open_tab()


def test_closing_the_tab_sends_the_row(visit: Visit, closing: Tab, collector: Server) -> None:
    visit(tab=closing).close()

    (row,) = collector.rows_on_leave()

    assert row["beacon.trigger"] == "hidden"


# When a tab is closed, Firefox cancels what runs for more than some milliseconds: here, the first attempt to write a row.
SLOW = """<p>hello
<script>
  const {stringify} = JSON;
  JSON.stringify = (value) => { const end = performance.now() + 15; while (performance.now() < end); return stringify(value); };
</script>"""


def test_closing_the_tab_on_a_slow_device_sends_the_row(visit: Visit, closing: Tab, collector: Server) -> None:
    visit(SLOW, tab=closing).close()

    (row,) = collector.rows_on_leave()

    assert row["beacon.trigger"] == "hidden"


def test_page_that_stays_open_is_sent_when_it_is_quiet(visit: Visit, site: Server, collector: Server) -> None:
    tab = visit()
    # Else it would be armed.
    assert not tab.evaluate("'fetchLater' in window")
    (quiet,) = collector.rows()
    leave(tab, site)

    (row,) = collector.rows_on_leave()

    assert (quiet["beacon.trigger"], row["beacon.trigger"]) == ("quiet", "hidden")
    assert (row["id"], row["revision"]) == (quiet["id"], quiet["revision"] + 1)
    assert row["page.age"] > quiet["page.age"]


def test_hiding_the_page_sends_its_row(visit: Visit, collector: Server) -> None:
    tab = visit()
    tab.hide()

    (row,) = collector.rows_on_leave()

    assert row["beacon.trigger"] == "hidden"
    assert tab.evaluate("document.visibilityState") == "hidden"


# Leaves as soon as the beacon listens.
HASTY = """<!doctype html><script async src="{beacon}" data-key="shop"></script>
<script>
  const timer = setInterval(() => {
    if (!(Symbol.for('wideload') in window)) return;
    clearInterval(timer);
    location = '/left';
  }, 20)
</script>
<img src="/hero.svg?ms=3000">"""


def test_leaving_before_the_page_has_loaded_sends_what_is_known(tab: Tab, site: Server, collector: Server) -> None:
    site.pages |= {"/left": "left", "/": HASTY}
    leave(tab, site)
    tab.evaluate("void (location = '/?ms=50')")

    (row,) = collector.rows_on_leave()

    assert row["page.path"] == "/"
    assert row["ttfb.value"] == row["navigation.response_start"] >= 50
    assert "navigation.load_event_end" not in row


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
