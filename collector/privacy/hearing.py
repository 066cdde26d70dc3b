"""What collectors that write to one store hear of each other's erasures.

Each has a spool of its own, in which events may wait that another one is asked to erase. So an erasure is told through the store,
and no batch goes there before it has been asked, moments ago, what was told: a collector that can't ask can't store either.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

import orjson

from collector.privacy.selection import Selection
from collector.privacy.tombstones import Tombstones
from collector.store.base import Erasure, Tells

#: What was heard so long ago is asked for anew before a batch.
HEARD_SECONDS: Final = 5.0
#: So long an erasure waits until all have heard of it, and have stored the batch that they had in hand.
SPREAD_SECONDS: Final = HEARD_SECONDS + 5.0
#: Servers of a cluster hear later than the one that was told; what was told so recently is asked for once more.
_LATE_MS: Final = 300_000


class Hearing:
    """Tells the others, and hears what they tell.

    Args:
        store: the one that all write to.
        tombstones: remember what is heard.
        clean: removes what belongs to a selection here, other than from the store.
        clock: seconds, monotonic.
    """

    def __init__(
        self,
        store: Tells,
        tombstones: Tombstones,
        clean: Callable[[Selection], object],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._store, self._tombstones, self._clean, self._clock = store, tombstones, clean, clock
        self._lock = threading.Lock()
        self._asked = float("-inf")
        self._known: set[tuple[int, str]] = set()

    def tell(self, document: Mapping[str, Any]) -> None:
        """Tell of an erasure. Raises StoreUnavailable."""
        self._store.tell_erasure(orjson.dumps(document).decode(), [])

    def tell_ids(self, hashes: Sequence[bytes]) -> None:
        """Tell of ids that went. Raises StoreUnavailable."""
        self._store.tell_erasure("", [one.hex() for one in hashes])

    def screen(self, payloads: list[bytes]) -> list[bytes]:
        """Return the spooled payloads that nobody has erased. Raises StoreUnavailable: nobody can say."""
        with self._lock:
            if self._clock() - self._asked > HEARD_SECONDS:
                begun = self._clock()
                # Who has not asked for long may have missed what was late then.
                self._hear(self._tombstones.heard - (_LATE_MS if begun - self._asked > _LATE_MS / 1000 else 0))
                self._asked = begun
        return self._tombstones.screen(payloads)

    def _hear(self, since: int) -> None:
        found = self._store.told_erasures(since, _LATE_MS)
        told = [one for one in found if _name(one) not in self._known]
        for one in told:
            if one.hashes:
                self._tombstones.add_ids([bytes.fromhex(text) for text in one.hashes])
            if one.document:
                self._clean(self._tombstones.add(orjson.loads(one.document), one.at / 1000))
        self._known = set(map(_name, found))
        if told:
            self._tombstones.heard = max(self._tombstones.heard, *(one.at for one in told))


def _name(one: Erasure) -> tuple[int, str]:
    return one.at, one.document or one.hashes[0]
