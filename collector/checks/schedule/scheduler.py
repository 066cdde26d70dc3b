"""Plans slots, gives them to runners, and records what came of them, or that nothing did.

The clock is looked at in `tick`, which is to be called every second or so; nothing here waits.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import takewhile
from typing import Any, Final
from uuid import uuid4

from collector.checks.files.load import Check
from collector.checks.files.rows import read_rows
from collector.checks.kinds import KINDS
from collector.checks.marks import MARK_FIELD, Marks
from collector.checks.runs.events import identity, missing
from collector.checks.runs.job import Outcome, RunOrder
from collector.checks.runs.verdict import DEGRADED, FAIL, NO_DATA, PASS
from collector.checks.schedule.book import Book, Slot, State
from collector.checks.schedule.folder import Folder
from collector.checks.schedule.lease import Lease, LeaseGone
from collector.checks.schedule.pushes import Pushes
from collector.checks.slots import slots
from collector.errors import WideloadError

log = logging.getLogger(__name__)

#: A slot that nobody has taken for so long is missed.
LATE_SECONDS: Final = 300
#: When a failure is confirmed at the same location.
RECHECK_SECONDS: Final = 20
#: What a lease lasts beyond the time that its runs may take.
GRACE_SECONDS: Final = 30
#: What an attempt may take beyond its time-out, such as the start of a browser.
_ATTEMPT_SECONDS: Final = 15
#: Slots that were missed longer ago are not recorded one by one.
_RECORDED_SECONDS: Final = 86_400
#: A location has a runner if one asked for work within this time.
_SEEN_SECONDS: Final = 60
_FOLDER_SECONDS: Final = 5
_WORST: Final = (FAIL, NO_DATA, DEGRADED, PASS)
_KINDS: Final = frozenset({"check_run", "check_step", "probe"})


@dataclass(frozen=True, slots=True)
class Rules:
    """What holds for all checks.

    Attributes:
        dataset: where their events go.
        location: of those that name none.
        concurrency: how many run at once at a location.
    """

    dataset: str
    location: str = "main"
    concurrency: int = 2


class Scheduler:
    """The scheduler; may be used from any thread.

    Args:
        book: keeps what is planned and running.
        folder: the checks.
        marks: sign runs.
        rules: see there.
        clock: epoch seconds.
        keep_evidence: is told what came of a run of a check, by its name, to keep what there is to be seen.
        budgets: returns what real users measure, for a check.
        pictures: returns the accepted pictures of a check, by its name.
    """

    def __init__(
        self,
        book: Book,
        folder: Folder,
        marks: Marks,
        rules: Rules,
        clock: Callable[[], float] = time.time,
        keep_evidence: Callable[[str, Outcome], None] = lambda *_: None,
        budgets: Callable[[Check], dict[str, tuple[float | None, str]]] = lambda _: {},
        pictures: Callable[[str], Sequence[Mapping[str, str]]] = lambda _: (),
    ) -> None:
        self.rules, self._book, self._folder, self._marks, self._clock = rules, book, folder, marks, clock
        self._keep_evidence, self._budgets, self._pictures = keep_evidence, budgets, pictures
        self.pushes = Pushes(book, marks, self._record, clock)
        self._lock = threading.RLock()
        self._checks: Mapping[str, Check] = {}
        self._read_at = float("-inf")
        self._seen: dict[str, float] = {}

    @property
    def checks(self) -> Mapping[str, Check]:
        """The checks by name, as they were when they were last read."""
        return self._checks

    @property
    def folder(self) -> Folder:
        """The folder that they are read from."""
        return self._folder

    def states(self) -> list[State]:
        """Return what is known of all checks."""
        return self._book.states()

    def seen(self, location: str) -> float | None:
        """Return when a runner at a location last asked for work, in epoch seconds; None if it did not since the start."""
        return self._seen.get(location)

    def next_at(self, check: Check) -> int | None:
        """Return a check's next slot, in epoch seconds."""
        return next(slots(check.schedule, check.name, self._clock())) if check.schedule else None

    # --- Time passes ---------------------------------------------------------------------------------------------------

    def begin(self, runner: str) -> None:
        """Give up what a runner had that is no more, such as this process before it was started again."""
        with self._lock, self._book.transaction():
            self._read(self._clock())
            for slot in self._book.slots():
                if slot.runner == runner:
                    self._give_up(slot, "runner_error", "The collector was stopped while it ran.")

    def tick(self) -> None:
        """Plan what is due by now, and give up what has taken too long."""
        now = self._clock()
        with self._lock, self._book.transaction():
            self._read(now)
            for check in self._checks.values():
                if check.kind == "push":
                    self.pushes.look(check, now)
                elif check.schedule:
                    self._plan(check, now)
            for slot in self._book.slots():
                if slot.expires_at is not None and slot.expires_at <= now:
                    self._give_up(slot, "missed", f"The runner {slot.runner} did not report in time.")
                elif slot.expires_at is None and now - slot.not_before > LATE_SECONDS:
                    self._give_up(slot, "missed", f"No runner at {slot.location} took it in time.")

    def _read(self, now: float) -> None:
        if now - self._read_at >= _FOLDER_SECONDS:
            self._read_at = now
            self._checks = self._folder.checks()
            self._book.forget(set(self._checks))
            self.pushes.use(self._checks)

    def _plan(self, check: Check, now: float) -> None:
        assert check.schedule is not None
        locations = check.locations or (self.rules.location,)
        for place in ("*",) if check.rotates else locations:
            after, turn = self._book.progress(check.name, place) or (0, 0)
            if not after:
                self._book.set_progress(check.name, place, int(now), 0)
                continue
            since = max(after, now - _RECORDED_SECONDS)
            if since > after:
                log.warning("Slots of %s before %s were missed and are not recorded.", check.name, time.ctime(since))
            due = list(takewhile(lambda slot: slot <= now, slots(check.schedule, check.name, since)))
            for number, slot_at in enumerate(due):
                location = locations[(turn + number) % len(locations)] if check.rotates else place
                is_last = number == len(due) - 1
                if is_last and now - slot_at <= LATE_SECONDS:
                    self._open(check, location, slot_at)
                else:
                    self._miss(check, location, slot_at, "The scheduler was not running, or busy, when it was due.")
            if due:
                self._book.set_progress(check.name, place, due[-1], turn + len(due))

    def _open(self, check: Check, location: str, slot_at: int) -> None:
        for other in self._book.slots():
            if (other.name, other.location, other.trigger) != (check.name, location, "schedule"):
                continue
            if other.runner:
                self._miss(check, location, slot_at, "The run before it was still going on.")
                return
            self._give_up(other, "missed", f"No runner at {location} took it before the next one was due.")
        self._book.add(Slot(uuid4().hex, check.name, location, slot_at, "schedule", slot_at))

    # --- Runners come and go -------------------------------------------------------------------------------------------

    def lease(self, location: str, runner: str) -> Lease | None:
        """Give a runner at a location something to do: what has been due the longest. None where there is nothing."""
        lease = self._next(location, runner)
        check = self._checks.get(lease.name) if lease else None
        if not lease or not check:
            return lease
        # Without the lock: the store is asked, and files are read.
        pictures = tuple(self._pictures(check.name)) if check.kind == "journey" else ()
        return replace(lease, budgets=self._budgets(check), pictures=pictures)

    def _next(self, location: str, runner: str) -> Lease | None:
        now = self._clock()
        with self._lock, self._book.transaction():
            self._seen[location] = now
            here = [slot for slot in self._book.slots() if slot.location == location]
            busy = {slot.name for slot in here if slot.runner}
            if len(busy) >= self.rules.concurrency:
                return None
            for slot in here:
                check = self._checks.get(slot.name)
                if check and slot.name not in busy and slot.not_before <= now:
                    return self._lease(slot, check, runner, now)
        return None

    def _lease(self, slot: Slot, check: Check, runner: str, now: float) -> Lease:
        runs = tuple((uuid4().hex, row) for row in _rows(check))
        seconds = len(runs) * _seconds(check)
        self._book.lease(slot, runner, now + seconds + GRACE_SECONDS, runs)
        orders = []
        for run_id, row in runs:
            mark = self._marks.sign(self.rules.dataset, run_id)
            orders.append(RunOrder(run_id, mark.text, mark.expires_at, row))
        return Lease(
            slot.id, check.name, slot.location, slot.trigger, slot.slot_at, seconds, self._folder.relative(check),
            self._folder.hash(), check.secrets, tuple(orders),
        )  # fmt: skip

    def complete(self, lease_id: str, runner: str, outcomes: Sequence[Outcome]) -> None:
        """Take what came of a lease; what is missing gave no data.

        Raises:
            LeaseGone: it has ended, or is not this runner's.
            WideloadError: an event is not of these runs.
        """
        found = {one.run_id: one for one in outcomes}
        with self._lock, self._book.transaction():
            slot = self._book.slot(lease_id)
            if slot is None or slot.runner != runner or slot.name not in self._checks:
                raise LeaseGone("This lease has ended: its runs are recorded as missed, and what was found is not taken.")
            check = self._checks[slot.name]
            for run_id, row in slot.runs:
                lost = Outcome(run_id, NO_DATA, "runner_error", "The runner did not say what came of it.", [])
                outcome = found.get(run_id, lost)
                self._record(check, slot.location, slot.trigger, outcome, slot.slot_at, row)
                self._keep_evidence(check.name, outcome)
            worst = min(
                (found.get(run_id, Outcome(run_id, NO_DATA, "", "", [])) for run_id, _ in slot.runs),
                key=lambda one: _WORST.index(one.status),
            )
            was = self._book.state(check.name, slot.location)
            self._note(check.name, slot.location, worst)
            self._book.remove(slot.id)
            if worst.status == FAIL and (was is None or was.status != FAIL) and slot.trigger == "schedule":
                self._recheck(check, slot.location)

    def _recheck(self, check: Check, location: str) -> None:
        """Have a failure confirmed: at another location at once, if there is a runner, else here in a moment."""
        if check.kind not in KINDS or not KINDS[check.kind].is_uptime:
            return
        now = self._clock()
        others = [one for one in check.locations if one != location and now - self._seen.get(one, 0) < _SEEN_SECONDS]
        where, at = (others[0], now) if others else (location, now + RECHECK_SECONDS)
        self._book.add(Slot(uuid4().hex, check.name, where, int(at), "recheck", at))

    # --- What is known -------------------------------------------------------------------------------------------------

    def _give_up(self, slot: Slot, reason: str, message: str) -> None:
        self._book.remove(slot.id)
        check = self._checks.get(slot.name)
        if check is None:
            return
        for run_id, row in slot.runs or ((uuid4().hex, 0),):
            outcome = Outcome(run_id, NO_DATA, reason, message, [])
            self._record(check, slot.location, slot.trigger, outcome, slot.slot_at, row)
            self._note(check.name, slot.location, outcome)

    def _miss(self, check: Check, location: str, slot_at: int, message: str) -> None:
        outcome = Outcome(uuid4().hex, NO_DATA, "missed", message, [])
        self._record(check, location, "schedule", outcome, slot_at)
        self._note(check.name, location, outcome)

    def _record(self, check: Check, location: str, trigger: str, outcome: Outcome, at: float, row: int = 0) -> None:
        run_id = outcome.run_id
        if outcome.events:
            known = identity(check, run_id, location, trigger, row)
            events = list(_stamped(outcome.events, known, run_id))
        else:
            events = [missing(check, run_id, at, outcome.status, outcome.reason, outcome.message,
                              location=location, trigger=trigger, row=row)]  # fmt: skip
        self._book.post(run_id, events)

    def _note(self, name: str, location: str, outcome: Outcome) -> None:
        now, was = self._clock(), self._book.state(name, location)
        since = was.since if was and was.status == outcome.status else now
        self._book.set_state(State(name, location, outcome.status, outcome.reason, outcome.message, outcome.run_id, now, since))


def _rows(check: Check) -> list[int]:
    """Return the rows to be run; a file of data that cannot be read is the runner's to complain of."""
    if check.data is None:
        return [0]
    try:
        return list(range(1, len(read_rows(check)) + 1))
    except WideloadError:
        return [1]


def _seconds(check: Check) -> float:
    waits: float = sum(check.backoff_seconds * 2**number for number in range(check.attempts - 1))
    return check.attempts * (check.timeout_seconds + _ATTEMPT_SECONDS) + waits


def _stamped(events: Sequence[dict[str, Any]], known: Mapping[str, Any], run_id: str) -> Iterator[dict[str, Any]]:
    """Yield a runner's events as of the run that it was given: a runner cannot speak for other checks or places."""
    for event in events:
        if event.get("kind") not in _KINDS or not str(event.get("id", "")).startswith(f"{run_id}-"):
            raise WideloadError(f"An event {str(event.get('id'))[:64]!r} is not of the run {run_id}.")
        yield {**{name: value for name, value in event.items() if name != MARK_FIELD}, **known}
