"""Between collectors of one machine: the one that owns the embedded store takes what the others have spooled.

The embedded store belongs to one process. A collector with the role `ingest` has a spool and a loader as every other; its loader's
store is a socket in the data folder, at the other end of which the owner inserts. The owner is away for a moment when it is
restarted, and then the loaders hold, as they do when a server is away.
"""

from __future__ import annotations

import contextlib
import socket
import socketserver
import struct
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any, Final

import orjson

from collector.errors import StoreDataError, StoreError, StoreUnavailable
from collector.events import Event
from collector.pipeline.payloads import Payloads
from collector.pipeline.sockets import for_owner_only, socket_name
from collector.store.base import Attribute, Writer

#: The socket's name within the data folder.
STORE_SOCKET: Final = "store.sock"
#: How long an answer may take: an insert waits for the disk, and perhaps for merges.
_SECONDS: Final = {"insert": 60.0}
_OTHER_SECONDS: Final = 5.0
_HEAD: Final = struct.Struct(">BI")
_ACTIONS: Final = ("insert", "attributes", "ping", "broken_parts")
#: A batch has 32 MiB; one that an erasure or a retry has made larger is still taken.
_MOST_BYTES: Final = 256 << 20
_ERRORS: Final = {"data": StoreDataError, "unavailable": StoreUnavailable}


class HandoverStore:
    """The writing half of a store that another process of this machine owns.

    Args:
        path: the owner's socket; it need not be there yet.
    """

    def __init__(self, path: Path) -> None:
        self._path = path

    def insert(self, events: Sequence[Event]) -> None:
        """Store all of the events or raise; see `Writer`."""
        raw = events.raw if isinstance(events, Payloads) else [orjson.dumps(event) for event in events]
        if raw:
            self._ask("insert", b"\n".join(raw))

    def add_attributes(self, attributes: Sequence[Attribute]) -> None:
        """Add to the attribute catalogue."""
        if attributes:
            self._ask("attributes", orjson.dumps([asdict(one) for one in attributes]))

    def ping(self) -> None:
        """Return if the owner's store answers."""
        self._ask("ping")

    def broken_parts(self) -> list[str]:
        """Return the names of parts that the store has found broken and put aside."""
        return list(map(str, self._ask("broken_parts")))

    def migrate(self) -> list[str]:
        """Return when the owner has done it, as it does before it listens. Raises StoreUnavailable."""
        self.ping()
        return []

    def set_retention(self, _: Mapping[str, int]) -> None:
        """Leave it to the owner, who has the same settings."""

    def close(self) -> None:
        """Nothing is kept open."""

    def _ask(self, action: str, body: bytes = b"") -> Any:
        try:
            with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
                connection.settimeout(_SECONDS.get(action, _OTHER_SECONDS))
                with socket_name(self._path) as address:
                    connection.connect(address)
                connection.sendall(_HEAD.pack(_ACTIONS.index(action), len(body)) + body)
                with connection.makefile("rb") as file:
                    _, length = _HEAD.unpack(_read(file, _HEAD.size))
                    answer = orjson.loads(_read(file, length))
        except (OSError, EOFError) as error:
            what = f"{type(error).__name__}: {error}"
            raise StoreUnavailable(
                f"The collector that owns the embedded store does not answer at {self._path} ({what}): start one with the role"
                " query and the same data folder"
            ) from error
        if "error" in answer:
            raise _ERRORS[answer["error"]](answer["message"], answer["code"])
        return answer["value"]


class HandoverServer:
    """The owner's end.

    Args:
        path: the socket; what an owner before has left there is replaced.
        store: where it inserts.
        screen: returns those of the payloads that may be stored; the others have been erased.
    """

    def __init__(self, path: Path, store: Writer, screen: Callable[[list[bytes]], list[bytes]] = lambda payloads: payloads) -> None:
        self._path, self._store, self._screen = path, store, screen
        self._changed = threading.Condition()
        #: The numbers of the inserts that run.
        self._running: set[int] = set()
        self._started = 0
        self._server: _Server | None = None

    def start(self) -> None:
        """Begin to listen, once the store is ready; does nothing where it does so already. Raises OSError."""
        if self._server:
            return
        self._path.unlink(missing_ok=True)
        # Whoever may write to the data folder may write to the store, and nobody else.
        with socket_name(self._path) as address, for_owner_only():
            self._server = _Server(address, self)
        threading.Thread(target=self._server.serve_forever, name="handover", daemon=True).start()

    def stop(self) -> None:
        """Take nothing more, and finish what has begun."""
        if self._server:
            self._server.shutdown()
            self._server.server_close()
            self._path.unlink(missing_ok=True)
            self.wait(10)

    def wait(self, seconds: float) -> bool:
        """Return when every insert that runs now has ended; False if that takes longer."""
        with self._changed:
            before = set(self._running)
            return self._changed.wait_for(lambda: not before & self._running, seconds)

    def serve(self, connection: socket.socket) -> None:
        """Answer one request."""
        with connection.makefile("rb") as file:
            number, length = _HEAD.unpack(_read(file, _HEAD.size))
            if number >= len(_ACTIONS) or length > _MOST_BYTES:
                return
            body = _read(file, length)
        try:
            answer = {"value": self._do(_ACTIONS[number], body)}
        except StoreError as error:
            kind = "data" if isinstance(error, StoreDataError) else "unavailable"
            answer = {"error": kind, "message": error.message, "code": error.code}
        except Exception as error:
            answer = {"error": "unavailable", "message": f"{type(error).__name__}: {error}", "code": 0}
        told = orjson.dumps(answer)
        connection.sendall(_HEAD.pack(0, len(told)) + told)

    def _do(self, action: str, body: bytes) -> Any:
        if action == "insert":
            with self._counted():
                if payloads := self._screen(body.split(b"\n")):
                    self._store.insert(Payloads(payloads))
        elif action == "attributes":
            self._store.add_attributes([Attribute(**one) for one in orjson.loads(body)])
        elif action == "ping":
            self._store.ping()
        else:
            return self._store.broken_parts()
        return None

    @contextlib.contextmanager
    def _counted(self) -> Iterator[None]:
        with self._changed:
            self._started += 1
            number = self._started
            self._running.add(number)
        try:
            yield
        finally:
            with self._changed:
                self._running.discard(number)
                self._changed.notify_all()


class _Server(socketserver.ThreadingUnixStreamServer):
    daemon_threads = True
    request_queue_size = 64

    def __init__(self, address: str, owner: HandoverServer) -> None:
        class Handler(socketserver.BaseRequestHandler):
            def handle(self) -> None:
                # Who goes away in the middle comes again with the same batch.
                with contextlib.suppress(OSError, EOFError):
                    owner.serve(self.request)

        super().__init__(address, Handler)


def _read(file: Any, length: int) -> bytes:
    data: bytes = file.read(length)
    if len(data) < length:
        raise EOFError("the other side went away")
    return data
