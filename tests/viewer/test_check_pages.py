"""The pages about checks in a browser: all checks, one check, one of its runs."""

from __future__ import annotations

import multiprocessing
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect
from watching import Watched, sign_in

from bench.running import collector
from collector.checks.evidence import EVIDENCE_FOLDER
from collector.store.chdb import ChdbStore
from tests.screenshots.baselines import propose
from tests.screenshots.checked import checked
from tests.screenshots.shop import DATASET, NOW

pytestmark = pytest.mark.browser

CONFIG = Path(__file__).parents[1] / "screenshots" / "wideload.toml"
TIME = "2026-11-12T10:00:00Z_2026-11-16T10:00:00Z"


def fill(data: Path) -> None:
    """Store four days of checks, and the page views that they caused."""
    store = ChdbStore(data / "store")
    store.migrate()
    view = {"kind": "page_view", "page.path": "/", "geo.country.iso_code": "DE", "navigation.type": "navigate", "lcp.value": 900.0}
    store.insert([{**event, "dataset": DATASET} for event in checked(NOW, 4, [view] * 3)])
    store.close()
    propose(data / EVIDENCE_FOLDER / DATASET, NOW)


def fill_elsewhere(data: Path) -> None:
    process = multiprocessing.get_context("spawn").Process(target=fill, args=(data,))
    process.start()
    process.join()
    assert process.exitcode == 0


@pytest.fixture(scope="module")
def page(browser: Browser) -> Iterator[Watched]:
    """A reader of a collector with such checks."""
    with collector(environment={"WIDELOAD_CONFIG": str(CONFIG)}, prepare=fill_elsewhere) as running:
        context = browser.new_context(storage_state=sign_in(browser, running), timezone_id="UTC")
        yield Watched(context, running)
        context.close()


def at(view: str) -> str:
    return f"{view}&dataset={DATASET}&time={TIME}"


def test_a_reader_goes_from_all_checks_to_a_run_and_its_page_views(page: Watched) -> None:
    page.open(at("view=checks"))
    expect(page.page.get_by_text("3 checks, none fails now.")).to_be_visible()

    page.page.get_by_role("link", name="Buy a pair of boots").click()
    page.settle()
    expect(page.page.locator("[data-panel=steps]")).to_contain_text("see results")
    page.page.locator("[data-panel=runs] tbody tr", has_text="fail").first.click()
    page.settle()

    expect(page.page.locator(".check-message")).to_contain_text("was not seen")
    expect(page.page.locator("[data-panel=compare]")).to_contain_text("differs")
    assert page.inaccessible() == []
    page.page.set_viewport_size({"width": 390, "height": 800})
    assert page.audit() == []
    page.page.set_viewport_size({"width": 1280, "height": 720})
    page.page.locator("[data-panel=page-views] a").first.click()
    expect(page.page.locator("[data-panel=waterfall]")).to_be_visible()
    assert page.audit() == []


@pytest.mark.parametrize("view", ["view=checks", "view=check&id=shop/buy", "view=check&id=shop/api", "view=check-pictures"])
def test_the_pages_can_be_used_by_all_and_on_a_phone(view: str, page: Watched) -> None:
    page.open(at(view))
    assert page.inaccessible() == []

    page.page.set_viewport_size({"width": 320, "height": 640})
    assert page.audit() == []
    page.page.set_viewport_size({"width": 1280, "height": 720})


def test_a_check_that_did_not_run_says_what_to_do(page: Watched) -> None:
    page.open(at("view=check&id=shop/none"))

    expect(page.page.get_by_text("No check shop/none ran in this time. Choose a longer one.")).to_be_visible()


def test_pictures_are_looked_at_and_decided_on_with_the_keyboard(page: Watched) -> None:
    page.open(at("view=checks"))
    page.page.get_by_role("link", name="2 pictures await a look").click()
    page.settle()
    review = page.page.get_by_role("article", name="the checkout")
    expect(review.get_by_role("img")).to_have_count(3)
    expect(review).to_contain_text("by anna")

    review.get_by_role("button", name="Swipe").press("Enter")
    slider = review.get_by_role("slider")
    slider.press("ArrowRight")
    assert slider.get_attribute("aria-valuetext") == "51 % after"
    assert page.inaccessible() == []

    review.get_by_role("button", name="Accept").press("Enter")
    expect(page.page.get_by_role("status").filter(has_text="Accepted: shop/buy, the checkout.")).to_be_focused()
    expect(review).to_have_count(0)
    expect(page.page.locator("[data-panel=decisions] tbody tr").first).to_contain_text("the checkout")
    assert page.audit() == []


def test_the_page_of_pictures_says_how_to_have_some(page: Watched) -> None:
    page.page.route("**/api/checks/baselines?*", lambda route: route.fulfill(json={"baselines": [], "waiting": 0}))
    page.open(at("view=check-pictures"))

    expect(page.page.get_by_role("heading", name="No pictures yet")).to_be_visible()
    assert page.inaccessible() == []
    page.page.unroute_all()
