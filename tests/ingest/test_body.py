"""A body is read within bounds, whatever the sender claims."""

from __future__ import annotations

import asyncio
import gzip
import tracemalloc
import zlib
from collections.abc import Callable
from dataclasses import replace

import pytest
import zstandard
from starlette.types import Message, Receive

from collector.config import IngestLimits
from collector.errors import RequestError
from collector.ingest.body import BodyRoom, inflate, read_body

LIMITS = IngestLimits(max_body_bytes=1000, max_inflated_bytes=5000, body_timeout_seconds=5)
TEXT = b'{"v":1}'
#: RFC 8878, 3.1.2: a frame that decoders skip, with nothing in it.
EMPTY_FRAME = b"\x50\x2a\x4d\x18" + bytes(4)


def channel(*messages: Message) -> Receive:
    waiting = list(messages)

    async def receive() -> Message:
        if not waiting:
            await asyncio.Event().wait()
        return waiting.pop(0)

    return receive


def part(body: bytes, more: bool = False) -> Message:
    return {"type": "http.request", "body": body, "more_body": more}


def read(*messages: Message, length: bytes | None = None, encoding: bytes | None = None, limits: IngestLimits = LIMITS) -> bytes:
    return asyncio.run(read_body(channel(*messages), length, encoding, limits, BodyRoom()))


def refusal(*messages: Message, limits: IngestLimits = LIMITS, **headers: bytes) -> RequestError:
    with pytest.raises(RequestError) as caught:
        asyncio.run(read_body(channel(*messages), headers.get("length"), headers.get("encoding"), limits, BodyRoom()))
    return caught.value


def test_parts_are_joined() -> None:
    assert read(part(b'{"v"', more=True), part(b":1}")) == TEXT


@pytest.mark.parametrize("encoding", [b"gzip", b"GZIP ", None])
def test_gzip_is_inflated_even_without_a_header(encoding: bytes | None) -> None:
    assert read(part(gzip.compress(TEXT)), encoding=encoding) == TEXT


@pytest.mark.parametrize("encoding", [b"zstd", None])
def test_zstd_is_inflated_even_without_a_header(encoding: bytes | None) -> None:
    assert read(part(zstandard.compress(TEXT)), encoding=encoding) == TEXT


@pytest.mark.parametrize("compress", [gzip.compress, zstandard.compress])
def test_a_body_may_have_several_compressed_parts(compress: Callable[[bytes], bytes]) -> None:
    assert read(part(compress(TEXT[:3]) + compress(TEXT[3:]))) == TEXT


@pytest.mark.parametrize("compress", [gzip.compress, zstandard.compress])
def test_the_cap_holds_for_all_compressed_parts_together(compress: Callable[[bytes], bytes]) -> None:
    assert refusal(part(compress(bytes(3000)) * 2)).reason == "body_too_large"


def test_a_body_that_claims_to_be_too_large_is_refused_unread() -> None:
    assert refusal(length=b"1001").status == 413


def test_an_endless_body_is_refused_at_the_cap() -> None:
    assert refusal(*[part(b"x" * 400, more=True)] * 3).status == 413


@pytest.mark.parametrize("messages", [[], [part(b"x", more=True)]], ids=["nothing", "a beginning"])
def test_a_slow_body_is_refused_in_time(messages: list[Message]) -> None:
    assert refusal(*messages, limits=replace(LIMITS, body_timeout_seconds=0.01)).reason == "body_timeout"


def test_bodies_that_arrive_in_parts_share_room_and_give_it_back() -> None:
    room = BodyRoom(1000)
    slow = replace(LIMITS, body_timeout_seconds=0.05)

    async def run() -> list[bytes | BaseException]:
        stalled = read_body(channel(part(b"x" * 600, more=True)), None, None, slow, room)
        second = read_body(channel(part(b"x" * 600, more=True), part(b"")), None, None, slow, room)
        return await asyncio.gather(stalled, second, return_exceptions=True)

    assert [getattr(error, "reason", "") for error in asyncio.run(run())] == ["body_timeout", "too_many_bodies"]
    assert room.used == 0


@pytest.mark.parametrize("messages", [[{"type": "http.disconnect"}], [part(b"x", more=True), {"type": "http.disconnect"}]])
def test_a_sender_that_goes_away_is_not_an_error_of_ours(messages: list[Message]) -> None:
    assert refusal(*messages).reason == "body_aborted"


@pytest.mark.parametrize(
    ("body", "encoding", "reason"),
    [
        pytest.param(TEXT, b"gzip", "bad_compression", id="not gzip"),
        pytest.param(gzip.compress(TEXT)[:-6], b"gzip", "bad_compression", id="gzip cut short"),
        pytest.param(TEXT, b"zstd", "bad_compression", id="not zstd"),
        pytest.param(zstandard.compress(TEXT * 99)[:12], b"zstd", "bad_compression", id="zstd cut short"),
        pytest.param(gzip.compress(TEXT) + b"more", b"gzip", "bad_compression", id="text after gzip"),
        pytest.param(gzip.compress(b"") * 17, b"gzip", "bad_compression", id="many gzip members"),
        pytest.param(zstandard.compress(TEXT) + b"more", b"zstd", "bad_compression", id="text after zstd"),
        pytest.param(zstandard.compress(b"") * 17, b"zstd", "bad_compression", id="many zstd frames"),
        pytest.param(EMPTY_FRAME * 17, b"zstd", "bad_compression", id="many skippable zstd frames"),
        pytest.param(zstandard.compress(TEXT * 99)[:-1], b"zstd", "bad_compression", id="zstd short of its last byte"),
        pytest.param(zlib.compress(TEXT), b"deflate", "bad_encoding", id="deflate"),
        pytest.param(TEXT, b"br", "bad_encoding", id="brotli"),
    ],
)
def test_bad_compression_is_refused(body: bytes, encoding: bytes, reason: str) -> None:
    assert refusal(part(body), encoding=encoding).reason == reason


@pytest.mark.parametrize("compress", [gzip.compress, zstandard.compress])
def test_a_bomb_costs_no_more_memory_than_the_cap(compress: object) -> None:
    bomb = compress(bytes(200 << 20))  # type: ignore[operator]
    tracemalloc.start()
    with pytest.raises(RequestError) as caught:
        inflate(bomb, None, 1 << 20)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()

    assert caught.value.status == 413
    assert peak < 4 << 20
