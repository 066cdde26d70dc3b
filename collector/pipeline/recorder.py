"""The collector's own story as wide events: a sample of its numbers every ten seconds, in a dataset of its own.

The samples do not go through the spool, which they are about: they wait in memory, and the loader stores them when the store takes
something. What happened while it was away is told when it is back.
"""

from __future__ import annotations

import logging
import os
import socket
import time
import uuid
from collections import deque
from collections.abc import Callable, Iterator
from typing import Any, Final

from collector import process
from collector.config import Dataset
from collector.events import Event
from collector.periodic import Periodic
from collector.pipeline.intake import Intake
from collector.store.base import Writer
from collector.telemetry import Labels

log = logging.getLogger(__name__)

#: Where the samples are. No site key writes to it.
OWN_DATASET: Final = Dataset("wideload", ())
SAMPLE_SECONDS: Final = 10.0
#: So many samples wait for the store: half a day.
_MOST_WAITING: Final = 4320
#: The store is given several samples at once.
_STORE_SECONDS: Final = 30.0
#: Counters of refusals, and what was refused.
_REFUSALS: Final = {
    "wideload_events_rejected": "event",
    "wideload_beacons_rejected": "beacon",
    "wideload_attributes_dropped": "attribute",
    "wideload_connections_dropped": "connection",
}
Series = dict[tuple[str, Labels], int]


class Recorder(Periodic):
    """Takes the samples, in a thread of its own.

    Args:
        spool: what it looks at, with its ledger.
        hold_reason: says why the loader holds; empty if it does not.
        clock: epoch seconds.
    """

    def __init__(self, spool: Intake, hold_reason: Callable[[], str], clock: Callable[[], float] = time.time) -> None:
        super().__init__("recorder", SAMPLE_SECONDS)
        self._spool, self._hold_reason, self._clock = spool, hold_reason, clock
        self._collector = f"{socket.gethostname()}:{os.getpid()}"
        self._waiting: deque[Event] = deque(maxlen=_MOST_WAITING)
        self._before: Series = spool.ledger.counters.all()
        self._stored_at = float("-inf")

    def turn(self) -> None:
        """Take a sample; what still waits when it is stopped is forgotten."""
        self.sample()

    def sample(self) -> None:
        """Take one sample."""
        spool = self._spool
        with spool.still():
            now, pending = spool.ledger.counters.all(), spool.pending_events
            missing = spool.ledger.balance(pending).missing
        since, self._before = _difference(now, self._before), now
        reason = self._hold_reason()
        at = int(self._clock() * 1000)
        self._waiting.append(
            self._event("pipeline", at)
            | {f"pipeline.{name}": _total(since, f"wideload_events_{name}") for name in _FATES}
            | {
                "pipeline.pending": pending,
                "pipeline.missing": missing,
                "pipeline.oldest_age": round(spool.oldest_age_seconds * 1000),
                "pipeline.spool_bytes": spool.pending_bytes,
                "pipeline.spool_share": round(spool.fill, 4),
                "pipeline.is_holding": bool(reason),
                "pipeline.insert_failures": _total(since, "wideload_insert_failures"),
                "pipeline.memory": process.memory(),
            }
            | ({"pipeline.hold_reason": reason[:256]} if reason else {})
        )
        self._waiting.extend(self._refusals(since, at))

    def store(self, store: Writer) -> None:
        """Store what waits; called by the loader when the store takes events. What fails waits for the next time."""
        if not self._waiting or time.monotonic() - self._stored_at < _STORE_SECONDS:
            return
        self._stored_at = time.monotonic()
        events = list(self._waiting)
        try:
            store.insert(events)
        except Exception as error:
            # The loader says so when it finds the same with a batch, and holds. This is only our own story.
            log.info("The collector's own numbers could not be stored yet: %s", error)
            return
        for _ in events:
            self._waiting.popleft()

    def _refusals(self, since: Series, at: int) -> Iterator[Event]:
        for (name, labels), count in since.items():
            if name in _REFUSALS and count > 0:
                reason, dataset = (*labels, "", "")[:2]
                yield self._event("refusal", at) | {
                    "pipeline.refused": count,
                    "pipeline.refused_what": _REFUSALS[name],
                    "pipeline.refused_reason": reason,
                    "pipeline.refused_dataset": dataset,
                }

    def _event(self, kind: str, at: int) -> dict[str, Any]:
        own = {"id": uuid.uuid4().hex, "kind": kind, "dataset": OWN_DATASET.name, "ts": at, "time": at, "received_at": at}
        return {**own, "clock.state": "ok", "pipeline.collector": self._collector}


_FATES: Final = ("received", "rejected", "acknowledged", "stored", "dead_lettered")


def _difference(now: Series, before: Series) -> Series:
    return {key: count - before.get(key, 0) for key, count in now.items()}


def _total(series: Series, metric: str) -> int:
    return sum(count for (name, _), count in series.items() if name == metric)
