"""Counts which attributes questions name, so that those asked for often can be kept in columns of their own."""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable
from typing import Final

from collector.query.columns import Column

#: An attribute is popular after so many questions; each day halves what was counted.
POPULAR_QUESTIONS: Final = 50
_HALVE_SECONDS: Final = 86_400.0


class Popularity:
    """What this process was asked; every method may be called from any thread.

    Args:
        clock: seconds that never go back.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock, self._lock = clock, threading.Lock()
        self._counts: Counter[tuple[str, str]] = Counter()
        self._halved = clock()

    def note(self, dataset: str, columns: Iterable[Column]) -> None:
        """Note that a question named these columns."""
        named = {(dataset, column.name) for column in columns if column.is_attribute}
        with self._lock:
            if self._clock() - self._halved >= _HALVE_SECONDS:
                self._halved = self._clock()
                self._counts = Counter({key: count // 2 for key, count in self._counts.items() if count > 1})
            self._counts.update(named)

    def popular(self) -> list[tuple[str, str]]:
        """Return dataset and name of popular attributes, the most asked first."""
        with self._lock:
            return [key for key, count in self._counts.most_common() if count >= POPULAR_QUESTIONS]
