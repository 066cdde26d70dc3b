"""Attempts become verdicts, verdicts events, and nothing is green that was not looked at."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from collector.checks import kinds
from collector.checks.attempt import Attempt, Setting, Step
from collector.checks.conditions import look, parse
from collector.checks.files.load import Check, load
from collector.checks.files.rows import read_rows
from collector.checks.marks import MARK_FIELD, Mark
from collector.checks.probes.model import Found, ProbeError
from collector.checks.runs import shown
from collector.checks.runs.events import events_of
from collector.checks.runs.run import Order, Run, Runner
from collector.checks.runs.verdict import Verdict, judge
from collector.errors import WideloadError
from tests.checks.served import Server, site

MARK = Mark("a" * 32, "the-mark", 0)


@pytest.fixture
def shop() -> Iterator[Server]:
    with site() as server:
        yield server


def make_check(folder: Path, server: Server, path: str = "/", more: str = "", expect: str = "[status == 200]") -> Check:
    file = folder / "it.check.yaml"
    file.write_text(f"kind: http\nid: it\nurl: http://127.0.0.1:{server.server_port}{path}\nexpect: {expect}\n{more}")
    (check,), problems = load([file])
    assert problems == []
    return check


def run(check: Check, waits: list[float] | None = None, **more: Any) -> Run:
    with Runner(sleep=(waits if waits is not None else []).append) as runner:
        return runner.run(Order(check, MARK, **{"allow_private": True} | more))


def looked(*conditions: str) -> Attempt:
    return Attempt(results=[look(parse(text), {"status": 200}) for text in conditions])


@pytest.mark.parametrize(
    ("attempt", "verdict"),
    [
        (looked("status == 200"), ("pass", "")),
        (looked("status == 200", "status < 100 warn"), ("degraded", "assertion")),
        (looked("status < 100 warn", "status == 404"), ("fail", "assertion")),
        (looked(), ("no_data", "no_assertion")),
        (Attempt(error=ProbeError("timeout", "Too slow.")), ("fail", "timeout")),
        (Attempt(error=ProbeError("browser_error", "Gone.")), ("no_data", "browser_error")),
        (Attempt(steps=[Step(0, "open", "open")]), ("no_data", "no_assertion")),
        (Attempt(steps=[Step(0, "pay", "click", "fail")]), ("fail", "element")),
    ],
)
def test_an_attempt_has_a_verdict(attempt: Attempt, verdict: tuple[str, str]) -> None:
    found = judge(attempt)

    assert (found.status, found.reason) == verdict


def test_the_sentence_says_what_did_not_hold_and_how_much_more() -> None:
    assert judge(looked("status == 404", "status == 500", "status < 3")) == Verdict(
        "fail", "assertion", "status == 404: status is 200. 2 more do not hold."
    )


def test_a_pass_after_a_failure_is_flaky(tmp_path: Path, shop: Server) -> None:
    waits: list[float] = []
    made = run(make_check(tmp_path, shop, "/flaky", "attempts: 3\nbackoff: 2\n"), waits)

    assert (made.verdict.status, made.is_flaky, len(made.tries), waits) == ("pass", True, 2, [2])
    first, second = (event for event in events_of(made) if event["kind"] == "check_run")
    assert [first[f"check.{name}"] for name in ("attempt", "is_final", "is_flaky", "status", "reason")] == [
        1, False, False, "fail", "assertion",
    ]  # fmt: skip
    assert [second[f"check.{name}"] for name in ("attempt", "is_final", "is_flaky", "status")] == [2, True, True, "pass"]


def test_attempts_wait_twice_as_long_each_time(tmp_path: Path, shop: Server) -> None:
    waits: list[float] = []
    made = run(make_check(tmp_path, shop, more="attempts: 4\n", expect="[status == 404]"), waits)

    assert (made.verdict.status, made.is_flaky, len(made.tries), waits) == ("fail", False, 4, [1, 2, 4])


def test_events_say_what_was_found_and_are_signed(tmp_path: Path, shop: Server) -> None:
    check = make_check(tmp_path, shop, "/old", "suite: Shop\ntags: [paid, eu]\n", "[status == 200, redirects == 2]")
    events = events_of(run(check, location="berlin", trigger="ci", row=3))
    assert {event["check.tags"] for event in events} == {"paid,eu"}

    assert [event["kind"] for event in events] == ["check_run", "probe", "probe", "probe"]
    assert [event["id"] for event in events] == [f"{MARK.run_id}-1{end}" for end in ("", "-p0", "-p1", "-p2")]
    assert {(event["check.run_id"], event[MARK_FIELD], event["check.location"], event["check.row"]) for event in events} == {
        (MARK.run_id, MARK.text, "berlin", 3)
    }
    assert (events[0]["check.assertions"], events[0]["http.response.status_code"], events[0]["check.suite"]) == (2, 200, "Shop")
    assert events[3]["probe.duration"] > 0


def test_what_a_server_says_cannot_make_an_event_that_is_refused(tmp_path: Path, shop: Server, monkeypatch: Any) -> None:
    def attempt(*_: Any) -> Attempt:
        made = looked("status == 200")
        made.found = Found({"cert.subject": "x" * 9999, "cert.days_left": 1e12, "lcp.value": "soon", "body": "no field"})
        return made

    monkeypatch.setattr("collector.checks.probes.attempt.attempt", attempt)
    (event,) = events_of(run(make_check(tmp_path, shop)))

    assert (len(event["cert.subject"]), {"cert.days_left", "lcp.value", "body"} & event.keys()) == (256, set())


def test_secrets_are_in_no_event_and_nowhere_that_is_shown(tmp_path: Path, shop: Server) -> None:
    secret = "hush-hush/1"
    check = make_check(tmp_path, shop, "/${key}", "secrets: [key]\n", "['body contains \"${key}\"']")
    made = run(check, secrets={"key": secret, "another": "of another check"})

    assert shop.seen[0][0] == f"/{secret}"
    assert made.verdict.status == "fail"
    for text in (str(events_of(made)), str(shown.as_json(made)), str(shown.lines(made)), shown.junit([made]).decode()):
        assert "hush" not in text


def test_a_check_sees_only_the_secrets_that_it_names(tmp_path: Path, shop: Server, monkeypatch: Any) -> None:
    seen: list[Setting] = []
    monkeypatch.setattr("collector.checks.probes.attempt.attempt", lambda _, setting, __: seen.append(setting) or looked())
    run(make_check(tmp_path, shop, more="secrets: [mine]\n"), secrets={"mine": "abcd", "other": "efgh"})

    assert seen[0].secrets == {"mine": "abcd"}


def test_without_a_secret_or_a_variable_nothing_is_known(tmp_path: Path, shop: Server) -> None:
    lacking = run(make_check(tmp_path, shop, "/${key}", "secrets: [key]\nattempts: 3\n"))
    ungiven = run(make_check(tmp_path, shop, "/${key}", "variables: {key: null}\n"))

    assert [(made.verdict.status, made.verdict.reason, len(made.tries)) for made in (lacking, ungiven)] == [
        ("no_data", "config_error", 1), ("no_data", "config_error", 1),
    ]  # fmt: skip
    assert "WIDELOAD_CHECK_SECRET_KEY" in lacking.verdict.message
    assert "--var key=" in ungiven.verdict.message
    assert shop.seen == []


def test_a_fault_of_ours_is_not_taken_for_one_of_the_site(tmp_path: Path, shop: Server, monkeypatch: Any) -> None:
    def attempt(*_: Any) -> Attempt:
        raise ZeroDivisionError("oh")

    monkeypatch.setattr("collector.checks.probes.attempt.attempt", attempt)
    made = run(make_check(tmp_path, shop))

    assert (made.verdict.status, made.verdict.reason) == ("no_data", "runner_error")
    assert "ZeroDivisionError: oh" in made.verdict.message


def test_a_kind_that_needs_what_is_not_installed_says_so(tmp_path: Path, shop: Server, monkeypatch: Any) -> None:
    monkeypatch.setitem(kinds.KINDS, "http", kinds.Kind("no_such_package.it:attempt"))
    made = run(make_check(tmp_path, shop))

    assert (made.verdict.status, made.verdict.reason) == ("no_data", "config_error")
    assert 'pip install "wideload[checks]"' in made.verdict.message


def test_conditions_are_filled_in_as_numbers_or_texts(tmp_path: Path, shop: Server) -> None:
    expect = "['status == ${code}', 'json.items[0].id == \"${id}\"', 'body contains ${id}']"
    made = run(make_check(tmp_path, shop, "/data", "variables: {code: 200, id: null}\n", expect), variables={"id": "a1"})

    assert made.verdict.status == "pass", made.verdict


def test_rows_of_data_are_runs(tmp_path: Path, shop: Server) -> None:
    (tmp_path / "pages.csv").write_text('page,code\n/data,200\n"/old, ""x""",404\n')
    check = make_check(tmp_path, shop, "${page}", "data: pages.csv\n")

    assert read_rows(check) == [{"page": "/data", "code": "200"}, {"page": '/old, "x"', "code": "404"}]


