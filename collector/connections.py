"""What uvicorn's HTTP protocol leaves open: slow or endless heads, slow bodies and readers, and how many connections there are.

Each is answered if it can be, closed, and counted. Bodies have their own limits where they are read (`ingest.body`); the one here
stands behind those, for every route.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import resource
from collections import Counter
from collections.abc import Callable, Sequence
from http import HTTPStatus
from types import SimpleNamespace
from typing import Any, Final

import orjson
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from collector.config import ConnectionLimits
from collector.errors import RequestError
from collector.ingest.limits import client_prefix
from collector.telemetry import Counters

log = logging.getLogger(__name__)

#: A request's line and headers; browsers keep below 16 KB.
MAX_HEAD_BYTES: Final = 32 << 10
#: Browsers open connections in advance; one that is never used is closed after this, as is a used one.
IDLE_SECONDS: Final = 30.0
_SWEEP_SECONDS: Final = 0.5
#: The reader of a body answers by itself; only what it does not see is closed here, so much later.
_BODY_GRACE_SECONDS: Final = 3.0
#: Files, sockets and databases that the process needs beside its connections.
_OTHER_FILES: Final = 256

_SLOW_HEAD: Final = RequestError(408, "slow_head", "The request's headers took too long to arrive.")
_SLOW_BODY: Final = RequestError(408, "slow_body", "The request's body took too long to arrive.")
_LARGE_HEAD: Final = RequestError(431, "head_too_large", f"The request's headers have more than {MAX_HEAD_BYTES:,} bytes.")
_NOT_HTTP: Final = RequestError(400, "not_http", "This is not an HTTP request.")
_TOO_MANY: Final = RequestError(503, "too_many_connections", "There are too many connections; come back in a moment.")
_TOO_MANY_OF_CLIENT: Final = RequestError(
    503,
    "too_many_client_connections",
    "There are too many connections from your network, or from a proxy that is not in trusted_proxies; come back in a moment.",
)


#: In the place of uvicorn's cycle of request and response, when a request has been answered without one.
_ANSWERED: Final[Any] = SimpleNamespace(response_complete=True, response_started=True, message_event=asyncio.Event())


class ConnectionGuard:
    """Knows all connections of a process.

    Args:
        limits: the limits.
        body_seconds: how long a body may take.
        counters: where what is closed is counted.
        is_trusted: whether an address is one of a proxy, through which many clients come.
        shed: answers a POST to a path by its headers alone, or returns None to have it served as usual.
    """

    def __init__(
        self,
        limits: ConnectionLimits,
        body_seconds: float,
        counters: Counters,
        is_trusted: Callable[[str], bool],
        shed: Callable[[bytes, Sequence[tuple[bytes, bytes]]], bytes | None] = lambda _, __: None,
    ) -> None:
        self.shed = shed
        self._limits, self._body_seconds, self._counters, self._is_trusted = limits, body_seconds, counters, is_trusted
        self._connections: set[GuardedProtocol] = set()
        self._of_client: Counter[bytes] = Counter()
        self._most = max(1, min(limits.max_connections, resource.getrlimit(resource.RLIMIT_NOFILE)[0] - _OTHER_FILES))
        if self._most < limits.max_connections:
            log.warning("max_connections is %d: the system lets this process open no more files (`ulimit -n`).", self._most)

    def add(self, connection: GuardedProtocol, address: str) -> RequestError | None:
        """Take a connection in, and return why it can't stay."""
        self._connections.add(connection)
        connection.client_key = client_prefix(address) if address and not self._is_trusted(address) else b""
        self._of_client[connection.client_key] += 1
        if len(self._connections) > self._most:
            return _TOO_MANY
        if connection.client_key and self._of_client[connection.client_key] > self._limits.max_client_connections:
            return _TOO_MANY_OF_CLIENT
        return None

    @property
    def count_open(self) -> int:
        """How many connections there are."""
        return len(self._connections)

    def remove(self, connection: GuardedProtocol) -> None:
        """Forget a connection that has ended."""
        if connection in self._connections:
            self._connections.remove(connection)
            self._of_client[connection.client_key] -= 1
            if not self._of_client[connection.client_key]:
                del self._of_client[connection.client_key]

    def count(self, reason: str) -> None:
        """Count a connection that was refused or closed."""
        self._counters.add("wideload_connections_dropped", 1, reason)

    async def sweep(self) -> None:
        """Close what is too slow, until cancelled."""
        loop = asyncio.get_running_loop()
        while True:
            await asyncio.sleep(_SWEEP_SECONDS)
            now = loop.time()
            for connection in list(self._connections):
                connection.check(now, self._limits, self._body_seconds + _BODY_GRACE_SECONDS)


