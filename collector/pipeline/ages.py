"""Since when events wait, in little memory: a store may be away for a day."""

from __future__ import annotations

from collections import deque
from typing import Final

from collector.pipeline.position import Position

#: Commits count as of one time if they are not further apart than this, or than this share of the age of the oldest that waits.
SAME_TIME_SECONDS: Final = 0.1
SAME_TIME_SHARE: Final = 0.001


class Ages:
    """When what waits was committed, oldest first. Not for several threads at once."""

    def __init__(self) -> None:
        #: (commit time, position after it).
        self._times: deque[tuple[float, Position]] = deque()

    def __len__(self) -> int:
        return len(self._times)

    def note(self, end: Position, now: float) -> None:
        """Remember when this was committed. What came at about the same time shares an entry."""
        if self._times and self._times[-1][1].segment == end.segment:
            about = max(SAME_TIME_SECONDS, (now - self._times[0][0]) * SAME_TIME_SHARE)
            if 0 <= now - self._times[-1][0] < about:
                self._times[-1] = (self._times[-1][0], end)
                return
        self._times.append((now, end))

    def add(self, end: Position, since: float) -> None:
        """Remember a whole segment."""
        self._times.append((since, end))

    def forget(self, stored: Position) -> None:
        """Forget what is stored."""
        while self._times and self._times[0][1] <= stored:
            self._times.popleft()

    def drop(self, number: int, now: float) -> float:
        """Forget a segment, and return since when it waited; now if it did not."""
        since = next((at for at, end in self._times if end.segment == number), now)
        self._times = deque((at, end) for at, end in self._times if end.segment != number)
        return since

    def clear(self) -> None:
        """Forget everything."""
        self._times.clear()

    def oldest(self, now: float) -> float:
        """Return the age of the oldest that waits; 0 if there is none."""
        return max(0.0, now - self._times[0][0]) if self._times else 0.0
