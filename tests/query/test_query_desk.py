"""Questions wait for their turn, equal ones run once, and what nobody waits for is stopped."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Coroutine
from dataclasses import replace
from typing import Any

import orjson
import pytest

from collector.errors import RequestError, StoreQueryStopped
from collector.query.cache import AnswerCache, Freshness, Subject
from collector.query.desk import Desk, DeskLimits
from collector.store.base import Stop

SUBJECT = Subject(b"question", "d", 0, 10)


class Unchanged:
    """A store in which nothing changes, unless it is told."""

    now = 1

    def version(self, dataset: str, start: int, end: int) -> int:
        return self.now


class Kitchen:
    """A desk whose questions are answered when they are released, or stopped."""

    def __init__(self, running: int = 2, waiting: int = 2) -> None:
        self.store, self.release, self.begun, self.stopped = Unchanged(), threading.Event(), 0, 0
        self.desk = Desk(DeskLimits(running, waiting), AnswerCache(1 << 20), Freshness(self.store))

    def work(self, stop: Stop) -> dict[str, Any]:
        self.begun += 1
        left = threading.Event()
        try:
            with stop.by(left.set):
                while not left.is_set() and not self.release.wait(0.005):
                    pass
        except StoreQueryStopped:
            self.stopped += 1
            raise
        return {"results": self.begun, "meta": {}}

    def ask(self, gone: asyncio.Event | None = None, subject: Subject | None = SUBJECT) -> asyncio.Task[bytes]:
        async def leave() -> None:
            await (gone or asyncio.Event()).wait()

        return asyncio.create_task(self.desk.ask(self.work, leave, "query", subject))

    async def until(self, begun: int) -> None:
        while self.begun < begun:
            await asyncio.sleep(0.005)

    async def until_shared(self, waiting: int) -> None:
        """Wait until so many wait for the same answer."""
        while sum(flight.waiting for flight in self.desk._flights.values()) < waiting:
            await asyncio.sleep(0.005)

    async def until_queued(self, waiting: int) -> None:
        """Wait until so many wait for their turn."""
        while self.desk._threads.statistics().tasks_waiting != waiting:
            await asyncio.sleep(0.005)

    @property
    def counts(self) -> dict[str, int]:
        return {labels[1]: count for labels, count in self.desk.counters.items("wideload_queries")}


def run(scenario: Coroutine[Any, Any, None]) -> None:
    async def limited() -> None:
        async with asyncio.timeout(20):
            await scenario

    asyncio.run(limited())


def test_equal_questions_at_once_run_once() -> None:
    async def scenario() -> None:
        kitchen = Kitchen()
        asked = [kitchen.ask() for _ in range(5)]
        await kitchen.until(1)
        await kitchen.until_shared(5)
        kitchen.release.set()

        assert {orjson.loads(answer)["results"] for answer in await asyncio.gather(*asked)} == {1}
        assert kitchen.counts == {"answered": 1, "shared": 4}

    run(scenario())


def test_a_question_after_a_change_does_not_share_an_older_answer() -> None:
    async def scenario() -> None:
        kitchen = Kitchen()
        first = kitchen.ask()
        await kitchen.until(1)
        kitchen.store.now = 2
        second = kitchen.ask()
        await kitchen.until(2)
        kitchen.release.set()
        await asyncio.gather(first, second)

        assert kitchen.counts == {"answered": 2}

    run(scenario())


def test_a_question_stops_when_its_caller_goes_away() -> None:
    async def scenario() -> None:
        kitchen, gone = Kitchen(), asyncio.Event()
        asked = kitchen.ask(gone)
        await kitchen.until(1)
        gone.set()

        with pytest.raises(StoreQueryStopped):
            await asked
        while not kitchen.stopped:
            await asyncio.sleep(0.005)
        assert kitchen.counts == {"stopped": 1}

    run(scenario())


def test_a_question_goes_on_for_the_other_one_who_waits() -> None:
    async def scenario() -> None:
        kitchen, gone = Kitchen(), asyncio.Event()
        leaving, staying = kitchen.ask(gone), kitchen.ask()
        await kitchen.until(1)
        await kitchen.until_shared(2)
        gone.set()
        with pytest.raises(StoreQueryStopped):
            await leaving
        kitchen.release.set()

        assert orjson.loads(await staying)["results"] == 1
        assert kitchen.stopped == 0

    run(scenario())


def test_who_comes_after_the_last_one_has_left_is_answered_anew() -> None:
    async def scenario() -> None:
        kitchen, gone = Kitchen(), asyncio.Event()
        asked = kitchen.ask(gone)
        await kitchen.until(1)
        gone.set()
        with pytest.raises(StoreQueryStopped):
            await asked
        again = kitchen.ask()
        await kitchen.until(2)
        kitchen.release.set()

        assert orjson.loads(await again)["results"] == 2

    run(scenario())


def test_who_leaves_the_queue_makes_room_in_it_at_once() -> None:
    async def scenario() -> None:
        kitchen, gone = Kitchen(running=1, waiting=1), asyncio.Event()
        first = kitchen.ask(subject=None)
        await kitchen.until(1)
        waiting = kitchen.ask(gone, subject=None)
        await kitchen.until_queued(1)
        with pytest.raises(RequestError, match="1 questions are waiting already"):
            await kitchen.ask(subject=None)
        gone.set()
        with pytest.raises(StoreQueryStopped):
            await waiting
        last = kitchen.ask(subject=None)
        await kitchen.until_queued(1)
        kitchen.release.set()

        await asyncio.gather(first, last)
        assert kitchen.counts == {"answered": 2, "busy": 1, "stopped": 1}

    run(scenario())


def test_an_answer_that_was_outdated_while_it_was_made_is_not_kept() -> None:
    async def scenario() -> None:
        kitchen = Kitchen()
        asked = kitchen.ask()
        await kitchen.until(1)
        kitchen.store.now = 2
        kitchen.release.set()
        await asked

        assert kitchen.desk.cache.get(SUBJECT.key) is None

    run(scenario())


def test_questions_about_different_things_run_side_by_side() -> None:
    async def scenario() -> None:
        kitchen = Kitchen()
        asked = [kitchen.ask(subject=replace(SUBJECT, key=key)) for key in (b"a", b"b")]
        await kitchen.until(2)
        kitchen.release.set()

        assert len(await asyncio.gather(*asked)) == 2

    run(scenario())


def test_stopping_reaches_a_query_that_is_only_beginning() -> None:
    stop, tries, ended = Stop(), [], threading.Event()

    def query() -> None:
        with pytest.raises(StoreQueryStopped), stop.by(lambda: tries.append(time.monotonic())):
            # Not known to the store yet: the first tries find nothing to stop.
            while len(tries) < 3:
                time.sleep(0.001)
        ended.set()

    thread = threading.Thread(target=query)
    thread.start()
    stop.set()
    thread.join(10)

    assert ended.is_set()
    with pytest.raises(StoreQueryStopped):
        stop.check()
