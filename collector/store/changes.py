"""Counts what is written, by dataset and hour, so that an outdated answer can be told from one that still holds."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator
from typing import Final

from collector.errors import StoreDataError
from collector.store.columns import Columns

_HOUR: Final = 3600
#: So many hours of datasets are told apart: ten years of one, some 10 MB.
_MOST_HOURS: Final = 87_600


class Changes:
    """Counts the writes of this process; every method may be called from any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._count = 0
        #: Before this count everything may have changed.
        self._floor = 0
        #: dataset -> hour -> the count of its last write.
        self._hours: dict[str, dict[int, int]] = {}

    def add(self, touched: Iterable[tuple[str, int]]) -> None:
        """Note that hours (of the epoch) of datasets have other events now. Called after the write, never before."""
        with self._lock:
            self._count += 1
            for dataset, hour in touched:
                self._hours.setdefault(dataset, {})[hour] = self._count
            if sum(map(len, self._hours.values())) > _MOST_HOURS:
                self._hours.clear()
                self._floor = self._count

    def add_all(self) -> None:
        """Note that anything may have changed."""
        with self._lock:
            self._count += 1
            self._floor = self._count
            self._hours.clear()

    def version(self, dataset: str, start: int, end: int) -> int:
        """Return a number that grows with every write to a dataset from `start` to `end` (epoch seconds)."""
        with self._lock:
            hours = self._hours.get(dataset, {})
            first, last = start // _HOUR, end // _HOUR
            return max((count for hour, count in hours.items() if first <= hour <= last), default=0) or self._floor


def hours_of(blocks: Iterable[Columns], touched: set[tuple[str, int]]) -> Iterator[Columns]:
    """Yield the blocks, and add to `touched` which hours of which datasets they write to."""
    for columns in blocks:
        names = [name for name, _ in columns.spec]
        datasets, times = columns.data[names.index("dataset")], columns.data[names.index("ts")]
        try:
            touched.update((dataset, ts // (_HOUR * 1000)) for dataset, ts in zip(datasets, times, strict=True))
        except TypeError:
            raise StoreDataError("An event without a whole `ts` can't be stored.") from None
        yield columns
