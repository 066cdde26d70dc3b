"""`POST /api/events/export`: what a search finds, as a file that is streamed."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from typing import Any, Final

from anyio import CapacityLimiter, to_thread
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.types import Message, Receive, Scope, Send

from collector.errors import RequestError, StoreQueryStopped
from collector.query.answering import gone, responding
from collector.query.engine import QueryEngine
from collector.query.export import parse_export
from collector.query.formats import MEDIA_TYPES
from collector.store.base import Stop

#: How many exports run at once; each takes a thread and a few ten MB.
MAX_EXPORTS: Final = 2


class Exports:
    """The endpoint.

    Args:
        engine: finds the events.
        read: reads the body of a request, and checks that who asks may see its dataset.
    """

    def __init__(self, engine: QueryEngine, read: Callable[[Request], Awaitable[Any]]) -> None:
        self._engine, self._read = engine, read
        self._threads = CapacityLimiter(MAX_EXPORTS)
        self._running = 0
        self.endpoint = responding(self._answer)

    async def _answer(self, request: Request) -> Response:
        spec, form = parse_export(await self._read(request), self._engine.limits.spec)
        if self._running >= MAX_EXPORTS:
            raise RequestError(503, "busy", f"{MAX_EXPORTS} exports are running already; ask again when one of them is through.")
        self._running += 1
        stop = Stop()
        try:
            parts = await to_thread.run_sync(lambda: self._engine.export(spec, form, stop), limiter=self._threads)
            # The first part is waited for, so that an error is an answer and not the end of one.
            first = await self._first(request, parts, stop)
        except BaseException:
            self._end()
            raise
        return _Download(self._rest(first, parts), form, stop, self._end)

    async def _first(self, request: Request, parts: Iterator[bytes], stop: Stop) -> bytes | None:
        part, leaving = asyncio.create_task(self._next(parts)), asyncio.create_task(gone(request))
        await asyncio.wait({part, leaving}, return_when=asyncio.FIRST_COMPLETED)
        if not part.done():
            await to_thread.run_sync(stop.set)
        leaving.cancel()
        return await part

    async def _rest(self, part: bytes | None, parts: Iterator[bytes]) -> AsyncIterator[bytes]:
        while part is not None:
            yield part
            part = await self._next(parts)

    async def _next(self, parts: Iterator[bytes]) -> bytes | None:
        return await to_thread.run_sync(lambda: next(parts, None), limiter=self._threads)

    def _end(self) -> None:
        self._running -= 1


class _Download(StreamingResponse):
    """A file that says when it is over, whether it was read to its end or the client has gone."""

    def __init__(self, parts: AsyncIterator[bytes], form: str, stop: Stop, end: Callable[[], None]) -> None:
        headers = {"content-disposition": f'attachment; filename="events.{form}"'}
        super().__init__(parts, 200, headers, MEDIA_TYPES[form])
        self._stop, self._end = stop, end

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def receive_the_end() -> Message:
            message = await receive()
            if message["type"] == "http.disconnect":
                # The thread that waits for the store is not left before the store answers.
                await to_thread.run_sync(self._stop.set)
            return message

        try:
            await super().__call__(scope, receive_the_end, send)
        except StoreQueryStopped:
            # Nobody reads the rest.
            pass
        finally:
            self._end()
