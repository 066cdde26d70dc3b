"""Spool and loader against a model: whatever happens in whatever order, every acknowledged event is in one place, in order."""

from __future__ import annotations

import asyncio
import shutil
import tempfile
from collections.abc import Sequence
from pathlib import Path

import orjson
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from collector.config import LoaderSettings, SpoolSettings
from collector.errors import SpoolError, StoreDataError, StoreUnavailable
from collector.events import Event
from collector.pipeline import segment, spool
from collector.pipeline.dead_letters import DeadLetters
from collector.pipeline.loader import Loader
from collector.pipeline.spool import Spool
from collector.store.base import Attribute

LOADER = LoaderSettings(batch_events=5, linger_seconds=0, min_backoff_seconds=0.0001, max_backoff_seconds=0.0001)


class Store:
    """Keeps rows, refuses those that are poison, and is away as often as it is told."""

    def __init__(self) -> None:
        self.ids: set[str] = set()
        self.failures: list[Exception] = []
        self.applies_before_failing = False

    def insert(self, events: Sequence[Event]) -> None:
        rows = [(event["id"], event["poison"]) for event in events]
        if self.failures:
            error = self.failures.pop()
            if self.applies_before_failing and not any(poison for _, poison in rows):
                self.ids |= {name for name, _ in rows}
            raise error
        if any(poison for _, poison in rows):
            raise StoreDataError("poison", 27)
        self.ids |= {name for name, _ in rows}

    def add_attributes(self, attributes: Sequence[Attribute]) -> None:
        pass

    def ping(self) -> None:
        pass

    def broken_parts(self) -> list[str]:
        return []


class Pipeline(RuleBasedStateMachine):
    """The actions, and after each of them what has to be true."""

    @initialize()
    def begin(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="wideload-model-"))
        self.generation = 0
        self.store = Store()
        self.acknowledged: list[str] = []
        self.poison: set[str] = set()
        self.number = 0
        self._open(self.folder / "0")

    def _open(self, folder: Path) -> None:
        self.current = folder
        self.spool = Spool(folder, SpoolSettings(keep_bytes=200))
        self.dead = DeadLetters(self.folder / "dead.sqlite3")
        self.loader = Loader(self.spool, self.store, self.dead, LOADER)

    def _close(self) -> None:
        self.spool.close()
        self.dead.close()

    def teardown(self) -> None:
        if hasattr(self, "folder"):
            self._close()
            shutil.rmtree(self.folder)

    # --- Actions ---------------------------------------------------------------------------------------------------

    @rule(count=st.integers(1, 7), poison=st.sampled_from([False, False, False, True]))
    def append(self, count: int, poison: bool) -> None:
        names = [f"e{self.number + n}" for n in range(count)]
        self.number += count
        payloads = [orjson.dumps({"id": name, "dataset": "d", "poison": poison and n == 0}) for n, name in enumerate(names)]
        asyncio.run(self.spool.append(payloads, "d"))
        self.acknowledged += names
        self.poison |= set(names[:1]) if poison else set()

    @rule(seq=st.integers(1, 3))
    def append_to_a_disk_that_refuses(self, seq: int) -> None:
        original = segment.SegmentWriter.append

        def refuse(writer: object, payloads: object) -> None:
            raise OSError(28, "No space left on device")

        segment.SegmentWriter.append = refuse  # type: ignore[assignment,method-assign]
        try:
            asyncio.run(self.spool.append([b"{}"] * seq, "d"))
        except SpoolError:
            pass
        else:
            raise AssertionError("it was acknowledged")
        finally:
            segment.SegmentWriter.append = original  # type: ignore[method-assign]
        self.spool._refuse_until = 0

    @precondition(lambda self: self.spool.pending_events)
    @rule(failures=st.integers(0, 3), code=st.sampled_from([0, 210, 241, 252]), applied=st.booleans())
    def load(self, failures: int, code: int, applied: bool) -> None:
        self.store.failures = [StoreUnavailable("away", code)] * failures
        self.store.applies_before_failing = applied
        assert self.loader.load_batch() > 0

    @rule()
    def stop_and_start(self) -> None:
        self._close()
        self._open(self.current)

    @rule()
    def kill_and_start(self) -> None:
        # What the disk has at this moment is what a killed process leaves behind.
        self.generation += 1
        left = Path(shutil.copytree(self.current, self.folder / str(self.generation)))
        self._close()
        self._open(left)

    @rule()
    def replay(self) -> None:
        self.spool.replay()

    @rule()
    def retry_dead_letters(self) -> None:
        letters = self.dead.all()
        if letters:
            asyncio.run(self.spool.append([letter.payload for letter in letters], "d"))
            self.dead.remove([letter.id for letter in letters])

    # --- What holds at every moment --------------------------------------------------------------------------------

    @invariant()
    def the_books_add_up(self) -> None:
        if hasattr(self, "spool"):
            assert self.spool.ledger.balance(self.spool.pending_events).missing == 0

    @invariant()
    def every_event_is_somewhere(self) -> None:
        if not hasattr(self, "spool"):
            return
        waiting = self._waiting()
        dead = {orjson.loads(letter.payload)["id"] for letter in self.dead.all()}
        assert set(self.acknowledged) == self.store.ids | dead | set(waiting)
        assert dead <= self.poison
        assert not self.store.ids & self.poison
        assert len(waiting) == self.spool.pending_events

    def _waiting(self) -> list[str]:
        found = []
        for number, (last, _) in self.spool._segments.items():
            start = last - self.spool._waiting(number, last)
            reader = segment.SegmentReader(self.spool._folder.file(number))
            found += [orjson.loads(payload)["id"] for payload in reader.read(start, 1000)]
            reader.close()
        return found


TestPipeline = Pipeline.TestCase
TestPipeline.settings = settings(
    max_examples=25, stateful_step_count=20, deadline=None, suppress_health_check=[HealthCheck.too_slow], derandomize=True
)


_usual = spool.SEGMENT_EVENTS


def setup_module() -> None:
    spool.SEGMENT_EVENTS = 6


def teardown_module() -> None:
    spool.SEGMENT_EVENTS = _usual
