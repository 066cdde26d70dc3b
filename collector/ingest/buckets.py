"""Token buckets by name, in bounded memory. Pure: the time is an argument."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Hashable


class Buckets:
    """One bucket a name; a name that nobody has used lately costs nothing.

    A bucket is one number, the time when it will be full again (the generic cell rate algorithm, ITU-T I.371).

    Args:
        capacity: the most buckets at once; beyond it the one that was used least lately is taken for full.
    """

    def __init__(self, capacity: int) -> None:
        self._capacity = capacity
        self._full_at: OrderedDict[Hashable, float] = OrderedDict()

    def __len__(self) -> int:
        return len(self._full_at)

    def take(self, name: Hashable, rate: float, burst: float, now: float, cost: float = 1.0) -> float:
        """Take `cost` tokens and return 0, or take nothing and return the seconds until there are enough.

        Args:
            name: whose bucket.
            rate: tokens a second that flow in.
            burst: tokens in a full bucket.
            now: seconds, never less than at the last call.
            cost: how many to take; more than a full bucket has can never be taken.
        """
        buckets = self._full_at
        full_at = max(buckets.get(name, now), now) + cost / rate
        wait = full_at - now - burst / rate
        # A hair's breadth: sums of fractions must not refuse the last token.
        if wait > 1e-9:
            return wait
        buckets[name] = full_at
        buckets.move_to_end(name)
        self._forget(now)
        return 0.0

    def _forget(self, now: float) -> None:
        """Drop the oldest bucket if it is full by now, or if there are too many."""
        oldest = next(iter(self._full_at))
        if self._full_at[oldest] <= now or len(self._full_at) > self._capacity:
            del self._full_at[oldest]
