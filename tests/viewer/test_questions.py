"""Parts of a question that take words, and groups to compare, as a reader would make them."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from uuid import UUID

import httpx2
import pytest
from playwright.sync_api import Browser, expect
from watching import Watched, sign_in

from bench.running import collector

pytestmark = pytest.mark.browser

VIEWS = 120


@pytest.fixture(scope="module")
def reader(browser: Browser) -> Iterator[Watched]:
    """A reader of the page views of an hour: those on phones, a third, are slow."""
    with collector() as running:
        now = time.time()
        events = [
            {"id": str(UUID(int=number * 7919 + 1)), "kind": "page_view", "time": int((now - 30 * (number + 1)) * 1000),
             "page.path": "/", "plan": "slow" if number % 3 == 0 else "fast",
             "lcp.value": (5000.0 if number % 3 == 0 else 1500.0) + number}
            for number in range(VIEWS)
        ]  # fmt: skip
        agent = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/143.0.0.0 Safari/537.36"
        body = {"v": 1, "sent_at": int(now * 1000), "events": events}
        answer = httpx2.post(f"{running.url}/v1/beacon/demo", json=body, headers={"user-agent": agent})
        assert answer.json() == {"accepted": VIEWS, "rejected": []}
        deadline = time.monotonic() + 30
        while running.count() < VIEWS:
            assert time.monotonic() < deadline
            time.sleep(0.05)
        context = browser.new_context(storage_state=sign_in(browser, running), viewport={"width": 1440, "height": 1000})
        yield Watched(context, running)
        context.close()


def test_a_calculation_counts_only_some_events_and_a_formula_is_made_of_it(reader: Watched) -> None:
    page = reader.page
    reader.open("view=explore&time=6h&show=table&c=COUNT")

    page.get_by_role("button", name="Change COUNT", exact=True).click()
    page.get_by_role("button", name="Only some events").click()
    form = page.get_by_role("form", name="Filter")
    form.get_by_label("Field").fill("plan")
    form.get_by_label("Value").fill("slow")
    form.get_by_role("button", name="Add filter").click()
    reader.settle()
    expect(page.locator("[data-panel=groups] tbody")).to_contain_text("40")

    page.get_by_role("button", name="Formula: add one").click()
    formula = page.get_by_role("form", name="Formula")
    formula.get_by_label("Name").fill("share")
    formula.get_by_label("Expression").fill('$"COUNT where plan = slow" / 120')
    formula.get_by_role("button", name="Add", exact=True).click()
    reader.settle()

    expect(page.locator("[data-panel=groups] tbody")).to_contain_text("0.3333")
    assert reader.audit() == []
    assert reader.inaccessible() == []


def test_a_field_that_the_question_makes_up_groups_it(reader: Watched) -> None:
    page = reader.page
    reader.open("view=explore&time=6h&show=table&c=COUNT")

    page.get_by_role("button", name="Calculated field: add one").click()
    form = page.get_by_role("form", name="Calculated field")
    form.get_by_label("Name").fill("speed")
    form.get_by_label("Expression").fill('IF($lcp.value > 4000, "late", "soon")')
    form.get_by_role("button", name="Add", exact=True).click()
    reader.settle()

    expect(page.locator("[data-panel=groups] tbody tr")).to_have_count(2)
    expect(page.locator("[data-panel=groups] tbody")).to_contain_text("late")


def test_a_question_is_kept_under_a_name_and_opened_again(reader: Watched) -> None:
    page = reader.page
    saved, form = page.get_by_role("button", name="Saved questions"), page.get_by_role("form", name="Save the question")
    reader.open("view=explore&time=6h&show=table&c=P75(lcp.value)&by=plan&f=plan:!=:fast")
    saved.click()
    form.get_by_label("Save this question as").fill("Slow plans")
    assert reader.inaccessible() == []
    form.get_by_role("button", name="Save").click()
    expect(form).to_have_count(0)

    reader.open("view=explore&time=1h")
    saved.click()
    page.get_by_role("button", name="Slow plans", exact=True).click()
    reader.settle()
    assert page.url.endswith("?view=explore&time=1h&f=plan:!=:fast&show=table&c=P75(lcp.value)&by=plan")

    saved.click()
    form.get_by_label("Save this question as").fill("Slow plans")
    expect(form.get_by_role("button", name="Replace")).to_be_enabled()
    page.get_by_role("button", name="Delete Slow plans").click()
    page.get_by_role("button", name="Delete Slow plans for good").click()
    expect(page.get_by_text("No question of this dataset has been saved yet.")).to_be_visible()
    assert reader.audit() == []


def test_two_groups_are_chosen_and_compared(reader: Watched) -> None:
    page = reader.page
    reader.open("view=compare&time=6h&var-a=f%3Dplan:%3D:fast&var-b=")
    group = page.get_by_role("group", name="Group B")

    group.get_by_role("button", name="Add filter to B").click()
    form = page.get_by_role("form", name="Filter")
    form.get_by_label("Field").fill("plan")
    form.get_by_label("Value").fill("slow")
    form.get_by_role("button", name="Add filter").click()
    reader.settle()

    first = page.locator("[data-panel=vitals] tbody tr").first
    expect(first).to_contain_text("B is worse")
    page.get_by_role("button", name="Swap").click()
    reader.settle()
    expect(first).to_contain_text("B is better")
    expect(page.locator("[data-panel=vitals] tbody tr", has_text="CLS")).to_contain_text("nothing measured")
    assert reader.audit() == []
    assert reader.inaccessible() == []


def test_a_cohort_is_asked_about_until_it_is_taken_away(reader: Watched) -> None:
    page = reader.page
    with page.expect_request(lambda request: request.url.endswith("/api/query") and "COUNT" in (request.post_data or "")) as asked:
        reader.open("view=explore&time=6h&show=table&c=COUNT&cohort=lcp.value:P70:P80")
    bounds = {one["op"] for one in json.loads(asked.value.post_data or "")["filters"] if one["column"] == "lcp.value"}
    assert bounds == {">=", "<="}

    page.get_by_role("button", name="Ask about all events, not only this cohort").click()
    reader.settle()
    assert "cohort" not in page.url
    expect(page.locator("[data-panel=groups] tbody")).to_contain_text(str(VIEWS))
