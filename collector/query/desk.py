"""Where questions wait for their turn: a bounded number of them run, equal ones once, and what nobody waits for is stopped."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any, Final

from anyio import CapacityLimiter, to_thread
from opentelemetry.trace import SpanKind

from collector.errors import RequestError, StoreError, StoreQueryStopped
from collector.query import timing
from collector.query.cache import Answer, AnswerCache, Freshness, Moment, Subject
from collector.store.base import Stop
from collector.telemetry import Counters
from collector.tracing import Tracing

log = logging.getLogger(__name__)

Work = Callable[[Stop], dict[str, Any]]
Gone = Callable[[], Awaitable[None]]
#: Threads that look at what is cached, and that stop queries: both take milliseconds.
_QUICK_THREADS: Final = 8
#: Questions that came in so short a time are of the same moment.
_TWIN_SECONDS: Final = 0.5


@dataclass(eq=False)
class _Flight:
    """A question that is being answered, and how many wait for it."""

    moment: Moment | None
    stop: Stop
    task: asyncio.Task[Answer]
    waiting: int = 0
    has_thread: bool = False
    is_over: bool = False


@dataclass(frozen=True, slots=True)
class DeskLimits:
    """How many questions run at once, and how many more may wait for their turn."""

    running: int = 4
    waiting: int = 64


@dataclass
class Desk:
    """Answers questions from a pool of threads.

    Args:
        limits: how many.
        cache: keeps answers.
        freshness: tells which of them hold; without it nothing is kept or shared.
        counters: counts what became of the questions.
        tracing: traces some of them.
    """

    limits: DeskLimits = field(default_factory=DeskLimits)
    cache: AnswerCache = field(default_factory=lambda: AnswerCache(0))
    freshness: Freshness | None = None
    counters: Counters = field(default_factory=Counters)
    tracing: Tracing = field(default_factory=Tracing)

    def __post_init__(self) -> None:
        self._threads, self._quick = CapacityLimiter(self.limits.running), CapacityLimiter(_QUICK_THREADS)
        self._flights: dict[bytes, _Flight] = {}
        self._stopping: set[asyncio.Task[None]] = set()

    async def ask(self, work: Work, gone: Gone, kind: str, subject: Subject | None = None) -> bytes:
        """Return the JSON of an answer.

        Args:
            work: answers, in a thread.
            gone: returns when the caller goes away.
            kind: of the question, for the counters.
            subject: what it is about; without one the answer is nobody else's.

        Raises:
            RequestError: there are too many questions (503).
            StoreQueryStopped: the caller has gone away.
            QueryError, StoreError: as `work`.
        """
        begun = time.perf_counter()
        with self.tracing.root("question", SpanKind.SERVER, {"wideload.kind": kind}) as span:
            try:
                result, body = await self._ask(work, gone, subject)
            except StoreQueryStopped:
                self._count(kind, "stopped")
                raise
            except RequestError as error:
                self._count(kind, "busy" if error.reason == "busy" else "refused")
                raise
            except StoreError:
                self._count(kind, "failed")
                raise
            span.set_attribute("wideload.result", result)
        seconds = time.perf_counter() - begun
        self._count(kind, result)
        self.counters.time("wideload_query_duration", seconds, kind)
        timing.note(result, seconds)
        return body

    async def _ask(self, work: Work, gone: Gone, subject: Subject | None) -> tuple[str, bytes]:
        moment, flight = None, None
        if subject and (freshness := self.freshness):
            moment, kept, flight = await self._quickly(lambda: self._look(subject, freshness))
            if kept and kept.moment:
                return "cached", kept.body(cached=True, age_seconds=round(freshness.age(kept.moment), 1))
        result = "shared"
        if flight is None or flight.is_over:
            flight = self._twin(moment)
        if flight is None:
            result, flight = "answered", self._begin(work, moment)
        answer = await self._wait(flight, gone)
        return result, answer.body(**({"cached": False} if moment else {}))

    async def knows(self, subject: Subject) -> bool:
        """Whether there is an answer that still holds. Raises StoreUnavailable."""
        freshness = self.freshness
        return freshness is not None and (await self._quickly(lambda: self._look(subject, freshness)))[1] is not None

    def _look(self, subject: Subject, freshness: Freshness) -> tuple[Moment, Answer | None, _Flight | None]:
        """Return the moment, and the answer or the equal question that still holds."""
        kept, flight = self.cache.get(subject.key), self._flights.get(subject.key)
        if kept and kept.moment:
            if freshness.holds(kept.moment, subject):
                return kept.moment, kept, None
            self.cache.drop(subject.key)
        if flight and flight.moment and freshness.holds(flight.moment, subject):
            return flight.moment, None, flight
        return freshness.now(subject), None, None

    def _twin(self, moment: Moment | None) -> _Flight | None:
        """Return an equal question that has begun since this one was looked at."""
        flight = self._flights.get(moment.subject.key) if moment else None
        if moment and flight and flight.moment and flight.moment.version == moment.version:
            return flight if moment.at - flight.moment.at < _TWIN_SECONDS else None
        return None

    def _begin(self, work: Work, moment: Moment | None) -> _Flight:
        threads = self._threads.statistics()
        if threads.borrowed_tokens >= threads.total_tokens and threads.tasks_waiting >= self.limits.waiting:
            raise RequestError(503, "busy", f"{self.limits.waiting} questions are waiting already; ask again in a moment.")
        stop, begun = Stop(), time.perf_counter()

        def answer() -> Answer:
            flight.has_thread = True
            timing.note("wait", time.perf_counter() - begun)
            stop.check()
            made = Answer.of(work(stop), moment)
            # Where events came or went meanwhile, nobody will be given it again.
            if moment and self.freshness and self.freshness.holds(moment, moment.subject):
                self.cache.put(moment.subject.key, made)
            return made

        task = asyncio.create_task(to_thread.run_sync(answer, limiter=self._threads))
        flight = _Flight(moment, stop, task)
        if moment:
            self._flights[moment.subject.key] = flight
        task.add_done_callback(lambda _: self._end(flight))
        return flight

    async def _wait(self, flight: _Flight, gone: Gone) -> Answer:
        flight.waiting += 1
        leaving = asyncio.ensure_future(gone())
        try:
            await asyncio.wait({flight.task, leaving}, return_when=asyncio.FIRST_COMPLETED)
            if not flight.task.done():
                raise StoreQueryStopped("The caller has gone away.")
            return flight.task.result()
        finally:
            leaving.cancel()
            flight.waiting -= 1
            if not flight.waiting and not flight.task.done():
                self._abandon(flight)

    def _abandon(self, flight: _Flight) -> None:
        """Stop what nobody waits for."""
        self._end(flight)
        if not flight.has_thread:
            flight.task.cancel()
            return
        stopping = asyncio.create_task(to_thread.run_sync(flight.stop.set, limiter=self._quick))
        self._stopping.add(stopping)
        stopping.add_done_callback(self._stopping.discard)

    def _end(self, flight: _Flight) -> None:
        flight.is_over = True
        if flight.moment and self._flights.get(flight.moment.subject.key) is flight:
            del self._flights[flight.moment.subject.key]
        if flight.task.done() and not flight.task.cancelled():
            # Whoever waited has been told; nobody may have waited to the end.
            flight.task.exception()

    async def _quickly(self, look: Callable[[], Any]) -> Any:
        return await to_thread.run_sync(look, limiter=self._quick)

    def _count(self, kind: str, result: str) -> None:
        self.counters.add("wideload_queries", 1, kind, result)
