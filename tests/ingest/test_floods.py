"""A flooded site key is refused at once for a moment, in the same words."""

from __future__ import annotations

from collector.errors import RequestError
from collector.ingest.floods import CLOSED_SECONDS, Floods
from collector.telemetry import Counters

PATH = b"/v1/beacon/shop"
ERROR = RequestError(429, "key_rate", "This site key is used too much.")


class Clock:
    now = 7.0

    def __call__(self) -> float:
        return self.now


def test_a_closed_path_is_answered_and_counted_and_others_are_not() -> None:
    counters = Counters()
    floods = Floods(counters, Clock())
    floods.add(PATH, "shop", ERROR)
    answer = floods.answer(PATH, [(b"host", b"x"), (b"origin", b"https://shop.example")])

    assert answer is not None
    head, _, body = answer.partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 429 ")
    assert b"access-control-allow-origin: https://shop.example" in head and b"retry-after: 2" in head
    assert body == b'{"error":{"reason":"key_rate","message":"This site key is used too much."}}'
    assert dict(counters.items("wideload_beacons_rejected")) == {("key_rate", "shop"): 1}
    assert floods.answer(b"/v1/beacon/blog", []) is None


def test_it_opens_again_after_a_moment() -> None:
    clock = Clock()
    floods = Floods(Counters(), clock)
    floods.add(PATH, "shop", ERROR)
    clock.now += CLOSED_SECONDS

    assert floods.answer(PATH, []) is None


def test_an_origin_that_cannot_travel_back_is_left_out() -> None:
    floods = Floods(Counters(), Clock())
    floods.add(PATH, "shop", ERROR)

    assert b"allow-origin" not in (floods.answer(PATH, [(b"origin", b"x\r\nset-cookie: a")]) or b"")
