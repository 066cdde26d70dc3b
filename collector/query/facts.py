"""What is known of the fields of a dataset: made in the background from a sample, kept for some minutes, forgotten on demand."""

from __future__ import annotations

import logging
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from collector.errors import StoreError
from collector.fields import ATTRIBUTE_COLUMNS, BY_NAME, FIELDS, Field, ItemType
from collector.query import facts_sql
from collector.query.columns import Column
from collector.query.filters import as_text
from collector.query.results import iso_milliseconds, shortest
from collector.query.sampling import Sample, choose_sample
from collector.query.sql import Statement
from collector.store.base import Limits, Reader

log = logging.getLogger(__name__)

#: For how long facts and values are used before they are made anew, in the background, when somebody asks for them.
FRESH_SECONDS: Final = 600.0
#: How many values of a field are kept for suggestions, and of how many fields.
KEPT_VALUES: Final = 1_000
KEPT_FIELDS: Final = 500
_LIMITS: Final = Limits(seconds=30)
#: Where most events have a value of their own, the most frequent ones say nothing.
_ID_LIKE: Final = 0.5
#: The days that are looked through for the first time of a field, and about how many events of them: an hour of each day, if the
#: dataset has more.
_DAYS: Final = 31
_LOOKED_THROUGH: Final = 200_000
#: The columns of a field in the row of `facts_sql.known`.
_DESCRIBED: Final = 8


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known of the fields of a dataset.

    Args:
        sample: the events that were looked at.
        fields: by name `{"share", "distinct", "top_values", "low", "high", "first_seen", "last_seen", "bytes"}`.
        made_at: seconds of the clock that never goes back.
    """

    sample: Sample
    fields: Mapping[str, dict[str, Any]]
    made_at: float


@dataclass(frozen=True, slots=True)
class Values:
    """The most frequent values of a field as texts, each with its share of the events that have one."""

    shares: Mapping[str, float]
    is_complete: bool
    sample: Sample
    made_at: float


@dataclass(slots=True)
class _State:
    """What is kept of one dataset."""

    facts: Facts | None = None
    values: OrderedDict[str, Values] = field(default_factory=OrderedDict)
    sample: tuple[float, Sample] | None = None
    running: set[str] = field(default_factory=set)


class FieldFacts:
    """Keeps what is known; every method may be called from any thread.

    Args:
        reader: the store.
        now: the wall clock in epoch seconds.
        clock: seconds that never go back.
    """

    def __init__(self, reader: Reader, now: Callable[[], float] = time.time, clock: Callable[[], float] = time.monotonic) -> None:
        self._reader, self._now, self._clock = reader, now, clock
        self._states: dict[str, _State] = {}
        self._changed = threading.Condition()
        self._threads, self._is_closed = 0, False

    def facts(self, dataset: str, wait_seconds: float = 0) -> Facts | None:
        """Return what is known, however old; where it is too old, or nothing, it is made in the background.

        Args:
            dataset: its name.
            wait_seconds: how long to wait where nothing is known.
        """
        with self._changed:
            state = self._state(dataset)
            if state.facts is None or self._is_old(state.facts.made_at):
                self._begin(dataset, state, "facts", lambda: self._make_facts(dataset))
            if state.facts is None and wait_seconds:
                self._changed.wait_for(lambda: state.facts is not None or "facts" not in state.running, wait_seconds)
            return state.facts

    def values(self, dataset: str, column: Column) -> Values:
        """Return the values of a field: at once where they are known, however old; else the store is asked. Raises StoreError."""
        with self._changed:
            state = self._state(dataset)
            found = state.values.get(column.name)
            if found:
                state.values.move_to_end(column.name)
                if self._is_old(found.made_at):
                    self._begin(dataset, state, column.name, lambda: self._make_values(dataset, column))
                return found
        return self._make_values(dataset, column)

    def forget(self, dataset: str) -> None:
        """Forget everything about a dataset, also what is being made."""
        with self._changed:
            self._states.pop(dataset, None)

    def close(self) -> None:
        """Wait until nothing is made any more; the store may then be closed."""
        with self._changed:
            self._is_closed = True
            self._changed.wait_for(lambda: not self._threads, _LIMITS.seconds)

    def _state(self, dataset: str) -> _State:
        return self._states.setdefault(dataset, _State())

    def _is_old(self, made_at: float) -> bool:
        return self._clock() - made_at >= FRESH_SECONDS

    def _begin(self, dataset: str, state: _State, what: str, make: Callable[[], object]) -> None:
        if what in state.running or self._is_closed:
            return
        state.running.add(what)
        self._threads += 1

        def run() -> None:
            try:
                make()
            except StoreError as error:
                log.warning("What is known of the fields of %s could not be made anew: %s", dataset, error.message)
            finally:
                with self._changed:
                    state.running.discard(what)
                    self._threads -= 1
                    self._changed.notify_all()

        # The process waits for it at its end: the engine must not be left in the middle of a statement.
        threading.Thread(target=run, name="field-facts").start()

    def _rows(self, statement: Statement) -> list[tuple[Any, ...]]:
        return self._reader.query(statement.sql, statement.params, _LIMITS).rows

    def _sample(self, state: _State, dataset: str) -> Sample:
        if state.sample is None or self._is_old(state.sample[0]):
            state.sample = self._clock(), choose_sample(dataset, int(self._now()), self._rows)
        return state.sample[1]

    def _make_facts(self, dataset: str) -> None:
        with self._changed:
            state = self._state(dataset)
        facts = self._describe(dataset, self._sample(state, dataset))
        with self._changed:
            # Where it was forgotten meanwhile, this state is nobody's any more.
            state.facts = facts

    def _make_values(self, dataset: str, column: Column) -> Values:
        with self._changed:
            state = self._state(dataset)
        sample = self._sample(state, dataset)
        rows = self._rows(facts_sql.values(column, sample, KEPT_VALUES + 1))
        shares = {_text(value, column): _share(events, total) for value, events, total in rows[:KEPT_VALUES]}
        values = Values(shares, len(rows) <= KEPT_VALUES and sample.part >= 1, sample, self._clock())
        with self._changed:
            state.values[column.name] = values
            while len(state.values) > KEPT_FIELDS:
                state.values.popitem(last=False)
        return values

    def _describe(self, dataset: str, sample: Sample) -> Facts:
        ((weight, rows),) = self._rows(facts_sql.totals(sample))
        described: dict[str, dict[str, Any]] = {}
        if rows:
            stored = self._column_bytes(dataset)
            (known,) = self._rows(facts_sql.known(sample, FIELDS))
            ends = self._first_and_last(dataset, sample)
            for index, one in enumerate(FIELDS):
                part = known[index * _DESCRIBED : (index + 1) * _DESCRIBED]
                facts = _facts(part, ends.get(one.name, ()), (weight, rows), _is_float32(one), has_values=one.holds != "id")
                described[one.name] = facts | {"bytes": stored.get(one.name)}
            described |= self._attributes(dataset, sample, (weight, rows), stored)
        return Facts(sample, described, self._clock())

    def _column_bytes(self, dataset: str) -> dict[str, int]:
        """Return what the dataset takes of each column, if its rows are as large as others."""
        ((share,),) = self._rows(facts_sql.share_of_table(dataset))
        return {name: round(size * share) for name, size in self._rows(facts_sql.column_bytes()) if size}

    def _first_and_last(self, dataset: str, sample: Sample) -> dict[str, tuple[int, int]]:
        every = _DAYS * sample.events / sample.part
        step = 3600 if every <= _LOOKED_THROUGH else 86_400
        part = min(1.0, _LOOKED_THROUGH / every * (step / 3600))
        last = int(self._now()) // 3600 * 3600
        hours = range(last, last - _DAYS * 86_400, -step)
        rows = self._rows(facts_sql.first_and_last(dataset, hours, part, FIELDS))
        row = rows[0] if rows else ()
        return {one.name: (row[2 * place], row[2 * place + 1]) for place, one in enumerate(FIELDS) if row}

    def _attributes(
        self, dataset: str, sample: Sample, whole: tuple[int, int], stored: Mapping[str, int]
    ) -> dict[str, dict[str, Any]]:
        first = dict(self._rows(facts_sql.attributes_first_seen(dataset)))
        described: dict[str, dict[str, Any]] = {}
        types: tuple[ItemType, ...] = ("string", "number", "boolean")
        for type_ in types:
            rows = self._rows(facts_sql.attributes(sample, type_))
            size = sum(row[-1] for row in rows) or 1
            for name, *part, item_bytes in rows:
                if name in BY_NAME or name in described:
                    continue
                facts = _facts(part, (first.get(name, 0),), whole, is_float32=False, has_values=True)
                column_bytes = stored.get(ATTRIBUTE_COLUMNS[type_])
                described[name] = facts | {"bytes": round(column_bytes * item_bytes / size) if column_bytes else None}
        return described


def _is_float32(one: Field) -> bool:
    return one.item_type == "number" and Column.known(one).is_float32


def _facts(
    part: Iterable[Any], ends: Iterable[int], whole: tuple[int, int], is_float32: bool, *, has_values: bool
) -> dict[str, Any]:
    """Return the facts of one field from a row of `facts_sql.known`.

    Args:
        part: the row.
        ends: other times (epoch ms) at which the field was there; 0 for none.
        whole: the events of the sample, and the rows that stand for them.
        is_float32: whether its numbers are only as exact as a Float32.
        has_values: whether its most frequent values are told.
    """
    events, distinct, top, items, low, high, first, last = part
    weight, rows = whole
    times = [time for time in (first, last, *ends) if time]

    def shown(value: Any) -> Any:
        return shortest(value) if is_float32 and isinstance(value, float) else value

    is_id_like = distinct > _ID_LIKE * events * rows / weight and distinct > facts_sql.TOP_VALUES
    values = [] if is_id_like or not has_values else [one for one in top if one[2] < one[1] / 2]
    return {
        "share": _share(events, weight),
        "distinct": distinct,
        "top_values": [
            {"value": shown(value), "share": _share(count - error / 2, items or weight)} for value, count, error in values
        ],
        "low": shown(low) if events else None,
        "high": shown(high) if events else None,
        "first_seen": iso_milliseconds(min(times)) if times else None,
        "last_seen": iso_milliseconds(max(times)) if times else None,
    }


def _share(events: float, weight: int) -> float:
    return round(min(1.0, events / weight), 4) if weight else 0.0


def _text(value: Any, column: Column) -> str:
    return as_text(shortest(value) if column.is_float32 and isinstance(value, float) else value)
