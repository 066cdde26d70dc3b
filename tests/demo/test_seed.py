"""Sending the demo's traffic: whole beacons by browser, and patience with a collector that is not ready."""

from __future__ import annotations

import gzip
from collections.abc import Callable
from typing import Any

import httpx2
import orjson
import pytest

from collector.config import IngestLimits
from collector.demo.seed import BATCH_EVENTS, Sender, Sent, beacons, seed, stories
from collector.demo.traffic import traffic
from collector.demo.visitors import AGENTS
from collector.errors import ClientError, Unreachable

NOW = 1_795_426_000_000
AGENT = AGENTS[0]
Handler = Callable[[httpx2.Request], httpx2.Response]


def sender(handler: Handler, waits: list[float] | None = None) -> Sender:
    sleep = (waits if waits is not None else []).append
    return Sender("http://collector", "demo", httpx2.MockTransport(handler), sleep, lambda: NOW / 1000)


def accept(request: httpx2.Request) -> httpx2.Response:
    events = orjson.loads(gzip.decompress(request.content))["events"]
    return httpx2.Response(202, json={"accepted": len(events), "rejected": []})


def test_a_beacon_has_one_browsers_events_and_fits() -> None:
    made = [event["id"] for view in traffic(NOW, 7, 3000, 1) for event in (view.event, *view.others)]
    sent = [events for _, events in beacons(traffic(NOW, 7, 3000, 1))]

    assert max(map(len, sent)) == BATCH_EVENTS
    assert max(len(orjson.dumps(events)) for events in sent) < IngestLimits().max_inflated_bytes
    assert sorted(event["id"] for events in sent for event in events) == sorted(made)


def test_the_browser_is_told_by_its_headers() -> None:
    seen: list[httpx2.Request] = []

    def handler(request: httpx2.Request) -> httpx2.Response:
        seen.append(request)
        return accept(request)

    sender(handler).send(AGENT, [{"id": "a"}], Sent())

    assert seen[0].url.path == "/v1/beacon/demo"
    assert seen[0].headers["user-agent"] == AGENT.user_agent
    assert seen[0].headers["sec-ch-ua-platform"] == '"Windows"'


def test_all_views_are_sent_and_counted() -> None:
    told: list[int] = []

    sent = seed(sender(accept), traffic(NOW, 1, 500, 1), told.append)

    assert sent.accepted > sum(told) > 300
    assert sent.rejected == 0


def test_a_full_collector_is_asked_again_when_it_says() -> None:
    answers = [httpx2.Response(status, headers={"retry-after": "2"}, json={"error": {}}) for status in (503, 429)]
    waits: list[float] = []
    sent = Sent()

    sender(lambda request: answers.pop() if answers else accept(request), waits).send(AGENT, [{"id": "a"}], sent)

    assert (sent.accepted, waits) == (1, [2.0, 2.0])


def test_a_collector_that_stays_full_is_given_up_with_its_own_words() -> None:
    full = {"error": {"reason": "spool_full", "message": "The events could not be kept."}}

    with pytest.raises(ClientError, match=r"could not be kept\."):
        sender(lambda _: httpx2.Response(503, json=full)).send(AGENT, [{"id": "a"}], Sent())


def test_a_beacon_that_is_too_large_is_halved() -> None:
    def handler(request: httpx2.Request) -> httpx2.Response:
        events = orjson.loads(gzip.decompress(request.content))["events"]
        return accept(request) if len(events) <= 2 else httpx2.Response(413, json={"error": {}})

    sent = Sent()
    sender(handler).send(AGENT, [{"id": str(number)} for number in range(5)], sent)

    assert sent.accepted == 5


def test_rejections_are_counted_and_the_first_is_kept() -> None:
    answer: dict[str, Any] = {"accepted": 0, "rejected": [{"index": 0, "field": "id", "error": "id is missing"}]}
    sent = Sent()

    sender(lambda _: httpx2.Response(400, json=answer)).send(AGENT, [{}], sent)

    assert (sent.rejected, sent.first_rejection) == (1, "id is missing")


def test_an_unknown_site_key_ends_it_with_the_collectors_sentence() -> None:
    answer = {"error": {"reason": "unknown_site_key", "message": "The site key 'demo' is not known here."}}

    with pytest.raises(ClientError, match="is not known here"):
        sender(lambda _: httpx2.Response(404, json=answer)).send(AGENT, [{}], Sent())


def test_nobody_there_is_said_at_once() -> None:
    def handler(_: httpx2.Request) -> httpx2.Response:
        raise httpx2.ConnectError("refused")

    with pytest.raises(Unreachable, match="Nobody answers at http://collector: is `wideload serve` running"):
        sender(handler).send(AGENT, [{}], Sent())


def test_the_three_stories_are_told_with_questions_to_ask() -> None:
    text = stories("http://127.0.0.1:8080", "demo", NOW, 7)

    assert text.count("wideload query --dataset demo") == text.count("wideload bubbleup --dataset demo") == 3
    assert "2.8.0" in text and "BR" in text and "tags.adloom.example" in text
