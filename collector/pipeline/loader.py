"""The loader: moves events from the spool to the store, and never gives up.

It holds on every error that it can't name as a data error: keeps the batch, backs off, tries for ever, heals by itself, says so
in the log at once and every 30 seconds. Rows that can never be stored go to the dead letters; the rest of their batch is stored.
When more die than a data error can explain, the schema is wrong, and it holds too.
"""

from __future__ import annotations

import logging
import random
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from collector import fields
from collector.config import LoaderSettings
from collector.errors import StoreDataError, StoreError, StoreUnavailable
from collector.pipeline.dead_letters import DeadLetter, DeadLetters
from collector.pipeline.payloads import Payloads
from collector.pipeline.spool import Batch, Spool
from collector.store.base import Attribute, Writer
from collector.telemetry import Counters

log = logging.getLogger(__name__)

#: How often the log repeats that the store is not taking events.
REMIND_SECONDS: Final = 30.0
#: So few dead letters in a row are always believed to be bad data, however small their batch.
FEW_DEAD: Final = 10


class SchemaFault(StoreUnavailable):
    """So many rows were refused that the table must be wrong, not the data."""


@dataclass
class _Hold:
    """Since when, how often and why the store has not taken a batch."""

    since: float
    tries: int = 0
    reason: str = ""
    reminded: float = field(default=float("-inf"))


