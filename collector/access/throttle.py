"""A limit for any number of keys in a memory of one size."""

from __future__ import annotations

import hashlib
import secrets
import time
from array import array
from collections.abc import Callable
from typing import Final

_SLOTS: Final = 1 << 14


class Throttle:
    """A leaky bucket for every key, in 128 KiB whatever the number of keys.

    Keys share a slot by a hash that nobody else can compute: a flood of keys can't push one out, and hits another one only by
    chance (1 : 16,384 each).

    Args:
        burst: how many attempts are free.
        seconds: how long it takes for one more to be free.
        clock: seconds that never go back.
    """

    def __init__(self, burst: int, seconds: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._window, self._seconds, self._clock = burst * seconds, seconds, clock
        #: By slot: when its bucket will be empty.
        self._empty_at = array("d", bytes(8 * _SLOTS))
        self._salt = secrets.token_bytes(16)

    def take(self, key: str) -> float:
        """Count an attempt and return 0, or count nothing and return how many seconds to wait."""
        slot, now = self._slot(key), self._clock()
        empty_at = max(self._empty_at[slot], now) + self._seconds
        if empty_at - now > self._window:
            return empty_at - now - self._window
        self._empty_at[slot] = empty_at
        return 0

    def give_back(self, key: str) -> None:
        """Forget an attempt that was right."""
        self._empty_at[self._slot(key)] -= self._seconds

    def _slot(self, key: str) -> int:
        digest = hashlib.blake2b(key.encode("utf-8", "replace"), digest_size=4, key=self._salt).digest()
        return int.from_bytes(digest, "big") % _SLOTS
