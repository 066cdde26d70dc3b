"""A TCP proxy that breaks what goes through it."""

from __future__ import annotations

import contextlib
import socket
import struct
import threading
import time

from bench.running import free_port

_RESET = struct.pack("ii", 1, 0)


class FaultProxy:
    """Stands between a client and a server on this machine.

    Modes, which can be changed at any time:

    - `pass`: as if it were not there.
    - `refuse`: nobody listens, and open connections are reset.
    - `hang`: connections are taken, and not a byte goes through, in either direction.
    - `cut_request`: a connection is reset after so many bytes of the client's (`after`) have passed.
    - `cut_answer`: what the client sends goes through, and the connection is reset when the server has answered so many bytes.
    - `half_close`: the server seems to close its side when it has answered so many bytes.
    - `delay`: every piece of the client's takes so many seconds more.
    """

    def __init__(self, port: int) -> None:
        self._target = port
        self.port = free_port()
        self.mode, self.after, self.seconds = "pass", 0, 0.0
        self._connections: set[socket.socket] = set()
        self._lock = threading.Lock()
        self._listener: socket.socket | None = None
        self._closed = False
        self.set("pass")

    def set(self, mode: str, after: int = 0, seconds: float = 0.0) -> None:
        """Change the mode, for open connections too."""
        self.mode, self.after, self.seconds = mode, after, seconds
        if mode == "refuse":
            listener, self._listener = self._listener, None
            if listener:
                listener.shutdown(socket.SHUT_RDWR)
                listener.close()
            with self._lock:
                open_now, self._connections = self._connections, set()
            for connection in open_now:
                _reset(connection)
        elif self._listener is None:
            self._listener = socket.create_server(("127.0.0.1", self.port))
            threading.Thread(target=self._accept, args=(self._listener,), daemon=True).start()

    def close(self) -> None:
        """Stop."""
        self._closed = True
        self.set("refuse")

    def _accept(self, listener: socket.socket) -> None:
        while True:
            try:
                client, _ = listener.accept()
            except OSError:
                return
            try:
                server = socket.create_connection(("127.0.0.1", self._target))
            except OSError:
                _reset(client)
                continue
            with self._lock:
                self._connections |= {client, server}
            for source, target, is_request in ((client, server, True), (server, client, False)):
                threading.Thread(target=self._pump, args=(source, target, is_request), daemon=True).start()

    def _pump(self, source: socket.socket, target: socket.socket, is_request: bool) -> None:
        passed = 0
        with contextlib.suppress(OSError):
            while data := source.recv(65536):
                while self.mode == "hang" and not self._closed:
                    time.sleep(0.02)
                mode = self.mode
                if mode == "delay" and is_request:
                    time.sleep(self.seconds)
                cuts = mode == ("cut_request" if is_request else "cut_answer") or (mode == "half_close" and not is_request)
                if cuts and passed + len(data) > self.after:
                    target.sendall(data[: max(0, self.after - passed)])
                    if mode == "half_close":
                        target.shutdown(socket.SHUT_WR)
                        continue
                    _reset(source)
                    _reset(target)
                    return
                passed += len(data)
                target.sendall(data)
            target.shutdown(socket.SHUT_WR)


def _reset(connection: socket.socket) -> None:
    with contextlib.suppress(OSError):
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
        connection.close()
