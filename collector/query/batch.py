"""Several questions in one request: lines of answers as they come, and one reading of the events that several are about."""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final

import orjson

from collector.errors import QueryError, RequestError, StoreError, StoreQueryError, StoreQueryStopped
from collector.query import together
from collector.query.cache import Subject
from collector.query.desk import Desk, Work
from collector.query.engine import QueryEngine
from collector.query.reading import Part
from collector.query.spec import QuerySpec
from collector.store.base import Stop

log = logging.getLogger(__name__)

#: So many panels does no dashboard show at once.
MOST_QUERIES: Final = 50


@dataclass(frozen=True, slots=True)
class Asked:
    """One question of several: its place among them, what it asks, and what it is about."""

    place: int
    spec: QuerySpec
    subject: Subject


def read_queries(document: Any) -> list[Any]:
    """Return the documents of the questions. Raises QueryError."""
    members = Part(document).members(("queries",))
    if "queries" not in members:
        raise Part(None, "queries").error("A batch needs queries: an array of what POST /api/query takes.")
    return [part.value for part in members["queries"].items(MOST_QUERIES)]


async def works(asked: Sequence[Asked], engine: QueryEngine, desk: Desk) -> dict[int, Work]:
    """Return what answers each question, by its place: those about the same events, and of no known answer, go together."""
    alike: dict[Any, list[Asked]] = {}
    for one in asked:
        if not await desk.knows(one.subject):
            alike.setdefault(together.subject(one.spec), []).append(one)
    found: dict[int, Work] = {one.place: _alone(engine, one.spec) for one in asked}
    for group in alike.values():
        if len(group) > 1:
            shared = _Shared(engine, [one.spec for one in group])
            found |= {one.place: shared.work(number) for number, one in enumerate(group)}
    return found


def _alone(engine: QueryEngine, spec: QuerySpec) -> Work:
    return lambda stop: engine.run(spec, stop)


class _Shared:
    """Questions about the same events: the first that has its turn reads these for all."""

    def __init__(self, engine: QueryEngine, specs: Sequence[QuerySpec]) -> None:
        self._engine, self._specs = engine, specs
        self._lock = threading.Lock()
        self._answers: list[dict[str, Any] | None] | None = None

    def work(self, number: int) -> Work:
        """Return what answers one of them."""

        def answer(stop: Stop) -> dict[str, Any]:
            with self._lock:
                if self._answers is None:
                    self._answers = self._read(stop)
            stop.check()
            return self._answers[number] or self._engine.run(self._specs[number], stop)

        return answer

    def _read(self, stop: Stop) -> list[dict[str, Any] | None]:
        try:
            return self._engine.run_together(self._specs, stop)
        except StoreQueryStopped:
            raise
        except (QueryError, StoreQueryError) as error:
            # Each is asked on its own then, and the one at fault says so.
            log.info("Questions about the same events could not be answered together: %s", error)
            return [None] * len(self._specs)


async def lines(
    asked: Sequence[Asked], refused: dict[int, RequestError], answering: Callable[[Asked], AsyncIterator[bytes]],
    explain: Callable[[StoreError], RequestError],
) -> AsyncGenerator[bytes]:  # fmt: skip
    """Yield a line for each answer, and for each question that has none why, as they come.

    Args:
        asked: the questions.
        refused: those that cannot be asked, by their place.
        answering: answers one.
        explain: makes an error of the store the caller's.
    """
    for place, error in refused.items():
        yield _refusal(place, error)
    ready: asyncio.Queue[bytes | None] = asyncio.Queue()

    async def answer(one: Asked) -> None:
        try:
            async for step in answering(one):
                ready.put_nowait(b'{"query":%d,"answer":%b}' % (one.place, step))
        except StoreQueryStopped:
            # Nobody reads it.
            pass
        except RequestError as error:
            ready.put_nowait(_refusal(one.place, error))
        except StoreError as error:
            ready.put_nowait(_refusal(one.place, explain(error)))
        finally:
            ready.put_nowait(None)

    tasks = [asyncio.create_task(answer(one)) for one in asked]
    try:
        for _ in tasks:
            while (line := await ready.get()) is not None:
                yield line
        # What none of the errors above is goes on to who answers errors of ours.
        await asyncio.gather(*tasks)
    finally:
        for task in tasks:
            task.cancel()


def _refusal(place: int, error: RequestError) -> bytes:
    return orjson.dumps({"query": place, **error.as_json()})
