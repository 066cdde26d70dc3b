"""Erase events wherever they are: in the store, on their way to it, and among the dead letters."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import orjson

from collector.errors import RequestError, StoreUnavailable
from collector.pipeline.dead_letters import DeadLetters
from collector.pipeline.intake import Intake
from collector.privacy.hearing import SPREAD_SECONDS, Hearing
from collector.privacy.selection import Selection
from collector.privacy.tombstones import MAX_IDS, Tombstones, covers, id_hash
from collector.query.columns import Column
from collector.query.engine import QueryEngine
from collector.query.sql import Statement
from collector.store.base import Key, Limits, Store

log = logging.getLogger(__name__)

#: Events that one round removes, and rounds that may follow: what the loader had in hand when an erasure began comes in between.
ROUND_EVENTS: Final = 100_000
#: How long an erasure waits until what was accepted before it is loaded.
PATIENCE_SECONDS: Final = 60.0
_LIMITS: Final = Limits(seconds=300)


@dataclass(slots=True)
class Report:
    """What went, or what would go.

    Args:
        stored: (day, kind, events) of the store.
        dead_letters: events among the dead letters.
        waiting: of an erasure, events that waited in the spool and were never stored; of a dry run, all that wait there, as
            nobody has looked at them.
    """

    stored: list[tuple[str, str, int]] = field(default_factory=list)
    dead_letters: int = 0
    waiting: int = 0

    def as_json(self) -> dict[str, Any]:
        """Return the answer of the API."""
        by = [{"day": day, "kind": kind, "events": events} for day, kind, events in self.stored]
        return {"events": sum(one["events"] for one in by), "by": by, "dead_letters": self.dead_letters, "waiting": self.waiting}


class Eraser:
    """Erases, one selection at a time.

    Args:
        store, spool, dead_letters: where events are.
        tombstones: keep them from coming back; the loader screens by them what it reads.
        engine: knows names, and keeps in memory what it has to forget.
        sleep: takes seconds.
        forget: lets go what is remembered of events elsewhere, such as answers that are kept.
        wait: returns when what other processes were inserting has arrived; False if that takes longer than so many seconds.
        hearing: how other collectors that write to the same store hear of it, where there may be any.
    """

    def __init__(
        self,
        store: Store,
        spool: Intake,
        dead_letters: DeadLetters,
        tombstones: Tombstones,
        engine: QueryEngine,
        sleep: Callable[[float], None] = time.sleep,
        forget: Callable[[], None] = lambda: None,
        wait: Callable[[float], bool] = lambda _: True,
        hearing: Hearing | None = None,
    ) -> None:
        self._store, self._spool, self._dead_letters, self._tombstones = store, spool, dead_letters, tombstones
        self._sleep, self._forget, self._wait, self._hearing = sleep, forget, wait, hearing
        self._engine = engine
        self._lock = threading.Lock()

    def look(self, selection: Selection) -> Report:
        """Return what would go. Raises QueryError, StoreError."""
        columns = self._columns(selection)
        letters = sum(_is_letter_of(selection, letter.payload) for letter in self._dead_letters.all())
        return Report(self._count(selection.report(columns)), letters, self._spool.pending_events)

    def erase(self, selection: Selection, document: Mapping[str, Any]) -> Report:
        """Erase, and return what went.

        It is remembered first, so that nothing comes back. Then all that was accepted before is loaded, or held back because it
        is erased; then the store's rows go, until none is found.

        Raises:
            QueryError: nothing was done.
            RequestError: another erasure is running (409).
            StoreError: the store did not do all of it; ask again, which does no harm.
        """
        if not self._lock.acquire(blocking=False):
            raise RequestError(409, "erasing", "Another erasure is running; wait for its end.")
        try:
            return self._erase(selection, document)
        finally:
            self._forget()
            self._lock.release()

    def _erase(self, selection: Selection, document: Mapping[str, Any]) -> Report:
        columns = self._columns(selection)
        selection.report(columns)
        screened = self._tombstones.screened
        self._tombstones.add(document)
        if self._hearing:
            self._hearing.tell(document)
            self._sleep(SPREAD_SECONDS)
        self._load_what_waits()
        report = Report(self._count(selection.report(columns)))
        self._remove(selection, columns)
        report.waiting = self._tombstones.screened - screened
        report.dead_letters = clean(selection, self._spool, self._dead_letters)
        self._engine.forget(selection.dataset)
        log.info("Erased %d events, %d that waited and %d dead letters of the dataset %s.",
                 sum(events for _, _, events in report.stored), report.waiting, report.dead_letters, selection.dataset)  # fmt: skip
        return report

    def _load_what_waits(self) -> None:
        end = self._spool.roll()
        waited = 0.0
        while not self._spool.is_stored(end) or not self._wait(PATIENCE_SECONDS - waited):
            if waited >= PATIENCE_SECONDS:
                raise StoreUnavailable(
                    f"{self._spool.pending_events:,} events wait to be stored, and were not in {PATIENCE_SECONDS:.0f} s."
                    " The erasure is remembered: what waits and belongs to it will not be stored. Ask again for the rest."
                )
            self._sleep(0.05)
            waited += 0.05

    def _remove(self, selection: Selection, columns: Mapping[str, Column]) -> None:
        if selection.before is not None and not selection.filters.filters:
            self._store.erase_before(selection.dataset, selection.before)
            return
        remembered = 0
        while rows := self._rows(selection.keys(columns, ROUND_EVENTS)):
            keys = [Key(kind, id_, ts) for kind, id_, ts, _ in rows]
            if hashes := [id_hash(selection.dataset, key) for key in keys[: max(0, MAX_IDS - remembered)]]:
                self._tombstones.add_ids(hashes)
                if self._hearing:
                    self._hearing.tell_ids(hashes)
            remembered += len(keys)
            self._store.erase(selection.dataset, keys)

    def _columns(self, selection: Selection) -> dict[str, Column]:
        return self._engine.columns(selection.dataset, selection.names())

    def _count(self, statement: Statement) -> list[tuple[str, str, int]]:
        return [(day, kind, events) for day, kind, events in self._rows(statement)]

    def _rows(self, statement: Statement) -> list[tuple[Any, ...]]:
        return self._store.query(statement.sql, statement.params, _LIMITS).rows


def clean(selection: Selection, spool: Intake, dead_letters: DeadLetters) -> int:
    """Remove what belongs to a selection from a collector's disk, and return how many dead letters went."""
    gone = dead_letters.discard(lambda payload: _is_letter_of(selection, payload))
    spool.tidy()
    return gone


def _is_letter_of(selection: Selection, payload: bytes) -> bool:
    """Whether a dead letter belongs to a selection. What cannot be read belongs to none."""
    try:
        return covers(selection, orjson.loads(payload))
    except (ValueError, TypeError, KeyError):
        return False