class GuardedProtocol(HttpToolsProtocol):
    """uvicorn's protocol with the guard's limits.

    Args:
        guard: the guard.
        arguments: uvicorn's own.
    """

    def __init__(self, guard: ConnectionGuard, **arguments: Any) -> None:
        super().__init__(**arguments)
        self._guard = guard
        self.client_key = b""
        #: Since when the rest of a head, or a body, or a reader is waited for; None where none is.
        self._head_since: float | None = None
        self._body_since: float | None = None
        self._reader_since: float | None = None
        self._head_bytes = 0

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._head_since = self.loop.time()
        refusal = self._guard.add(self, self.client[0] if self.client else "")
        if refusal:
            self._refuse(refusal)

    def connection_lost(self, exc: Exception | None) -> None:
        self._guard.remove(self)
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        if self.transport.is_closing():
            return
        if self._body_since is None:
            if self._head_since is None or not self._head_bytes:
                self._head_since, self._head_bytes = self.loop.time(), 0
            self._head_bytes += len(data)
        super().data_received(data)
        if self._head_bytes > MAX_HEAD_BYTES and self._head_since is not None and not self.transport.is_closing():
            self._refuse(_LARGE_HEAD)

    def on_header(self, name: bytes, value: bytes) -> None:
        # What comes after a body (a chunked body's trailer) would be kept with the headers, without an end.
        if self._body_since is None:
            super().on_header(name, value)

    def on_headers_complete(self) -> None:
        if self._head_bytes > MAX_HEAD_BYTES and len(self.url) + sum(len(n) + len(v) for n, v in self.headers) > MAX_HEAD_BYTES:
            self._refuse(_LARGE_HEAD)
            return
        self._body_since, self._head_since = self._head_since, None
        if not self._shed():
            super().on_headers_complete()

    def _shed(self) -> bool:
        """Answer without the cost of serving, if the guard can."""
        if self.parser.get_method() != b"POST" or self.expect_100_continue or not self.parser.should_keep_alive():
            return False
        answer = self._guard.shed(self.url, self.headers)
        if answer is None or (self.cycle is not None and not self.cycle.response_complete):
            return False
        self._unset_keepalive_if_required()
        self.cycle = _ANSWERED
        self.transport.write(answer)
        return True

    def on_message_complete(self) -> None:
        # After an answer of its own uvicorn waits for the next request with a timer, after ours `check` does.
        self._head_since = self._body_since if self.cycle is _ANSWERED else None
        self._body_since, self._head_bytes = None, 0
        super().on_message_complete()

    def pause_writing(self) -> None:
        self._reader_since = self.loop.time()
        super().pause_writing()

    def resume_writing(self) -> None:
        self._reader_since = None
        super().resume_writing()

    def send_400_response(self, msg: str) -> None:
        """Answer what is not HTTP, in the shape of every refusal."""
        if not self.transport.is_closing():
            self._refuse(_NOT_HTTP)

    def check(self, now: float, limits: ConnectionLimits, body_seconds: float) -> None:
        """Close the connection if the other side is too slow; the last bytes of a closed one have as long as any answer."""
        head_seconds = limits.head_timeout_seconds
        if self._reader_since is not None and now - self._reader_since > limits.reader_timeout_seconds:
            self._guard.count("slow_reader")
            self._reader_since = None
            self.transport.abort()
        elif self.transport.is_closing():
            self._reader_since = self._reader_since or now
        elif self._head_since is not None and now - self._head_since > (head_seconds if self._head_bytes else IDLE_SECONDS):
            if self._head_bytes:
                self._refuse(_SLOW_HEAD)
            else:
                self.transport.close()
        elif self._body_since is not None and now - self._body_since > body_seconds:
            self._refuse(_SLOW_BODY)

    def _refuse(self, error: RequestError) -> None:
        """Answer, unless an answer has begun already, and close."""
        self._guard.count(error.reason)
        cycle = self.cycle
        if cycle is None or cycle.response_complete or not cycle.response_started:
            body = orjson.dumps(error.as_json())
            status = HTTPStatus(error.status)
            retry = b"retry-after: 2\r\n" if error.status == 503 else b""
            self.transport.write(
                b"HTTP/1.1 %d %s\r\ncontent-type: application/json\r\ncontent-length: %d\r\n%bconnection: close\r\n\r\n%b"
                % (status.value, status.phrase.encode(), len(body), retry, body)
            )
        if cycle is not None and not cycle.response_complete:
            cycle.disconnected = True
            cycle.message_event.set()
        # Whatever else the parser has in hand goes nowhere.
        self.cycle = _ANSWERED
        self._head_since = self._body_since = None
        self.transport.close()


def raise_file_limit() -> None:
    """Let this process open as many files as it may: the usual limit of 1,024 is little for sockets."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    with contextlib.suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
