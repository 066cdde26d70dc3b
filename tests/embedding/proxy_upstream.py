"""What stands behind a proxy in these tests: a server that keeps what it was sent and answers as it is told."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass(frozen=True)
class Sent:
    """A request as it arrived; names of headers in lower case."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes


@dataclass
class Upstream:
    """The server: its port, what it got, and its next answers (status, headers, body)."""

    port: int = 0
    got: list[Sent] = field(default_factory=list)
    answer: tuple[int, dict[str, str], bytes] = (202, {"content-type": "application/json"}, b'{"accepted":1,"rejected":[]}')


@contextmanager
def upstream() -> Iterator[Upstream]:
    """Run one on a free port of the loopback interface."""
    state = Upstream()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            headers = {name.lower(): value for name, value in self.headers.items()}
            state.got.append(Sent(self.command, self.path, headers, self._body(headers)))
            status, answered, body = state.answer
            self.send_response(status)
            for name, value in {**answered, "content-length": str(len(body))}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        do_POST = do_OPTIONS = do_GET

        def _body(self, headers: dict[str, str]) -> bytes:
            if headers.get("transfer-encoding") != "chunked":
                return self.rfile.read(int(headers.get("content-length", "0")))
            body = b""
            while size := int(self.rfile.readline(), 16):
                body += self.rfile.read(size)
                self.rfile.readline()
            self.rfile.readline()
            return body

        def log_message(self, *_: Any) -> None:
            """Keep the test output quiet."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as listener:
        listener.daemon_threads = True
        state.port = listener.server_port
        thread = threading.Thread(target=listener.serve_forever, args=(0.02,))
        thread.start()
        yield state
        listener.shutdown()
        thread.join()
