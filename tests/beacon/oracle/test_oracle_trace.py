"""Chrome's own trace: its paints and shifts are those of the beacon, and nothing in it shows the beacon forcing a layout."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

import pytest
from beacon_site import Event, Server, serve
from devtools import CHROMIUM_ARGS, Chromium, chromium, wait_for
from watching import BEACON, SHIFT, SHOP, Watch

pytestmark = pytest.mark.browser

CATEGORIES = ["loading", "blink.user_timing", "devtools.timeline", "disabled-by-default-devtools.timeline.stack"]
ISOLATED = {"cross-origin-opener-policy": "same-origin", "cross-origin-embedder-policy": "require-corp"}

# Leaves a layout to be done in every turn, before every other listener, so that whoever asks for a size forces it.
RESTLESS = """
<div id="banner" style="padding: 1px"></div><p id="restless">words</p><button id="buy">buy</button>
<div style="height: 3000px"></div>
<script>
  const disturb = () => { document.getElementById('restless').textContent = 'words '.repeat(Math.random() * 400); };
  for (const type of ['click', 'pointerdown', 'keydown', 'scroll', 'load', 'pageshow', 'pagehide', 'visibilitychange', 'focus']) {
    addEventListener(type, disturb, true);
  }
  setInterval(disturb, 4);
  disturb();
  // It leaves the layout to be done by itself, too: a turn may just have ended when it is asked.
  const size = () => {
    const restless = document.getElementById('restless');
    restless.style.paddingTop = Math.random() + 'px';
    return restless.offsetHeight;
  };
</script>"""


class Recording:
    """A trace of visits to three pages, each a site of its own."""

    def __init__(self, browser: Chromium) -> None:
        self._browser = browser
        self.sites: dict[str, Watch] = {}
        self.rows: dict[str, Event] = {}
        self.events: list[dict[str, Any]] = []

    def visit(self, name: str, watch: Watch) -> None:
        """Visit a page and leave it."""
        self.sites[name] = watch
        if name == "restless":
            self._visit_restless(watch)
            return
        tab = watch.visit(SHOP)
        tab.wait_until("oracle.metrics.LCP.target === '#hero'")
        tab.evaluate(SHIFT)
        tab.wait_until("oracle.metrics.CLS.value > 0")
        watch.leave(tab)
        (self.rows[name],) = watch.rows()

    def _visit_restless(self, watch: Watch) -> None:
        """Visit a page whose layout is never done, without the other script, which might force one."""
        tab = watch.open(watch.page(RESTLESS, scripts=BEACON))
        tab.wait_until("document.readyState === 'complete' && performance.getEntriesByName('first-contentful-paint').length")
        tab.evaluate("size()")
        tab.click("#buy")
        tab.evaluate("scrollTo(0, 900)")
        tab.press("x")
        # Whatever waits for idle time has its turn.
        tab.evaluate("new Promise((done) => requestIdleCallback(() => setTimeout(done), {timeout: 1100}))")
        tab.go("about:blank")
        wait_for(watch.collector.stored, "the restless page's row")

    def finish(self) -> None:
        self._browser.send("Tracing.end")
        wait_for(lambda: self._browser.events_of("Tracing.tracingComplete"), "the trace")
        chunks = self._browser.events_of("Tracing.dataCollected")
        self.events = [event for chunk in chunks for event in chunk["value"]]

    def of_page(self, name: str, event: str) -> list[dict[str, Any]]:
        """Return the events of a name that belong to a visited page, each with `ms` since its navigation began."""
        url = self.sites[name].site.url
        start = next(
            event
            for event in self.events
            if event["name"] == "navigationStart" and event["args"]["data"].get("documentLoaderURL") == url + "/"
        )
        found = [e for e in self.events if e["name"] == event and e["args"].get("frame") == start["args"]["frame"]]
        return [e | {"ms": (e["ts"] - start["ts"]) / 1000} for e in found if e["ts"] >= start["ts"]]


@pytest.fixture(scope="module")
def recording(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Recording]:
    """One trace for all tests, of a browser of its own: to start one, all processes of a browser have to agree."""
    with ExitStack() as stack:
        browser = Chromium(chromium(), CHROMIUM_ARGS, tmp_path_factory.mktemp("profile"))
        stack.callback(browser.close)
        browser.send("Tracing.start", transferMode="ReportEvents", traceConfig={"includedCategories": CATEGORIES})
        recording = Recording(browser)
        for name, headers in (("plain", {}), ("isolated", ISOLATED), ("restless", {})):
            allow = {"access-control-allow-origin": "*", "cross-origin-resource-policy": "cross-origin"}
            collector = stack.enter_context(contextmanager(serve)(Server(headers=allow)))
            site = stack.enter_context(contextmanager(serve)(Server(beacon=f"{collector.url}/beacon.js", headers=headers)))
            recording.visit(name, Watch(browser, site, collector))
        recording.finish()
        yield recording


# Chromium rounds the times of paints up to 4 ms, against measuring other sites' pictures; an isolated page gets them as they are.
# https://w3c.github.io/paint-timing/#ref-for-dom-performancepainttiming-presentationtime
@pytest.mark.parametrize(("page", "rounding"), [("isolated", 0), ("plain", 4)])
def test_paints_are_those_of_the_trace(recording: Recording, page: str, rounding: int) -> None:
    row = recording.rows[page]
    (first,) = recording.of_page(page, "firstContentfulPaint")
    largest = recording.of_page(page, "largestContentfulPaint::Candidate")[-1]

    assert -0.1 <= row["fcp.value"] - first["ms"] <= rounding + 0.1
    assert -0.1 <= row["lcp.value"] - largest["ms"] <= rounding + 0.1
    assert largest["args"]["data"]["nodeName"] == "IMG id='hero'"
    assert row["lcp.element"] == "#hero"


def test_shifts_are_those_of_the_trace(recording: Recording) -> None:
    shifts = [event["args"]["data"]["score"] for event in recording.of_page("isolated", "LayoutShift")]

    assert recording.rows["isolated"]["cls.value"] == pytest.approx(sum(shifts), abs=0.0001)
    assert recording.rows["isolated"]["cls.largest_shift_value"] == pytest.approx(max(shifts), abs=0.0001)


def test_no_layout_is_forced(recording: Recording) -> None:
    layouts = [event["args"] for event in recording.events if event["name"] in ("Layout", "UpdateLayoutTree")]
    calls = [call for layout in layouts for call in layout.get("beginData", {}).get("stackTrace", [])]

    # The page itself forces one, which shows that the trace would tell.
    assert "size" in {call["functionName"] for call in calls}
    assert [call for call in calls if call["url"].endswith("/beacon.js")] == []
