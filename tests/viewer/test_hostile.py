"""The viewer treats what is stored as hostile: events whose every field tries something are shown, and do nothing."""

from __future__ import annotations

import gzip
import json
import re
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx2
import orjson
import pytest
from hostile_events import NAMES, TEXTS, hostile_event
from playwright.sync_api import Browser, expect
from watching import Watched, sign_in

from bench.running import Running, collector

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def filled() -> Iterator[tuple[Running, dict[str, str]]]:
    """A collector of its own, with a page view and an error of each kind; the ids of the page views by their kind."""
    # With every list full of long texts, an event is larger than any that a page would send.
    with collector(environment={"WIDELOAD_MAX_INFLATED_BYTES": str(2**20)}) as running:
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


@pytest.fixture(scope="module")
def signed_in(browser: Browser, filled: tuple[Running, dict[str, str]]) -> Any:
    """The cookies of somebody who has signed in."""
    return sign_in(browser, filled[0])


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


DASHBOARDS = sorted(path.stem for path in (Path(__file__).parents[2] / "dashboards" / "definitions").glob("*.json"))
QUESTIONS = ("by=page.path&by=lcp.element", "show=heatmap", "show=histogram", "show=table&by=lcp.element")


@pytest.mark.parametrize("view", ["page-views", *DASHBOARDS, *(f"explore&f=kind:=:page_view&{question}" for question in QUESTIONS)])
def test_lists_and_dashboards_of_hostile_events_do_nothing(watched: Watched, view: str) -> None:
    for index in range(3):
        watched.open(f"view={view}&time=1h")
        assert watched.audit() == []

        cell = watched.page.locator("button.cell").nth(index)
        if cell.count():
            cell.click()
            watched.settle()
            assert watched.audit() == []


def test_what_is_different_about_hostile_events_does_nothing(watched: Watched) -> None:
    selection = {"filters": [{"column": "page.path", "op": "contains", "value": "alert"}]}
    watched.open(f"view=explore&time=1h&show=heatmap&f=kind:=:page_view&select={quote(json.dumps(selection))}")

    while (more := watched.page.get_by_role("button", name=re.compile("^Show all"))).count():
        more.first.click()
    for index in range(min(3, watched.page.locator(".pair").count())):
        watched.page.locator(".pair").nth(index).click()
        assert watched.audit() == []


@pytest.mark.parametrize("name", ["page.path", NAMES[3]], ids=["field", "attribute"])
def test_a_hostile_filter_of_a_link_does_nothing(watched: Watched, name: str) -> None:
    for text in TEXTS.values():
        watched.open(f"view=page-views&time=1h&f={quote(f'{name}:=:{json.dumps(text[:512])}')}")

        watched.page.locator(".chip button").first.click()

        expect(watched.page.get_by_role("form", name="Filter")).to_be_visible()
        assert watched.audit() == []


@pytest.mark.parametrize("part", ["view", "id", "dataset", "time", "sort", "f", "var-vital", "compare"])
def test_a_hostile_link_does_nothing(watched: Watched, part: str) -> None:
    for text in (*TEXTS.values(), "constructor"):
        watched.open(f"view=page-view&{part}={quote(text[:200])}" if part != "view" else f"view={quote(text[:200])}")

        # That there is no such thing may be said, and is said by the server, too.
        problems = [one for one in watched.audit() if not one.startswith("Failed to load resource")]
        watched.problems.clear()
        assert problems == [], text


@pytest.mark.parametrize("part", ["c", "by", "order", "select", "formula"])
def test_a_hostile_question_of_a_link_does_nothing(watched: Watched, part: str) -> None:
    for text in (*TEXTS.values(), "constructor"):
        made = {
            "c": f"P75({text[:200]})",
            "order": f"{text[:200]}:ascending",
            "select": json.dumps({"group": {text[:100]: text[:100]}}),
            "formula": json.dumps({"name": text[:100], "expression": text[:100]}),
        }
        watched.open(f"view=explore&time=1h&by=page.path&{part}={quote(made.get(part, text[:200]))}")

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
