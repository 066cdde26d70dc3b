"""The viewer treats what is stored as hostile: events whose every field tries something are shown, and do nothing."""

from __future__ import annotations

import gzip
import json
import os
import re
import time
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import httpx2
import orjson
import pytest
from hostile_events import NAMES, TEXTS, hostile_event
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from bench.running import Running, collector

pytestmark = pytest.mark.browser

CHROMIUM = os.environ.get("WIDELOAD_TEST_CHROMIUM", "/usr/bin/chromium")
#: Counts what the policy stops, and what text has become that it should not be.
WITNESS = """
  globalThis.violations = [];
  addEventListener('securitypolicyviolation', (event) => violations.push(`${event.violatedDirective} ${event.blockedURI}`));
"""
#: Looks at the whole document: markup that came from text, links that lead away, characters that are obeyed, text that reorders.
AUDIT = r"""() => {
  const found = [...violations];
  const own = ['script[src^="/assets/"]', 'link', 'svg', 'style'];
  for (const element of document.querySelectorAll('script, img, iframe, object, embed, base, style, [srcdoc]')) {
    if (!element.matches(own.join())) found.push('markup: ' + element.outerHTML.slice(0, 80));
  }
  const obeyed = /[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066\u2067]|\p{Surrogate}/u;
  for (const element of document.querySelectorAll('*')) {
    for (const {name, value} of element.attributes) {
      if (/^on/i.test(name)) found.push('handler: ' + name);
      if (/^(href|src|action|formaction|xlink:href)$/i.test(name)) {
        const url = new URL(value, location.href);
        if (url.origin !== location.origin || !/^https?:$/.test(url.protocol)) found.push('link: ' + value.slice(0, 80));
      }
      const isSeen = name !== 'href' && !element.matches('select > option');
      if (isSeen && obeyed.test(value)) found.push(`attribute ${name}: ` + JSON.stringify(value.slice(0, 80)));
    }
  }
  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (texts.nextNode()) {
    const {data, parentElement} = texts.currentNode;
    if (obeyed.test(data)) found.push('text: ' + JSON.stringify(data.slice(0, 80)));
    const style = getComputedStyle(parentElement);
    // A tooltip in a drawing has a line of its own for it.
    const isMixed = style.display === 'inline' && parentElement.tagName !== 'title';
    if (/[\u0590-\u08ff]/.test(data) && isMixed && !style.unicodeBidi.startsWith('isolate')) {
      found.push(`not isolated in ${parentElement.tagName}: ` + data.slice(0, 80));
    }
  }
  if (document.documentElement.scrollWidth > innerWidth) found.push('wider than the window');
  return found;
}"""


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"])
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def filled() -> Iterator[tuple[Running, dict[str, str]]]:
    """A collector of its own, with a page view and an error of each kind; the ids of the page views by their kind."""
    with collector() as running:
        views = {name: hostile_event(text) for name, text in TEXTS.items()}
        for name, view in views.items():
            # An error is shown with its view, whose id it names.
            error = hostile_event(TEXTS[name], "error", **{"view.id": view["id"], "error.occurrences": 3})
            for event in (view, error):
                body = gzip.compress(orjson.dumps({"v": 1, "sent_at": int(time.time() * 1000), "events": [event]}))
                answer = httpx2.post(f"{running.url}/v1/beacon/demo", content=body)
                assert answer.json() == {"accepted": 1, "rejected": []}, name
        deadline = time.monotonic() + 30
        while running.count() < 2 * len(TEXTS):
            assert time.monotonic() < deadline
            time.sleep(0.05)
        yield running, {name: str(view["id"]) for name, view in views.items()}


class Watched:
    """A signed-in page, and everything that it must not do."""

    def __init__(self, context: BrowserContext, running: Running) -> None:
        self.url, self.problems = running.url, list[str]()
        context.add_init_script(WITNESS)
        context.on("request", lambda request: self._check(request.url))
        context.on("page", lambda page: self.problems.append(f"window: {page.url}") if context.pages[1:] else None)
        self.page: Page = context.new_page()
        self.page.on("dialog", lambda dialog: self.problems.append(f"dialog: {dialog.message}") or dialog.dismiss())
        self.page.on("download", lambda download: self.problems.append(f"download: {download.url}"))
        self.page.on("pageerror", lambda error: self.problems.append(f"exception: {error}"))
        self.page.on("console", lambda message: self.problems.append(message.text) if message.type == "error" else None)

    def open(self, query: str) -> None:
        self.page.goto(f"{self.url}/?{query}")
        self.settle()

    def settle(self) -> None:
        """Wait until everything is drawn."""
        expect(self.page.locator("#main")).to_be_visible()
        expect(self.page.locator("[aria-busy=true], .waiting")).to_have_count(0)

    def audit(self) -> list[str]:
        """Return what is wrong with what is shown and with what has happened."""
        assert self.page.url.startswith(self.url + "/?")
        return [*self.problems, *self.page.evaluate(AUDIT)]

    def _check(self, url: str) -> None:
        if not url.startswith((self.url, "data:")):
            self.problems.append(f"request: {url}")


