"""The spool: where an event is safe before anyone is told that it was accepted.

A folder of segments. `append` is awaited by the beacon endpoint and returns when the events are on disk; one thread commits for
everybody who waits (group commit). The loader reads behind it, from another thread, and says how far it has stored.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import queue
import sqlite3
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

from collector.config import SpoolSettings
from collector.errors import SpoolError, SpoolFull
from collector.pipeline import segment

log = logging.getLogger(__name__)

#: A segment is full at the first of these; it is the unit in which disk is given back.
SEGMENT_EVENTS: Final = 50_000
SEGMENT_BYTES: Final = 128 << 20
#: The spool's folder within the data folder.
SPOOL_FOLDER: Final = "spool"
#: Remembers across restarts what is stored.
POSITION_FILE: Final = "stored.json"
#: After an error, commits are refused for so long before the disk is tried again.
RETRY_SECONDS: Final = 1.0


@dataclass(frozen=True, slots=True)
class Position:
    """A place in the spool: up to and including event `seq` of segment number `segment`."""

    segment: int = 0
    seq: int = 0


@dataclass(frozen=True, slots=True)
class Batch:
    """Events in order, and the position after the last one."""

    payloads: list[bytes]
    end: Position


class _Group:
    """Beacons that are committed together, and one future for each: one that goes away must not take the others along."""

    __slots__ = ("payloads", "waiters")

    def __init__(self) -> None:
        self.payloads: list[bytes] = []
        self.waiters: list[asyncio.Future[None]] = []


class Spool:
    """Durable, ordered, bounded.

    Args:
        folder: made if it is missing; what waits there is loaded.
        settings: the cap.
        clock: seconds, for the age of what waits.

    Raises:
        SpoolError: the folder cannot be used.
    """

    def __init__(self, folder: Path, settings: SpoolSettings, clock: Callable[[], float] = time.time) -> None:
        self._folder, self._settings, self._clock = folder, settings, clock
        self._loop: asyncio.AbstractEventLoop | None = None
        self._open: _Group | None = None
        self._committing = False
        self._requests: queue.SimpleQueue[_Group | None] = queue.SimpleQueue()
        self._lock = threading.Lock()
        self._changed = threading.Condition(self._lock)
        self._writer: segment.SegmentWriter | None = None
        self._refuse_until = 0.0
        #: Segment number -> (last seq, bytes of payload), oldest first; guarded by the lock.
        self._segments: dict[int, tuple[int, int]] = {}
        #: Full segments that are still open; guarded by the lock.
        self._full: dict[int, segment.SegmentWriter] = {}
        self._stored = Position()
        self._next_number = 1
        #: (commit time, position after it) of what is not stored yet, oldest first; guarded by the lock.
        self._times: deque[tuple[float, Position]] = deque()
        self._recover()
        self._thread = threading.Thread(target=self._commit_loop, name="spool", daemon=True)
        self._thread.start()

    # --- The ingest side: called in the event loop -----------------------------------------------------------------

    async def append(self, payloads: Sequence[bytes]) -> None:
        """Return when the payloads are on disk.

        Raises:
            SpoolFull: the cap is reached; nothing was kept.
            SpoolError: the disk refuses; nothing was kept.
        """
        group = self._open
        if group is None:
            if self.pending_bytes >= self._settings.max_bytes:
                raise SpoolFull(f"the spool has reached its cap of {self._settings.max_bytes:,} bytes")
            self._loop = asyncio.get_running_loop()
            self._open = group = _Group()
            if not self._committing:
                # Not at once: beacons that have already arrived come along.
                self._loop.call_soon(self._submit)
        assert self._loop is not None
        done = self._loop.create_future()
        group.payloads += payloads
        group.waiters.append(done)
        await done

    def _submit(self) -> None:
        """Hand over the open group. One is committed at a time; while the disk is busy the next one grows."""
        group, self._open = self._open, None
        self._committing = group is not None
        if group is not None:
            self._requests.put(group)

    # --- The committing thread -------------------------------------------------------------------------------------

    def _commit_loop(self) -> None:
        while (group := self._requests.get()) is not None:
            try:
                self._commit(group)
            except Exception as error:
                log.error("The spool cannot keep events: %s. Beacons get 503 until it can.", error)
                self._finish(group, SpoolError(str(error)))
            else:
                self._finish(group, None)

    def _commit(self, group: _Group) -> None:
        if time.monotonic() < self._refuse_until:
            raise SpoolError("the disk refused a moment ago")
        try:
            writer = self._writer or self._next_segment()
            writer.append(group.payloads)
        except (sqlite3.Error, OSError):
            # What the failed commit left behind is unknown, so that file is never written again.
            self._refuse_until = time.monotonic() + RETRY_SECONDS
            self._close_writer()
            raise
        with self._changed:
            number = int(writer.path.stem)
            self._segments[number] = (writer.last, writer.bytes)
            self._times.append((self._clock(), Position(number, writer.last)))
            self._changed.notify_all()
            if writer.last >= SEGMENT_EVENTS or writer.bytes >= SEGMENT_BYTES:
                # Not closed: SQLite would copy the whole log into the file and keep everybody waiting.
                self._full[number], self._writer = writer, None

    def _next_segment(self) -> segment.SegmentWriter:
        number, self._next_number = self._next_number, self._next_number + 1
        self._writer = segment.SegmentWriter(self._path(number))
        return self._writer

    def _close_writer(self) -> None:
        writer, self._writer = self._writer, None
        if writer is not None:
            with contextlib.suppress(sqlite3.Error):
                writer.close()

    def _finish(self, group: _Group, error: SpoolError | None) -> None:
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

    # --- The loader's side: called in its thread -------------------------------------------------------------------

    def wait(self, timeout: float) -> bool:
        """Wait until something is pending, at most so long; return whether there is."""
        with self._changed:
            return self._changed.wait_for(lambda: bool(self._times), timeout)

    def read(self, max_events: int, max_bytes: int) -> Batch:
        """Return the oldest events that are not stored, from one segment; empty if there are none.

        The bytes are a guide: so many events are taken as have that size on the average of their segment.
        """
        with self._lock:
            start = self._next_unread()
            if start is None:
                return Batch([], self._stored)
            last, size = self._segments[start.segment]
        reader = segment.SegmentReader(self._path(start.segment))
        try:
            payloads = reader.read(start.seq, min(max_events, max(1, max_bytes * last // max(1, size))))
        finally:
            reader.close()
        return Batch(payloads, Position(start.segment, start.seq + len(payloads)))

    def release(self, end: Position) -> None:
        """Everything up to `end` is stored or dead: forget it, and give back the disk of whole segments."""
        with self._lock:
            self._stored = end
            while self._times and _not_after(self._times[0][1], end):
                self._times.popleft()
            finished = [n for n, (last, _) in self._segments.items() if n < end.segment or (n == end.segment and last <= end.seq)]
            # The newest segment may still be written to.
            finished = [n for n in finished if n < max(self._segments)]
            for number in finished:
                del self._segments[number]
            writers = [self._full.pop(number) for number in finished if number in self._full]
        self._save_position()
        for number in finished:
            segment.remove(self._path(number))
        # After the removal: SQLite does not fold the log into a file that is gone.
        for writer in writers:
            writer.close()

    # --- Facts -----------------------------------------------------------------------------------------------------

    @property
    def pending_events(self) -> int:
        """Events that are acknowledged and not stored yet."""
        with self._lock:
            return sum(self._waiting(number, last) for number, (last, _) in self._segments.items())

    @property
    def pending_bytes(self) -> int:
        """Bytes of the segments that hold them. A segment that is stored does not count, though it may still be written to."""
        return sum(size for number, (last, size) in list(self._segments.items()) if self._waiting(number, last))

    @property
    def oldest_age_seconds(self) -> float:
        """Age of the oldest event that is not stored yet; 0 if there is none."""
        with self._lock:
            return max(0.0, self._clock() - self._times[0][0]) if self._times else 0.0

    @property
    def is_writable(self) -> bool:
        """Whether a beacon would be kept now."""
        return time.monotonic() >= self._refuse_until and self.pending_bytes < self._settings.max_bytes

    def close(self) -> None:
        """Stop, when nobody waits for `append` any more. What is pending waits on disk."""
        self._requests.put(None)
        self._thread.join()
        self._close_writer()
        for writer in self._full.values():
            writer.close()

    # --- Inside ----------------------------------------------------------------------------------------------------

    def _recover(self) -> None:
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            self._stored = load_position(self._folder)
            self._next_number = self._stored.segment + 1
            for path in sorted(self._folder.glob(f"*{segment.SUFFIX}")):
                self._recover_segment(path, int(path.stem))
        except (OSError, sqlite3.Error, ValueError) as error:
            raise SpoolError(f"The spool folder {self._folder} cannot be used: {error}.") from error

    def _recover_segment(self, path: Path, number: int) -> None:
        writer = segment.SegmentWriter(path)
        position = Position(number, writer.last)
        writer.close()
        self._next_number = max(self._next_number, number + 1)
        if not waiting(position, self._stored):
            segment.remove(path)
            return
        self._segments[number] = (writer.last, writer.bytes)
        self._times.append((path.stat().st_mtime, position))

    def _save_position(self) -> None:
        temporary = self._folder / (POSITION_FILE + ".new")
        temporary.write_text(json.dumps(asdict(self._stored)))
        temporary.replace(self._folder / POSITION_FILE)

    def _path(self, number: int) -> Path:
        return self._folder / f"{number:012d}{segment.SUFFIX}"

    def _next_unread(self) -> Position | None:
        for number, (last, _) in self._segments.items():
            if count := self._waiting(number, last):
                return Position(number, last - count)
        return None

    def _waiting(self, number: int, last: int) -> int:
        return waiting(Position(number, last), self._stored)


def load_position(folder: Path) -> Position:
    """Read how far the store was; without that file everything is loaded again, which changes nothing but the effort."""
    try:
        saved = json.loads((folder / POSITION_FILE).read_text())
        return Position(int(saved["segment"]), int(saved["seq"]))
    except (FileNotFoundError, ValueError, TypeError, KeyError):
        return Position()


def waiting(end: Position, stored: Position) -> int:
    """Return how many events of a segment that ends at `end` are not stored yet, when everything up to `stored` is."""
    if end.segment < stored.segment:
        return 0
    return max(0, end.seq - (stored.seq if end.segment == stored.segment else 0))


def _not_after(a: Position, b: Position) -> bool:
    return (a.segment, a.seq) <= (b.segment, b.seq)
