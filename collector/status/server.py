"""The public listener of the status page, within the collector's event loop."""

from __future__ import annotations

import asyncio
import contextlib
import functools
import logging
import socket
from collections.abc import Iterator
from typing import Any, Final

import uvicorn
from starlette.types import ASGIApp

from collector import casts
from collector.connections import ConnectionGuard, GuardedProtocol
from collector.errors import SettingsError

log = logging.getLogger(__name__)

_IDLE_SECONDS: Final = 10
_STOP_SECONDS: Final = 5.0
#: A page for the public is small, and read through a cache where there are many readers.
_CONNECTIONS: Final = 512


class _Server(uvicorn.Server):
    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Leave signals to the collector's own server."""
        yield


class StatusServer:
    """Serves an application on an address of its own.

    Args:
        application: what is served.
        address: `HOST:PORT`.

    Raises:
        SettingsError: it cannot listen there.
    """

    def __init__(self, application: ASGIApp, address: str) -> None:
        self._application, self._listener = application, _bind(*casts.listen(address))
        self._server: _Server | None = None
        self._task: asyncio.Task[None] | None = None

    def start(self, connections: ConnectionGuard) -> None:
        """Listen; what guards the collector's connections guards these."""
        # uvicorn calls it as it would call the class.
        protocol: Any = functools.partial(GuardedProtocol, connections)
        config = uvicorn.Config(
            self._application, http=protocol, ws="none", lifespan="off", access_log=False, log_config=None, server_header=False,
            proxy_headers=False, timeout_keep_alive=_IDLE_SECONDS, limit_concurrency=_CONNECTIONS,
        )  # fmt: skip
        self._server = _Server(config)
        self._task = asyncio.create_task(self._server.serve(sockets=[self._listener]))
        host, port = self._listener.getsockname()[:2]
        log.info("The status page is public at http://%s:%d/.", f"[{host}]" if ":" in host else host, port)

    async def stop(self) -> None:
        """Stop within some seconds."""
        if self._task is None or self._server is None:
            return
        self._server.should_exit = True
        with contextlib.suppress(TimeoutError, asyncio.CancelledError):
            await asyncio.wait_for(self._task, _STOP_SECONDS)


def _bind(host: str, port: int) -> socket.socket:
    listener = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
    except OSError as error:
        listener.close()
        text = f"The status page cannot listen on {host}:{port}: {error.strerror}. Choose another with WIDELOAD_STATUS_LISTEN."
        raise SettingsError([text]) from None
    return listener
