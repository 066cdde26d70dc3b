"""A site and a collector on two local ports, and a Chromium that visits the one and reports to the other."""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from beacon_site import SCRIPT, Server, Visit, serve
from devtools import CHROMIUM_ARGS, chromium
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright


@pytest.fixture
def collector() -> Iterator[Server]:
    """Where the beacon is loaded from and reports to: another origin than the site's."""
    assert SCRIPT.exists(), "The beacon is not built: run `npm ci && npm run build` in beacon_js/."
    yield from serve(Server(headers={"access-control-allow-origin": "*"}))


@pytest.fixture
def site(collector: Server) -> Iterator[Server]:
    """The site that is measured."""
    yield from serve(Server(beacon=f"{collector.url}/beacon.js"))


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    # Not for the session: Playwright keeps an event loop running in this thread for as long as it lives.
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=chromium(),
            args=CHROMIUM_ARGS,
            # Playwright turns it off; the pages of visitors have it.
            ignore_default_args=["--disable-back-forward-cache"],
        )
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def context(browser: Browser) -> Iterator[BrowserContext]:
    """One for all tests: each has servers of its own, and so origins of its own."""
    context = browser.new_context()
    yield context
    context.close()


@pytest.fixture
def page(context: BrowserContext) -> Iterator[Page]:
    """A tab; whatever a page throws fails the test."""
    page = context.new_page()
    errors: list[Any] = []
    page.on("pageerror", lambda error: errors.append(error))
    yield page
    page.close()
    assert not errors


@pytest.fixture
def visit(page: Page, site: Server) -> Visit:
    """Return a function that serves `body` in a page that carries the beacon, opens it and waits until it has settled."""

    def visit(body: str = "<p>hello</p>", path: str = "/", tag: str = "", settle: bool = True) -> Page:
        tag = tag or '<script async src="{beacon}" data-key="shop"></script>'
        head = f'<title>t</title><link rel="icon" href="data:,">{tag}'
        site.pages[urlsplit(path).path] = f"<!doctype html><html><head>{head}</head><body>{body}</body></html>"
        page.goto(site.url + path)
        if settle:
            page.wait_for_function("() => performance.getEntriesByName('first-contentful-paint').length > 0")
            page.wait_for_timeout(100)
        return page

    return visit


@pytest.fixture
def open_unwatched(tmp_path: Path, site: Server) -> Iterator[Callable[[str], None]]:
    """Return a function that opens a path of the site in a Chromium that nothing drives; its page must drive itself.

    Under Playwright no tab is ever hidden, and nothing is prerendered.
    """
    running: list[subprocess.Popen[bytes]] = []

    def open_unwatched(path: str) -> None:
        flags = ["--headless", "--disable-popup-blocking", f"--user-data-dir={tmp_path}"]
        command = [chromium(), *CHROMIUM_ARGS, *flags, site.url + path]
        running.append(subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL))

    yield open_unwatched
    for process in running:
        process.terminate()
        process.wait()