@pytest.fixture(scope="module")
def signed_in(browser: Browser, filled: tuple[Running, dict[str, str]]) -> Any:
    """The cookies of somebody who has signed in."""
    context = browser.new_context()
    page = context.new_page()
    page.goto(f"{filled[0].url}/login")
    page.get_by_label("Admin token").fill(filled[0].token)
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("heading", name="Overview", level=1)).to_be_visible()
    state = context.storage_state()
    context.close()
    return state


@pytest.fixture
def watched(browser: Browser, filled: tuple[Running, dict[str, str]], signed_in: Any) -> Iterator[Watched]:
    context = browser.new_context(storage_state=signed_in)
    yield Watched(context, filled[0])
    context.close()


@pytest.mark.parametrize("kind", TEXTS)
def test_a_hostile_page_view_is_shown_and_does_nothing(watched: Watched, filled: tuple[Running, dict[str, str]], kind: str) -> None:
    page = watched.page
    watched.open(f"view=page-view&id={filled[1][kind]}")
    expect(page.locator("[data-panel=event-fields]")).to_be_visible()
    expect(page.locator("[data-panel=errors] li")).to_have_count(1)
    assert watched.audit() == []

    for button in ("Show Resources as a table", "Show Navigation as a table"):
        page.get_by_role("button", name=button).click()
    page.locator("summary").click()
    more = page.get_by_role("button", name=re.compile("^Show all"))
    while more.count():
        more.first.click()
    page.get_by_role("searchbox").fill(TEXTS[kind][:20].replace("\r\n", " "))

    assert watched.audit() == []


def test_hostile_names_of_fields_are_shown(watched: Watched, filled: tuple[Running, dict[str, str]]) -> None:
    watched.open(f"view=page-view&id={filled[1]['script']}")

    shown = watched.page.locator("[data-panel=event-fields] dt").all_inner_texts()

    assert {"__proto__", "constructor", "toString", "<img src=x onerror=alert(1)>", "�eman", "a�31m"} <= set(shown)
    assert watched.audit() == []


@pytest.mark.parametrize("view", ["overview", "page-views", "soft-navigations"])
def test_lists_and_dashboards_of_hostile_events_do_nothing(watched: Watched, view: str) -> None:
    for index in range(3):
        watched.open(f"view={view}&time=1h")
        assert watched.audit() == []

        cell = watched.page.locator("button.cell").nth(index)
        if cell.count():
            cell.click()
            watched.settle()
            assert watched.audit() == []


@pytest.mark.parametrize("name", ["page.path", NAMES[3]], ids=["field", "attribute"])
def test_a_hostile_filter_of_a_link_does_nothing(watched: Watched, name: str) -> None:
    for text in TEXTS.values():
        watched.open(f"view=page-views&time=1h&f={quote(f'{name}:=:{json.dumps(text[:512])}')}")

        watched.page.locator(".chip button").first.click()

        expect(watched.page.get_by_role("form", name="Filter")).to_be_visible()
        assert watched.audit() == []


@pytest.mark.parametrize("part", ["view", "id", "dataset", "time", "sort", "f"])
def test_a_hostile_link_does_nothing(watched: Watched, part: str) -> None:
    for text in (*TEXTS.values(), "constructor"):
        watched.open(f"view=page-view&{part}={quote(text[:200])}" if part != "view" else f"view={quote(text[:200])}")

        # That there is no such thing may be said, and is said by the server, too.
        problems = [one for one in watched.audit() if not one.startswith("Failed to load resource")]
        watched.problems.clear()
        assert problems == [], text


def test_a_lone_surrogate_never_gets_in(filled: tuple[Running, dict[str, str]]) -> None:
    body = json.dumps({"v": 1, "events": [{"id": "a", "kind": "page_view", "page.path": "\ud800"}]})
    answer = httpx2.post(f"{filled[0].url}/v1/beacon/demo", content=body)

    assert (answer.status_code, answer.json()["error"]["reason"]) == (400, "not_json")


def test_no_answer_of_the_api_is_anything_but_json(filled: tuple[Running, dict[str, str]]) -> None:
    running, ids = filled
    headers: dict[str, Any] = {"authorization": f"Bearer {running.token}", "accept": "text/html"}
    for event_id in ids.values():
        answer = httpx2.get(f"{running.url}/api/events/{event_id}?dataset=demo", headers=headers)

        assert answer.headers["content-type"] == "application/json"
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert "require-trusted-types-for 'script'" in answer.headers["content-security-policy"]
