"""What runs of checks, and values of questions, mean to a rule. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from collector.alerts.rules import CheckRule, QueryRule
from collector.alerts.spans import spoken
from collector.alerts.states import Verdict
from collector.alerts.windows import covering


@dataclass(frozen=True, slots=True)
class Run:
    """The attempt that decided a run of a check; `at` in epoch seconds, `status` pass, degraded, fail or no_data."""

    check: str
    location: str
    at: float
    status: str
    run_id: str
    reason: str = ""
    message: str = ""
    suite: str = ""
    tags: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Finding:
    """What a look found of a subject.

    Attributes:
        verdict: see `states`.
        reason: why, as a sentence.
        began: since when it fails, in epoch seconds.
        value: of a question.
        samples: how many events have a value.
        first_failing, last_passing: the runs between which it broke.
        subjects: the checks that fail, where one incident is for all of them.
        group: of a question with breakdowns.
        grace: for how many seconds no data is no reason to tell people: there never was some.
    """

    verdict: Verdict
    reason: str = ""
    began: float | None = None
    value: float | None = None
    samples: int | None = None
    first_failing: Run | None = None
    last_passing: Run | None = None
    subjects: tuple[str, ...] = ()
    group: Mapping[str, Any] = field(default_factory=dict, hash=False)
    grace: float = 0


@dataclass(slots=True)
class _Place:
    """A check at one location."""

    verdict: Verdict
    fails: list[Run] = field(default_factory=list)
    before: Run | None = None
    last: Run | None = None


def judge_check(runs: Iterable[Run], rule: CheckRule, now: float, parent: Sequence[Run] = ()) -> Finding:
    """Judge the runs of one check.

    Args:
        runs: at all locations, in the order of time; those within maintenance do not count.
        rule: the rule.
        now: epoch seconds.
        parent: the runs of the check without which this one cannot pass.
    """
    by_location: dict[str, list[Run]] = {}
    for run in runs:
        if not covering(rule.maintenance, run.at):
            by_location.setdefault(run.location, []).append(run)
    places = {location: _judge_place(found, rule, now) for location, found in sorted(by_location.items())}
    with_data = {name: place for name, place in places.items() if place.verdict is not Verdict.NO_DATA}
    if not with_data:
        return _silence(places, rule, now)
    failing = [name for name, place in with_data.items() if place.verdict is Verdict.FAILING]
    # One that failed and is not heard of any more has not recovered.
    doubtful = [name for name, place in places.items() if place.fails or place.verdict is Verdict.UNDECIDED]
    if failing and len(failing) / len(with_data) >= rule.share:
        if blocker := _blocking(parent, rule):
            return Finding(Verdict.UNDECIDED, f"It fails, and so does {rule.parent}, without which it cannot pass: {blocker}")
        return _failing(places, failing, len(with_data))
    if not doubtful or (rule.share and len(doubtful) / len(places) < rule.share):
        return Finding(Verdict.PASSING, "Its last runs passed.")
    return Finding(Verdict.UNDECIDED, f"It does not pass, or not for long enough, at {_listed(doubtful)}.")


def together(findings: Mapping[str, Finding]) -> Finding:
    """Return the one finding for all checks of a rule."""
    failing = [name for name, one in findings.items() if one.verdict is Verdict.FAILING]
    if failing:
        first = min((findings[name] for name in failing), key=lambda one: one.began or 0)
        return Finding(Verdict.FAILING, f"{_listed(failing)}: {first.reason}", first.began, first_failing=first.first_failing,
                       last_passing=first.last_passing, subjects=tuple(failing))  # fmt: skip
    for verdict in (Verdict.UNDECIDED, Verdict.NO_DATA):
        if found := [name for name, one in findings.items() if one.verdict is verdict]:
            grace = min(findings[name].grace for name in found)
            return Finding(verdict, f"{_listed(found)}: {findings[found[0]].reason}", subjects=tuple(found), grace=grace)
    return Finding(Verdict.PASSING, "The last runs passed.") if findings else Finding(Verdict.NO_DATA, "No such check has run.")


def judge_value(value: Any, samples: int, rule: QueryRule, key: str) -> Finding:
    """Judge the answer for the whole, or for one group.

    Args:
        value: what was calculated; None where there is none.
        samples: events with a value.
        rule: the rule.
        key: what is calculated.
    """
    if samples < rule.minimum_samples or not isinstance(value, int | float) or isinstance(value, bool):
        number = None if not isinstance(value, int | float) else float(value)
        text = f"There are {samples:,} samples in {spoken(rule.window)}, and {rule.minimum_samples:,} are needed."
        return Finding(Verdict.NO_DATA, text, value=number, samples=samples)
    fact = f"{key} is {value:,.6g} in {spoken(rule.window)} ({samples:,} samples)"
    if rule.when.holds(value):
        return Finding(Verdict.FAILING, f"{fact}; the rule says {rule.when}.", value=float(value), samples=samples)
    if rule.recover_when and not rule.recover_when.holds(value):
        text = f"{fact}; it is over when {rule.recover_when}."
        return Finding(Verdict.UNDECIDED, text, value=float(value), samples=samples)
    return Finding(Verdict.PASSING, f"{fact}.", value=float(value), samples=samples)


def _judge_place(runs: Sequence[Run], rule: CheckRule, now: float) -> _Place:
    bad = ("fail", "degraded") if rule.degraded_fails else ("fail",)
    # A slot that was missed says nothing.
    told = [run for run in runs if run.status != "no_data"]
    streak = 0
    while streak < len(told) and (told[-1 - streak].status in bad) == (told[-1].status in bad):
        streak += 1
    is_bad = bool(told) and told[-1].status in bad
    fails = told[len(told) - streak :] if is_bad else []
    before = told[len(told) - streak - 1] if is_bad and streak < len(told) else None
    place = _Place(Verdict.NO_DATA, fails, before, told[-1] if told else None)
    if not told or now - told[-1].at > rule.stale_seconds:
        return place
    if is_bad:
        lasts = len(fails) >= rule.fail_runs if rule.fail_runs else now - fails[0].at >= rule.fail_seconds
        place.verdict = Verdict.FAILING if lasts else Verdict.UNDECIDED
    else:
        place.verdict = Verdict.PASSING if streak >= min(rule.recover_runs, len(told)) else Verdict.UNDECIDED
    return place


def _failing(places: Mapping[str, _Place], failing: Sequence[str], count: int) -> Finding:
    first = min((places[name] for name in failing), key=lambda place: place.fails[0].at)
    last = max((places[name].fails[-1] for name in failing), key=lambda run: run.at)
    where = f" at {_listed(failing)}" if any(failing) else ""
    share = f" ({len(failing)} of {count} locations)" if count > 1 else ""
    why = last.message or last.reason or "it says not why"
    return Finding(Verdict.FAILING, f"It fails{where}{share}: {why}", first.fails[0].at, first_failing=first.fails[0],
                   last_passing=first.before)  # fmt: skip


def _silence(places: Mapping[str, _Place], rule: CheckRule, now: float) -> Finding:
    last = max((place.last.at for place in places.values() if place.last), default=None)
    if last is None:
        return Finding(Verdict.NO_DATA, "It has not run.", grace=rule.stale_seconds)
    text = f"Its last run is {spoken(now - last)} old; there should be one every {spoken(rule.stale_seconds)}."
    return Finding(Verdict.NO_DATA, text)


def _blocking(parent: Sequence[Run], rule: CheckRule) -> str:
    """Return why the parent fails at some location, or nothing."""
    last = {run.location: run for run in parent if run.status != "no_data"}
    return next((run.message or run.reason or "it says not why" for run in last.values() if run.status == "fail"), "")


def _listed(names: Sequence[str]) -> str:
    shown = [name or "a location without a name" for name in names[:5]]
    return ", ".join(shown) + (f" and {len(names) - 5} more" if len(names) > 5 else "")
