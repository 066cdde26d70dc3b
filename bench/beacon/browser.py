"""The Chromium of the measurements."""

from __future__ import annotations

import os
import subprocess
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import cache

from playwright.async_api import Browser, BrowserContext, async_playwright

CHROMIUM = os.environ.get("WIDELOAD_TEST_CHROMIUM", "/usr/bin/chromium")

ARGUMENTS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
    # Some beacons keep silent for a browser that says it is driven.
    "--disable-blink-features=AutomationControlled",
]  # fmt: skip


@asynccontextmanager
async def launched() -> AsyncIterator[Browser]:
    """Run one under Playwright."""
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=CHROMIUM,
            args=ARGUMENTS,
            # Playwright turns it off; the pages of visitors have it.
            ignore_default_args=["--disable-back-forward-cache"],
        )
        yield browser
        await browser.close()


def user_agent() -> str:
    """Return the agent of a Chromium that has a window."""
    product = f"Chrome/{chromium_version().partition('.')[0]}.0.0.0 Safari/537.36"
    return f"Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) {product}"


async def cold_context(browser: Browser) -> BrowserContext:
    """Return a context with nothing in its caches."""
    return await browser.new_context(viewport={"width": 1200, "height": 800}, user_agent=user_agent())


@cache
def chromium_version() -> str:
    """Return the number alone."""
    command = [CHROMIUM, "--version"]
    told = subprocess.run(command, check=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True).stdout
    return told.split()[1]
