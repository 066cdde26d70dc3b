"""Checks of the kind `push`: heartbeats that jobs send, and what is said where one does not come."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Mapping
from typing import Final, Protocol
from uuid import uuid4

from collector.checks.files.load import Check
from collector.checks.marks import Marks
from collector.checks.runs.events import missing
from collector.checks.runs.job import Outcome
from collector.checks.runs.verdict import DEGRADED, FAIL, PASS
from collector.checks.schedule.book import Book, State
from collector.checks.slots import slots

#: Before the secret part of an address.
PATH: Final = "/v1/push/"
#: A heartbeat that is so much before its moment of `cron` counts for it: clocks differ.
_EARLY_SECONDS: Final = 60


class Record(Protocol):
    """Records what came of a run; see `Scheduler`."""

    def __call__(self, check: Check, location: str, trigger: str, outcome: Outcome, at: float, row: int = 0) -> None:
        """Record it."""


class Pushes:
    """Takes heartbeats, and misses them.

    Args:
        book: keeps by when the next one has to come.
        marks: make the secret addresses.
        record: records runs.
        clock: epoch seconds.
    """

    def __init__(self, book: Book, marks: Marks, record: Record, clock: Callable[[], float] = time.time) -> None:
        self._book, self._marks, self._record, self._clock = book, marks, record, clock
        self._by_token: dict[bytes, Check] = {}

    def use(self, checks: Mapping[str, Check]) -> None:
        """Take heartbeats of these checks, and of no others."""
        self._by_token = {
            _digest(token): check for check in checks.values() if check.kind == "push" for token in self._tokens(check)
        }

    def token(self, check: Check) -> str:
        """Return the secret part of a check's address."""
        return self._tokens(check)[0]

    def _tokens(self, check: Check) -> list[str]:
        return self._marks.push_tokens(check.name, check.options["generation"])

    def look(self, check: Check, now: float) -> None:
        """Record a failure if the heartbeat has not come by now."""
        due_at = self._book.push_due(check.name)
        if due_at is None:
            self._book.set_push_due(check.name, self._next(check, now))
        elif now > due_at:
            text = "No heartbeat has come in time."
            self._tell(check, Outcome(uuid4().hex, FAIL, "missed", text, []), due_at)
            self._book.set_push_due(check.name, self._after(check, due_at, now))

    def receive(self, token: str, is_good: bool, message: str) -> bool:
        """Take a heartbeat.

        Args:
            token: the secret part of the address.
            is_good: whether the job says that it went well.
            message: what it says besides.

        Returns:
            False if there is no such address.
        """
        check = self._by_token.get(_digest(token))
        if check is None:
            return False
        now = self._clock()
        with self._book.transaction():
            was = self._book.state(check.name, "")
            is_late = was is not None and was.reason == "missed"
            if not is_good:
                outcome = Outcome(uuid4().hex, FAIL, "assertion", message or "The job says that it failed.", [])
            elif is_late:
                outcome = Outcome(uuid4().hex, DEGRADED, "late", message or "The heartbeat came late.", [])
            else:
                outcome = Outcome(uuid4().hex, PASS, "", message, [])
            self._tell(check, outcome, now)
            self._book.set_push_due(check.name, self._next(check, now))
        return True

    def _tell(self, check: Check, outcome: Outcome, at: float) -> None:
        event = missing(check, outcome.run_id, at, outcome.status, outcome.reason, outcome.message, trigger="push")
        event["check.assertions"] = 1
        self._record(check, "", "push", Outcome(outcome.run_id, outcome.status, outcome.reason, outcome.message, [event]), at)
        was = self._book.state(check.name, "")
        since = was.since if was and was.status == outcome.status else at
        values = (outcome.status, outcome.reason, outcome.message, outcome.run_id)
        self._book.set_state(State(check.name, "", *values, at, since))

    def _after(self, check: Check, due_at: float, now: float) -> float:
        """Return by when the one after a missed one has to come. After a long pause of ours one failure says enough."""
        grace: float = check.options["grace"]
        schedule = check.schedule
        assert schedule is not None
        if schedule.every_seconds:
            return due_at + schedule.every_seconds if due_at + schedule.every_seconds > now else now + schedule.every_seconds
        return next(slots(schedule, check.name, max(due_at, now) - grace)) + grace

    def _next(self, check: Check, now: float) -> float:
        """Return by when the next heartbeat has to come."""
        grace: float = check.options["grace"]
        schedule = check.schedule
        assert schedule is not None
        if schedule.every_seconds:
            return now + schedule.every_seconds + grace
        return next(slots(schedule, check.name, now + min(grace, _EARLY_SECONDS))) + grace


def _digest(token: str) -> bytes:
    # A look-up by what was sent would tell by its time how much of it is right.
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).digest()
