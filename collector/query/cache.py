"""Answers that still hold, kept in memory: as long as no event came or went that could change them.

An answer is given again where the same question was asked in the same words, and where the store's version of the events in its
range is what it was before the answer was computed. So it is never older than the last stored event. The one thing that may differ
is where "the last 24 hours" end: at most `drift` seconds earlier than they would now, which the answer says (`meta.end_time`).
"""

from __future__ import annotations

import math
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from typing import Any, Final

import orjson

from collector.query.spec import QuerySpec
from collector.store.base import Versioned

#: Events may be so much in the future: clocks of senders are off.
_FUTURE_SECONDS: Final = 3600
#: How far a range that ends now may have moved on before it is another one.
_MOST_DRIFT: Final = 60.0
#: What an entry takes beside its answer, about.
_ENTRY_BYTES: Final = 1024


@dataclass(frozen=True, slots=True)
class Subject:
    """What a question is about.

    Args:
        key: the question in its one form; equal questions have equal keys.
        dataset: whose events.
        start, end: of the range as it is now, in epoch seconds.
        drift: by how many seconds an equal question may have been asked earlier.
    """

    key: bytes
    dataset: str
    start: int
    end: int
    drift: float = math.inf

    @classmethod
    def of(cls, kind: str, document: Any, spec: QuerySpec, now: float) -> Subject:
        """Return the subject of a question, read from this document.

        Texts are compared, not specifications: to Python 1, 1.0 and true are equal.
        """
        start, end = spec.time.resolve(now)
        is_fixed = spec.time.start is not None or spec.time.end is not None
        drift = math.inf if is_fixed else min(spec.granularity, _MOST_DRIFT)
        if not is_fixed:
            end += _FUTURE_SECONDS
        return cls(kind.encode() + orjson.dumps(document, option=orjson.OPT_SORT_KEYS), spec.dataset, start, end, drift)


@dataclass(frozen=True, slots=True)
class Moment:
    """When a question began to be answered, and the version of its events then."""

    subject: Subject
    at: float
    version: Hashable


class Freshness:
    """Tells which answers still hold.

    Args:
        store: knows the versions of its events.
        blind_seconds: how long an answer holds where the store does not know.
        most_seconds: how long any answer holds: events also end, by their retention.
        clock: seconds that never go back.
    """

    def __init__(
        self,
        store: Versioned,
        blind_seconds: float = 2,
        most_seconds: float = 600,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._store, self._clock = store, clock
        self._blind_seconds, self._most_seconds = blind_seconds, most_seconds

    def now(self, subject: Subject) -> Moment:
        """Return the moment, before any event is read. Raises StoreUnavailable."""
        at = self._clock()
        return Moment(subject, at, self._store.version(subject.dataset, subject.start, subject.end))

    def age(self, moment: Moment) -> float:
        """Return how many seconds ago a moment was."""
        return self._clock() - moment.at

    def holds(self, moment: Moment, asked: Subject) -> bool:
        """Whether an answer of that moment is one to what is asked now. Raises StoreUnavailable."""
        age, then = self.age(moment), moment.subject
        if age > min(asked.drift, self._most_seconds if moment.version is not None else self._blind_seconds):
            return False
        # Of its own range, as it began earlier, up to what is the end now.
        return self._store.version(then.dataset, then.start, max(then.end, asked.end)) == moment.version


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer: what is the same whenever it is given, as JSON, and its `meta`."""

    parts: dict[str, bytes]
    meta: dict[str, Any]
    moment: Moment | None = None

    @classmethod
    def of(cls, answer: dict[str, Any], moment: Moment | None = None) -> Answer:
        """Return an answer of the engine."""
        parts = {key: orjson.dumps(value) for key, value in answer.items() if key != "meta"}
        return cls(parts, answer.get("meta", {}), moment)

    @property
    def size(self) -> int:
        """Bytes that it takes, about."""
        return sum(map(len, self.parts.values())) + _ENTRY_BYTES + (len(self.moment.subject.key) if self.moment else 0)

    def body(self, **meta: Any) -> bytes:
        """Return it as JSON, with these members of `meta` in place of its own."""
        shown: dict[str, Any] = {key: orjson.Fragment(part) for key, part in self.parts.items()}
        if self.meta or meta:
            shown["meta"] = self.meta | meta
        return orjson.dumps(shown)


class AnswerCache:
    """The answers that were asked for last; every method may be called from any thread.

    Args:
        max_bytes: what they may take together; 0 for none. An answer of more than an eighth of it is not kept.
    """

    def __init__(self, max_bytes: int) -> None:
        self._max_bytes = max_bytes
        self._lock = threading.Lock()
        self._answers: OrderedDict[bytes, Answer] = OrderedDict()
        self._bytes = 0

    @property
    def size(self) -> int:
        """Bytes that the answers take, about."""
        return self._bytes

    def get(self, key: bytes) -> Answer | None:
        """Return the answer to a question, whether it still holds or not."""
        with self._lock:
            found = self._answers.get(key)
            if found:
                self._answers.move_to_end(key)
            return found

    def put(self, key: bytes, answer: Answer) -> None:
        """Keep an answer, and let the ones go that nobody has asked for longest."""
        with self._lock:
            self._drop(key)
            if answer.size > self._max_bytes // 8:
                return
            self._answers[key] = answer
            self._bytes += answer.size
            while self._bytes > self._max_bytes:
                self._drop(next(iter(self._answers)))

    def drop(self, key: bytes) -> None:
        """Let an answer go."""
        with self._lock:
            self._drop(key)

    def clear(self) -> None:
        """Let all answers go."""
        with self._lock:
            self._answers.clear()
            self._bytes = 0

    def _drop(self, key: bytes) -> None:
        if answer := self._answers.pop(key, None):
            self._bytes -= answer.size
