"""Read a request's body within bounds: bytes, time, and size after decompression, whatever the sender claims."""

from __future__ import annotations

import asyncio
import zlib
from typing import Any, Final

import zstandard
from starlette.types import Receive

from collector.config import IngestLimits
from collector.errors import RequestError

_GZIP_MAGIC: Final = b"\x1f\x8b"
_ZSTD_MAGIC: Final = b"\x28\xb5\x2f\xfd"
#: What a zstd decoder may keep in memory; RFC 8878 asks decoders to support at least this.
_ZSTD_WINDOW: Final = 8 << 20
#: The most gzip members or zstd frames of one body: a quarter of a megabyte has room for thousands of empty ones.
_MAX_FRAMES: Final = 16


class BodyRoom:
    """The memory that bodies may take together while they arrive; one that comes in one piece takes none.

    Args:
        limit: in bytes.
    """

    def __init__(self, limit: int = 64 << 20) -> None:
        self._limit, self.used = limit, 0

    def take(self, size: int) -> None:
        """Take so many bytes. Raises RequestError (503) if that is more than there are."""
        if self.used + size > self._limit:
            raise RequestError(503, "too_many_bodies", "Too many bodies arrive at once: send again in a moment.")
        self.used += size

    def give_back(self, size: int) -> None:
        """Give so many bytes back."""
        self.used -= size


async def read_body(receive: Receive, length: bytes | None, encoding: bytes | None, limits: IngestLimits, room: BodyRoom) -> bytes:
    """Return the inflated body.

    Args:
        receive: the ASGI channel.
        length: the Content-Length header, if any; only used to refuse early.
        encoding: the Content-Encoding header, if any. Without it, gzip and zstd are told by their first bytes, so that a
            browser can send them without a CORS preflight.
        limits: the caps.
        room: what all bodies may take together.

    Raises:
        RequestError: 400, 408, 413, 415 or 503.
    """
    if length is not None and length.isdigit() and int(length) > limits.max_body_bytes:
        raise _too_large(limits.max_body_bytes)
    try:
        # Around the first part as well: a sender may send nothing but headers.
        async with asyncio.timeout(limits.body_timeout_seconds):
            body = await _read_parts(receive, limits.max_body_bytes, room)
    except TimeoutError:
        text = f"The body took longer than {limits.body_timeout_seconds:g} s to arrive."
        raise RequestError(408, "body_timeout", text) from None
    if len(body) > limits.max_body_bytes:
        raise _too_large(limits.max_body_bytes)
    return inflate(body, encoding, limits.max_inflated_bytes)


async def _read_parts(receive: Receive, cap: int, room: BodyRoom) -> bytes:
    message: Any = await receive()
    body: bytes = message.get("body", b"")
    if message["type"] == "http.disconnect":
        raise _aborted()
    if not message.get("more_body"):
        return body
    parts = bytearray()
    try:
        while True:
            room.take(len(body))
            parts += body
            if len(parts) > cap:
                raise _too_large(cap)
            if not message.get("more_body"):
                return bytes(parts)
            message = await receive()
            if message["type"] == "http.disconnect":
                raise _aborted()
            body = message.get("body", b"")
    finally:
        room.give_back(len(parts))


def inflate(body: bytes, encoding: bytes | None, cap: int) -> bytes:
    """Return the body without its gzip or zstd compression; never makes more than `cap` bytes of it."""
    name = (encoding or b"").strip().lower()
    if name in (b"gzip", b"x-gzip") or (not name and body[:2] == _GZIP_MAGIC):
        return _gunzip(body, cap)
    if name == b"zstd" or (not name and body[:4] == _ZSTD_MAGIC):
        return _unzstd(body, cap)
    if name not in (b"", b"identity"):
        shown = name[:20].decode("latin-1")
        raise RequestError(415, "bad_encoding", f"Content-Encoding {shown!r} is not supported; use gzip, zstd or none.")
    return body


def _gunzip(body: bytes, cap: int) -> bytes:
    """Inflate every member; what follows the last one is not gzip and not ours to guess at."""
    inflated, rest = bytearray(), body
    for _ in range(_MAX_FRAMES):
        decoder = zlib.decompressobj(wbits=31)
        try:
            inflated += decoder.decompress(rest, cap + 1 - len(inflated))
        except zlib.error:
            raise _bad_compression("gzip", "is not, or is damaged") from None
        if len(inflated) > cap:
            raise _too_large(cap, inflated=True)
        if not decoder.eof:
            raise _bad_compression("gzip", "is cut short")
        rest = decoder.unused_data
        if not rest:
            return bytes(inflated)
    raise _bad_compression("gzip", f"has more than {_MAX_FRAMES} members")


def _unzstd(body: bytes, cap: int) -> bytes:
    decompressor = zstandard.ZstdDecompressor(max_window_size=_ZSTD_WINDOW)
    try:
        # This reader keeps to the cap, but does not tell a frame that is cut short from one that ends.
        with decompressor.stream_reader(body, read_across_frames=True) as reader:
            if len(reader.read(cap + 1)) > cap:
                raise _too_large(cap, inflated=True)
        inflated, rest = bytearray(), body
        for _ in range(_MAX_FRAMES):
            decoder = decompressor.decompressobj()
            inflated += decoder.decompress(rest)
            if not decoder.eof:
                raise _bad_compression("zstd", "is cut short")
            rest = decoder.unused_data
            if not rest:
                return bytes(inflated)
    except zstandard.ZstdError:
        raise _bad_compression("zstd", "is not, is damaged, or needs too large a window") from None
    raise _bad_compression("zstd", f"has more than {_MAX_FRAMES} frames")


def _bad_compression(name: str, fault: str) -> RequestError:
    return RequestError(400, "bad_compression", f"The body claims to be {name} but {fault}.")


def _too_large(cap: int, *, inflated: bool = False) -> RequestError:
    what = "inflates to" if inflated else "has"
    return RequestError(413, "body_too_large", f"The body {what} more than {cap:,} bytes: send fewer or smaller events.")


def _aborted() -> RequestError:
    return RequestError(400, "body_aborted", "The connection ended before the body was complete.")
