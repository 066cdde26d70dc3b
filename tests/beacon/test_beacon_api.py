"""What a page can tell the beacon: `wideload(command, …)`."""

from __future__ import annotations

import pytest
from beacon_site import Server, Visit, leave
from playwright.sync_api import Page

pytestmark = pytest.mark.browser

STUB = "<script>window.wideload=window.wideload||function(){(wideload.q=wideload.q||[]).push(arguments)}</script>"
TAG = '<script async src="{beacon}" data-key="shop" data-release="4.2"></script>'


def test_calls_before_the_script_came_are_made_up_for(visit: Visit, collector: Server) -> None:
    early = "<script>wideload('set', {'shop.plan': 'gold'}); wideload('route', '/p/:id'); wideload('mark', 'early', 12)</script>"
    leave(visit(path="/p/7", tag=STUB + early + TAG))

    event = collector.row()

    assert (event["shop.plan"], event["page.route"], event["mark.early"]) == ("gold", "/p/:id", 12)


def test_own_fields_apply_to_the_pending_view_also_later(visit: Visit, collector: Server) -> None:
    page = visit()
    page.evaluate("wideload('set', {'shop.plan': 'gold', 'shop.items': 3, 'shop.vip': true, 'shop.gone': 1})")
    page.evaluate("wideload('set', {'shop.items': 4, 'shop.gone': null})")
    leave(page)

    event = collector.row()

    assert (event["shop.plan"], event["shop.items"], event["shop.vip"]) == ("gold", 4, True)
    assert "shop.gone" not in event


def test_an_event_is_sent_with_the_page_it_happened_on(visit: Visit, collector: Server) -> None:
    page = visit(tag=TAG, path="/cart")
    page.evaluate("wideload('event', 'purchase', {'shop.total': 12.5, 'shop.mail': 'ann@mail.example'})")
    leave(page)

    view, event = collector.row(), collector.row("event")

    assert (event["event.name"], event["shop.total"], event["shop.mail"]) == ("purchase", 12.5, "[email]")
    assert (event["view.id"], event["page.path"], event["service.version"]) == (view["id"], "/cart", "4.2")


def test_an_error_that_was_caught_can_be_reported(visit: Visit, collector: Server) -> None:
    page = visit()
    page.evaluate("try { null.x } catch (error) { wideload('error', error, {'shop.step': 'pay'}) }")
    leave(page)

    view, error = collector.row(), collector.row("error")

    assert (error["error.source"], error["exception.type"], error["shop.step"]) == ("api", "TypeError", "pay")
    assert view["error.count"] == 1


def test_flush_sends_at_once(visit: Visit, collector: Server) -> None:
    page = visit()
    page.evaluate("wideload('flush')")

    assert collector.row()["beacon.trigger"] == "flush"


def test_an_unknown_command_says_so_and_throws_nothing(visit: Visit, page: Page) -> None:
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    visit().evaluate("wideload('sett', {a: 1}); wideload('event'); wideload('set')")

    assert said == ["Wideload: no sett"]


def test_nothing_is_sent_or_kept_before_consent(visit: Visit, collector: Server) -> None:
    tag = TAG.replace("data-key", 'data-consent="wait" data-storage="local" data-key')
    page = visit(tag=tag)
    page.evaluate("wideload('event', 'x'); wideload('flush')")
    page.wait_for_timeout(200)
    assert collector.posts() == []
    assert page.evaluate("localStorage.length") == 0

    page.evaluate("wideload('consent', true)")
    leave(page)

    event = collector.row()
    assert event["session.id"]
    assert event["lcp.value"] > 0


def test_withdrawn_consent_drops_what_was_not_sent(visit: Visit, collector: Server) -> None:
    page = visit(tag=TAG.replace("data-key", 'data-storage="local" data-key'))
    page.evaluate("wideload('consent', false)")
    kept = page.evaluate("localStorage.length")
    leave(page)
    page.wait_for_timeout(300)

    assert collector.posts() == []
    assert kept == 0
