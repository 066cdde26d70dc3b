"""Sessions, sampling and the visitor's wishes."""

from __future__ import annotations

import pytest
from beacon_site import Server, Visit, leave
from playwright.sync_api import BrowserContext, Page

pytestmark = pytest.mark.browser


def tag(options: str) -> str:
    return f'<script async src="{{beacon}}" data-key="shop" {options}></script>'


def test_a_session_counts_its_views_where_it_may_be_kept(visit: Visit, collector: Server) -> None:
    visit(tag=tag('data-storage="session"'))
    leave(visit(tag=tag('data-storage="session"'), path="/second"))

    first, second = collector.rows()

    assert first["session.id"] == second["session.id"]
    assert (first["view.number"], second["view.number"], second["view.previous_id"]) == (1, 2, first["id"])


@pytest.mark.parametrize(
    ("aged", "minutes", "goes_on"), [("last", 29, True), ("last", 31, False), ("start", 239, True), ("start", 241, False)]
)
def test_a_session_ends_after_half_an_hour_of_silence_and_after_four_hours(
    aged: str, minutes: int, goes_on: bool, visit: Visit, collector: Server, page: Page
) -> None:
    options = tag('data-storage="local"')
    leave(visit(tag=options))
    page = visit("<p>old", path="/old", tag="<meta name=none>")
    age = f"kept.session.{aged} -= {minutes} * 60000"
    page.evaluate(f"const kept = JSON.parse(localStorage.wideload); {age}; localStorage.wideload = JSON.stringify(kept)")
    leave(visit(tag=options))

    first, second = collector.rows()

    assert (first["session.id"] == second["session.id"]) is goes_on
    assert second["view.number"] == (2 if goes_on else 1)


def test_storage_that_the_browser_forbids_breaks_nothing(visit: Visit, collector: Server, page: Page) -> None:
    page.add_init_script(
        "Object.defineProperty(window, 'sessionStorage', {get() { throw new DOMException('no', 'SecurityError') }})"
    )
    leave(visit(tag=tag('data-storage="session"')))

    assert collector.row()["lcp.value"] > 0


@pytest.mark.parametrize("signal", ["globalPrivacyControl: {value: true}", "doNotTrack: {value: '1'}"])
def test_who_asks_not_to_be_tracked_has_no_session(signal: str, visit: Visit, collector: Server, page: Page) -> None:
    page.add_init_script(f"Object.defineProperties(navigator, {{{signal}}})")
    page = visit(tag=tag('data-storage="local"'))
    kept = page.evaluate("localStorage.length")
    leave(page)

    event = collector.row()

    assert "session.id" not in event
    assert event["privacy.gpc" if "global" in signal else "privacy.dnt"] is True
    assert kept == 0


def test_a_page_may_measure_nobody_who_asks_not_to_be_tracked(visit: Visit, collector: Server, page: Page) -> None:
    page.add_init_script("Object.defineProperty(navigator, 'globalPrivacyControl', {value: true})")
    page = visit(tag=tag('data-gpc="off"'))
    leave(page)
    page.wait_for_timeout(300)

    assert collector.posts() == []


def test_a_page_may_ignore_the_signal(visit: Visit, collector: Server, page: Page) -> None:
    page.add_init_script("Object.defineProperty(navigator, 'globalPrivacyControl', {value: true})")
    leave(visit(tag=tag('data-gpc="ignore" data-storage="session"')))

    assert collector.row()["session.id"]


def test_one_in_so_many_pages_is_sampled_with_its_weight(context: BrowserContext, site: Server, collector: Server) -> None:
    site.pages["/"] = "<p>hello" + tag('data-sample-rate="4"')
    page = context.new_page()
    for _ in range(40):
        page.goto(site.url + "/")
        page.wait_for_function("() => !!window.wideload")
    leave(page)
    page.close()

    rows = collector.rows()

    assert 1 <= len(rows) <= 25
    assert {row["sample_rate"] for row in rows} == {4}


def test_queries_are_dropped_but_for_the_named_and_campaigns(visit: Visit, collector: Server) -> None:
    leave(visit(path="/?q=shoes&token=secret&utm_source=mail&utm_campaign=spring#top", tag=tag('data-query="q"')))

    event = collector.row()

    assert (event["page.query.q"], event["campaign.source"], event["campaign.name"]) == ("shoes", "mail", "spring")
    assert "secret" not in str(event)


def test_named_attributes_may_stand_in_selectors(visit: Visit, collector: Server) -> None:
    body = '<h1 data-testid="title" data-secret="x" class="big">hello</h1>'
    leave(visit(body, tag=tag('data-attributes="data-testid"')))

    assert collector.row()["lcp.element"] == "[data-testid=title]"
