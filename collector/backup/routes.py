"""`POST /api/backup`: a running collector gives a backup of itself."""

from __future__ import annotations

import asyncio
from collections.abc import Generator
from typing import Final

from anyio import CancelScope
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.types import Receive, Scope, Send

from collector.access.identity import Role
from collector.access.private import PrivateRoute, audit, everywhere
from collector.backup.take import Backed, backup
from collector.config import Settings
from collector.errors import AccessError, RequestError
from collector.pipeline.intake import Intake

MEDIA_TYPE: Final = "application/x-tar"


def backup_routes(settings: Settings, spool: Intake, store: Backed | None, server: str, version: str) -> list[PrivateRoute]:
    """Return the one route.

    Args:
        settings: where the data folder is.
        spool: keeps its files meanwhile.
        store: the embedded store, if there is one.
        server: the address of the other one.
        version: the collector's.
    """
    busy = asyncio.Lock()

    async def take(request: Request) -> Response:
        if busy.locked():
            return _refuse(RequestError(409, "backup_running", "A backup is being taken already; ask again when it is done."))
        try:
            await run_in_threadpool(audit, request, "backup", "everything")
        except AccessError as error:
            return _refuse(RequestError(503, "audit_unavailable", str(error)))
        # What is compressed already is not worth the time: it says that it has an encoding.
        headers = {"content-encoding": "identity"}
        parts = backup(settings.data_dir, store, version, spool.keeping(), server)
        return _Backup(parts, busy, headers)

    return [PrivateRoute("/api/backup", take, everywhere(Role.ADMIN), methods=["POST"])]


class _Backup(StreamingResponse):
    """A backup, one at a time. What it has begun it ends when it is sent, or when nobody reads on."""

    def __init__(self, parts: Generator[bytes], busy: asyncio.Lock, headers: dict[str, str]) -> None:
        super().__init__(parts, 200, headers, MEDIA_TYPE)
        self._parts, self._busy = parts, busy

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async with self._busy:
            try:
                await super().__call__(scope, receive, send)
            finally:
                with CancelScope(shield=True):
                    await run_in_threadpool(self._parts.close)


def _refuse(error: RequestError) -> Response:
    return JSONResponse(error.as_json(), error.status)
