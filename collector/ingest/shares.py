"""How much of the spool's room each dataset takes, so that a noisy one leaves room for the others while the store is away."""

from __future__ import annotations

from collections import Counter, deque
from typing import Final

from collector.config import Dataset
from collector.errors import DatasetFull
from collector.pipeline.intake import Intake

#: The spool's cap in steps, in which what has been stored is given back.
_STEPS: Final = 1024


class SpoolShares:
    """Counts what was appended by dataset. The spool is a queue, so what waits is what was appended last.

    What waited when the process started is nobody's. Memory: one count a step and dataset.

    Args:
        spool: where the events wait.
        max_bytes: its cap.
    """

    def __init__(self, spool: Intake, max_bytes: int) -> None:
        self._spool, self._max_bytes = spool, max_bytes
        #: (events, bytes by dataset), oldest first; the last one is being filled.
        self._steps: deque[tuple[int, Counter[str]]] = deque([(0, Counter())])
        self._events = 0
        self._bytes: Counter[str] = Counter()

    def waiting(self, dataset: str) -> int:
        """Return about how many bytes of a dataset wait."""
        self._give_back()
        return self._bytes[dataset]

    def admit(self, dataset: Dataset) -> None:
        """Raise DatasetFull if a dataset has reached its share."""
        share = max(1, int(dataset.limits.spool_share * self._max_bytes))
        if self._bytes[dataset.name] >= share and self.waiting(dataset.name) >= share:
            raise DatasetFull(f"the dataset {dataset.name} has used up its share of the spool, {share:,} bytes")

    def add(self, dataset: str, events: int, size: int) -> None:
        """Count what the spool has taken."""
        count, step = self._steps[-1]
        step[dataset] += size
        self._steps[-1] = (count + events, step)
        self._events += events
        self._bytes[dataset] += size
        if step.total() >= self._max_bytes / _STEPS:
            self._steps.append((0, Counter()))
            self._give_back()

    def _give_back(self) -> None:
        """Forget the steps that are stored as a whole."""
        pending = self._spool.pending_events
        while self._events - self._steps[0][0] >= pending:
            events, step = self._steps.popleft()
            self._events -= events
            self._bytes -= step
            if not self._steps:
                self._steps.append((0, Counter()))
                break
