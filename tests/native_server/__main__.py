"""`python -m tests.native_server --path DIR [--port 0] [--password …]`: prints its port, serves until its stdin is closed."""

from __future__ import annotations

import argparse
import socketserver
import sys
from contextlib import suppress
from threading import Thread
from typing import Any

from .engine import Engine
from .session import Session


class _Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True
    request_queue_size = 64


def main() -> None:
    """Serve on 127.0.0.1."""
    parser = argparse.ArgumentParser(prog="tests.native_server")
    parser.add_argument("--path", required=True, help="chDB's folder")
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--password", default="", help="the password that a client must send")
    parser.add_argument("--faults", default="", help="a file that says which inserts fail")
    parser.add_argument("--clusters", default="", help="a file with what `system.clusters` says: [[cluster, shard, host, port], …]")
    arguments = parser.parse_args()
    engine = Engine(arguments.path, arguments.faults, arguments.clusters)

    class Handler(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            # A client that goes away in the middle of anything is an everyday event: faults are tested with it.
            with suppress(EOFError, OSError):
                Session(self.request, engine, arguments.password).run()

    with _Server(("127.0.0.1", arguments.port), Handler) as server:
        address: Any = server.server_address
        print(address[1], flush=True)
        Thread(target=server.serve_forever, daemon=True).start()
        sys.stdin.read()
        server.shutdown()


if __name__ == "__main__":
    main()
