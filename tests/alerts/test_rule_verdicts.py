"""What runs and values mean to a rule."""

from __future__ import annotations

from pathlib import Path

import pytest
from ruling import check_rule, query_rule, runs

from collector.alerts.states import Verdict
from collector.alerts.verdicts import Finding, judge_check, judge_value, together

HOUR = 3600.0


@pytest.mark.parametrize(
    ("letters", "more", "verdict"),
    [
        ("pp", "", "passing"), ("pf", "", "undecided"), ("pff", "", "failing"), ("ffp", "", "undecided"), ("ffpp", "", "passing"),
        ("f", "fail_after: 1 run", "failing"), ("ffp", "recover_after: 1 run", "passing"), ("p", "", "passing"),
        ("pff", "fail_after: 5m", "undecided"), ("pffffff", "fail_after: 5m", "failing"),
        ("pdd", "", "passing"), ("pdd", "degraded_fails: true", "failing"),
        ("pfnf", "", "failing"), ("pnn", "", "passing"), ("nn", "", "no_data"), ("", "", "no_data"),
    ],
)  # fmt: skip
def test_runs_of_one_location(tmp_path: Path, letters: str, more: str, verdict: str) -> None:
    found = runs(letters)
    assert judge_check(found, check_rule(tmp_path, more), now=len(letters) * 60.0).verdict == verdict


def test_a_failure_says_between_which_runs_it_broke(tmp_path: Path) -> None:
    finding = judge_check(runs("pppff"), check_rule(tmp_path), 300)

    assert finding.first_failing is not None
    assert finding.last_passing is not None
    assert (finding.first_failing.run_id, finding.last_passing.run_id, finding.began) == ("home-3", "home-2", 180)
    assert finding.reason == "It fails at home: fail 4"


def test_old_runs_are_no_data(tmp_path: Path) -> None:
    rule = check_rule(tmp_path, "no_data_after: 10m")

    assert judge_check(runs("pff"), rule, 120 + 601).verdict is Verdict.NO_DATA
    assert judge_check(runs("pp"), rule, 60 + 680).reason == "Its last run is 11 min old; there should be one every 10 min."


@pytest.mark.parametrize(("share", "verdict"), [("1%", "failing"), ("50%", "failing"), ("67%", "passing")])
def test_a_share_of_the_locations_has_to_fail(tmp_path: Path, share: str, verdict: str) -> None:
    found = [*runs("ff", "berlin"), *runs("pp", "paris")]
    assert judge_check(found, check_rule(tmp_path, f"share_of_locations: {share}"), 120).verdict == verdict


def test_a_location_that_failed_and_is_silent_has_not_recovered(tmp_path: Path) -> None:
    found = [*runs("ff", "berlin"), *runs("p" * 200, "paris")]
    assert judge_check(found, check_rule(tmp_path), 200 * 60.0).verdict is Verdict.UNDECIDED


def test_while_the_parent_fails_nobody_is_told_of_the_child(tmp_path: Path) -> None:
    rule = check_rule(tmp_path, "parent: gateway")

    assert judge_check(runs("pff"), rule, 180, parent=runs("pf")).verdict is Verdict.UNDECIDED
    assert judge_check(runs("pff"), rule, 180, parent=runs("fp")).verdict is Verdict.FAILING


def test_what_happens_in_maintenance_does_not_count(tmp_path: Path) -> None:
    window = "maintenance: [{from: 1970-01-01T00:01, until: 1970-01-01T00:03}]"
    rule = check_rule(tmp_path, window)

    assert judge_check(runs("pff"), rule, 180).verdict is Verdict.PASSING
    assert judge_check(runs("pfffff"), rule, 360).verdict is Verdict.FAILING


def test_all_checks_of_a_rule_may_be_one_incident() -> None:
    fails, passes = Finding(Verdict.FAILING, "down", began=5), Finding(Verdict.PASSING)

    both = together({"a": passes, "b": fails, "c": Finding(Verdict.FAILING, "late", began=3)})
    assert (both.verdict, both.reason, both.subjects, both.began) == (Verdict.FAILING, "b, c: late", ("b", "c"), 3)
    assert together({"a": passes, "b": Finding(Verdict.NO_DATA)}).verdict is Verdict.NO_DATA
    assert (together({"a": passes}).verdict, together({}).verdict) == (Verdict.PASSING, Verdict.NO_DATA)


@pytest.mark.parametrize(
    ("value", "samples", "verdict"),
    [(2501, 30, "failing"), (2500, 30, "undecided"), (2299, 30, "passing"), (9999, 29, "no_data"), (None, 99, "no_data")],
)
def test_values_of_questions(tmp_path: Path, value: float | None, samples: int, verdict: str) -> None:
    assert judge_value(value, samples, query_rule(tmp_path, "recover_when: '< 2300'"), "P75(lcp.value)").verdict == verdict


def test_a_value_is_said_with_its_samples(tmp_path: Path) -> None:
    finding = judge_value(3100.0, 1200, query_rule(tmp_path), "P75(lcp.value)")
    assert finding.reason == "P75(lcp.value) is 3,100 in 15 min (1,200 samples); the rule says > 2500."
