"""A shared dashboard in a browser: seen without signing in, asks for nothing else, and is framed by those who may."""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import httpx2
import pytest
from playwright.sync_api import Browser, expect
from watching import Watched, sign_in

from bench.running import Running, collector

pytestmark = pytest.mark.browser

VIEWS = 60


@dataclass
class Shared:
    """A collector with page views, of which a link shows those of some pages."""

    running: Running
    url: str


class Intranet(BaseHTTPRequestHandler):
    """A site whose every page shows in a frame what its query says."""

    def do_GET(self) -> None:
        html = (
            f'<!doctype html><title>Intranet</title><iframe src="{self.path.partition("?")[2]}" width="1000" height="600"></iframe>'
        )
        self.send_response(200)
        self.send_header("content-type", "text/html")
        self.end_headers()
        self.wfile.write(html.encode())

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture(scope="module")
def intranets() -> Iterator[list[str]]:
    """The origins of two sites."""
    with ExitStack() as stack:
        servers = [stack.enter_context(ThreadingHTTPServer(("127.0.0.1", 0), Intranet)) for _ in range(2)]
        for server in servers:
            threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
            stack.callback(server.shutdown)
        yield [f"http://localhost:{server.server_address[1]}" for server in servers]


@pytest.fixture(scope="module")
def shared(intranets: list[str]) -> Iterator[Shared]:
    now = int(time.time())
    with collector(environment={"WIDELOAD_FRAME_ANCESTORS": intranets[0]}) as running:
        events = [
            {"id": f"v{number}", "kind": "page_view", "time": (now - 60 * number) * 1000, "page.path": f"/{number % 3}",
             "lcp.value": 1000 + 10 * number, "cls.value": 0.01}
            for number in range(VIEWS)
        ]  # fmt: skip
        httpx2.post(f"{running.url}/v1/beacon/demo", json={"v": 1, "sent_at": now * 1000, "events": events})
        deadline = time.monotonic() + 30
        while running.count() < VIEWS:
            assert time.monotonic() < deadline
            time.sleep(0.05)
        body = {"dataset": "demo", "expires_at": now + 3600, "filters": [{"column": "page.path", "op": "!=", "value": "/2"}]}
        headers = {"authorization": f"Bearer {running.token}"}
        made = httpx2.post(f"{running.url}/api/dashboards/overview/shares", json=body, headers=headers).json()
        yield Shared(running, made["url"])


@pytest.fixture
def watched(browser: Browser, shared: Shared) -> Iterator[Watched]:
    context = browser.new_context()
    yield Watched(context, shared.running)
    context.close()


def test_a_link_shows_its_dashboard_and_asks_for_nothing_else(watched: Watched, shared: Shared) -> None:
    asked: list[str] = []
    watched.page.on("request", lambda request: asked.append(request.url.removeprefix(shared.running.url)))
    watched.page.goto(shared.url)
    watched.settle()

    expect(watched.page.get_by_role("heading", name="Overview", level=1)).to_be_visible()
    expect(watched.page.locator("[data-panel=lcp]")).to_contain_text("of 40 samples")
    expect(watched.page.get_by_text("demo, page.path ≠ /2")).to_be_visible()
    assert not [path for path in asked if not path.startswith(("/share/", "/assets/", "/favicon.svg"))]
    assert watched.problems == [] and watched.page.context.cookies() == []
    assert watched.inaccessible() == []


def test_a_link_lets_choose_time_and_percentile_and_offers_nothing_that_it_refuses(watched: Watched, shared: Shared) -> None:
    watched.page.goto(shared.url)
    watched.settle()
    watched.page.get_by_label("Percentile").select_option("95")
    watched.page.get_by_role("button", name="7 d").click()
    watched.settle()

    expect(watched.page.locator("[data-panel=lcp]")).to_contain_text("p95 of 40 samples")
    assert watched.page.url == f"{shared.url}?time=7d&var-percentile=95"
    watched.page.get_by_role("button", name=re.compile("^Do more with LCP, p")).click()
    expect(watched.page.get_by_role("button", name="Save as CSV")).to_be_visible()
    expect(watched.page.get_by_text("Open in Explore")).to_have_count(0)
    assert watched.page.locator("a[href]:not(link)").count() == 0 and watched.problems == []


def test_a_link_is_live(watched: Watched, shared: Shared) -> None:
    watched.page.goto(f"{shared.url}?time=1h")
    watched.settle()
    watched.page.get_by_role("button", name="Live").click()
    assert watched.page.url.endswith("live=1")
    with watched.page.expect_request(lambda request: "/query/" in request.url, timeout=10_000):
        pass
    with watched.page.expect_request(lambda request: "/query/" in request.url, timeout=10_000):
        watched.page.get_by_role("button", name="Refresh").click()
    assert watched.problems == []


def test_a_link_that_is_none_says_so(watched: Watched, shared: Shared) -> None:
    answer = watched.page.goto(f"{shared.running.url}/share/mistyped")

    assert answer and answer.status == 404
    expect(watched.page.get_by_role("alert")).to_contain_text("Ask whoever sent it to you for a new one.")


def test_only_those_who_are_listed_may_frame_it(watched: Watched, shared: Shared, intranets: list[str]) -> None:
    page, (friend, stranger) = watched.page, intranets
    heading = page.frame_locator("iframe").get_by_role("heading", name="Overview", level=1)
    page.goto(f"{friend}/?{shared.url}")
    expect(heading).to_be_visible()

    page.goto(f"{stranger}/?{shared.url}")
    page.wait_for_load_state("networkidle")
    expect(heading).to_have_count(0)
    assert any("frame-ancestors" in problem for problem in watched.problems)


def test_an_editor_makes_a_link_and_takes_it_back(watched: Watched, shared: Shared, browser: Browser) -> None:
    page, who = watched.page, "the agency"
    page.context.add_cookies(sign_in(browser, shared.running)["cookies"])
    watched.open("f=page.path:=:/1")
    page.get_by_role("button", name="Share", exact=True).click()
    page.get_by_label("Ends in").select_option("1")
    page.get_by_label("For whom").fill(who)
    page.get_by_role("button", name="Make a link").click()
    link = page.get_by_label("The link; it is shown only now").input_value()
    expect(page.locator(".share-links li").first).to_contain_text(f"{who}until")
    # The open form lies over other buttons, and leaves little of them.
    assert not [one for one in watched.inaccessible() if not one.startswith("target-size")]

    stranger = browser.new_page()
    stranger.goto(link)
    expect(stranger.locator("[data-panel=lcp]")).to_contain_text("20 samples")
    page.get_by_role("button", name=f"Take back the link {who}").click()
    expect(page.get_by_text(who)).to_have_count(0)
    answer = stranger.reload()
    assert answer and answer.status == 404 and watched.problems == []
    stranger.close()
