"""Group commit: whoever wants something on disk waits in the event loop, and one thread writes for everybody who waits."""

from __future__ import annotations

import asyncio
import queue
import threading
from collections import Counter
from collections.abc import Callable, Sequence

from collector.errors import SpoolError
from collector.turns import be_quick


class Group:
    """Beacons that are committed together, and one future for each: one that goes away must not take the others along."""

    __slots__ = ("datasets", "payloads", "waiters")

    def __init__(self) -> None:
        self.payloads: list[bytes] = []
        self.datasets: Counter[str] = Counter()
        self.waiters: list[asyncio.Future[None]] = []


class GroupCommit:
    """Gathers what arrives while the disk is busy, and hands it over as one group.

    Args:
        commit: writes a group, in the thread; what it raises reaches everybody who waits.
        idle_seconds: how long the thread waits for a group before it calls `idle`; None stands for ever.
        idle: is called in the thread.
    """

    def __init__(self, commit: Callable[[Group], None], idle_seconds: Callable[[], float | None], idle: Callable[[], None]) -> None:
        self._commit, self._idle_seconds, self._idle = commit, idle_seconds, idle
        self._loop: asyncio.AbstractEventLoop | None = None
        self._open: Group | None = None
        self._committing = False
        self._requests: queue.SimpleQueue[Group | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._run, name="spool", daemon=True)
        self._thread.start()

    @property
    def is_open(self) -> bool:
        """Whether a group is being gathered: what is added now comes along with others."""
        return self._open is not None

    async def add(self, payloads: Sequence[bytes], dataset: str) -> None:
        """Return when the payloads are committed. Raises SpoolError."""
        group = self._open
        if group is None:
            self._loop = asyncio.get_running_loop()
            self._open = group = Group()
            if not self._committing:
                # Not at once: beacons that have already arrived come along.
                self._loop.call_soon(self._submit)
        assert self._loop is not None
        done = self._loop.create_future()
        group.payloads += payloads
        group.datasets[dataset] += len(payloads)
        group.waiters.append(done)
        await done

    def close(self) -> None:
        """Stop, when nobody waits any more."""
        self._requests.put(None)
        self._thread.join()

    def _submit(self) -> None:
        """Hand over the open group. One is committed at a time; while the disk is busy the next one grows."""
        group, self._open = self._open, None
        self._committing = group is not None
        if group is not None:
            self._requests.put(group)

    def _run(self) -> None:
        be_quick()
        while True:
            try:
                group = self._requests.get(timeout=self._idle_seconds())
            except queue.Empty:
                self._idle()
                continue
            if group is None:
                return
            try:
                self._commit(group)
            except Exception as error:
                self._finish(group, SpoolError(str(error)))
            else:
                self._finish(group, None)

    def _finish(self, group: Group, error: SpoolError | None) -> None:
        def resolve() -> None:
            for waiter in group.waiters:
                if waiter.done():
                    continue
                if error is None:
                    waiter.set_result(None)
                else:
                    waiter.set_exception(error)
            self._submit()

        assert self._loop is not None
        self._loop.call_soon_threadsafe(resolve)