@pytest.mark.parametrize("text", ["", "page\n", "Page\n1\n", "a,a\n1,2\n", "a,b\n1\n", 'a\n"x\n', "a\n\xff\n"])
def test_data_that_is_no_table_of_variables_is_refused(tmp_path: Path, shop: Server, text: str) -> None:
    (tmp_path / "pages.csv").write_bytes(text.encode("latin-1"))

    with pytest.raises(WideloadError, match=r"pages\.csv"):
        read_rows(make_check(tmp_path, shop, more="data: pages.csv\n"))


def test_junit_tells_failures_from_what_is_not_known(tmp_path: Path, shop: Server) -> None:
    good = run(make_check(tmp_path, shop, more="suite: Shop\n"))
    bad = run(make_check(tmp_path, shop, more="suite: Shop\n", expect="[status == 404, body contains 1]"))
    unknown = run(make_check(tmp_path, shop, "/${key}", "secrets: [key]\n"))
    root = ElementTree.fromstring(shown.junit([good, bad, unknown]))

    assert [(one.get("name"), one.get("tests"), one.get("failures"), one.get("errors")) for one in root] == [
        ("checks", "1", "0", "1"), ("Shop", "2", "1", "0"),
    ]  # fmt: skip
    failure = root.find(".//failure")
    assert failure is not None
    assert failure.get("type") == "assertion"
    assert (failure.text or "").splitlines()[0] == "status == 404: status is 200."


def test_a_line_says_how_it_went_and_what_did_not_hold(tmp_path: Path, shop: Server) -> None:
    made = run(make_check(tmp_path, shop, "/flaky", "attempts: 2\n", "[status == 200, status == 1 warn]"))

    first, *others = shown.lines(made)
    assert first.startswith("degraded  it  (")
    assert first.endswith("flaky: attempt 2 of 2)")
    assert others == ["          status == 1 warn: status is 200."]
    assert shown.summary([made, made]) == "2 runs: 2 degraded, 2 flaky."