class Loader:
    """One thread between a spool and a store.

    Args:
        spool, store, dead_letters, counters: what it works on.
        settings: batch sizes and times.
        clock: seconds, monotonic.
        prepare: brings the store's schema up to date; runs first, and is tried for ever as inserts are.
    """

    def __init__(
        self,
        spool: Spool,
        store: Writer,
        dead_letters: DeadLetters,
        settings: LoaderSettings,
        counters: Counters,
        clock: Callable[[], float] = time.monotonic,
        prepare: Callable[[], None] = lambda: None,
    ) -> None:
        self._spool, self._store, self._dead_letters = spool, store, dead_letters
        self._settings, self._counters, self._clock = settings, counters, clock
        self._prepare = prepare
        #: Set when the store's schema is up to date.
        self.prepared = threading.Event()
        self._stop = threading.Event()
        self._hold: _Hold | None = None
        self._dead_in_a_row = 0
        self._last_insert = clock()
        #: (dataset, type) -> names already in the store's catalogue.
        self._known: dict[tuple[str, str], set[str]] = {}
        self._thread = threading.Thread(target=self._run, name="loader", daemon=True)

    def start(self) -> None:
        """Begin to load."""
        self._thread.start()

    def stop(self, timeout: float) -> None:
        """Finish the batch in hand, at most so many seconds; the rest waits on disk."""
        self._stop.set()
        self._thread.join(timeout)

    @property
    def is_holding(self) -> bool:
        """Whether the store is not taking events now."""
        return self._hold is not None

    @property
    def hold_reason(self) -> str:
        """Why it holds; empty if it does not."""
        hold = self._hold
        return hold.reason if hold else ""

    @property
    def is_alive(self) -> bool:
        """Whether the thread runs."""
        return self._thread.is_alive()

    @property
    def seconds_since_insert(self) -> float:
        """Time since the last insert that succeeded, or since the start."""
        return self._clock() - self._last_insert

    def _run(self) -> None:
        self._prepare_store()
        while not self._stop.is_set():
            try:
                if self._spool.wait(0.5):
                    self._linger()
                    self.load_batch()
            except Exception as error:
                # Nothing may end this thread: what failed is still in the spool and is read again.
                log.exception("The loader met an error outside the store; it goes on.")
                self._counters.add("wideload_insert_failures", 1, type(error).__name__)
                self._stop.wait(self._settings.min_backoff_seconds)

    def _prepare_store(self) -> None:
        while not self._stop.is_set():
            try:
                self._prepare()
            except Exception as error:
                self._begin_or_go_on_holding(error)
            else:
                self._end_hold()
                self.prepared.set()
                return

    def _linger(self) -> None:
        """Let the oldest event wait for others, unless there are enough already."""
        while self._spool.pending_events < self._settings.batch_events:
            left = self._settings.linger_seconds - self._spool.oldest_age_seconds
            if left <= 0 or self._stop.wait(min(left, 0.05)):
                return

    def load_batch(self) -> int:
        """Move one batch; return the number of events. Comes back only when it is done, or when it was told to stop."""
        batch = self._spool.read(self._settings.batch_events, self._settings.batch_bytes)
        if not batch.payloads:
            return 0
        while not self._stop.is_set() or self._hold is None:
            try:
                dead = self._store_batch(batch)
            except Exception as error:
                self._begin_or_go_on_holding(error)
                continue
            self._finish(batch, dead)
            return len(batch.payloads)
        return 0

    # --- One try ---------------------------------------------------------------------------------------------------

    def _store_batch(self, batch: Batch) -> list[DeadLetter]:
        events = Payloads(batch.payloads)
        dead: list[DeadLetter] = []
        allowed = max(FEW_DEAD - self._dead_in_a_row, int(len(events) * self._settings.max_dead_share))
        self._catalogue(events)
        self._insert(events, dead, allowed)
        return dead

    def _insert(self, events: Payloads, dead: list[DeadLetter], allowed: int) -> None:
        """Store the events; halve them where the store names the data as the fault, until single rows are left."""
        try:
            self._store.insert(events)
        except StoreDataError as error:
            if len(events) > 1:
                middle = len(events) // 2
                self._insert(events[:middle], dead, allowed)
                self._insert(events[middle:], dead, allowed)
                return
            dead.append(DeadLetter(events.raw[0], error.message, error.code))
            if len(dead) > allowed:
                text = f"the store refuses too many rows for bad data, the last one with: {error.message}"
                raise SchemaFault(text, error.code) from error

    def _catalogue(self, events: Payloads) -> None:
        new: list[Attribute] = []
        for event in events.with_attributes():
            for kind, column in fields.ATTRIBUTE_COLUMNS.items():
                if names := event.get(column):
                    known = self._known.setdefault((event["dataset"], kind), set())
                    new += [Attribute(event["dataset"], name, kind) for name in names.keys() - known]
                    known.update(names)
        if new:
            try:
                self._store.add_attributes(new)
            except BaseException:
                self._known.clear()
                raise

    def _finish(self, batch: Batch, dead: list[DeadLetter]) -> None:
        stored = len(batch.payloads) - len(dead)
        if dead:
            self._dead_letters.add(dead)
            for letter in dead:
                self._counters.add("wideload_events_dead_lettered", 1, str(letter.code))
            log.warning("%d of %d events can never be stored and are in the dead letters; the last one: %s",
                        len(dead), len(batch.payloads), dead[-1].reason[:300])  # fmt: skip
        self._dead_in_a_row = 0 if stored else self._dead_in_a_row + len(dead)
        self._spool.release(batch.end)
        self._counters.add("wideload_events_stored", stored)
        self._counters.add("wideload_inserts")
        self._last_insert = self._clock()
        self._end_hold()

    # --- Holding ---------------------------------------------------------------------------------------------------

    def _begin_or_go_on_holding(self, error: Exception) -> None:
        now = self._clock()
        hold = self._hold = self._hold or _Hold(now)
        hold.tries += 1
        hold.reason = error.message if isinstance(error, StoreError) else f"{type(error).__name__}: {error}"
        self._counters.add("wideload_insert_failures", 1, str(error.code) if isinstance(error, StoreError) else "unknown")
        if now - hold.reminded >= REMIND_SECONDS:
            hold.reminded = now
            log.error(
                "The store does not take events (for %.0f s, %d tries): %s. %d events wait on disk, the oldest for %.0f s; "
                "beacons are still accepted.",
                now - hold.since, hold.tries, hold.reason[:500], self._spool.pending_events, self._spool.oldest_age_seconds,
                exc_info=None if isinstance(error, StoreError) else error,
            )  # fmt: skip
        self._stop.wait(self._backoff(hold.tries))

    def _end_hold(self) -> None:
        hold, self._hold = self._hold, None
        if hold is not None:
            log.warning("The store takes events again, after %.0f s and %d tries; %d events wait.",
                        self._clock() - hold.since, hold.tries, self._spool.pending_events)  # fmt: skip

    def _backoff(self, tries: int) -> float:
        ceiling = min(self._settings.max_backoff_seconds, self._settings.min_backoff_seconds * 2 ** min(tries - 1, 20))
        return float(ceiling * random.uniform(0.5, 1.0))
