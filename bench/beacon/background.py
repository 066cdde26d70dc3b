"""Visits that end in the background: tabs are opened one over the other, then processes are killed.

Under Playwright no tab is ever hidden, so nothing drives this Chromium: its pages open each other.
"""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from bench.beacon.browser import ARGUMENTS, CHROMIUM, user_agent
from bench.beacon.site import Site

#: Tabs in one browser.
TABS = 10

#: Browsers at once.
AT_ONCE = 3

#: From the moment in which the last tab was covered to the kill.
GRACE_SECONDS = 1.0

#: How long a browser process whose renderers were killed lives on.
AFTERLIFE_SECONDS = 4.0


@asynccontextmanager
async def _undriven(url: str) -> AsyncIterator[int]:
    """Open an address in a Chromium in a process group of its own, and yield the group."""
    with tempfile.TemporaryDirectory(prefix="wideload-bench-", ignore_cleanup_errors=True) as folder:
        flags = ["--headless", "--disable-popup-blocking", "--window-size=1200,800", f"--user-data-dir={folder}"]
        agent = f"--user-agent={user_agent()}"
        process = subprocess.Popen(
            [CHROMIUM, *ARGUMENTS, *flags, agent, url],
            start_new_session=True,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        try:
            yield process.pid
        finally:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
            await asyncio.sleep(0.1)


def _renderers(group: int) -> list[int]:
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            is_renderer = b"--type=renderer" in (folder / "cmdline").read_bytes()
            if is_renderer and os.getpgid(int(folder.name)) == group:
                found.append(int(folder.name))
        except OSError:
            continue  # It has ended meanwhile.
    return found


async def _open_and_kill(site: Site, name: str, label: str, tabs: int, kills_browser: bool) -> None:
    async with _undriven(f"{site.url}/tab/{name}?visit={label}&more={tabs - 1}") as group:
        until = time.monotonic() + 60
        while label not in site.covered:
            if time.monotonic() > until:
                raise TimeoutError(f"The tabs of {name} did not open each other within 60 s.")
            await asyncio.sleep(0.05)
        await asyncio.sleep(GRACE_SECONDS)
        if kills_browser:
            os.killpg(group, signal.SIGKILL)
        else:
            for renderer in _renderers(group):
                os.kill(renderer, signal.SIGKILL)
        await asyncio.sleep(0 if kills_browser else AFTERLIFE_SECONDS)


async def visit_in_background(site: Site, name: str, label: str, visits: int, kills_browser: bool) -> list[str]:
    """Visit so many pages, hide each and kill the browser or its renderers; return the labels of the visits."""
    gate = asyncio.Semaphore(AT_ONCE)
    batches = [min(TABS, visits - first) for first in range(0, visits, TABS)]

    async def run(number: int, tabs: int) -> None:
        async with gate:
            await _open_and_kill(site, name, f"{label}-{number}", tabs, kills_browser)

    await asyncio.gather(*(run(number, tabs) for number, tabs in enumerate(batches)))
    return [f"{label}-{number}-{tab}" for number, tabs in enumerate(batches) for tab in range(tabs)]
