"""Visitors who send beacons and remember what was acknowledged."""

from __future__ import annotations

import http.client
import itertools
import threading
import time
from collections.abc import Callable
from types import TracebackType
from typing import Any
from urllib.parse import urlsplit

import orjson

#: Names are unique within a test process.
_names = itertools.count()
#: The ids of all events that were ever made.
issued: set[str] = set()


def event(**fields: Any) -> dict[str, Any]:
    """Return a small page view of now with an id of its own."""
    name = f"e{next(_names):09d}"
    issued.add(name)
    return {"id": name, "kind": "page_view", "time": int(time.time() * 1000), "page.path": "/", **fields}


class Traffic:
    """Threads that send without a break to a collector that may be away; use it in a `with` block.

    Args:
        url: a collector, or a function that names one.
        threads: how many visitors there are.
        size: events of a beacon.
        pause: seconds between two beacons of a visitor.
        reconnect: open a connection for every beacon.
        rate: events a second of all visitors together, where they should not send as fast as they can.
    """

    def __init__(
        self,
        url: str | Callable[[], str],
        threads: int = 4,
        size: int = 5,
        pause: float = 0.0,
        *,
        reconnect: bool = False,
        rate: float = 0.0,
    ) -> None:
        self._url = url if callable(url) else lambda: url
        self._size, self._pause, self._reconnect = size, pause, reconnect
        self._interval = threads * size / rate if rate else 0.0
        self._stop = threading.Event()
        self._threads = [threading.Thread(target=self._visit, daemon=True) for _ in range(threads)]
        #: Event ids.
        self.acknowledged: set[str] = set()
        #: How often each status was answered; 0 stands for no answer.
        self.statuses: dict[int, int] = {}
        #: Seconds that each acknowledgement took.
        self.seconds: list[float] = []

    def __enter__(self) -> Traffic:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, _: type[BaseException] | None, __: BaseException | None, ___: TracebackType | None) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join(30)

    def _visit(self) -> None:
        connection: http.client.HTTPConnection | None = None
        due = time.monotonic()
        while not self._stop.is_set():
            events = [event() for _ in range(self._size)]
            ids = {one["id"] for one in events}
            body = orjson.dumps({"v": 1, "sent_at": int(time.time() * 1000), "events": events})
            start = time.monotonic()
            try:
                connection = connection or http.client.HTTPConnection(urlsplit(self._url()).netloc, timeout=20)
                connection.request("POST", "/v1/beacon/demo", body)
                answer = connection.getresponse()
                answer.read()
                status = answer.status
                if self._reconnect:
                    connection.close()
                    connection = None
            except (OSError, http.client.HTTPException):
                status = 0
                if connection:
                    connection.close()
                self._stop.wait(0.02)
            self.statuses[status] = self.statuses.get(status, 0) + 1
            if status == 202:
                self.acknowledged |= ids
                self.seconds.append(time.monotonic() - start)
            elif status:
                self._stop.wait(0.05)
            due += self._interval
            wait = self._pause or due - time.monotonic() if self._interval or self._pause else 0
            if wait > 0:
                self._stop.wait(wait)
        if connection:
            connection.close()
