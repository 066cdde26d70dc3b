"""The main job in a real Chromium: a page is visited and left; its row, and the viewer, say what its own `performance` said."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from bench.running import Running
from collector.fields import BY_NAME

pytestmark = pytest.mark.browser

CHROMIUM = os.environ.get("WIDELOAD_TEST_CHROMIUM", "/usr/bin/chromium")
ARGUMENTS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
]  # fmt: skip
ORACLE = Path(__file__).parents[2] / "beacon_js/node_modules/web-vitals/dist/web-vitals.iife.js"
#: What the page knows of itself when it is left, kept where the next page of the site can read it.
WITNESS = """
  const seen = {};
  for (const on of ['onCLS', 'onFCP', 'onINP', 'onLCP', 'onTTFB']) {
    webVitals[on](({name, value, rating}) => { seen[name.toLowerCase()] = {value, rating}; }, {reportAllChanges: true});
  }
  addEventListener('pagehide', () => {
    const navigation = performance.getEntriesByType('navigation')[0].toJSON();
    const paints = Object.fromEntries(performance.getEntriesByType('paint').map((e) => [e.name, e.startTime]));
    localStorage.setItem('witness ' + location.pathname, JSON.stringify({navigation, paints, vitals: seen}));
  });
"""
#: navigation.dns_… of ours against domainLookup… of the specification: the same words, in another case.
MARKS = [
    name for name, field in BY_NAME.items()
    if name.startswith("navigation.") and field.origin == "sender" and field.type == "number"
]  # fmt: skip


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    context = browser.new_context()
    yield context.new_page()
    context.close()


def camel(name: str) -> str:
    first, *others = name.removeprefix("navigation.").split("_")
    return first + "".join(word.capitalize() for word in others)


def visit(page: Page, url: str) -> dict[str, Any]:
    """Open the shop, use its slow button, leave it by a link; return what the page knew."""
    page.add_init_script(ORACLE.read_text() + WITNESS)
    page.goto(f"{url}/demo/", wait_until="load")
    page.get_by_role("button").first.click()
    page.wait_for_timeout(1500)
    page.get_by_role("link", name="Lighthouse").first.click()
    page.wait_for_url("**/demo/product.html")
    witness: dict[str, Any] = json.loads(page.evaluate("localStorage.getItem('witness /demo/')"))
    return witness


def row(collector: Running, since: float) -> dict[str, Any]:
    """Return the newest page view of the shop's first page, as `/api/query` and `/api/events` find it."""
    filters = [{"column": "page.path", "op": "=", "value": "/demo/"}, {"column": "received_at", "op": ">=", "value": since}]
    end = time.monotonic() + 10
    while not (results := collector.query(filters=filters, breakdowns=["id"])["results"]) and time.monotonic() < end:
        time.sleep(0.05)
    (only,) = results
    found: dict[str, Any] = collector.get(f"/api/events/{only['data']['id']}?dataset=demo")["event"]
    return found


def test_a_page_view_says_what_the_page_itself_knew(page: Page, live_collector: Running) -> None:
    since = time.time() - 1
    witness = visit(page, live_collector.url)
    stored = row(live_collector, since)

    compared = 0
    for name in MARKS:
        truth = witness["navigation"].get(camel(name))
        if name in stored:
            assert stored[name] == pytest.approx(truth, abs=0.1), name
            compared += 1
        else:
            assert not truth, f"{name} is missing, the page says {truth}"
    assert compared >= 16
    assert stored["fp.value"] == pytest.approx(witness["paints"]["first-paint"], abs=0.1)
    for vital in ("lcp", "cls", "inp", "fcp", "ttfb"):
        truth = witness["vitals"][vital]
        assert stored[f"{vital}.value"] == pytest.approx(truth["value"], abs=0.0001 if vital == "cls" else 0.1), vital
        assert stored[f"{vital}.rating"] == truth["rating"], vital
    assert stored["lcp.value"] > 800, "the demo's late hero image"
    assert stored["cls.value"] > 0, "the demo's late banner"
    assert stored["inp.value"] > 100, "the demo's slow button"


