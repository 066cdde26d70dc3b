"""What a script does to the page that carries it: what it replaces, keeps, tells, prevents and holds up."""

from __future__ import annotations

import asyncio
import statistics
from collections.abc import Sequence
from urllib.parse import unquote_to_bytes

from playwright.async_api import Browser

from bench.beacon.browser import cold_context, launched
from bench.beacon.report import Row, Value
from bench.beacon.runtime import SLOWDOWNS
from bench.beacon.site import Site, serving
from bench.beacon.subjects import Subject
from bench.beacon.tracing import CATEGORIES, DETAILS, LONG_TASK_MS, count_forced_layouts, count_long_tasks, find_pieces, traced

#: What a visitor takes between two steps.
PAUSE_SECONDS = 0.8

#: Functions of the page that monitoring scripts replace.
PATCHABLE = (
    "fetch", "setTimeout", "requestAnimationFrame", "Promise", "WebSocket", "MutationObserver", "Error", "onerror",
    "XMLHttpRequest.prototype.open", "XMLHttpRequest.prototype.send", "EventTarget.prototype.addEventListener",
    "Element.prototype.attachShadow", "Promise.prototype.then", "history.pushState", "history.replaceState",
    "navigator.sendBeacon", "console.error", "console.log",
)  # fmt: skip

_REMEMBER = "window.before = {" + ", ".join(f"{name!r}: {name}" for name in PATCHABLE) + "}"
_PATCHED = "() => [" + ", ".join(f"{name} !== window.before[{name!r}] && {name!r}" for name in PATCHABLE) + "].filter(Boolean)"
_STORED = "() => [localStorage.length, sessionStorage.length]"


async def inspect(browser: Browser, site: Site, name: str) -> dict[str, Value]:
    """Visit the page, change its route, leave, and return what was replaced, kept and told."""
    before = len(site.received)
    context = await cold_context(browser)
    await context.add_init_script(_REMEMBER)
    page = await context.new_page()
    await page.goto(f"{site.url}/page/{name}?visit=visit-{name}&token=secret", wait_until="load")
    await asyncio.sleep(PAUSE_SECONDS)
    await page.click("#route")
    await asyncio.sleep(PAUSE_SECONDS)
    patched = await page.evaluate(_PATCHED)
    local, session = await page.evaluate(_STORED)
    cookies = len(await context.cookies())
    await page.goto("about:blank")
    await asyncio.sleep(PAUSE_SECONDS)
    await context.close()
    sent = [request.query.encode() + request.body for request in site.received[before:]]
    leaks = any(b"secret" in unquote_to_bytes(data) for data in sent)
    return {
        "patched": len(patched),
        "storage": f"{cookies} / {local} / {session}",
        "leaks": ("yes" if leaks else "no") if sent else "nothing sent",
    }


async def is_restored(browser: Browser, site: Site, name: str) -> bool:
    """Leave the page, go back, and return whether it came out of the back/forward cache."""
    context = await cold_context(browser)
    await context.add_init_script("addEventListener('pageshow', (event) => { window.restored = event.persisted; })")
    page = await context.new_page()
    await page.goto(f"{site.url}/bf/{name}?visit=visit-{name}", wait_until="load")
    await asyncio.sleep(PAUSE_SECONDS)
    await page.goto(f"{site.url}/other")
    await page.evaluate("history.back()")
    await asyncio.sleep(PAUSE_SECONDS)
    restored: bool = await page.evaluate("window.restored")
    await context.close()
    return restored


async def hold_up(browser: Browser, site: Site, name: str) -> tuple[int, int]:
    """Visit the page on a slow CPU and return the layouts that the script forced, and the long tasks that it made by itself."""
    context = await cold_context(browser)
    page = await context.new_page()
    session = await context.new_cdp_session(page)
    await session.send("Emulation.setCPUThrottlingRate", {"rate": max(SLOWDOWNS)})
    async with traced(browser, (*CATEGORIES, *DETAILS)) as events:
        await page.goto(f"{site.url}/page/{name}?visit=visit-{name}", wait_until="load")
        await asyncio.sleep(PAUSE_SECONDS)
        await page.click("#buy")
        await asyncio.sleep(PAUSE_SECONDS)
        await page.click("#route")
        await asyncio.sleep(PAUSE_SECONDS)
        await page.goto("about:blank")
        await asyncio.sleep(PAUSE_SECONDS)
    await context.close()
    script = f"/sdk/{name}.js"
    pieces = find_pieces(events, script)
    return count_forced_layouts(events, pieces, script), count_long_tasks(events, pieces)


async def measure(subjects: Sequence[Subject], rounds: int = 3) -> tuple[list[Row], dict[str, dict[str, Value]]]:
    """Look at every script."""
    seen: dict[str, dict[str, Value]] = {}
    with serving(subjects) as site:
        async with launched() as browser:
            for name in site.subjects:
                held_up = [await hold_up(browser, site, name) for _ in range(rounds)]
                seen[name] = {
                    **await inspect(browser, site, name),
                    "bfcache": "yes" if await is_restored(browser, site, name) else "no",
                    "layouts": statistics.median(layouts for layouts, _ in held_up),
                    "long": statistics.median(long for _, long in held_up),
                }
    return [Row(what, limit, {name: of_it[key] for name, of_it in seen.items()}) for key, what, limit in _ROWS], seen


_ROWS = (
    ("patched", f"page functions replaced, of {len(PATCHABLE)}", "0"),
    ("storage", "cookies / local / session storage keys", "0 / 0 / 0"),
    ("leaks", "tells the page's ?token=secret", "no"),
    ("bfcache", "page may enter the back/forward cache", "yes"),
    ("layouts", "layouts and style computations forced", "0"),
    ("long", f"long tasks by itself (> {LONG_TASK_MS} ms)", ""),
)
