"""Connections that are lent to one thread at a time."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Lock
from typing import Generic, TypeVar

from collector.errors import StoreUnavailable

C = TypeVar("C")


class Pool(Generic[C]):
    """Lends connections and keeps those that come back; it grows to as many as are used at once.

    Args:
        connect: opens a connection.
        close: closes one.
    """

    def __init__(self, connect: Callable[[], C], close: Callable[[C], None]) -> None:
        self._connect, self._close = connect, close
        self._idle: list[C] = []
        self._lock = Lock()
        self._closed = False

    @contextmanager
    def one(self) -> Iterator[C]:
        """Lend a connection. After an error it is closed: nobody knows what it has still to say."""
        connection = self._take()
        try:
            yield connection
        except BaseException:
            self._close(connection)
            raise
        with self._lock:
            if not self._closed:
                self._idle.append(connection)
                return
        self._close(connection)

    def close(self) -> None:
        """Close what is idle now, and what is lent when it comes back."""
        with self._lock:
            self._closed = True
            idle, self._idle = self._idle, []
        for connection in idle:
            self._close(connection)

    def _take(self) -> C:
        with self._lock:
            if self._closed:
                raise StoreUnavailable("The store is closed.")
            if self._idle:
                return self._idle.pop()
        return self._connect()
