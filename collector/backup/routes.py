"""`POST /api/backup`: a running collector gives a backup of itself."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import Final

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse

from collector.access.identity import Role
from collector.access.private import PrivateRoute, audit, everywhere
from collector.backup.take import Backed, backup
from collector.config import Settings
from collector.errors import AccessError, RequestError
from collector.pipeline.spool import Spool

MEDIA_TYPE: Final = "application/x-tar"


def backup_routes(settings: Settings, spool: Spool, store: Backed | None, server: str, version: str) -> list[PrivateRoute]:
    """Return the one route.

    Args:
        settings: where the data folder is.
        spool: keeps its files meanwhile.
        store: the embedded store, if there is one.
        server: the address of the other one.
        version: the collector's.
    """
    busy = threading.Lock()

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
        return StreamingResponse(_alone(parts, busy), 200, headers, MEDIA_TYPE)

    return [PrivateRoute("/api/backup", take, everywhere(Role.ADMIN), methods=["POST"])]


def _alone(parts: Iterator[bytes], busy: threading.Lock) -> Iterator[bytes]:
    # Here and not before: what never begins does not end either.
    with busy:
        yield from parts


def _refuse(error: RequestError) -> Response:
    return JSONResponse(error.as_json(), error.status)
