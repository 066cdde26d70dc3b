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
from collector.pipeline.intake import Intake
from collector.pipeline.payloads import Payloads
from collector.pipeline.spool import Batch
from collector.store.base import MEMORY_LIMIT_EXCEEDED, SCHEMA_CODES, TOO_MANY_PARTS, Attribute, Writer
from collector.tracing import Tracing

log = logging.getLogger(__name__)

#: How often the log repeats that the store is not taking events.
REMIND_SECONDS: Final = 30.0
#: Where the store runs out of memory, batches shrink to so many events at the least; where it has too many parts, they grow to so
#: many times the setting.
FEWEST_EVENTS: Final = 100
MOST_GROWTH: Final = 4
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
    code: int = 0
    reminded: float = field(default=float("-inf"))


class Loader:
    """One thread between a spool and a store.

    Args:
        spool, store, dead_letters: what it works on; the spool's ledger counts.
        settings: batch sizes and times.
        prepare: brings the store's schema up to date; runs first, and is tried for ever as inserts are.
        screen: returns those of a batch's payloads that may be stored; the others have been erased.
        recheck: looks the store over after it was away.
        between: does something else with the store between batches, while it takes events; must not raise.
        clock: seconds, monotonic.
        tracing: traces the batches that traced beacons are in.
    """

    def __init__(
        self,
        spool: Intake,
        store: Writer,
        dead_letters: DeadLetters,
        settings: LoaderSettings,
        prepare: Callable[[], None] = lambda: None,
        recheck: Callable[[], None] = lambda: None,
        between: Callable[[Writer], None] = lambda _: None,
        clock: Callable[[], float] = time.monotonic,
        screen: Callable[[list[bytes]], list[bytes]] = lambda payloads: payloads,
        tracing: Tracing | None = None,
    ) -> None:
        self._tracing = tracing or Tracing()
        self._spool, self._store, self._dead_letters = spool, store, dead_letters
        self._settings, self._clock = settings, clock
        self._ledger, self._counters = spool.ledger, spool.ledger.counters
        self._prepare, self._recheck, self._between, self._screen = prepare, recheck, between, screen
        #: How many events the next batch may have.
        self._batch_events = settings.batch_events
        #: Set when the store's schema is up to date, or is known not to be for now.
        self.has_tried = threading.Event()
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
                else:
                    self._spool.tidy()
                if self._hold is None:
                    self._between(self._store)
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
                self.has_tried.set()
                self._begin_or_go_on_holding(error)
            else:
                self._end_hold()
                self.has_tried.set()
                return

    def _linger(self) -> None:
        """Let the oldest event wait for others, unless there are enough already."""
        while self._spool.pending_events < self._settings.batch_events:
            left = self._settings.linger_seconds - self._spool.oldest_age_seconds
            if left <= 0 or self._stop.wait(min(left, 0.05)):
                return

    def load_batch(self) -> int:
        """Move one batch; return the number of events. Comes back only when it is done, or when it was told to stop."""
        while not self._stop.is_set() or self._hold is None:
            try:
                if self._hold is not None:
                    self._look_after_store(self._hold)
                # It is read anew for each try: how much the store can take at once may have changed.
                batch = self._spool.read(self._batch_events, self._settings.batch_bytes)
                wanted = self._screen(batch.payloads)
                begun = self._clock()
                with self._tracing.batch(wanted):
                    dead = self._store_batch(wanted)
                self._counters.time("wideload_insert_duration", self._clock() - begun)
            except Exception as error:
                self._adapt(error)
                self._begin_or_go_on_holding(error)
                continue
            self._finish(batch, len(wanted), dead)
            return len(batch.payloads)
        return 0

    # --- One try ---------------------------------------------------------------------------------------------------

    def _look_after_store(self, hold: _Hold) -> None:
        """Ask the store something small before the batch: a server that hangs is noticed, and noticed to be back, in seconds."""
        self._store.ping()
        if hold.code in SCHEMA_CODES:
            self._prepare()

    def _store_batch(self, payloads: list[bytes]) -> list[DeadLetter]:
        events = Payloads(payloads)
        dead: list[DeadLetter] = []
        if events:
            allowed = max(FEW_DEAD - self._dead_in_a_row, int(len(events) * self._settings.max_dead_share))
            self._catalogue(events)
            self._insert(events, dead, allowed)
        if dead:
            self._dead_letters.add(dead)
        return dead

    def _adapt(self, error: Exception) -> None:
        """Ask less of a store that runs out of memory, and come less often to one that has too many parts."""
        code = error.code if isinstance(error, StoreError) else 0
        if code == MEMORY_LIMIT_EXCEEDED:
            self._batch_events = max(min(FEWEST_EVENTS, self._settings.batch_events), self._batch_events // 2)
        elif code == TOO_MANY_PARTS:
            self._batch_events = min(self._settings.batch_events * MOST_GROWTH, self._batch_events * 2)

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

    def _finish(self, batch: Batch, wanted: int, dead: list[DeadLetter]) -> None:
        stored, erased = wanted - len(dead), len(batch.payloads) - wanted
        if dead:
            # The store's own words quote the event; they are with the dead letter.
            codes = sorted({letter.code for letter in dead})
            log.warning("%d of %d events can never be stored and are dead letters now (`wideload dead-letters list`); codes: %s.",
                        len(dead), len(batch.payloads), ", ".join(map(str, codes)),
                        extra={"dead_events": len(dead), "batch_events": len(batch.payloads), "codes": codes})  # fmt: skip
        self._dead_in_a_row = 0 if stored else self._dead_in_a_row + len(dead)
        self._spool.release(batch.end, lambda: self._ledger.settled(stored, [str(letter.code) for letter in dead], erased))
        self._counters.add("wideload_inserts")
        self._last_insert = self._clock()
        # Back to the usual size by degrees.
        usual = self._settings.batch_events
        self._batch_events = (
            min(usual, self._batch_events * 2) if self._batch_events < usual else max(usual, self._batch_events // 2)
        )
        self._end_hold()

    # --- Holding ---------------------------------------------------------------------------------------------------

    def _begin_or_go_on_holding(self, error: Exception) -> None:
        now = self._clock()
        hold = self._hold = self._hold or _Hold(now)
        hold.tries += 1
        hold.reason = error.message if isinstance(error, StoreError) else f"{type(error).__name__}: {error}"
        hold.code = error.code if isinstance(error, StoreError) else 0
        self._counters.add("wideload_insert_failures", 1, str(error.code) if isinstance(error, StoreError) else "unknown")
        if now - hold.reminded >= REMIND_SECONDS:
            hold.reminded = now
            log.error(
                "The store does not take events (for %.0f s, %d tries): %s. %d events wait, the oldest for %.0f s; "
                "beacons are still accepted.",
                now - hold.since, hold.tries, hold.reason[:500], self._spool.pending_events, self._spool.oldest_age_seconds,
                exc_info=None if isinstance(error, StoreError) else error,
                extra={"reason": hold.reason[:500], "code": hold.code, "tries": hold.tries, "held_seconds": round(now - hold.since),
                       "pending_events": self._spool.pending_events},
            )  # fmt: skip
        self._stop.wait(self._backoff(hold.tries))

    def _end_hold(self) -> None:
        hold, self._hold = self._hold, None
        if hold is not None:
            log.warning("The store takes events again, after %.0f s and %d tries; %d events wait.",
                        self._clock() - hold.since, hold.tries, self._spool.pending_events,
                        extra={"tries": hold.tries, "held_seconds": round(self._clock() - hold.since),
                               "pending_events": self._spool.pending_events})  # fmt: skip
            try:
                self._recheck()
            except Exception as error:
                log.warning("The store could not be looked over after it was away: %s", error)

    def _backoff(self, tries: int) -> float:
        ceiling = min(self._settings.max_backoff_seconds, self._settings.min_backoff_seconds * 2 ** min(tries - 1, 20))
        return float(ceiling * random.uniform(0.5, 1.0))


class NoLoader:
    """Stands for the loader where this collector loads nothing, as others do."""

    is_holding: Final = False
    is_alive: Final = True
    hold_reason: Final = ""
    seconds_since_insert: Final = 0.0

    def __init__(self) -> None:
        self.has_tried = threading.Event()
        self.has_tried.set()

    def start(self) -> None:
        """There is nothing to begin."""

    def stop(self, timeout: float) -> None:
        """There is nothing to finish."""
