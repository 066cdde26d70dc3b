"""Errors of a page: counted on its row, and each kind once as an event."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest
from beacon_site import Server, Visit, leave
from playwright.sync_api import BrowserContext, Page

pytestmark = pytest.mark.browser


@pytest.fixture
def page(context: BrowserContext) -> Iterator[Page]:
    """A tab whose pages may throw."""
    page = context.new_page()
    yield page
    page.close()


def late(script: str) -> str:
    """Return a page that runs a script when the beacon is there."""
    wait = "const timer = setInterval(() => { if (!window.wideload) return; clearInterval(timer); run(); }, 20)"
    return f"<p>hello</p><script>function run() {{ {script} }} {wait}</script>"


def after(visit: Visit, script: str, **more: Any) -> None:
    """Open such a page, give it time, and leave it."""
    page = visit(late(script), **more)
    page.wait_for_timeout(300)
    leave(page)


def test_an_exception_is_counted_and_told_with_its_stack(visit: Visit, collector: Server) -> None:
    after(visit, "function buy() { throw new TypeError('no cart of ann@mail.example') }; setTimeout(buy)")

    view, error = collector.row(), collector.row("error")

    assert view["error.count"] == 1
    assert (error["error.source"], error["exception.type"]) == ("exception", "TypeError")
    assert error["exception.message"] == "no cart of [email]"
    assert "buy" in error["exception.stacktrace"]
    assert error["error.line"] > 0
    assert error["view.id"] == view["id"]
    assert error["page.path"] == view["page.path"]


def test_rejections_are_told_whatever_they_reject_with(visit: Visit, collector: Server) -> None:
    after(visit, "Promise.reject('why'); Promise.reject(new RangeError('far')); Promise.reject({code: 7}); Promise.reject()")

    view, errors = collector.row(), collector.rows("error")

    assert (view["error.count"], view["error.rejection_count"]) == (4, 4)
    messages = {error["exception.message"] for error in errors}
    assert messages == {"why", "far", '{"code":7}', "undefined"}
    assert {error["error.source"] for error in errors} == {"unhandled-rejection"}


def test_an_element_whose_resource_failed_is_told(visit: Visit, collector: Server) -> None:
    after(visit, "document.body.insertAdjacentHTML('beforeend', '<img id=logo src=/gone.png?token=1>')")

    view, error = collector.row(), collector.row("error")

    assert (view["error.resource_count"], "error.count" in view) == (1, False)
    assert (error["error.source"], error["exception.type"], error["error.element"]) == ("resource", "img", "#logo")
    assert error["error.url"].endswith("/gone.png")


def test_a_violation_of_the_pages_policy_is_told(visit: Visit, collector: Server) -> None:
    policy = "default-src 'self' 'unsafe-inline' http://127.0.0.1:* data:; img-src 'none'"
    tag = f'<meta http-equiv="Content-Security-Policy" content="{policy}"><script async src="{{beacon}}" data-key="shop"></script>'
    after(visit, "new Image().src = '/logo.png?secret=1'", tag=tag)

    view = collector.row()
    (error,) = [row for row in collector.rows("error") if row["exception.message"].endswith("/logo.png")]

    assert view["error.csp_count"] >= 1
    assert (error["error.source"], error["exception.type"]) == ("csp-violation", "img-src")


def test_each_kind_is_sent_once_and_counted_always(visit: Visit, collector: Server) -> None:
    after(visit, "for (let i = 0; i < 150; i++) setTimeout(() => { throw new Error('item ' + i) })")

    view, error = collector.row(), collector.row("error")

    assert view["error.count"] == 150
    assert error["error.occurrences"] == 100


def test_noise_of_one_source_starves_no_other(visit: Visit, collector: Server) -> None:
    noise = "for (const a of 'abcdefghijklmnopqrstuvwxyz') new Image().src = '/' + a + '.png'"
    after(visit, f"{noise}; setTimeout(() => {{ throw new Error('the one that matters') }}, 150)")

    view, errors = collector.row(), collector.rows("error")

    assert view["error.count"] == 1
    sources = Counter(error["error.source"] for error in errors)
    assert sources["exception"] == 1
    assert sources["resource"] <= 10


def test_errors_of_extensions_are_flagged(visit: Visit, collector: Server) -> None:
    stack = "Error: x\\n    at f (chrome-extension://abcdef/content.js:1:1)"
    after(visit, f"setTimeout(() => {{ const error = new Error('x'); error.stack = '{stack}'; throw error }})")

    view, error = collector.row(), collector.row("error")

    assert (view["error.count"], view["error.extension_count"]) == (1, 1)
    assert error["error.from_extension"] is True
    assert "abcdef" not in error["exception.stacktrace"]


def test_queries_in_stacks_stay_in_the_page(visit: Visit, collector: Server) -> None:
    after(visit, "setTimeout(() => { throw new Error('x') })", path="/cart?token=secret")

    error = collector.row("error")

    assert "secret" not in str(error)
    assert "/cart:" in error["exception.stacktrace"]


def test_deprecations_are_reported(visit: Visit, collector: Server) -> None:
    after(visit, "const call = new XMLHttpRequest(); call.open('GET', '/', false); call.send()")

    view, report = collector.row(), collector.row("error")

    assert view["error.report_count"] == 1
    assert report["error.source"] == "deprecation"
    assert "XMLHttpRequest" in report["exception.message"]
