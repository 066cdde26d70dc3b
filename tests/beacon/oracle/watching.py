"""A page that carries the beacon and an unchanged copy of web-vitals, and what comes of visits to it."""

from __future__ import annotations

import json
import time

from beacon_site import Event, Server
from comparing import count_left, find_differences, read_views
from devtools import Chromium, Tab

ORACLE = '<script src="/web-vitals.js"></script><script src="/oracle.js"></script>'
BEACON = '<script async src="{beacon}" data-key="shop"></script>'

#: A page with something of everything: a picture, a text, and a button that takes its time.
SHOP = """
<div id="banner" style="padding: 1px"></div>
<h1 id="title">Shop</h1>
<img id="hero" src="/hero.svg?ms=150" width="900" height="400">
<button id="buy">buy</button>
<script>
  let slowness = 90;
  // Without such a listener the browser does not say what the pointer went down on.
  document.getElementById('buy').onpointerdown = () => {};
  document.getElementById('buy').onclick = function onBuy() {
    const end = Date.now() + slowness;
    while (Date.now() < end);
  };
</script>"""
SHIFT = "document.getElementById('banner').style.height = '120px'"

# After a return, a script can tell the first paint only by the clock, in the second animation frame. Two scripts read it one
# after the other, so the clock of this page stands still until all callbacks of a frame have run.
STEADY_CLOCK = """<script>
  const read = performance.now.bind(performance);
  let frozen;
  performance.now = () => {
    if (frozen === undefined) {
      frozen = read();
      const {port1, port2} = new MessageChannel();
      port1.onmessage = () => { frozen = undefined; };
      port2.postMessage(0);
    }
    return frozen;
  };
</script>"""


class Watch:
    """A site whose pages carry both scripts, and what comes of visits to it."""

    def __init__(self, browser: Chromium, site: Server, collector: Server) -> None:
        self.browser = browser
        self.site = site
        self.collector = collector
        self.tabs: list[Tab] = []
        self.left = 0

    def page(self, body: str, path: str = "/", scripts: str = ORACLE + BEACON) -> str:
        """Serve a page and return its URL."""
        head = f'<title>t</title><link rel="icon" href="data:,">{scripts}'
        self.site.pages[path] = f"<!doctype html><html><head>{head}</head><body>{body}</body></html>"
        return self.site.url + path

    def open(self, url: str = "about:blank") -> Tab:
        """Open a tab in front, which is closed after the test."""
        self.tabs.append(self.browser.open(url))
        return self.tabs[-1]

    def open_behind(self, url: str) -> Tab:
        """Open a tab behind one that stays in front."""
        self.open()
        self.tabs.append(self.browser.open(url, background=True))
        return self.tabs[-1]

    def visit(self, body: str, query: str = "") -> Tab:
        """Serve a page, open it and wait until it has loaded and painted."""
        tab = self.open(self.page(body) + query)
        tab.wait_until("document.readyState === 'complete' && oracle.metrics.LCP && oracle.metrics.TTFB")
        tab.rest()
        return tab

    def add_scripts(self, tab: Tab) -> None:
        """Put both scripts into a page that came without."""
        for source in ("/web-vitals.js", "/oracle.js", self.site.beacon):
            tab.evaluate(
                f"""new Promise((onload) => {{
                  const script = Object.assign(document.createElement('script'), {{onload, src: {json.dumps(source)}}});
                  script.dataset.key = 'shop';
                  document.head.append(script);
                }})"""
            )

    def slow_click(self, tab: Tab, selector: str, count: int = 1) -> None:
        """Click on what takes its time, and wait until the browser has told of so many slow interactions, and of the frame."""
        tab.click(selector)
        tab.wait_until(
            f"""Object.values(oracle.interactions).filter((duration) => duration >= 48).length >= {count}
              && oracle.framesUntil > oracle.handledUntil"""
        )

    def go_and_return(self, tab: Tab) -> None:
        """Leave the page, come back, and wait until the new view has what every view has."""
        tab.rest()
        views = tab.evaluate("oracle.views.length")
        self.site.pages["/elsewhere"] = "<p>elsewhere"
        tab.go(self.site.url + "/elsewhere")
        tab.wait_until("location.pathname === '/elsewhere' && document.readyState === 'complete'")
        tab.evaluate("history.back()")
        tab.wait_until(f"oracle.views.length > {views} && oracle.metrics.LCP && oracle.metrics.CLS && oracle.metrics.TTFB")
        tab.rest()

    def leave(self, tab: Tab) -> None:
        """Let the page rest and go somewhere else, for good."""
        self.left += 1
        tab.rest()
        tab.evaluate("[window, ...Array.from(frames)].forEach(({oracle}) => { if (oracle) oracle.isLeft = true; })")
        tab.go("about:blank")

    def rows(self, count: int = 1) -> list[Event]:
        """Return the rows of all views, so many, once every one of them is what web-vitals has reported of its view."""
        until = time.monotonic() + 10
        # Twice, a moment apart, because a later snapshot must not make it wrong.
        while (problems := self._problems(count) or self._problems(count, 0.1)) and time.monotonic() < until:
            time.sleep(0.02)
        assert not problems, "\n".join(problems)
        return self.collector.stored()

    def _problems(self, count: int, after_seconds: float = 0) -> list[str]:
        time.sleep(after_seconds)
        views, rows = read_views(self.site), self.collector.stored()
        if count_left(self.site) < self.left:
            return ["web-vitals has not reported its last"]
        if len(views) != count or len(rows) != count:
            sent = [(row["navigation.type"], row["page.url"], row["id"], row["revision"]) for row in rows]
            return [f"{len(rows)} rows and {len(views)} views, not {count}: {sent} and {[(view.type, view.url) for view in views]}"]
        return [problem for row, view in zip(rows, views, strict=True) for problem in find_differences(row, view)]
