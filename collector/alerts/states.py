"""How a rule goes from one state to the next. Pure: what was found and the time go in, the state and what to do come out.

What is missing decides nothing: without data nothing has recovered, and nothing has begun.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum

from collector.alerts.rules import Policy


class Verdict(StrEnum):
    """What a look found.

    `UNDECIDED`: something fails, and not long enough, or has not passed for long enough.
    """

    FAILING = "failing"
    PASSING = "passing"
    NO_DATA = "no_data"
    UNDECIDED = "undecided"


class Status(StrEnum):
    """What is known of a subject: a check or a group."""

    UNKNOWN = "unknown"
    OK = "ok"
    PENDING = "pending"
    FAILING = "failing"
    NO_DATA = "no_data"


class Cause(StrEnum):
    """What an incident is about; `NONE` where there is no incident."""

    NONE = ""
    FAILING = "failing"
    NO_DATA = "no_data"


class Step(StrEnum):
    """What is to be done."""

    OPEN = "open"
    RESOLVE = "resolve"
    REMIND = "remind"


@dataclass(frozen=True, slots=True)
class State:
    """What is remembered of a subject; times in epoch seconds.

    Attributes:
        status: what is known.
        since: since when.
        failing_since: since when it fails without a break; None while it does not.
        no_data_since: since when there is no data; None while there is some.
        cause: of the incident that is open.
        told_at: when people were told the last time of that incident.
    """

    status: Status = Status.UNKNOWN
    since: float = 0
    failing_since: float | None = None
    no_data_since: float | None = None
    cause: Cause = Cause.NONE
    told_at: float = 0


def advance(
    state: State, verdict: Verdict, now: float, policy: Policy, began: float | None = None
) -> tuple[State, tuple[Step, ...]]:
    """Return the next state and what is to be done, in this order.

    Args:
        state: the last one.
        verdict: what was found.
        now: when.
        policy: of the rule.
        began: where it fails: since when, if that is known better than by looking.
    """
    match verdict:
        case Verdict.FAILING:
            return _fail(state, now, policy, began)
        case Verdict.PASSING:
            next_ = _enter(replace(state, failing_since=None, no_data_since=None), Status.OK, now)
            return _resolved(next_) if state.cause else (next_, ())
        case Verdict.NO_DATA:
            return _miss(state, now, policy)
        case Verdict.UNDECIDED:
            return _doubt(state, now, policy)


def _fail(state: State, now: float, policy: Policy, began: float | None) -> tuple[State, tuple[Step, ...]]:
    since = state.failing_since if state.failing_since is not None else now if began is None else min(began, now)
    state = replace(state, failing_since=since, no_data_since=None)
    if state.cause is Cause.FAILING:
        return _remind(_enter(state, Status.FAILING, now), now, policy)
    # Data has come back.
    state, steps = _resolved(state) if state.cause is Cause.NO_DATA else (state, ())
    if now - since < policy.for_seconds:
        return _enter(state, Status.PENDING, now), steps
    opened = replace(_enter(state, Status.FAILING, now), cause=Cause.FAILING, told_at=now)
    return opened, (*steps, Step.OPEN)


def _miss(state: State, now: float, policy: Policy) -> tuple[State, tuple[Step, ...]]:
    since = state.no_data_since if state.no_data_since is not None else now
    # A break: whatever was about to fail begins anew.
    failing = state.failing_since if state.cause is Cause.FAILING else None
    state = _enter(replace(state, no_data_since=since, failing_since=failing), Status.NO_DATA, now)
    if state.cause:
        return _remind(state, now, policy)
    if policy.no_data_alerts and now - since >= policy.no_data_seconds:
        return replace(state, cause=Cause.NO_DATA, told_at=now), (Step.OPEN,)
    return state, ()


def _doubt(state: State, now: float, policy: Policy) -> tuple[State, tuple[Step, ...]]:
    state = replace(state, no_data_since=None)
    if state.cause is Cause.FAILING:
        return _remind(_enter(state, Status.FAILING, now), now, policy)
    state = _enter(replace(state, failing_since=None), Status.PENDING, now)
    return _resolved(state) if state.cause is Cause.NO_DATA else (state, ())


def _resolved(state: State) -> tuple[State, tuple[Step, ...]]:
    return replace(state, cause=Cause.NONE, told_at=0), (Step.RESOLVE,)


def _remind(state: State, now: float, policy: Policy) -> tuple[State, tuple[Step, ...]]:
    if policy.remind_seconds and now - state.told_at >= policy.remind_seconds:
        return replace(state, told_at=now), (Step.REMIND,)
    return state, ()


def _enter(state: State, status: Status, now: float) -> State:
    return state if state.status is status else replace(state, status=status, since=now)
