"""A reader of the viewer: a signed-in page of a real Chromium with empty caches, on a slow device and network or a fast one."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from playwright.sync_api import Browser, CDPSession, Page

from bench.running import Running

PROBE: Final = Path(__file__).with_name("probe.js")
VIEWPORT: Final = {"width": 1440, "height": 900}
#: A mid-range phone on a slow mobile network, as Lighthouse has them.
CPU_SLOWER: Final = 4
LATENCY_MS: Final = 150
BITS_PER_SECOND: Final = 1_600_000
#: How long what nobody waits for may take after everything is drawn: what moves the page then counts, too.
_QUIET_MS: Final = 500
_PATIENCE_MS: Final = 120_000


class Reader:
    """One page.

    Args:
        page: of a context that has no cache, signed in.
        session: of Chromium's protocol with this page.
        url: of the collector.
    """

    def __init__(self, page: Page, session: CDPSession, url: str) -> None:
        self.page, self._session, self._url = page, session, url
        page.set_default_timeout(_PATIENCE_MS)

    def slow_down(self) -> None:
        """Make device and network slow. Latency is for each request: Chromium does not slow connections down."""
        network = {
            "offline": False,
            "latency": LATENCY_MS,
            "downloadThroughput": BITS_PER_SECOND / 8,
            "uploadThroughput": BITS_PER_SECOND / 8,
        }
        self._session.send("Network.enable")
        self._session.send("Network.emulateNetworkConditions", network)
        self._session.send("Emulation.setCPUThrottlingRate", {"rate": CPU_SLOWER})

    def open(self, query: str) -> None:
        """Open a view and wait until everything is drawn and nothing is asked any more."""
        self._session.send("Performance.enable")
        self.page.goto(f"{self._url}/?{query}", timeout=_PATIENCE_MS)
        self.page.evaluate("bench.until(() => bench.drawn > 0)")
        self.page.wait_for_load_state("networkidle")
        self.page.wait_for_timeout(_QUIET_MS)

    def seen(self) -> dict[str, Any]:
        """Return what the probe has noted, the requests, and the times that the main thread has worked."""
        noted: dict[str, Any] = self.page.evaluate("({...bench, requests: bench.requests()})")
        metrics = {one["name"]: one["value"] for one in self._session.send("Performance.getMetrics")["metrics"]}
        return {**noted, "work": {name: metrics[name] for name in ("TaskDuration", "ScriptDuration", "LayoutDuration")}}


@contextmanager
def reading(browser: Browser, running: Running, cookies: Any) -> Iterator[Reader]:
    """Open a page with empty caches.

    Args:
        browser, running: of whom.
        cookies: of somebody who is signed in.
    """
    context = browser.new_context(viewport=VIEWPORT, storage_state=cookies)
    context.add_init_script(path=PROBE)
    page = context.new_page()
    try:
        yield Reader(page, context.new_cdp_session(page), running.url)
    finally:
        context.close()


def sign_in(browser: Browser, running: Running) -> Any:
    """Return the cookies of somebody who has signed in."""
    context = browser.new_context()
    page = context.new_page()
    page.goto(f"{running.url}/login")
    page.get_by_label("Admin token").fill(running.token)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url(f"{running.url}/")
    state = context.storage_state()
    context.close()
    return state
