"""`POST /api/events/export`: what a search finds, as a file that is streamed."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from typing import Any, Final

from anyio import CapacityLimiter, to_thread
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.types import Receive, Scope, Send

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
        self._leaving: set[asyncio.Future[Any]] = set()
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
            first = await self._next(parts, stop, request)
        except BaseException:
            self._end()
            raise
        return _Download(self._rest(first, parts, stop, request), form, self._end)

    async def _rest(self, part: bytes | None, parts: Iterator[bytes], stop: Stop, request: Request) -> AsyncIterator[bytes]:
        while part is not None:
            yield part
            part = await self._next(parts, stop, request)

    async def _next(self, parts: Iterator[bytes], stop: Stop, request: Request) -> bytes | None:
        """Return the next part; if nobody waits for it any more, what the store does for it is stopped."""
        reading = asyncio.ensure_future(to_thread.run_sync(lambda: next(parts, None), limiter=self._threads))
        leaving = asyncio.ensure_future(gone(request))
        try:
            await asyncio.wait({reading, leaving}, return_when=asyncio.FIRST_COMPLETED)
            if not reading.done():
                raise StoreQueryStopped("The caller has gone away.")
            return reading.result()
        finally:
            leaving.cancel()
            if not reading.done():
                self._abandon(reading, stop)

    def _abandon(self, reading: asyncio.Future[bytes | None], stop: Stop) -> None:
        stopping = asyncio.ensure_future(to_thread.run_sync(stop.set))
        for task in (reading, stopping):
            self._leaving.add(task)
            task.add_done_callback(self._forget)

    def _forget(self, task: asyncio.Future[Any]) -> None:
        self._leaving.discard(task)
        if not task.cancelled():
            # Nobody is left to be told.
            task.exception()

    def _end(self) -> None:
        self._running -= 1


class _Download(StreamingResponse):
    """A file that says when it is over, whether it was read to its end or the client has gone."""

    def __init__(self, parts: AsyncIterator[bytes], form: str, end: Callable[[], None]) -> None:
        headers = {"content-disposition": f'attachment; filename="events.{form}"'}
        super().__init__(parts, 200, headers, MEDIA_TYPES[form])
        self._end = end

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await super().__call__(scope, receive, send)
        except StoreQueryStopped:
            # Nobody reads it.
            return
        finally:
            self._end()
