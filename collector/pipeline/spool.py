"""The spool: where an event is safe before anyone is told that it was accepted.

A folder of segments. `append` is awaited by the beacon endpoint and returns when the events are on disk; one thread commits for
everybody who waits (group commit). The loader reads behind it, from another thread, and says how far it has stored. What is stored
is kept for some minutes more, for the case that a power cut breaks what the store had promised. A damaged file is set aside, and
what can be read of it is loaded.
"""

from __future__ import annotations

import contextlib
import logging
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from collector.config import SpoolSettings
from collector.errors import SpoolError, SpoolFull
from collector.pipeline import position, segment
from collector.pipeline.ages import Ages
from collector.pipeline.folder import Damage, Folder
from collector.pipeline.group_commit import Group, GroupCommit
from collector.pipeline.ledger import Ledger
from collector.pipeline.position import Memory, Position, waiting
from collector.pipeline.salvage import is_cut_short

log = logging.getLogger(__name__)

#: A segment is full at the first of these; it is the unit in which disk is given back.
SEGMENT_EVENTS: Final = 50_000
SEGMENT_BYTES: Final = 128 << 20
#: The spool's folder within the data folder.
SPOOL_FOLDER: Final = "spool"
#: After an error the disk is tried again so often, with or without a beacon.
RETRY_SECONDS: Final = 1.0
#: From this share of its cap on the spool is nearly full.
NEARLY_FULL: Final = 0.8
#: SQLite's results for a file that is not what it should be. (https://sqlite.org/rescode.html)
_DAMAGED: Final = frozenset({sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB})


@dataclass(frozen=True, slots=True)
class Batch:
    """Events in order, and the position after the last one."""

    payloads: list[bytes]
    end: Position


