"""Answers questions: specifications in, JSON-ready answers out. Blocking; the routes run it in threads."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

from collector.fields import FIELDS
from collector.query import check_runs, groups, search, together
from collector.query.bubbleup import answer as bubbleup
from collector.query.bubbleup.selection import BubbleUpSpec
from collector.query.calculated import resolve_all
from collector.query.catalogue import Catalogue
from collector.query.columns import Column
from collector.query.effort import Effort
from collector.query.export import EXPORT_LIMITS, export
from collector.query.facts import FieldFacts
from collector.query.first_answer import SampledRun, Sampler, mark
from collector.query.granularity import suited
from collector.query.limits import EngineLimits
from collector.query.names import Names
from collector.query.popularity import Popularity
from collector.query.refusals import naming_expressions
from collector.query.results import iso_milliseconds
from collector.query.run import Run, choose_percentiles
from collector.query.spec import CalculatedField, EventsSpec, QuerySpec
from collector.query.sql import Scope
from collector.query.timerange import TimeRange
from collector.store.base import Param, Reader, Stop

_STATS_SQL: Final = """SELECT
  dataset,
  count() AS events,
  max(ts) AS last_event_at
FROM events FINAL
WHERE ts >= fromUnixTimestamp64Milli({since:Int64}, 'UTC')
GROUP BY dataset"""
_STATS_SECONDS: Final = 30 * 86400
#: No question is about so many rows.
_NEVER: Final = 1 << 62


class QueryEngine:
    """Answers questions from a store.

    Args:
        store: where the events are.
        limits: what questions may cost.
        now: the wall clock in epoch seconds.
        clock: seconds that never go back.
    """

    def __init__(
        self,
        store: Reader,
        limits: EngineLimits | None = None,
        now: Callable[[], float] = time.time,
        clock: Callable[[], float] = time.perf_counter,
    ) -> None:
        self.limits = limits or EngineLimits()
        self._store, self.now, self._clock = store, now, clock
        self._names = Names(store, self.limits.fresh_seconds, clock)
        #: Describes the fields of datasets.
        self.catalogue = Catalogue(self._names, FieldFacts(store, now, clock))
        self.popularity = Popularity()
        self._effort = Effort()
        self._sampler = Sampler(self._effort, self.limits.slow_seconds, clock)
        self._can_share: bool | None = None
        self._stats: tuple[float, dict[str, dict[str, Any]]] | None = None

    def run(self, spec: QuerySpec, stop: Stop | None = None) -> dict[str, Any]:
        """Answer a question about many events. Raises QueryError, StoreError."""
        run = self._start(Scope(spec.dataset, *spec.time.resolve(self.now())), stop)
        columns = self._resolve(spec.dataset, spec, spec.calculated_fields)
        with naming_expressions(spec.calculated_fields):
            answer = groups.answer(suited(spec, columns, run), columns, run, self.limits)
        if answer["meta"]["answered_from"] == "events":
            self._effort.learn(spec, columns, answer["meta"])
        return answer

    def run_together(self, specs: Sequence[QuerySpec], stop: Stop | None = None) -> list[dict[str, Any] | None]:
        """Answer questions about the same events from one reading of them; None for each that is better asked alone.

        Args:
            specs: questions of the same `together.subject`.
            stop: ends it before its time.

        Raises:
            QueryError, StoreError: one of them cannot be answered, or all together take too much.
        """
        first = specs[0]
        run = self._start(Scope(first.dataset, *first.time.resolve(self.now())), stop)
        if self._can_share is None:
            self._can_share = bool(self._store.query(together.SUPPORT_SQL).rows[0][0])
        members = [together.Member(spec, self._resolve(spec.dataset, spec, spec.calculated_fields)) for spec in specs]
        stored_rows, _ = run.census(run.scope)
        # What may be answered from what is kept of settled hours is left to that.
        is_rolled = stored_rows >= self.limits.rollup_rows
        fit = [one if one.can_share() and not (is_rolled and groups.suits_settled(one.spec)) else None for one in members]
        if not self._can_share or stored_rows > together.MOST_ROWS or len(fit) - fit.count(None) < 2:
            return [None] * len(specs)
        fit = [replace(one, spec=suited(one.spec, one.columns, run)) if one else None for one in fit]
        known = together.read([one for one in fit if one], run, choose_percentiles(run, self.limits))
        return [groups.answer(one.spec, one.columns, together.SharingRun(run, known), self.limits) if one else None for one in fit]

    def first(self, spec: QuerySpec, stop: Stop | None = None) -> dict[str, Any] | None:
        """Answer from a sample, where the whole answer takes long; None where it does not. Raises QueryError, StoreError."""
        run = self._start(Scope(spec.dataset, *spec.time.resolve(self.now())), stop)
        columns = self._resolve(spec.dataset, spec, spec.calculated_fields)
        if groups.is_rolled_up(spec, run, self.limits):
            return None
        scope = self._sampler.choose(spec, columns, run)
        if scope is None:
            return None
        sampled = SampledRun(self._store, self.limits.statement, scope, self._clock, stop)
        with naming_expressions(spec.calculated_fields):
            answer = groups.answer(spec, columns, sampled, replace(self.limits, rollup_rows=_NEVER))
        return mark(answer, spec, scope.every, self._sampler.ids(run).heaviest)

    def bubbleup(self, spec: BubbleUpSpec, stop: Stop | None = None) -> dict[str, Any]:
        """Answer what is different about some events. Raises QueryError, StoreError."""
        dataset = spec.query.dataset
        run = self._start(Scope(dataset, *spec.query.time.resolve(self.now())), stop)
        columns = self._resolve(dataset, spec, spec.query.calculated_fields)
        with naming_expressions(spec.query.calculated_fields):
            return bubbleup.answer(spec, columns, self._names.attributes(dataset).values(), run, self.limits)

    def events(self, spec: EventsSpec, stop: Stop | None = None) -> dict[str, Any]:
        """Answer a question for single events: a page of them. Raises RequestError, StoreError."""
        columns = self._names.resolve(spec.dataset, spec.names())
        return search.page(spec, columns, lambda scope: self._start(scope, stop), self.now())

    def event(
        self, dataset: str, event_id: str, at: int | None = None, include: Collection[str] = (), stop: Stop | None = None
    ) -> dict[str, Any]:
        """Return one event with all of its fields; see `search.one`. Raises RequestError (404), StoreError."""
        return search.one(dataset, event_id, self._start(Scope(dataset, 0, 0), stop), self.now(), at, include)

    def whole(self, dataset: str, keys: Sequence[tuple[Any, ...]]) -> list[dict[str, Any]]:
        """Return whole events by their keys: id, kind, ts (epoch ms) and its hour (epoch s). Raises StoreError."""
        return search.fetch(self._start(Scope(dataset, 0, 0)), keys, {})

    def checks(
        self, dataset: str, time: TimeRange, points: int, scheduled: Sequence[Mapping[str, Any]], stop: Stop | None = None
    ) -> dict[str, Any]:
        """Return what is known of synthetic checks; see `check_runs.overview`. Raises StoreError."""
        return check_runs.overview(self._start(Scope(dataset, *time.resolve(self.now())), stop), points, scheduled)

    def export(self, spec: EventsSpec, form: str, stop: Stop | None = None) -> Iterator[bytes]:
        """Yield a file of all events that a search finds; see `export.export`. Raises RequestError, StoreError."""
        columns = self._names.resolve(spec.dataset, spec.names())

        def start(scope: Scope) -> Run:
            return Run(self._store, EXPORT_LIMITS, scope, self._clock, stop)

        every = {} if spec.columns else self.every_column(spec.dataset)
        return export(spec, form, columns, every, start, self.now())

    def every_column(self, dataset: str) -> dict[str, Column]:
        """Return the columns of a whole event by their names: the dictionary's and the dataset's attributes. Raises StoreError."""
        attributes = self._names.attributes(dataset)
        return {one.name: Column.known(one) for one in FIELDS} | {name: attributes[name] for name in sorted(attributes)}

    def columns(self, dataset: str, names: Iterable[tuple[str, str]]) -> dict[str, Column]:
        """Return what names stand for, each given with the path where it stands. Raises QueryError, StoreError."""
        return self._names.resolve(dataset, names)

    def forget(self, dataset: str) -> None:
        """Forget what is kept of a dataset's events in memory: some were erased."""
        self.catalogue.forget(dataset)

    def close(self) -> None:
        """Finish; the store may be closed afterwards."""
        self.catalogue.close()

    def datasets_stats(self) -> dict[str, dict[str, Any]]:
        """Return the events of the last 30 days and the time of the latest, by dataset. Raises StoreError."""
        if self._stats is None or self._clock() - self._stats[0] >= self.limits.fresh_seconds:
            since = Param("Int64", int(self.now() - _STATS_SECONDS) * 1000)
            rows = self._store.query(_STATS_SQL, {"since": since}, self.limits.statement).rows
            stats = {name: {"events": events, "last_event_at": iso_milliseconds(last)} for name, events, last in rows}
            self._stats = (self._clock(), stats)
        return self._stats[1]

    def _resolve(self, dataset: str, spec: QuerySpec | BubbleUpSpec, fields: Sequence[CalculatedField]) -> dict[str, Column]:
        columns = resolve_all(dataset, spec.names(), fields, self._names.resolve)
        self.catalogue.note_use(dataset, columns.values())
        return columns

    def _start(self, scope: Scope, stop: Stop | None = None) -> Run:
        limits = self.limits.statement
        return Run(self._store, limits, scope, self._clock, stop, limits.seconds)
