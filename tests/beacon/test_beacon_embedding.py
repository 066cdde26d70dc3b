"""How the beacon is put into a page, and what it tells and keeps to itself there."""

from __future__ import annotations

import pytest
from beacon_site import Server, Visit, leave, rest
from playwright.sync_api import Page

pytestmark = pytest.mark.browser


def test_script_tag_names_service_release_and_route(visit: Visit, collector: Server) -> None:
    tag = '<script async src="{beacon}" data-key="k" data-service="shop" data-release="1.2" data-route="/p/:id"></script>'
    leave(visit(path="/p/7", tag=tag))

    event = collector.event()

    assert (event["service.name"], event["service.version"], event["page.route"]) == ("shop", "1.2", "/p/:id")
    assert event["page.path"] == "/p/7"


def test_endpoint_may_be_a_path_on_the_site(visit: Visit, site: Server) -> None:
    leave(visit(tag='<script async src="{beacon}" data-key="shop" data-endpoint="/first/party"></script>'))

    site.wait_for("/first/party")


def test_site_key_is_escaped_in_the_path(visit: Visit, collector: Server) -> None:
    leave(visit(tag='<script async src="{beacon}" data-key="a/b?c"></script>'))
    collector.event()

    assert collector.posts()[0].path == "/v1/beacon/a%2Fb%3Fc"


def test_missing_key_is_one_warning_and_nothing_else(visit: Visit, collector: Server, page: Page) -> None:
    messages: list[str] = []
    page.on("console", lambda message: messages.append(f"{message.type}: {message.text}"))
    leave(visit(tag='<script async src="{beacon}"></script>'))
    page.wait_for_timeout(300)

    assert messages == ['warning: Wideload measures nothing: its script tag needs data-key="YOUR_SITE_KEY".']
    assert collector.posts() == []


def test_script_may_be_inserted_by_another_one(visit: Visit, collector: Server) -> None:
    insert = "const s = document.createElement('script'); s.src = '{beacon}'; s.dataset.key = 'shop'; document.head.append(s)"
    leave(visit(tag=f"<script>{insert}</script>"))

    collector.event()


def test_plain_http_page_is_measured(visit: Visit, collector: Server, site: Server) -> None:
    site.url = site.url.replace("127.0.0.1", "shop.test")
    page = visit()
    assert page.evaluate("isSecureContext") is False
    leave(page)

    event = collector.event()

    assert event["page.host"] == site.url.removeprefix("http://")
    assert "device.memory" not in event


def test_queries_and_fragments_stay_in_the_page(visit: Visit, collector: Server, site: Server) -> None:
    body = """<img src="/hero.svg?token=secret2" width="800" height="400"
        onload="const end = performance.now() + 80; while (performance.now() < end);">
      <button id="buy">buy</button><script src="/slow.js?token=secret3"></script>"""
    site.pages["/from"] = '<a href="/page?token=secret1#secret4">go</a>'
    page = visit(body, path="/page?token=secret1#secret4")
    page.goto(site.url + "/from?token=secret5")
    page.click("a")
    page.wait_for_timeout(400)
    page.click("#buy")
    rest(page)
    leave(page)

    event = collector.events(2)[-1]

    assert event["page.url"] == site.url + "/page"
    assert event["page.referrer"] == site.url + "/from"
    assert event["inp.script.url"] == site.url + "/slow.js"
    assert "secret" not in "".join(request.body for request in collector.posts())


def test_long_names_are_cut_to_what_the_collector_takes(visit: Visit, collector: Server) -> None:
    tag = f'<script async src="{{beacon}}" data-key="k" data-release="{"x" * 999}" data-route="/{"y" * 999}"></script>'
    rename = "document.querySelector('h1').id = 'z'.repeat(300) + '\\ud83d'"
    leave(visit(f"<h1>hello</h1><script>{rename}</script>", path="/" + "p" * 3000, tag=tag))

    event = collector.event()

    assert len(event["page.path"]) == 2048
    assert len(event["service.version"]) == 253
    assert event["lcp.element"] == "#" + "z" * 252


def test_failing_reader_leaves_the_others_alone(visit: Visit, collector: Server, page: Page) -> None:
    page.add_init_script("matchMedia = null")
    leave(visit())

    event = collector.event()

    assert "browser.width" not in event
    assert event["navigation.response_end"] > 0
    assert event["fcp.value"] > 0
