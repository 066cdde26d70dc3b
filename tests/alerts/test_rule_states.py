"""States: what is told when, by a clock of the test's own."""

from __future__ import annotations

import pytest

from collector.alerts.rules import Policy
from collector.alerts.states import Cause, State, Status, Step, Verdict, advance

LETTERS = {"F": Verdict.FAILING, "p": Verdict.PASSING, "-": Verdict.NO_DATA, "?": Verdict.UNDECIDED}


def play(verdicts: str, policy: Policy, every: float = 60) -> tuple[State, list[tuple[int, str]]]:
    """Play one verdict a minute; return the last state, and what was to be done by the minute."""
    state, done = State(), []
    for minute, letter in enumerate(verdicts):
        state, steps = advance(state, LETTERS[letter], minute * every, policy)
        done += [(minute, step.value) for step in steps]
    return state, done


@pytest.mark.parametrize(
    ("verdicts", "policy", "done"),
    [
        pytest.param("ppFFFp", Policy(), [(2, "open"), (5, "resolve")], id="once is enough"),
        pytest.param("FFFp", Policy(for_seconds=120), [(2, "open"), (3, "resolve")], id="it has to last"),
        pytest.param("FFpFFp", Policy(for_seconds=120), [], id="a break begins anew"),
        pytest.param("FF?FFF", Policy(for_seconds=120), [(5, "open")], id="so does a doubt"),
        pytest.param("FF-FFF", Policy(for_seconds=120), [(5, "open")], id="and a gap"),
        pytest.param("F---p", Policy(), [(0, "open"), (4, "resolve")], id="no data is no recovery"),
        pytest.param("F--F-?Fp", Policy(), [(0, "open"), (7, "resolve")], id="one incident through gaps and doubts"),
        pytest.param("-----", Policy(), [], id="silence is kept"),
        pytest.param("p----p", Policy(no_data_alerts=True, no_data_seconds=120), [(3, "open"), (5, "resolve")],
                     id="silence is told when it lasts"),
        pytest.param("--F", Policy(no_data_alerts=True), [(0, "open"), (2, "resolve"), (2, "open")], id="data comes back failing"),
        pytest.param("--?", Policy(no_data_alerts=True), [(0, "open"), (2, "resolve")], id="data comes back in doubt"),
        pytest.param("FFFFF-p", Policy(remind_seconds=120), [(0, "open"), (2, "remind"), (4, "remind"), (6, "resolve")],
                     id="reminders"),
    ],
)  # fmt: skip
def test_people_are_told(verdicts: str, policy: Policy, done: list[tuple[int, str]]) -> None:
    assert play(verdicts, policy)[1] == done


def test_a_state_says_since_when() -> None:
    state, _ = play("ppFF", Policy(for_seconds=60))
    assert (state.status, state.since, state.failing_since, state.cause) == (Status.FAILING, 180, 120, Cause.FAILING)


def test_who_knows_better_since_when_it_fails_says_so() -> None:
    state, steps = advance(State(), Verdict.FAILING, 1000, Policy(for_seconds=300), began=600)
    assert (state.failing_since, steps) == (600, (Step.OPEN,))


@pytest.mark.parametrize(
    ("verdicts", "status"), [("", "unknown"), ("p", "ok"), ("?", "pending"), ("-", "no_data"), ("F?", "failing")]
)
def test_a_state_has_a_word(verdicts: str, status: str) -> None:
    assert play(verdicts, Policy())[0].status == status
