"""Slots become runs, or are recorded as missed; on a clock that the tests turn."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from collector.checks.marks import Marks
from collector.checks.runs.job import Outcome
from collector.checks.schedule.book import Book
from collector.checks.schedule.folder import Folder
from collector.checks.schedule.lease import Lease, LeaseGone
from collector.checks.schedule.scheduler import Rules, Scheduler
from collector.errors import WideloadError

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC).timestamp()
CHECK = "kind: http\nurl: https://shop.example/\nexpect: [status == 200]\n"


class Site:
    """A folder of checks, a clock, and the scheduler; `restart` makes another one of the same folder."""

    def __init__(self, folder: Path) -> None:
        self.now, self.folder = NOON, folder
        (folder / "checks").mkdir()
        self.kept: list[tuple[Any, ...]] = []
        self.open()

    def open(self, **rules: Any) -> None:
        self.book = Book(self.folder)
        rules_ = Rules("shop", **rules)
        self.scheduler = Scheduler(
            self.book, Folder(self.folder / "checks"), Marks("s" * 16), rules_, lambda: self.now, lambda *it: self.kept.append(it),
            lambda check: {check.expect[0].text: (2300.0, "p75 is 2000")} if check.expect else {},
        )  # fmt: skip

    def restart(self, **rules: Any) -> None:
        self.book.close()
        self.open(**rules)

    def write(self, name: str, more: str = "every: 1m\n", text: str = CHECK) -> None:
        (self.folder / "checks" / f"{name}.check.yaml").write_text(text + more)

    def tick(self, seconds: float = 0, step: float = 1) -> None:
        """Let time pass, a tick every step."""
        end = self.now + seconds
        self.scheduler.tick()
        while self.now < end:
            self.now = min(self.now + step, end)
            self.scheduler.tick()

    def due(self, name: str = "front") -> None:
        """Go to the next slot of a check."""
        self.scheduler.tick()
        found = self.scheduler.next_at(self.scheduler.checks[name])
        assert found is not None
        self.now = found
        self.scheduler.tick()

    def lease(self, location: str = "main", runner: str = "r1") -> Lease:
        lease = self.scheduler.lease(location, runner)
        assert lease is not None
        return lease

    def complete(self, lease: Lease, status: str = "pass", runner: str = "r1") -> None:
        self.scheduler.complete(lease.id, runner, [outcome(one.run_id, status) for one in lease.runs])

    def told(self) -> list[dict[str, Any]]:
        """Return the events that are to be sent, and forget them."""
        found = []
        while post := self.book.next_post():
            self.book.posted(post[0])
            found += post[2]
        return found

    def missed(self) -> list[tuple[float, str, str]]:
        return [(one["time"] / 1000, one["check.location"], one["check.message"]) for one in self.told()
                if one["check.reason"] == "missed"]  # fmt: skip


def outcome(run_id: str, status: str = "pass") -> Outcome:
    event = {"id": f"{run_id}-1", "kind": "check_run", "time": 1, "check.status": status, "check.is_final": True}
    return Outcome(run_id, status, "", "", [event])


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    made = Site(tmp_path)
    yield made
    made.book.close()


def test_a_check_runs_once_for_each_slot(site: Site) -> None:
    site.write("front")
    slots = []
    for _ in range(180):
        site.tick(1)
        if lease := site.scheduler.lease("main", "r1"):
            slots.append(lease.slot_at)
            site.complete(lease)

    assert len(slots) == 3
    assert {later - earlier for earlier, later in pairwise(slots)} == {60}
    assert [one["check.status"] for one in site.told()] == ["pass"] * 3


def test_a_lease_says_all_that_a_runner_needs(site: Site) -> None:
    site.write("front", "every: 1m\nsecrets: [key]\nattempts: 2\ntimeout: 10\nbackoff: 3\n")
    site.due()
    lease = site.lease()

    assert (lease.name, lease.file, lease.trigger, lease.secrets) == ("front", "front.check.yaml", "schedule", ("key",))
    assert Marks("s" * 16).refusal("shop", lease.runs[0].run_id, lease.runs[0].mark) in ("", "expired_mark")
    assert lease.seconds == 2 * (10 + 15) + 3
    assert Lease.read(lease.as_json()) == lease


def test_a_folder_that_is_too_large_for_agents_still_runs_here(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("collector.checks.schedule.folder.MAX_BUNDLE_BYTES", 10)
    site.write("front")
    site.due()

    assert site.lease().bundle == "too-large"
    with pytest.raises(WideloadError, match="larger than 0 MiB together, so agents cannot get them"):
        site.scheduler.folder.bundle()


def test_a_check_runs_once_at_a_time_at_a_location(site: Site) -> None:
    site.write("front", "every: 20s\ntimeout: 60\n")
    site.tick(20)
    lease = site.lease()
    site.tick(20)

    assert site.scheduler.lease("main", "r2") is None
    assert [message for _, _, message in site.missed()] == ["The run before it was still going on."]
    site.complete(lease)
    site.tick(20)
    assert site.lease(runner="r2").slot_at == lease.slot_at + 40


def test_only_so_many_checks_run_at_once_at_a_location(site: Site) -> None:
    for name in "abc":
        site.write(name, "every: 30s\nlocations: [main, berlin]\n")
    site.tick(30)

    assert [bool(site.scheduler.lease("main", f"r{n}")) for n in range(3)] == [True, True, False]
    assert site.scheduler.lease("berlin", "r4") is not None


def test_what_has_been_due_the_longest_comes_first(site: Site) -> None:
    for name in "abcdef":
        site.write(name, "every: 60s\n")
    site.restart(concurrency=9)
    site.tick(60)
    slots = [site.lease(runner=f"r{n}").slot_at for n in range(6)]

    assert slots == sorted(slots)


def test_a_slot_that_nobody_takes_is_missed_when_the_next_one_is_due(site: Site) -> None:
    site.write("front", "every: 1m\nlocations: [berlin]\n")
    site.tick(120)
    missed = site.missed()

    assert [(place, message) for _, place, message in missed] == [
        ("berlin", "No runner at berlin took it before the next one was due.")
    ]
    assert site.lease("berlin").slot_at == missed[0][0] + 60


def test_a_slot_of_long_ago_is_missed_and_not_run_late(site: Site) -> None:
    site.write("front", "every: 1h\n")
    site.due()
    site.tick(301, 10)

    assert [message for _, _, message in site.missed()] == ["No runner at main took it in time."]
    assert site.scheduler.lease("main", "r1") is None


def test_a_lease_that_ends_leaves_no_data_and_a_late_result_is_not_taken(site: Site) -> None:
    site.write("front", "every: 1h\ntimeout: 10\n")
    site.due()
    lease = site.lease()
    site.tick(lease.seconds + 31)

    (event,) = site.told()
    assert (event["check.status"], event["check.reason"], event["check.run_id"]) == ("no_data", "missed", lease.runs[0].run_id)
    assert event["check.message"] == "The runner r1 did not report in time."
    with pytest.raises(LeaseGone):
        site.complete(lease)
    assert site.told() == []


def test_a_lease_is_its_runners_only(site: Site) -> None:
    site.write("front")
    site.due()
    lease = site.lease()

    with pytest.raises(LeaseGone):
        site.complete(lease, runner="r2")
    site.complete(lease)


def test_slots_while_the_collector_was_down_are_missed_and_the_last_one_runs(site: Site) -> None:
    site.write("front")
    site.due()
    site.complete(site.lease())
    before = site.told()[0]
    site.now += 600
    site.restart()
    site.tick()
    lease = site.lease()
    missed = site.missed()

    assert len(missed) == 9
    assert lease.slot_at - missed[-1][0] == 60
    assert before["check.location"] == missed[0][1] == "main"
    assert {message for _, _, message in missed} == {"The scheduler was not running, or busy, when it was due."}


def test_what_this_process_ran_when_it_was_killed_gave_no_data(site: Site) -> None:
    site.write("front", "every: 1h\n")
    site.due()
    mine = site.lease(runner="collector-0")
    site.restart()
    site.scheduler.begin("collector-0")

    (event,) = site.told()
    assert (event["check.run_id"], event["check.status"], event["check.reason"]) == (mine.runs[0].run_id, "no_data", "runner_error")
    site.tick()
    assert site.scheduler.lease("main", "r1") is None


def test_a_lease_of_an_agent_lives_through_a_restart(site: Site) -> None:
    site.write("front")
    site.tick(60)
    lease = site.lease(runner="agent-1")
    site.restart()
    site.tick()
    site.complete(lease, runner="agent-1")

    assert [one["check.status"] for one in site.told()] == ["pass"]


def test_a_new_check_has_missed_nothing(site: Site) -> None:
    site.tick(3600, 600)
    site.write("front")
    site.tick(30)

    assert site.missed() == []


def test_a_check_that_is_gone_is_forgotten(site: Site) -> None:
    site.write("front")
    site.tick(60)
    site.lease()
    (site.folder / "checks" / "front.check.yaml").unlink()
    site.tick(600, 10)

    assert (site.told(), site.book.slots(), site.scheduler.states()) == ([], [], [])


def test_a_broken_file_counts_as_it_was_until_it_is_mended(site: Site) -> None:
    site.write("front")
    site.tick(1)
    site.write("front", "evry: 1m\n")
    site.tick(60)

    assert site.lease().name == "front"


def test_each_slot_runs_at_all_locations_or_they_take_turns(site: Site) -> None:
    site.write("everywhere", "every: 1m\nlocations: [berlin, tokyo]\n")
    site.write("in-turn", "every: 1m\nlocations: [berlin, tokyo]\nmode: rotate\n")
    ran: dict[str, list[str]] = {"everywhere": [], "in-turn": []}
    for _ in range(240):
        site.tick(1)
        for location in ("berlin", "tokyo"):
            if lease := site.scheduler.lease(location, "r1"):
                ran[lease.name].append(location)
                site.complete(lease)

    assert sorted(ran["everywhere"]) == ["berlin"] * 4 + ["tokyo"] * 4
    assert ran["in-turn"] == ["berlin", "tokyo"] * 2


def test_a_failure_is_confirmed_at_another_location_with_a_runner(site: Site) -> None:
    site.write("front", "every: 1h\nlocations: [berlin, tokyo, paris]\n")
    site.due()
    for location in ("tokyo", "berlin"):
        site.complete(site.lease(location), "fail" if location == "berlin" else "pass")
    again = site.lease("tokyo")

    assert (again.trigger, again.location) == ("recheck", "tokyo")
    site.complete(again, "fail")
    assert site.scheduler.lease("tokyo", "r1") is None


def test_with_one_location_a_failure_is_confirmed_after_twenty_seconds(site: Site) -> None:
    site.write("front", "every: 1h\n")
    site.due()
    site.complete(site.lease(), "fail")
    site.tick(19)
    assert site.scheduler.lease("main", "r1") is None
    site.tick(1)
    again = site.lease()
    site.complete(again, "fail")

    assert [(one["check.trigger"], one["check.status"]) for one in site.told()] == [("schedule", "fail"), ("recheck", "fail")]


def test_what_is_known_to_fail_is_not_confirmed_each_time(site: Site) -> None:
    site.write("front")
    triggers = []
    for _ in range(300):
        site.tick(1)
        if lease := site.scheduler.lease("main", "r1"):
            triggers.append(lease.trigger)
            site.complete(lease, "fail")

    assert triggers.count("recheck") == 1
    assert triggers.count("schedule") == 5


def test_a_state_says_since_when(site: Site) -> None:
    site.write("front")
    site.due()
    site.complete(site.lease())
    first = site.now
    site.due()
    site.complete(site.lease())
    (state,) = site.scheduler.states()
    assert (state.status, state.at, state.since) == ("pass", site.now, first)

    site.due()
    site.complete(site.lease(), "fail")
    (state,) = site.scheduler.states()
    assert (state.status, state.since) == ("fail", site.now)


def test_each_row_of_data_is_a_run_and_the_worst_one_is_the_state(site: Site) -> None:
    (site.folder / "checks" / "users.csv").write_text("user\nanna\nbob\n")
    site.write("front", "every: 1m\ndata: users.csv\n")
    site.due()
    lease = site.lease()
    results = [outcome(one.run_id, status) for one, status in zip(lease.runs, ("fail", "pass"), strict=True)]
    site.scheduler.complete(lease.id, "r1", results)

    assert [(one["check.row"], one["check.status"]) for one in site.told()] == [(1, "fail"), (2, "pass")]
    assert [state.status for state in site.scheduler.states()] == ["fail"]


def test_a_run_of_which_the_runner_says_nothing_gave_no_data(site: Site) -> None:
    site.write("front")
    site.due()
    site.scheduler.complete(site.lease().id, "r1", [])

    assert [(one["check.status"], one["check.reason"]) for one in site.told()] == [("no_data", "runner_error")]


@pytest.mark.parametrize("change", [{"kind": "page_view"}, {"id": "of-another-run"}])
def test_a_runner_cannot_send_what_is_not_of_its_runs(site: Site, change: dict[str, str]) -> None:
    site.write("front")
    site.due()
    lease = site.lease()
    made = outcome(lease.runs[0].run_id)

    with pytest.raises(WideloadError, match="is not of the run"):
        site.scheduler.complete(lease.id, "r1", [Outcome(made.run_id, "pass", "", "", [made.events[0] | change])])
    assert site.told() == []


def test_a_runner_cannot_speak_for_another_check(site: Site) -> None:
    site.write("front")
    site.due()
    lease = site.lease()
    made = outcome(lease.runs[0].run_id)
    forged = made.events[0] | {"check.name": "other", "check.location": "tokyo", "check.run_id": "x" * 32}
    site.scheduler.complete(lease.id, "r1", [Outcome(made.run_id, "pass", "", "", [forged])])

    (event,) = site.told()
    assert (event["check.name"], event["check.location"], event["check.run_id"]) == ("front", "main", made.run_id)


def test_evidence_is_kept_by_how_its_run_ended(site: Site) -> None:
    site.write("front")
    site.due()
    lease = site.lease()
    piece = {"kind": "screenshot", "name": "end", "sha256": hashlib.sha256(b"").hexdigest(), "media_type": "image/png", "size": 0}
    made = outcome(lease.runs[0].run_id, "fail")
    site.scheduler.complete(lease.id, "r1", [Outcome(made.run_id, "fail", "", "", made.events, [piece])])

    assert [(check, one.run_id, one.status, one.evidence) for check, one in site.kept] == [("front", made.run_id, "fail", [piece])]


def test_cron_slots_are_run(site: Site) -> None:
    site.write("front", 'cron: "30 13 * * *"\ntimezone: Europe/Berlin\n')
    site.tick(1801)

    assert site.lease().slot_at == NOON + 1800


# --- Heartbeats ------------------------------------------------------------------------------------------------------


@pytest.fixture
def push(site: Site) -> Callable[..., bool]:
    site.write("backup", text="kind: push\nevery: 1h\ngrace: 60\n", more="")
    site.tick()
    token = site.scheduler.pushes.token(site.scheduler.checks["backup"])
    return lambda is_good=True, message="": site.scheduler.pushes.receive(token, is_good, message)


def test_a_heartbeat_in_time_is_a_pass(site: Site, push: Callable[..., bool]) -> None:
    for _ in range(3):
        site.tick(3600, 60)
        assert push()

    told = site.told()
    assert {(one["check.status"], one["check.trigger"], one["check.kind"]) for one in told} == {("pass", "push", "push")}
    assert len(told) == 3


def test_a_heartbeat_that_does_not_come_is_a_failure_at_each_of_its_moments(site: Site, push: Callable[..., bool]) -> None:
    push()
    site.told()
    site.tick(3 * 3600, 30)
    told = site.told()

    assert [(one["check.status"], one["check.reason"]) for one in told] == [("fail", "missed")] * 2
    assert [one["time"] / 1000 - NOON for one in told] == [3660, 7260]
    push()
    assert [(one["check.status"], one["check.reason"]) for one in site.told()] == [("degraded", "late")]
    push()
    assert [one["check.status"] for one in site.told()] == ["pass"]


def test_a_job_may_say_that_it_failed(site: Site, push: Callable[..., bool]) -> None:
    push(False, "disk full")
    (event,) = site.told()

    assert (event["check.status"], event["check.reason"], event["check.message"]) == ("fail", "assertion", "disk full")


def test_after_a_long_pause_a_missing_heartbeat_is_one_failure(site: Site, push: Callable[..., bool]) -> None:
    push()
    site.told()
    site.now += 86_400
    site.tick(600, 60)

    assert len(site.told()) == 1


def test_a_heartbeat_of_cron_is_waited_for_at_its_moments(site: Site) -> None:
    site.write("nightly", text='kind: push\ncron: "0 13 * * *"\ngrace: 120\n', more="")
    site.tick()
    token = site.scheduler.pushes.token(site.scheduler.checks["nightly"])
    site.tick(3590, 10)
    assert site.scheduler.pushes.receive(token, True, "")
    site.tick(86_400, 60)
    assert [one["check.status"] for one in site.told()] == ["pass"]
    site.tick(600, 60)
    assert [one["check.reason"] for one in site.told()] == ["missed"]


def test_another_generation_has_another_address(site: Site, push: Callable[..., bool]) -> None:
    site.write("backup", text="kind: push\nevery: 1h\ngeneration: 2\n", more="")
    site.tick(10)

    assert push() is False
    assert site.told() == []


def test_a_lease_says_what_real_users_measure(site: Site) -> None:
    site.write("front")
    site.due()

    lease = site.lease()

    assert lease.budgets == {"status == 200": (2300.0, "p75 is 2000")}
