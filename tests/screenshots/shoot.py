"""Takes pictures: the same view gives the same pixels, on one machine at least."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final

from playwright.sync_api import Browser, Page, expect

from bench.running import Running
from tests.screenshots.views import View


@dataclass(frozen=True, slots=True)
class Look:
    """How a page is looked at."""

    name: str
    width: int
    height: int
    scheme: str


ARGUMENTS: Final = ("--no-sandbox", "--disable-gpu", "--font-render-hinting=none")
#: Nothing of the browser's own in a picture: no place for a scroll bar.
_PLAIN: Final = """
  const plain = new CSSStyleSheet();
  plain.replaceSync('html { scrollbar-gutter: auto !important }');
  document.adoptedStyleSheets = [plain];
"""
LOOKS: Final = (Look("light", 1440, 900, "light"), Look("dark", 1440, 900, "dark"), Look("phone", 390, 844, "light"))


@contextmanager
def opened(browser: Browser, look: Look, cookies: Any) -> Iterator[Page]:
    """Open a page for pictures: in one time zone and language, and without motion."""
    context = browser.new_context(
        viewport={"width": look.width, "height": look.height},
        color_scheme=look.scheme,
        reduced_motion="reduce",
        timezone_id="UTC",
        locale="en-GB",
        storage_state=cookies,
    )
    context.add_init_script(_PLAIN)
    try:
        yield context.new_page()
    finally:
        context.close()


def shoot(page: Page, running: Running, view: View, look: Look) -> bytes:
    """Return the picture of a whole view as PNG."""
    page.set_viewport_size({"width": look.width, "height": look.height})
    page.goto(running.url + view.path)
    settle(page)
    # In a window as high as the page, what stands at the edge of the window covers nothing.
    height = page.evaluate("document.documentElement.scrollHeight")
    page.set_viewport_size({"width": look.width, "height": max(look.height, height)})
    view.act(page)
    settle(page)
    return page.screenshot(animations="disabled", caret="hide")


def settle(page: Page) -> None:
    """Wait until everything is drawn and nothing is asked any more."""
    expect(page.locator("#main, main").first).to_be_visible()
    expect(page.locator("[aria-busy=true], .waiting, [data-stale=true]")).to_have_count(0, timeout=60_000)
    page.wait_for_load_state("networkidle")