class Spool:
    """Durable, ordered, bounded.

    Args:
        folder: made if it is missing; what waits there is loaded. Only one process at a time can have it.
        settings: the cap, and what is kept of what is stored.
        ledger: counts what comes in and goes out.
        clock: seconds, for the age of what waits.

    Raises:
        SpoolError: the folder cannot be used.
    """

    def __init__(
        self, folder: Path, settings: SpoolSettings, ledger: Ledger | None = None, clock: Callable[[], float] = time.time
    ) -> None:
        self._settings, self._clock = settings, clock
        #: Where it is.
        self.folder = folder
        self.ledger = ledger or Ledger()
        #: Held by whoever writes to, or takes away, the segment that is written to.
        self._writing = threading.Lock()
        self._lock = threading.RLock()
        self._changed = threading.Condition(self._lock)
        self._writer: segment.SegmentWriter | None = None
        #: The number of the segment that is written to, 0 for none; guarded by the lock.
        self._current = 0
        self._error = ""
        self._refuse_until = 0.0
        #: Segment number -> (last seq, bytes of payload), oldest first; guarded by the lock.
        self._segments: dict[int, tuple[int, int]] = {}
        #: The same of segments that are stored and kept, with the time since when; guarded by the lock.
        self._kept: dict[int, tuple[int, int, float]] = {}
        #: Full segments that are still open; guarded by the lock.
        self._full: dict[int, segment.SegmentWriter] = {}
        self._stored = Position()
        self._next_number = 1
        #: How many copy the folder's files just now; guarded by the lock.
        self._copying = 0
        #: Of what is not stored yet; guarded by the lock.
        self._ages = Ages()
        #: Whether the machine, not only the process, went down while this spool was open.
        self.was_cut_off = False
        self._folder = Folder(folder)
        try:
            self._recover()
        except (OSError, sqlite3.Error, ValueError) as error:
            self._folder.unlock()
            raise SpoolError(f"The spool folder {folder} cannot be used: {error}.") from error
        # A disk that refuses is tried again without a beacon: a balancer sends none to an unready collector.
        self._commits = GroupCommit(self._commit, lambda: RETRY_SECONDS if self._error else None, self._try_disk)

    # --- The ingest side: called in the event loop -----------------------------------------------------------------

    async def append(self, payloads: Sequence[bytes], dataset: str = "") -> None:
        """Return when the payloads are on disk.

        Raises:
            SpoolFull: the cap is reached; nothing was kept.
            SpoolError: the disk refuses; nothing was kept.
        """
        if not self._commits.is_open and self.pending_bytes >= self._settings.max_bytes:
            raise SpoolFull(f"the spool has reached its cap of {self._settings.max_bytes:,} bytes")
        await self._commits.add(payloads, dataset)

    # --- The committing thread -------------------------------------------------------------------------------------

    def _commit(self, group: Group) -> None:
        with self._writing:
            begun = time.perf_counter()
            writer = self._write(group.payloads)
            self.ledger.counters.time("wideload_commit_duration", time.perf_counter() - begun)
            with self._changed:
                number = int(writer.path.stem)
                self._segments[number] = (writer.last, writer.bytes)
                self._ages.note(Position(number, writer.last), self._clock())
                self.ledger.acknowledged(group.datasets)
                self._changed.notify_all()
                if writer.last >= SEGMENT_EVENTS or writer.bytes >= SEGMENT_BYTES:
                    self._end_segment()

    def _write(self, payloads: list[bytes]) -> segment.SegmentWriter:
        if time.monotonic() < self._refuse_until:
            raise SpoolError(f"the disk refused a moment ago: {self._error}")
        try:
            writer = self._writer or self._next_segment()
            writer.append(payloads)
        except Exception as error:
            self._stumble(error)
            raise
        self._recovered()
        return writer

    def _try_disk(self) -> None:
        """See whether the disk takes files again."""
        try:
            with self._writing:
                self._next_segment()
        except Exception as error:
            self._stumble(error)
        else:
            self._recovered()

    def _stumble(self, error: Exception) -> None:
        self._refuse_until = time.monotonic() + RETRY_SECONDS
        if not self._error:
            log.error("The spool cannot keep events: %s. Beacons get 503 until it can.", error, extra={"reason": str(error)})
        self._error = str(error)
        # What the failed commit left behind is unknown, so that file is never written again.
        self._end_segment()
        # It is the first thing to give up: all of it is stored.
        self._forget_kept(everything=True)

    def _recovered(self) -> None:
        if self._error:
            log.warning("The spool can keep events again.")
            self._error = ""

    def _next_segment(self) -> segment.SegmentWriter:
        number, self._next_number = self._next_number, self._next_number + 1
        path = self._folder.file(number)
        try:
            self._writer = segment.SegmentWriter(path)
        except Exception:
            segment.remove(path)
            raise
        with self._lock:
            self._current = number
        return self._writer

    def _end_segment(self) -> None:
        """Begin a new segment with the next commit."""
        writer, self._writer = self._writer, None
        if writer is None:
            return
        if writer.last:
            # Not closed: SQLite would copy the whole log into the file, keep everybody waiting and need room on the disk.
            with self._lock:
                self._full[self._current] = writer
                self._current = 0
            return
        _close(writer)
        segment.remove(writer.path)

    # --- The loader's side: called in its thread -------------------------------------------------------------------

    def wait(self, timeout: float) -> bool:
        """Wait until something is pending, at most so long; return whether there is."""
        with self._changed:
            return self._changed.wait_for(lambda: len(self._ages) > 0, timeout)

    def read(self, max_events: int, max_bytes: int) -> Batch:
        """Return the oldest events that are not stored, from one segment; empty if there are none.

        The bytes are a guide: so many events are taken as have that size on the average of their segment.

        Raises:
            OSError, sqlite3.Error: the disk can't be read now.
        """
        while True:
            with self._lock:
                start = self._next_unread()
                if start is None:
                    return Batch([], self._stored)
                last, size = self._segments[start.segment]
            try:
                payloads = self._read(start, min(max_events, max(1, max_bytes * last // max(1, size))))
            except sqlite3.DatabaseError as error:
                if (getattr(error, "sqlite_errorcode", 0) & 0xFF) not in _DAMAGED:
                    raise
                payloads = []
            if payloads:
                return Batch(payloads, Position(start.segment, start.seq + len(payloads)))
            self._set_aside(start.segment)

    def _read(self, start: Position, max_events: int) -> list[bytes]:
        reader = segment.SegmentReader(self._folder.file(start.segment))
        try:
            return reader.read(start.seq, max_events)
        finally:
            reader.close()

    def release(self, end: Position, count: Callable[[], None] = lambda: None) -> None:
        """Everything up to `end` is stored or dead: remember it, and give back the disk of whole segments that are old enough.

        Args:
            end: the position.
            count: enters it in the ledger, in the same moment.
        """
        with self._lock:
            self._stored = end
            count()
            self._ages.forget(end)
            finished = [n for n, (last, _) in self._segments.items() if n != self._current and not self._waiting(n, last)]
            for number in finished:
                self._kept[number] = (*self._segments.pop(number), self._clock())
            memory = Memory(end, self.ledger.save(), position.boot_id())
        self._remember(memory)
        self._forget_kept()

    def roll(self) -> Position:
        """End the segment that is written to, and return the end of what is acknowledged now.

        Without an end, a stored event stays in its segment until that is full; with one, until `tidy` finds it old enough.
        """
        with self._writing:
            self._end_segment()
        with self._lock:
            newest = max(self._segments, default=0)
            return Position(newest, self._segments[newest][0]) if newest else self._stored

    def is_stored(self, end: Position) -> bool:
        """Whether everything up to `end` is stored or dead."""
        with self._lock:
            return end <= self._stored

    def tidy(self) -> None:
        """Give back the disk of whole segments that are stored and old enough, also where nothing else happens."""
        with self._lock:
            is_finished = any(n != self._current and not self._waiting(n, last) for n, (last, _) in self._segments.items())
            if is_finished:
                self.release(self._stored)
        self._forget_kept()

    def replay(self) -> int:
        """Let everything that is still kept be loaded again, and return how many events that are. What is stored stays one."""
        with self._changed:
            before = self.pending_events
            self._segments = dict(
                sorted({**self._segments, **{n: (last, size) for n, (last, size, _) in self._kept.items()}}.items())
            )
            self._kept.clear()
            if self._segments:
                self._stored = Position(min(self._segments), 0)
            self._ages.clear()
            for number, (last, _) in self._segments.items():
                self._ages.add(Position(number, last), self._clock())
            again = self.pending_events - before
            self.ledger.returned(again)
            self._changed.notify_all()
        return again

    def _remember(self, memory: Memory) -> None:
        try:
            self._folder.remember(memory)
        except OSError as error:
            # What it would have remembered is loaded again after a restart, which changes nothing but the effort.
            log.warning("The spool can't write down how far the store is: %s.", error)

    def _forget_kept(self, *, everything: bool = False) -> None:
        now, room = self._clock(), 0 if everything else self._settings.keep_bytes
        with self._lock:
            if self._copying and not everything:
                return
            kept = sum(size for _, size, _ in self._kept.values())
            gone = []
            for number, (_, size, since) in list(self._kept.items()):
                if kept > room or now - since > self._settings.keep_seconds:
                    gone.append((number, self._full.pop(number, None)))
                    del self._kept[number]
                    kept -= size
        for number, writer in gone:
            segment.remove(self._folder.file(number))
            # After the removal: SQLite does not fold the log into a file that is gone.
            if writer:
                _close(writer)

    def _set_aside(self, number: int) -> None:
        """Move a damaged segment away, and what can be read of it to a new one."""
        with self._writing:
            # New events must not go to a segment that is older than the new one.
            self._end_segment()
            writer = self._full.pop(number, None)
            after = self._stored.seq if self._stored.segment == number else 0
            new, self._next_number = self._next_number, self._next_number + 1
            damage = self._folder.set_aside(number, new, after, writer)
            with self._changed:
                lost = self._waiting(number, self._segments.pop(number, (0, 0))[0]) - damage.saved
                self._adopt(new, damage, self._ages.drop(number, self._clock()))
                self.ledger.lost(max(0, lost), "damaged")
        _report(damage, max(lost, len(damage.lost)))

    def _adopt(self, number: int, damage: Damage, since: float) -> None:
        if damage.saved:
            self._segments[number] = (damage.saved, damage.bytes)
            self._ages.add(Position(number, damage.saved), since)

    # --- Facts -----------------------------------------------------------------------------------------------------

    @contextlib.contextmanager
    def still(self) -> Iterator[None]:
        """Hold everything that is counted: within it, the ledger and what is pending add up."""
        with self._lock:
            yield

    @contextlib.contextmanager
    def keeping(self) -> Iterator[None]:
        """Take no file away meanwhile, so that somebody can copy them; only a disk that is full breaks this."""
        with self._lock:
            self._copying += 1
        try:
            yield
        finally:
            with self._lock:
                self._copying -= 1

    #: One dataset could fill up the disk for the others.
    divides_room: Final = True
    #: A disk that can't be read holds the loader, which says so.
    reading_problem: Final = ""
    details: Final[dict[str, Any]] = {}

    @property
    def max_bytes(self) -> int:
        """The cap of what waits."""
        return self._settings.max_bytes

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
            return self._ages.oldest(self._clock())

    @property
    def fill(self) -> float:
        """The share of its cap that is used, 0 to 1 and a little more."""
        return self.pending_bytes / self._settings.max_bytes

    @property
    def problem(self) -> str:
        """Why beacons are not kept now, or soon will not be; empty if all is well."""
        if self._error:
            return f"the disk refuses: {self._error}"
        if self.fill >= NEARLY_FULL:
            return f"the spool has used {min(self.fill, 1):.0%} of its cap of {self._settings.max_bytes:,} bytes"
        return ""

    @property
    def is_writable(self) -> bool:
        """Whether a beacon would be kept now."""
        return not self._error and self.fill < 1

    def close(self) -> None:
        """Stop, when nobody waits for `append` any more. What is pending waits on disk."""
        self._commits.close()
        with self._lock:
            memory = Memory(self._stored, self.ledger.save())
        self._remember(memory)
        for writer in (*([self._writer] if self._writer else []), *self._full.values()):
            _close(writer)
        self._folder.unlock()

    # --- Inside ----------------------------------------------------------------------------------------------------

    def _recover(self) -> None:
        memory = self._folder.recall()
        self._stored, self.was_cut_off = memory.stored, memory.was_cut_off
        self._next_number = max((self._stored.segment, *self._folder.numbers())) + 1
        damages = [damage for number in self._folder.numbers() if (damage := self._recover_segment(number))]
        self.ledger.restore(memory.books, self.pending_events)
        missing = self.ledger.balance(self.pending_events).missing
        if damages:
            self.ledger.lost(missing, "damaged")
        elif missing:
            log.error("%d acknowledged events are missing: files of the spool have been taken away.", missing,
                      extra={"missing_events": missing})  # fmt: skip
        for damage in damages:
            _report(damage, len(damage.lost))

    def _recover_segment(self, number: int) -> Damage | None:
        path = self._folder.file(number)
        since = path.stat().st_mtime
        try:
            if is_cut_short(path):
                raise sqlite3.DatabaseError("the log is damaged")
            writer = segment.SegmentWriter(path)
            last, size = writer.last, writer.bytes
            writer.close()
        except sqlite3.DatabaseError as error:
            if isinstance(error, sqlite3.OperationalError):
                raise
            new, self._next_number = self._next_number, self._next_number + 1
            damage = self._folder.set_aside(number, new, self._stored.seq if self._stored.segment == number else 0)
            self._adopt(new, damage, since)
            return damage
        if self._waiting(number, last):
            self._segments[number] = (last, size)
            self._ages.add(Position(number, last), since)
        elif last and self._settings.keep_bytes and self._clock() - since <= self._settings.keep_seconds:
            self._kept[number] = (last, size, since)
        else:
            segment.remove(path)
        return None

    def _next_unread(self) -> Position | None:
        for number, (last, _) in self._segments.items():
            if count := self._waiting(number, last):
                return Position(number, last - count)
        return None

    def _waiting(self, number: int, last: int) -> int:
        return waiting(Position(number, last), self._stored)


def _report(damage: Damage, lost: int) -> None:
    log.error("%s", damage.report(lost), extra={"file": damage.file, "saved_events": damage.saved, "lost_events": lost})


def _close(writer: segment.SegmentWriter) -> None:
    with contextlib.suppress(sqlite3.Error):
        writer.close()
