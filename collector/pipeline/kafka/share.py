"""A member's share of the topic: its partitions, and the events of them that wait here for the loader."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from itertools import islice
from typing import Final

from collector.pipeline.position import Position
from collector.pipeline.spool import Batch

#: What is held at the most, by the first of these, and as much more as one poll brings.
MOST_HELD: Final = 20_000
MOST_HELD_BYTES: Final = 64 << 20


@dataclass(eq=False, slots=True)
class Part:
    """A partition that this member has at the moment; a new one each time it is assigned."""

    number: int
    #: The offset after what is stored, and after what is held. None before they are known.
    stored: int | None = None
    fetched: int | None = None
    #: The offset that the brokers have confirmed as the group's.
    committed: int = -1


@dataclass(frozen=True, slots=True)
class _Held:
    """An event that waits for the loader."""

    seq: int
    part: Part
    offset: int
    at: float
    payload: bytes


class Share:
    """What this member has; every method may be called from any thread.

    Args:
        clock: epoch seconds, for the age of what waits.
    """

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._changed = threading.Condition(threading.RLock())
        self._parts: dict[int, Part] = {}
        self._held: deque[_Held] = deque()
        self._bytes = self._seq = 0
        self._behind_since: float | None = None

    # --- Partitions that come and go -------------------------------------------------------------------------------

    @property
    def numbers(self) -> list[int]:
        """The partitions."""
        with self._changed:
            return sorted(self._parts)

    def part(self, number: int) -> Part | None:
        """Return a partition, if this member has it."""
        return self._parts.get(number)

    def gain(self, numbers: Iterable[int]) -> None:
        """Take partitions over."""
        with self._changed:
            self.lose(found := list(numbers))
            self._parts |= {number: Part(number) for number in found}

    def lose(self, numbers: Iterable[int]) -> None:
        """Let go of partitions: what is held of them comes to whoever has them now."""
        with self._changed:
            gone = {id(part) for number in numbers if (part := self._parts.pop(number, None))}
            self._held = deque(held for held in self._held if id(held.part) not in gone)
            self._bytes = sum(len(held.payload) for held in self._held)

    def unknown(self) -> list[Part]:
        """Return the partitions of which nobody has looked up yet how far the group is."""
        with self._changed:
            return [part for part in self._parts.values() if part.committed < 0 and part.fetched is None]

    def begin(self, part: Part, offset: int, committed: int) -> None:
        """Set where a partition begins."""
        with self._changed:
            part.stored = part.fetched = offset
            part.committed = max(committed, 0)

    # --- Events ----------------------------------------------------------------------------------------------------

    def hold(self, part: Part, offset: int, at: float, payload: bytes) -> None:
        """Keep an event for the loader."""
        with self._changed:
            if part.stored is None:
                part.stored = offset
            if part.fetched is not None and offset < part.fetched:
                # The topic was made anew.
                part.committed = 0
            part.fetched = offset + 1
            self._seq += 1
            self._held.append(_Held(self._seq, part, offset, at, payload))
            self._bytes += len(payload)
            self._changed.notify_all()

    def wait(self, timeout: float) -> bool:
        """Wait until something is held, at most so long; return whether there is."""
        with self._changed:
            return self._changed.wait_for(lambda: len(self._held) > 0, timeout)

    def read(self, max_events: int, max_bytes: int) -> Batch:
        """Return the oldest events that are held."""
        payloads: list[bytes] = []
        size = seq = 0
        with self._changed:
            for held in islice(self._held, max_events):
                size += len(held.payload)
                if payloads and size > max_bytes:
                    break
                payloads.append(held.payload)
                seq = held.seq
        return Batch(payloads, Position(0, seq))

    def release(self, end: Position, count: Callable[[], None]) -> None:
        """Everything up to `end` is stored or dead. What was taken from this member meanwhile is others' now."""
        with self._changed:
            count()
            while self._held and self._held[0].seq <= end.seq:
                held = self._held.popleft()
                self._bytes -= len(held.payload)
                held.part.stored = held.offset + 1
            self._behind_since = None

    @property
    def is_full(self) -> bool:
        """Whether nothing more should come."""
        return len(self._held) >= MOST_HELD or self._bytes >= MOST_HELD_BYTES

    @property
    def has_room(self) -> bool:
        """Whether it is worth while to fetch again."""
        return len(self._held) <= MOST_HELD // 2 and self._bytes <= MOST_HELD_BYTES // 2

    # --- Offsets ---------------------------------------------------------------------------------------------------

    def uncommitted(self) -> list[tuple[int, int]]:
        """Return partition and offset of what is stored and not confirmed as committed."""
        with self._changed:
            return [(part.number, part.stored) for part in self._parts.values()
                    if part.stored is not None and part.stored > max(part.committed, 0)]  # fmt: skip

    def confirm(self, number: int, offset: int) -> None:
        """Note that the brokers have an offset."""
        with self._changed:
            if part := self._parts.get(number):
                part.committed = offset

    def pending(self, ends: dict[int, int]) -> int:
        """Return how many events are not stored, given the partitions' ends."""
        with self._changed:
            return sum(max(part.fetched or 0, ends.get(part.number, 0)) - part.stored
                       for part in self._parts.values() if part.stored is not None)  # fmt: skip

    def oldest_age(self, ends: dict[int, int]) -> float:
        """Return the age of the oldest of these: by its own time where it is held, else since when there is one."""
        with self._changed:
            if self._held:
                return max(0.0, self._clock() - self._held[0].at)
            if not self.pending(ends):
                self._behind_since = None
                return 0.0
            self._behind_since = self._behind_since or self._clock()
            return max(0.0, self._clock() - self._behind_since)
