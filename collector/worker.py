"""One process of several, started by the supervisor: `python -m collector.worker`. It gets its order on standard input.

The order is a line of JSON; what follows is the end of the input, which comes when the supervisor has gone: then the worker stops.
"""

from __future__ import annotations

import json
import os
import signal
import socket
import sys
import threading
from dataclasses import asdict, dataclass
from typing import Any

from collector.commands.options import settings_of
from collector.errors import WideloadError
from collector.server import serve


@dataclass(frozen=True, slots=True)
class Order:
    """What a worker is to do.

    Args:
        flags: the settings on its command line, so to speak.
        sockets: descriptors of what it listens on.
        ready: the descriptor to which it writes a line when it takes requests.
        restarts: how often its like has been started again because it had died.
        is_quiet: whether it leaves the welcome to others.
    """

    flags: dict[str, Any]
    sockets: list[int]
    ready: int
    restarts: int
    is_quiet: bool

    def as_line(self) -> bytes:
        """Return it as the worker reads it."""
        return json.dumps(asdict(self)).encode() + b"\n"


def main() -> None:
    """Read the order and serve."""
    order = Order(**json.loads(sys.stdin.buffer.readline()))
    threading.Thread(target=_stop_with_supervisor, daemon=True).start()

    def ready() -> None:
        os.write(order.ready, b"ready\n")
        os.close(order.ready)

    try:
        settings = settings_of(order.flags)
        sockets = [socket.socket(fileno=descriptor) for descriptor in order.sockets]
        serve(settings, lambda: settings_of(order.flags), sockets, ready, is_quiet=order.is_quiet, restarts=order.restarts)
    except WideloadError as error:
        print(f"wideload: {error}", file=sys.stderr)
        sys.exit(1)


def _stop_with_supervisor() -> None:
    # Not by `sys.stdin`: at the end of the process a thread must not hold its lock.
    while os.read(0, 1024):
        pass
    os.kill(os.getpid(), signal.SIGTERM)


if __name__ == "__main__":
    main()
