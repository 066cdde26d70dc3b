"""Journeys through the shop, in a real browser."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from collector.checks.browser.chromium import Chromium, processes_below
from collector.checks.runs.verdict import judge
from tests.checks.conftest import Go, ends
from tests.checks.shop import PASSWORD, USER, Shop

pytestmark = pytest.mark.browser
MUG = {"open": "/products/mug"}


def test_a_customer_signs_in_and_buys(go: Go, site: Shop) -> None:
    attempt = go([
        {"open": "/login"}, {"fill": "label=User", "value": USER}, {"fill": "#password", "value": PASSWORD},
        {"click": 'role=button[name="Sign in"]'}, {"expect_url": "/account"}, {"expect_text": "h1", "value": "Welcome jane"},
        MUG, {"click": "#add"}, {"expect_text": ".cart-count", "value": "1", "match": "exact"},
        {"expect_request": "/api/cart", "method": "POST", "status": 200},
    ], expect=["title == Shop", "check.console_errors == 0"])  # fmt: skip

    assert (set(ends(attempt)), attempt.error, judge(attempt).status) == ({"pass"}, None, "pass")
    assert [result.holds for result in attempt.results] == [True] * 6
    assert all(step.duration > 0 for step in attempt.steps)


@pytest.mark.parametrize(
    "steps",
    [
        [{"wait_for": ".stock"}, {"expect_visible": ".stock"}],
        [{"expect_text": ".stock", "value": "In stock"}],
        [{"select": "#size", "value": "Large"}, {"expect_selected": "#size", "value": "l"}],
        [{"set": "#size", "value": "l"}, {"set": "#gift", "value": True}, {"set": "#note", "value": "Hi"},
         {"set": "#colour", "value": "#ff0000"}, {"expect_checked": "#gift"}, {"expect_value": "#colour", "value": "#ff0000"}],
        [{"check": "#gift"}, {"uncheck": "#gift"}, {"expect_checked": "#gift", "value": False}],
        [{"fill": "placeholder=A note", "value": "ab"}, {"type": "#note", "value": "cd"}, {"press": "Backspace"},
         {"expect_value": "#note", "value": "abc"}],
        [{"dialog": "accept"}, {"click": "#ask"}, {"expect_text": "#answer", "value": "gone"}, {"expect_dialog": "Really"}],
        [{"click": "#ask"}, {"expect_text": "#answer", "value": "kept"}],
        [{"hover": "#menu"}, {"expect_visible": "text=Hats"}],
        [{"expect_hidden": "text=Hats"}, {"expect_present": "text=Hats"}, {"expect_absent": "#nothing"}],
        [{"wait_for": ".stock"}, {"drag": "#from", "to": "#onto"}, {"expect_text": "#onto", "value": "mug"}],
        [{"click": ".star"}, {"expect_text": ".stars", "value": "5"}],
        [{"click": "#pay", "frame": ["#pay", "iframe"]}, {"expect_text": "#pay", "value": "Paid", "frame": [0, 0]}],
        [{"click": "#terms"}, {"click": "#agree", "page": "/terms"}, {"expect_title": "Agreed"}, {"close": None},
         {"expect_text": "h1", "value": "Mug"}],
        [{"click": "#terms"}, {"click": "#shut", "page": -1}, {"expect_text": "h1", "value": "Mug"}],
        [{"click": "#manual"}, {"expect_download": "*.pdf", "min_bytes": 5}],
        [{"scroll": "#end"}, {"expect_js": "scrollY > 1000"}, {"scroll": [0, 100]}, {"expect_js": "scrollY === 100"}],
        [{"click": "#plain"}, {"back": None}, {"expect_text": "h1", "value": "Mug"}, {"forward": None},
         {"expect_count": ".item", "value": ">= 2"}, {"reload": None}, {"expect_count": ".item", "value": 2}],
        [{"extract": ".price", "into": "price"}, {"expect_js": 'vars.price === "9.90 €"'},
         {"extract": "#note", "attribute": "placeholder", "into": "hint"}, {"fill": "#note", "value": "${hint}!"},
         {"expect_value": "#note", "value": "A note!"}],
        [{"eval": "const a = 6; return a * 7", "into": "answer"}, {"expect_js": 'vars.answer === "42"'}],
        [{"store": "4${n}", "into": "m"}, {"expect_js": 'vars.m === "42"'}],
        [{"request": "/api/me", "expect": ["status == 200"], "save": {"order": "json.orders[0].id"}},
         {"expect_js": 'vars.order === "4711"'}],
        [{"wait_for_js": "window.fetch"}, {"click": "#add", "if": "window.fetch"}, {"expect_js": "window.fetch"}],
        [{"viewport": [400, 300]}, {"expect_js": "innerWidth === 400"}],
        [{"expect_enabled": "#add"}, {"expect_disabled": "#off"},
         {"expect_attribute": "#terms", "attribute": "href", "value": "/terms"}],
        [{"expect_aria": "h1", "value": '- heading "Mug" [level=1]'}],
        [{"expect_not_text": "h1", "value": "Hat"}, {"expect_url": "products/.*g$", "match": "regex"}],
        [{"key_down": "Shift"}, {"press": "a", "target": "#note"}, {"key_up": "Shift"}, {"expect_js": "true"}],
        [{"dblclick": "#flaky"}, {"expect_text": "#reserved", "value": "Reserved"}],
        [{"network": "offline"}, {"expect_js": "navigator.onLine === false"}],
        [{"open": "/strict"}, {"expect_js": "document.title === 'Strict'"}, {"expect_no_console_errors": None}],
        [{"open": "/old"}, {"expect_url": "/cart"}],
    ],
    ids=lambda steps: next(iter(steps[0])),
)  # fmt: skip
def test_a_step_does_what_it_says(go: Go, steps: list[dict[str, Any]]) -> None:
    attempt = go([MUG, *steps], variables={"n": 2})

    assert (set(ends(attempt)), attempt.error) == ({"pass"}, None), attempt.steps
    assert judge(attempt).status == "pass"


@pytest.mark.parametrize(
    ("step", "part"),
    [
        ({"click": "#nothing"}, "Nothing like #nothing was there within 0.5 s."),
        ({"click": "text=Hats"}, "could be seen, though it is there"),
        ({"click": "#off", "timeout": 2}, "element is not enabled"),
        ({"expect_text": "h1", "value": "Hat"}, "h1 is “Mug”, and not “Hat”."),
        ({"expect_count": "h1", "value": 2}, "There are 1 of h1, and not 2."),
        ({"expect_absent": "h1"}, "h1 is there."),
        ({"expect_js": "nothing.at.all"}, "nothing is not defined"),
        ({"expect_js": "new Promise(() => {})"}, "It took longer than"),
        ({"expect_url": "/hats"}, "The address is"),
        ({"expect_request": "*/nothing", "count": ">= 1"}, "There were 0 requests"),
        ({"expect_download": "*.zip"}, "No file like"),
        ({"exit": "fail", "message": "Closed today."}, "Closed today."),
        ({"expect_beacon": None, "within": 0.5}, "The page has no beacon."),
        ({"upload": "#file", "files": ["../../../etc/passwd"]}, "not beside the check file"),
    ],
)
def test_a_step_that_fails_says_why(go: Go, step: dict[str, Any], part: str) -> None:
    attempt = go([MUG, {"timeout": 0.5, **step}, {"click": "#add"}])

    assert (ends(attempt), judge(attempt).status) == (["pass", "fail"], "fail")
    assert part in attempt.steps[1].message


def test_a_fallback_that_wins_heals_the_step(go: Go) -> None:
    attempt = go([MUG, {"click": ["#renamed", "#add"], "timeout": 6}, {"expect_text": [".cart", ".cart-count"], "value": "1"}])

    assert [(step.is_healed, step.selector) for step in attempt.steps[1:]] == [(True, "#add"), (True, ".cart-count")]


def test_the_first_selector_has_a_head_start(go: Go) -> None:
    attempt = go(
        [MUG, {"wait_for": "h1"}, {"extract": [".stock", ".price"], "into": "stock"}, {"expect_js": "vars.stock === 'In stock'"}]
    )

    assert (ends(attempt), attempt.steps[2].is_healed) == (["pass"] * 4, False)


def test_optional_soft_and_conditional_steps(go: Go) -> None:
    attempt = go([
        MUG, {"click": "#banner", "optional": True, "timeout": 0.2},
        {"expect_text": "h1", "value": "Hat", "soft": True, "timeout": 0.2},
        {"click": "#add", "if": "document.title === 'Other'"}, {"expect_title": "Shop"},
    ])  # fmt: skip

    assert ends(attempt) == ["pass", "skipped", "degraded", "skipped", "pass"]
    assert judge(attempt).status == "degraded"


def test_a_journey_that_looks_at_nothing_is_not_green(go: Go) -> None:
    assert judge(go([MUG, {"click": "#add"}, {"exit": "pass"}, {"click": "#nothing"}])).reason == "no_assertion"


def test_an_optional_module_may_fail(go: Go, tmp_path: Path) -> None:
    (tmp_path / "checks").mkdir()
    module = tmp_path / "checks" / "add.module.yaml"
    module.write_text("title: Add\nsteps:\n- {click: '${button}'}\n- {click: '#nothing', timeout: 0.2}\n- {click: '#add'}")
    attempt = go(
        [MUG, {"use": module.name, "with": {"button": "#add"}, "optional": True}, {"expect_text": ".cart-count", "value": "1"}]
    )

    assert ends(attempt) == ["pass", "pass", "skipped", "pass"]
    assert attempt.steps[1].name == "Add › click #add"


def test_a_journey_notes_what_the_browser_complains_of(go: Go) -> None:
    attempt = go([{"open": "/noisy"}, {"expect_js": "true"}, {"expect_no_console_errors": None, "ignore": ["mugs"], "timeout": 1}])

    facts = attempt.found.facts
    assert (facts["check.console_errors"], facts["check.page_errors"]) == (1, 1)
    assert "No hats" in attempt.steps[2].message
    assert {"console", "dom", "aria"} <= {piece.kind for piece in attempt.evidence}


@pytest.mark.parametrize(
    ("path", "reason"),
    [
        ("/to-cloud", "refused_address"),
        ("http://[fd00:ec2::254]/", "refused_address"),
        ("file:///etc/passwd", "refused_address"),
        ("chrome://version", "refused_address"),
        ("http://nothing.invalid/", "dns_error"),
        ("http://127.0.0.1:2/", "connection_error"),
        ("/loop", "redirect_error"),
    ],
)
def test_a_page_that_is_not_opened_says_why(go: Go, path: str, reason: str) -> None:
    attempt = go([{"open": path}, {"expect_js": "true"}])

    assert attempt.error and (attempt.error.reason, ends(attempt)) == (reason, ["fail"]), attempt.error


def test_a_private_address_is_opt_in(go: Go, site: Shop) -> None:
    attempt = go([{"open": "/"}, {"expect_js": "true"}], {"allow_private": False})

    assert attempt.error and (attempt.error.reason, site.seen) == ("refused_address", [])


def test_a_page_gets_no_picture_from_the_cloud(go: Go) -> None:
    attempt = go([{"open": "/cloud-picture"}, {"expect_text": "h1", "value": "Cloud"}])

    assert (ends(attempt), attempt.found.facts["check.failed_requests"]) == (["pass", "pass"], 1)


def test_headers_and_passwords_stay_with_their_site(go: Go, site: Shop) -> None:
    from tests.checks.shop import shop

    with shop() as other:
        browser = {"headers": {"x-key": "for-the-shop"}}
        attempt = go([{"open": f"/away?to={other.url}/cart"}, {"expect_text": "h1", "value": "Cart"}], browser=browser)

        assert ends(attempt) == ["pass", "pass"]
        assert [headers.get("x-key") for _, headers in site.seen] == ["for-the-shop"]
        assert [headers.get("x-key") for _, headers in other.seen if _ == "/cart"] == [None]


def test_blocked_requests_are_not_made(go: Go, site: Shop) -> None:
    attempt = go([MUG, {"expect_js": "true"}], browser={"block": ["*/frame"]})

    assert (ends(attempt), "/frame" in {path for path, _ in site.seen}) == (["pass", "pass"], False)


def browsers() -> set[int]:
    """Return the processes of browsers below this one, which may have other children, too."""
    found = set()
    for pid in processes_below(os.getpid()):
        # It may end meanwhile.
        with suppress(OSError):
            found |= {pid} if Path(f"/proc/{pid}/comm").read_text().startswith("chrom") else set()
    return found


def test_a_browser_is_started_anew_after_some_attempts(go: Go, chromium: Chromium, monkeypatch: pytest.MonkeyPatch) -> None:
    steps = [{"open": "/"}, {"expect_js": "true"}]
    go(steps)
    before = browsers()
    monkeypatch.setattr("collector.checks.browser.chromium.MAX_ATTEMPTS", 1)

    assert ends(go(steps)) == ["pass", "pass"]
    assert before and before.isdisjoint(browsers())


def test_a_page_that_never_stops_to_compute_ends_at_the_timeout(go: Go, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("collector.checks.browser.session.GRACE_SECONDS", 0.5)
    attempt = go([{"open": "/hang"}, {"click": "#hang"}, {"expect_js": "true"}], timeout=3)

    assert attempt.error and attempt.error.reason == "timeout"
    # The next one has a new browser.
    assert ends(go([{"open": "/"}, {"expect_js": "true"}])) == ["pass", "pass"]
