"""The page about the API in a browser: nothing is stopped by its policy, and everybody can read it."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, expect
from watching import Watched, sign_in

from bench.running import Running

pytestmark = pytest.mark.browser

WIDER = """[...document.querySelectorAll('body *')].filter((one) => one.getBoundingClientRect().right > innerWidth)
  .map((one) => one.outerHTML.slice(0, 99))"""


@pytest.mark.parametrize(("width", "scheme"), [(1440, "light"), (390, "dark")])
def test_the_page_is_read_at_any_width_in_both_schemes(browser: Browser, live_collector: Running, width: int, scheme: str) -> None:
    state = sign_in(browser, live_collector)
    context = browser.new_context(storage_state=state, viewport={"width": width, "height": 900}, color_scheme=scheme)  # type: ignore[arg-type]
    watched = Watched(context, live_collector)

    watched.page.goto(f"{live_collector.url}/?view=page-views")
    watched.settle()
    watched.page.get_by_role("button", name="Account of").click()
    watched.page.get_by_role("link", name="HTTP API").click()
    expect(watched.page.get_by_role("heading", name="HTTP API")).to_be_visible()
    watched.page.get_by_role("link", name="POST /api/query", exact=True).click()
    section = watched.page.locator("#post-api-query")
    section.get_by_text("Its members").first.press("Enter")

    expect(section.get_by_role("heading", name="POST /api/query")).to_be_in_viewport()
    expect(section.locator("details[open] dt").first).to_be_visible()
    assert watched.page.evaluate(WIDER) == []
    assert (watched.problems, watched.page.evaluate("violations")) == ([], [])
    assert watched.inaccessible() == []
    context.close()