def sign_in(page: Page, collector: Running) -> None:
    page.goto(f"{collector.url}/login")
    page.get_by_label("Admin token").fill(collector.token)
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("heading", name="Overview", level=1)).to_be_visible()


def watch(page: Page) -> list[str]:
    """Return a list that fills with what the browser complains about, such as a breach of the Content Security Policy."""
    problems: list[str] = []
    page.on("console", lambda message: problems.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: problems.append(str(error)))
    return problems


def test_the_viewer_shows_the_page_view(page: Page, live_collector: Running) -> None:
    since = time.time() - 1
    visit(page, live_collector.url)
    stored = row(live_collector, since)
    problems = watch(page)

    sign_in(page, live_collector)
    expect(page.get_by_text("Largest Contentful Paint").first).to_be_visible()
    page.get_by_role("link", name="Page views").click()
    page.locator(f"a[href*='{stored['id']}']").click()
    expect(page.get_by_role("heading", name="/demo/", level=1)).to_be_visible()
    expect(page.get_by_text(stored["id"]).first).to_be_visible()
    assert problems == []


def test_the_viewer_shows_what_a_view_loaded_and_its_errors(page: Page, live_collector: Running) -> None:
    now = int(time.time() * 1000)
    view = {
        "id": str(uuid4()), "kind": "page_view", "time": now - 2000, "page.host": "lists.example", "page.path": "/lists",
        "fcp.value": 300, "resource.count": 2,
        "resources.host": ["lists.example", "cdn.example"], "resources.path": ["/app.js", "/hero.avif"],
        "resources.initiator": ["script", "img"], "resources.start": [12.5, 90], "resources.duration": [140, 420.5],
        "resources.ttfb": [60, None], "resource_types.name": ["script", "img"], "resource_types.count": [1, 1],
        "loaf.count": 1, "loaf_scripts.url": ["https://lists.example/app.js"], "loaf_scripts.duration": [88],
    }  # fmt: skip
    error = {
        "id": str(uuid4()), "kind": "error", "time": now - 1000, "view.id": view["id"], "error.source": "exception",
        "exception.type": "TypeError", "exception.message": "<b>x</b> is undefined", "error.occurrences": 3,
    }  # fmt: skip
    view["session.id"] = str(uuid4())
    before = {
        "id": str(uuid4()), "kind": "page_view", "time": now - 9000, "session.id": view["session.id"], "page.host": "lists.example",
        "page.path": "/before", "lcp.value": 5200,
    }  # fmt: skip
    body = json.dumps({"v": 1, "sent_at": now, "events": [before, view, error]})
    assert page.request.post(f"{live_collector.url}/v1/beacon/demo", data=body).status == 202
    sent = {"column": "id", "op": "in", "value": [before["id"], view["id"], error["id"]]}
    end = time.monotonic() + 10
    while live_collector.count(filters=[sent]) < 3 and time.monotonic() < end:
        time.sleep(0.05)
    problems = watch(page)

    sign_in(page, live_collector)
    page.goto(f"{live_collector.url}/?view=page-view&id={view['id']}")

    resources = page.locator("[data-panel=resources]")
    expect(resources.locator(".chart")).to_contain_text("cdn.example/hero.avif")
    resources.get_by_role("button", name="Show Resources as a table").click()
    expect(resources.get_by_role("row").nth(2)).to_contain_text("421")
    expect(page.locator("[data-panel=resource-types]")).to_contain_text("script")
    expect(page.locator("[data-panel=long-frames]")).to_contain_text("88")
    expect(page.locator("[data-panel=errors]")).to_contain_text("<b>x</b> is undefined")
    expect(page.locator("[data-panel=errors]")).to_contain_text("3 times")
    session = page.locator("[data-panel=session]")
    expect(session).to_contain_text("2 page views, this is number 2")
    session.get_by_role("row", name="/before").get_by_role("link").click()
    expect(page.get_by_role("heading", name="/before", level=1)).to_be_visible()
    expect(session).to_contain_text("this is number 1")
    assert problems == []
