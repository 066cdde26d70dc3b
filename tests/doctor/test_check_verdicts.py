"""From facts of scheduled checks to verdicts."""

from __future__ import annotations

from typing import Any

import pytest

from collector.checks.files.load import load
from collector.checks.schedule.book import Slot, State
from collector.checks.schedule.facts import browser_facts, schedule_facts
from collector.doctor.check_verdicts import judge_checks
from collector.doctor.verdict import Verdict

GOOD: dict[str, Any] = {
    "checks": 2, "failing": 0, "last_run_seconds": 12.0, "overdue": [], "agents": {"berlin": 4.0}, "problems": [],
    "runs_seconds": 900.0, "idle_seconds": 0.4, "is_alive": True, "waiting": 0,
    "browser": {"needed": 1, "has_driver": True, "program": "/usr/bin/chromium"},
}  # fmt: skip


def verdicts(**changes: Any) -> dict[str, Verdict]:
    return {one.name: one for one in judge_checks(GOOD | changes)}


def test_checks_that_run_get_no_advice() -> None:
    found = verdicts()

    assert {one.status for one in found.values()} == {"ok"}
    assert found["checks"].fact == "2 checks are scheduled, and the last run ended 12 s ago."
    assert found["agents"].fact == "Agents ask for work at berlin."
    assert found["browser"].fact == "1 check needs a browser: /usr/bin/chromium."


@pytest.mark.parametrize(
    ("change", "name", "status", "said"),
    [
        ({"is_alive": False, "idle_seconds": 99.0}, "checks", "fail", "has not looked for what is due for 99 s"),
        ({"idle_seconds": 45.0}, "checks", "fail", "has not looked"),
        ({"checks": 0}, "checks", "warn", "has no checks"),
        ({"problems": ["a.check.yaml:1: no"]}, "check files", "warn", "a.check.yaml:1: no"),
        (
            {"overdue": [{"name": "a", "location": "main", "seconds": 90}]},
            "overdue",
            "warn",
            "1 overdue, such as a at main, for 90 s",
        ),
        ({"agents": {"berlin": None}}, "agents", "warn", "at berlin has asked for work since the collector was started"),
        ({"agents": {"berlin": 300.0, "paris": 900.0}}, "agents", "warn", "for 5 min, nor at 1 more."),
        ({"browser": {"needed": 2, "has_driver": True, "program": ""}}, "browser", "fail", "2 checks need a browser, and none"),
        ({"browser": {"needed": 2, "has_driver": False, "program": ""}}, "browser", "fail", "Playwright is missing"),
        ({"waiting": 50}, "check results", "warn", "50 runs wait to be sent"),
    ],
)
def test_what_is_wrong_with_checks_is_named_with_a_way_out(change: dict[str, Any], name: str, status: str, said: str) -> None:
    verdict = verdicts(**change)[name]

    assert (verdict.status, said in verdict.fact, bool(verdict.advice)) == (status, True, True), verdict


def test_an_agent_gets_a_moment_after_the_collector_was_started() -> None:
    assert verdicts(agents={"berlin": None}, runs_seconds=5.0)["agents"].status == "ok"


def test_facts_are_of_the_checks_that_there_are(tmp_path: Any) -> None:
    for name, place in (("a", "[main, berlin]"), ("b", "[paris]")):
        text = f"kind: page\nurl: http://shop.example/\nevery: 1m\nlocations: {place}\nexpect: [lcp.value < 1]\n"
        (tmp_path / f"{name}.check.yaml").write_text(text)
    checks = {one.name: one for one in load(sorted(tmp_path.glob("*.yaml")))[0]}
    a, b = sorted(checks)
    states = [State(a, "main", "fail", "", "", "r1", 900.0, 0.0), State("gone", "main", "fail", "", "", "r2", 990.0, 0.0)]
    slots = [Slot("s1", b, "paris", 900, "schedule", 900.0), Slot("s2", a, "main", 990, "schedule", 990.0)]
    found = schedule_facts(checks, states, slots, "main", {"berlin": 995.0}.get, 1000.0)

    assert (found["checks"], found["failing"], found["last_run_seconds"]) == (2, 1, 100.0)
    assert found["overdue"] == [{"name": b, "location": "paris", "seconds": 100}]
    assert found["agents"] == {"berlin": 5.0, "paris": None}
    assert browser_facts(checks, "main")["needed"] == 1
