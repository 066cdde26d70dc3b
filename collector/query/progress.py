"""Answers that come in steps or several at once: one JSON text a line (`application/x-ndjson`)."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable
from contextlib import aclosing
from typing import Final

import orjson
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from collector.errors import RequestError, StoreError, StoreQueryStopped

MEDIA_TYPE: Final = "application/x-ndjson"


def wants_steps(request: Request) -> bool:
    """Whether the caller takes an answer in steps."""
    accepted = request.headers.get("accept", "").split(",")
    return any(one.partition(";")[0].strip().lower() == MEDIA_TYPE for one in accepted)


class Steps(Response):
    """Sends each step as it comes. What goes wrong after the first is a last line with the error.

    Args:
        first: a step that is there already: what goes wrong before it is an answer of its own.
        others: the steps after it.
        refusal: makes an error of ours the caller's.
    """

    media_type = MEDIA_TYPE

    def __init__(self, first: bytes, others: AsyncIterator[bytes], refusal: Callable[[StoreError], RequestError]) -> None:
        super().__init__()
        del self.headers["content-length"]
        self._first, self._others, self._refusal = first, others, refusal

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send all of them."""
        await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
        await send({"type": "http.response.body", "body": self._first + b"\n", "more_body": True})
        try:
            async for step in self._others:
                await send({"type": "http.response.body", "body": step + b"\n", "more_body": True})
        except StoreQueryStopped:
            # Nobody reads it.
            return
        except (RequestError, StoreError) as error:
            shown = (error if isinstance(error, RequestError) else self._refusal(error)).as_json()
            await send({"type": "http.response.body", "body": orjson.dumps(shown) + b"\n", "more_body": True})
        await send({"type": "http.response.body", "body": b""})


class Left:
    """Tells any number of tasks when the caller goes away; the request tells only one of them at a time.

    Args:
        gone: returns when the caller has gone.
    """

    def __init__(self, gone: Callable[[], Awaitable[None]]) -> None:
        self._gone, self._has_left = gone, asyncio.Event()

    async def watch(self) -> None:
        """Wait for it once, for all."""
        await self._gone()
        self._has_left.set()

    async def wait(self) -> None:
        """Return when the caller has gone, while somebody watches."""
        await self._has_left.wait()


class Lines(Response):
    """Sends each line as it comes.

    Args:
        lines: all of them.
        left: is watched meanwhile.
    """

    media_type = MEDIA_TYPE

    def __init__(self, lines: AsyncGenerator[bytes], left: Left) -> None:
        super().__init__()
        del self.headers["content-length"]
        self._lines, self._left = lines, left

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send all of them."""
        await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
        watching = asyncio.create_task(self._left.watch())
        try:
            async with aclosing(self._lines) as lines:
                async for line in lines:
                    await send({"type": "http.response.body", "body": line + b"\n", "more_body": True})
        finally:
            watching.cancel()
        await send({"type": "http.response.body", "body": b""})
