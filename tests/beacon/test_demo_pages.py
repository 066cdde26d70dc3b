"""The demo pages: they show what they promise, and they keep the policy that the collector serves them with."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from beacon_site import DEMO, Server, leave, rest
from playwright.sync_api import Page

HTML = sorted(DEMO.glob("*.html"))
TAG = '<script async src="/beacon.full.js" data-key="demo"'
POLICY = "default-src 'self'; base-uri 'none'; frame-ancestors 'none'"


@pytest.mark.parametrize("file", HTML, ids=lambda file: file.name)
def test_page_carries_the_beacon_and_nothing_inline(file: Path) -> None:
    html = file.read_text()

    assert html.count(TAG) == 1
    assert not re.search(r"<style|\sstyle=|\son\w+=|<script(?![^>]*\ssrc=)", html)


@pytest.mark.parametrize("file", HTML, ids=lambda file: file.name)
def test_every_file_that_a_page_names_exists(file: Path) -> None:
    names = re.findall(r'(?:src|href)="/demo/(?:slow/)?([^"?]*)', file.read_text())

    assert names
    assert [name for name in names if not (DEMO / (name or "index.html")).is_file()] == []


def test_hero_is_large_enough_to_count_as_a_picture() -> None:
    size = (DEMO / "hero.svg").stat().st_size

    # Chromium takes pictures of less than 0.05 bits a pixel for placeholders.
    assert 0.05 * 1600 * 720 / 8 < size < 60_000


@pytest.mark.browser
@pytest.mark.parametrize("width", [1280, 390])
def test_front_page_shows_every_vital(width: int, page: Page, site: Server) -> None:
    # Here the beacon comes from the site itself, as in the collector.
    site.headers["content-security-policy"] = POLICY
    page.set_viewport_size({"width": width, "height": 800})
    page.goto(site.url + "/demo/")
    page.wait_for_selector(".notice")
    page.wait_for_timeout(100)
    page.click("[data-action=addToBasket]")
    rest(page)
    leave(page)
    event = site.event()

    assert (event["page.route"], event["service.name"]) == ("/demo/", "demo-shop")
    assert event["lcp.url"].endswith("/demo/slow/hero.svg")
    assert event["lcp.value"] > 900
    assert event["cls.value"] > 0.01
    assert event["inp.value"] >= 248
    assert event["inp.script.function"].endswith("addToBasket")
