"""Whether the row of a view arrives, by the way in which the visitor goes.

Of ours, the distinct ids of the page views that came in are counted, of a rival the visits that anything at all came in from. Each
visit has a label of its own in the address that its script reports to.
"""

from __future__ import annotations

import asyncio
import math
import time
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass

from playwright.async_api import Browser, BrowserContext, Page

from bench.beacon.background import visit_in_background
from bench.beacon.browser import cold_context, launched
from bench.beacon.report import Row
from bench.beacon.site import Site, serving
from bench.beacon.subjects import Subject

#: Visits at once.
AT_ONCE = 4

#: Visitors go up to so long after `load`, spread evenly; or after `DOMContentLoaded`, where `load` never comes.
LONGEST_STAY_SECONDS = 2.0

#: How long a beacon is waited for.
PATIENCE_SECONDS = 10.0

#: Scripts whose delivery differs, and how many of the visits each gets: a rival's share is small, because nothing hangs on it.
SHARES = {"ours": 1.0, "web-vitals": 0.25, "lux": 0.25}


@dataclass(frozen=True)
class Way:
    """A way to go from a page of the site's kind."""

    name: str
    limit: str
    kind: str
    go: Callable[[Page, int], Awaitable[None]]


async def _navigate(page: Page, number: int) -> None:
    """Go to a page of the site or to another site, in turn, as a link does."""
    port = page.url.split("/")[2].partition(":")[2]
    host = ("127.0.0.1", "localhost")[number % 2]
    # Later, so that the page is still there to answer.
    await page.evaluate("(url) => { setTimeout(() => { location = url; }, 10); }", f"http://{host}:{port}/other")


async def _close(page: Page, number: int) -> None:
    """Close the tab as its button does, which lets the page handle its end."""
    await page.close(run_before_unload=True)


async def _crash(page: Page, number: int) -> None:
    """Crash the process of the visible page."""
    crashed = asyncio.Event()
    page.on("crash", lambda _: crashed.set())
    session = await page.context.new_cdp_session(page)
    asking = asyncio.ensure_future(session.send("Page.crash"))
    await crashed.wait()
    # Nobody is left to answer.
    asking.cancel()


WAYS = (
    Way("leaves before load", "95 %", "slow", _navigate),
    Way("closes the tab", "99 %", "page", _close),
    Way("navigates", "99 %", "page", _navigate),
    Way("renderer crashes", "95 %", "page", _crash),
)


def find_view(site: Site, subject: Subject, label: str) -> str:
    """Return what names the view whose row came in from a visit, or nothing."""
    requests = [request for request in list(site.received) if request.visit == label and request.method != "OPTIONS"]
    if not subject.is_ours:
        return label if requests else ""
    return next((str(event["id"]) for one in requests for event in one.events if event["kind"] == "page_view"), "")


async def _visit(browser: Browser, site: Site, subject: Subject, way: Way, label: str, number: int, stay: float) -> BrowserContext:
    context = await cold_context(browser)
    page = await context.new_page()
    url = f"{site.url}/{way.kind}/{subject.name}?visit={label}"
    await page.goto(url, wait_until="domcontentloaded" if way.kind == "slow" else "load")
    await asyncio.sleep(stay)
    await way.go(page, number)
    return context


async def _go(browser: Browser, site: Site, subject: Subject, way: Way, visits: int) -> list[str]:
    gate = asyncio.Semaphore(AT_ONCE)
    labels = [f"visit-{WAYS.index(way)}-{subject.name}-{number}" for number in range(visits)]

    async def run(number: int, label: str) -> None:
        async with gate:
            stay = LONGEST_STAY_SECONDS * (number + 0.5) / visits
            context = await _visit(browser, site, subject, way, label, number, stay)
        # A context that is closed takes along what is still being sent, so it lives on for a while as a visitor's browser does.
        until = time.monotonic() + PATIENCE_SECONDS
        while not find_view(site, subject, label) and time.monotonic() < until:
            await asyncio.sleep(0.1)
        # Now and then Chromium never answers when it is closed right after a navigation. It ends with its browser.
        with suppress(TimeoutError):
            async with asyncio.timeout(10):
                await context.close()

    await asyncio.gather(*(run(number, label) for number, label in enumerate(labels)))
    return labels


async def measure(subjects: Sequence[Subject], visits: int) -> tuple[list[Row], dict[str, dict[str, str]]]:
    """Visit the page so many times with ours for each way to go, and some times with its rivals."""
    counts: dict[str, dict[str, str]] = {}
    measured = [(subject, math.ceil(visits * SHARES[subject.name])) for subject in subjects if subject.name in SHARES]
    with serving(subjects) as site:

        def count(way: str, subject: Subject, labels: Sequence[str]) -> None:
            opened = set(labels) & set(site.opened)
            views = {label: find_view(site, subject, label) for label in opened}
            counts.setdefault(way, {})[subject.name] = f"{len(set(views.values()) - {''})} / {len(opened)}"
            lost = sorted(label for label, view in views.items() if not view)
            print(f"{subject.name} {way}: {counts[way][subject.name]}", f"lost {' '.join(lost[:5])}" if lost else "", flush=True)

        async with launched() as browser:
            for way in WAYS:
                for subject, share in measured:
                    count(way.name, subject, await _go(browser, site, subject, way, share))
        for victim in ("browser", "renderer"):
            for subject, share in measured:
                label = f"visit-{victim}-{subject.name}"
                labels = await visit_in_background(site, subject.name, label, share, victim == "browser")
                count(f"hidden, {victim} killed", subject, labels)
    limits = {way.name: way.limit for way in WAYS}
    return [Row(f"arrived / views: {way}", limits.get(way, ""), of_it) for way, of_it in counts.items()], counts
