"""From events in the store to incidents and messages: the parts together, by a clock of the test's own."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from asking import NOW, Dataset
from identified import ADMIN, served
from ruling import write
from starlette.testclient import TestClient

from collector.access.identity import Identity, Role
from collector.alerts.channels.load import Channels
from collector.alerts.channels.model import ChannelError, Message
from collector.alerts.incidents import Incident
from collector.alerts.room import Alerts, open_alerts
from collector.alerts.routes import alert_routes
from collector.config import Dataset as Configured
from collector.errors import StoreUnavailable
from collector.query.engine import QueryEngine
from collector.query.markers import Markers
from collector.store.base import Store
from collector.telemetry import Counters

RUN_SECONDS = 60
URL = "https://rum.example"


class Post:
    """A channel that keeps what it is told; it may be broken."""

    def __init__(self) -> None:
        self.got: list[Message] = []
        self.is_broken = False

    def send(self, message: Message) -> None:
        if self.is_broken:
            raise ChannelError("It is broken.")
        self.got.append(message)

    @property
    def told(self) -> list[str]:
        return [message.event for message in self.got]


class World:
    """A dataset, a clock, a folder of rules and everything that looks at them."""

    def __init__(self, folder: Path, store: Store, name: str) -> None:
        self.folder, self.dataset = folder, Dataset(name, store)
        self.store, self.now, self.behind, self.is_away = store, float(NOW), 0.0, False
        self.post = Post()
        self.alerts = self.start()

    def start(self) -> Alerts:
        """Start anew, with what is on disk."""
        engine = QueryEngine(self, now=lambda: self.now)
        self.markers, self.counters = Markers(self.folder, lambda: self.now), Counters()
        datasets = {self.dataset.name: Configured(self.dataset.name, ("k",)), "blog": Configured("blog", ("b",))}
        self.alerts = open_alerts(
            self.folder / "alerts", self.folder, datasets, engine, self, self.markers, lambda: self.behind, self.counters, URL
        )
        self.datasets = datasets
        return self.alerts

    def query(self, *arguments: Any, **more: Any) -> Any:
        """Be the store, which may be away."""
        if self.is_away:
            raise StoreUnavailable("Connection refused")
        return self.store.query(*arguments, **more)

    def rule(self, text: str, name: str = "it.alert.yaml") -> None:
        write(self.folder, name, f"dataset: {self.dataset.name!r}\n{text}")

    def run(self, letters: str, check: str = "front", location: str = "home", **more: Any) -> None:
        """Store a run a minute, and look after each of them: `p` passes, `f` fails, `_` does not run."""
        for letter in letters:
            if letter != "_":
                status, run = {"p": "pass", "f": "fail"}[letter], f"{check}-{location}-{self.now}"
                self.dataset.add({
                    "id": run, "kind": "check_run", "ts": int(self.now * 1000), "check.name": check, "check.is_final": True,
                    "check.status": status, "check.location": location, "check.run_id": run, "check.suite": "shop",
                    "check.message": "" if letter == "p" else "status is 503", "check.tags": "paid,eu", **more,
                })  # fmt: skip
            self.look()
            self.now += RUN_SECONDS

    def look(self) -> None:
        self.alerts.evaluator.turn()
        self.alerts.book.channels = Channels({"post": self.post}, {}, ("post",))
        self.alerts.courier.deliver()

    @property
    def incidents(self) -> list[Incident]:
        return self.alerts.diary.incidents()

    def client(self, identity: Identity = ADMIN, audited: list[tuple[str, ...]] | None = None) -> TestClient:
        return TestClient(served(alert_routes(self.alerts, self.datasets), identity, audited))


@pytest.fixture
def world(tmp_path: Path, embedded_store: Store, request: pytest.FixtureRequest) -> Iterator[World]:
    (tmp_path / "alerts").mkdir()
    made = World(tmp_path, embedded_store, f"alerts-{sha256(request.node.nodeid.encode()).hexdigest()[:16]}")
    # The first look takes the files over, before which there are no channels.
    made.look()
    yield made


FRONT = "kind: check\nchecks: {names: [front]}\n"
SLOW = """\
kind: query
title: Pages are slow
query:
  calculations: [{op: P75, column: lcp.value}]
  filters: [{column: kind, op: '=', value: page_view}]
  breakdowns: [page.path]
when: '> 2500'
window: 5m
minimum_samples: 3
"""


def test_a_check_that_fails_is_one_incident_from_open_to_over(world: World) -> None:
    world.rule(FRONT + "title: The front page\nseverity: critical\n")

    world.run("ppfffpp")

    (incident,) = world.incidents
    assert world.post.told == ["opened", "resolved"]
    assert (incident.title, incident.subject, incident.severity, incident.cause) == (
        "The front page",
        "front",
        "critical",
        "failing",
    )
    assert (incident.started_at, incident.opened_at, incident.resolved_at) == (NOW + 120, NOW + 180, NOW + 360)
    assert incident.reason == "It fails at home: status is 503"
    assert world.post.got[0].url == f"{URL}/?view=incident&id={incident.id}&dataset={incident.dataset}"


def test_an_incident_says_what_differs_and_whom_it_touched(world: World) -> None:
    world.rule(FRONT)
    world.dataset.add(*(
        {"page.path": path, "session.id": f"s{n}", "ts": (NOW + 100 + n) * 1000, **more}
        for n, (path, more) in enumerate([
            ("/", {}), ("/", {}), ("/", {"session.id": "s0"}), ("/cart", {}), ("/", {"user_agent.is_bot": True}),
        ])
    ))  # fmt: skip
    world.dataset.add({"kind": "error", "page.path": "/", "ts": (NOW + 110) * 1000})

    world.run("p", **{"http.response.status_code": 200, "url.full": "https://shop.example/", "probe.duration": 80.0})
    world.run("ff", **{"http.response.status_code": 503, "url.full": "https://shop.example/", "probe.duration": 90.0})

    (incident,) = world.incidents
    assert [(one["field"], one["before"], one["after"]) for one in incident.differences] == [
        ("check.message", "", "status is 503"), ("http.response.status_code", 200, 503),
    ]  # fmt: skip
    assert incident.first_failing is not None
    assert incident.last_passing is not None
    assert (incident.first_failing["at"], incident.last_passing["at"]) == (NOW + 60, NOW)
    assert incident.impact is not None
    assert {name: incident.impact[name] for name in ("sessions", "page_views", "errors", "paths")} == {
        "sessions": 2, "page_views": 3, "errors": 1, "paths": ["/"],
    }  # fmt: skip


def test_silence_of_a_check_is_told_and_never_a_recovery(world: World) -> None:
    world.rule(FRONT + "no_data_after: 5m\n")

    world.run("pff" + "_" * 8)
    assert world.post.told == ["opened"]
    world.run("pp" + "_" * 8 + "p")
    assert world.post.told == ["opened", "resolved", "opened", "resolved"]
    assert [one.cause for one in world.incidents] == ["no_data", "failing"]


def test_a_check_that_has_never_run_has_time_to(world: World) -> None:
    world.rule(FRONT + "no_data_after: 5m\n")

    world.run("_____")
    assert world.incidents == []
    world.run("_")
    assert [(one.cause, one.reason) for one in world.incidents] == [("no_data", "It has not run.")]


def test_while_the_store_is_away_nothing_is_decided_and_then_it_goes_on(world: World) -> None:
    world.rule(FRONT + "no_data_after: 2m\n")
    world.run("pff")

    world.is_away = True
    world.run("____")
    (shown,) = world.client().get("/api/alerts").json()["alerts"]
    assert (world.post.told, shown["status"]) == (["opened"], "failing")
    assert "Connection refused" in shown["held"]
    assert world.alerts.evaluator.lag_seconds >= 180
    assert world.counters.total("wideload_alert_looks") > 4

    world.is_away = False
    world.run("pp")
    assert world.post.told == ["opened", "resolved"]
    assert world.client().get("/api/alerts").json()["alerts"][0]["held"] == ""


def test_while_events_wait_to_be_stored_nothing_is_decided(world: World) -> None:
    world.rule(FRONT + "no_data_after: 1m\n")
    world.run("p")
    world.behind = 90

    world.run("____")
    assert "Events wait to be stored, the oldest for 90 s" in world.alerts.evaluator.held["it"]
    assert world.incidents == []


def test_what_somebody_tries_by_hand_is_no_news(world: World) -> None:
    world.rule(FRONT)

    world.run("pp")
    world.run("ff", **{"check.trigger": "manual"})
    world.run("ff", **{"check.trigger": "ci"})
    assert world.incidents == []
    world.run("ff", **{"check.trigger": "recheck"})
    assert len(world.incidents) == 1


def test_what_was_decided_outlives_a_restart(world: World) -> None:
    world.rule(FRONT + "remind_every: 10m\n")
    world.run("pff")

    world.start()
    world.run("f")
    world.run("pp")

    assert world.post.told == ["opened", "resolved"]


def test_checks_are_found_by_suite_and_tag(world: World) -> None:
    world.rule("kind: check\nchecks: {suites: [shop]}\n", "suite.alert.yaml")
    world.rule("kind: check\nchecks: {tags: [eu]}\n", "tag.alert.yaml")
    world.rule("kind: check\nchecks: {tags: [us]}\n", "other.alert.yaml")

    world.run("ff")
    assert sorted(one.rule for one in world.incidents) == ["suite", "tag"]


def test_a_question_is_watched_group_by_group(world: World) -> None:
    world.rule(SLOW)
    for path, lcp in (("/slow", 4000.0), ("/fast", 900.0)):
        world.dataset.add(*({"page.path": path, "lcp.value": lcp, "ts": (NOW - n) * 1000} for n in range(5)))
    world.dataset.add({"page.path": "/rare", "lcp.value": 9000.0, "ts": NOW * 1000})

    world.look()

    (incident,) = world.incidents
    assert (incident.subject, incident.value, incident.samples, incident.threshold) == ("page.path = /slow", 4000, 5, "> 2500")
    assert incident.impact is not None
    assert incident.impact["page_views"] == 5
    (shown,) = world.client().get("/api/alerts").json()["alerts"]
    assert [(one["subject"], one["status"]) for one in shown["subjects"]] == [
        ("page.path = /slow", "failing"), ("page.path = /rare", "no_data"), ("page.path = /fast", "ok"),
    ]  # fmt: skip
    world.now += 600
    world.look()
    assert world.incidents[0].resolved_at is None


def test_a_saved_query_can_be_watched_and_one_that_is_not_there_is_said(world: World) -> None:
    world.rule("kind: query\nquery_id: nothing\nwhen: '> 1'\n")
    world.look()
    assert world.alerts.evaluator.held["it"] == "There is no saved query with this id."

    query = {"dataset": world.dataset.name, "calculations": [{"op": "COUNT"}], "time_range": 60}
    id_ = world.alerts.looker._saved.save(query, "anna")
    world.rule(f"kind: query\nquery_id: {id_}\nwhen: '>= 3'\nwindow: 5m\nminimum_samples: 1\n")
    world.dataset.add({}, {}, {})
    world.look()
    assert [one.value for one in world.incidents] == [3]


def test_messages_wait_until_their_channel_takes_them_in_order(world: World) -> None:
    world.rule(FRONT + "no_data: keep\n")
    world.post.is_broken = True
    world.run("pffpp")
    assert (world.post.got, world.alerts.diary.waiting_count()) == ([], 2)
    (_, message) = world.client().get(f"/api/incidents/{world.incidents[0].id}").json()["messages"]
    assert (message["event"], message["sent_at"], message["tries"]) == ("resolved", None, 0)

    world.post.is_broken = False
    world.now += 3600
    world.look()
    world.look()
    assert world.post.told[:2] == ["opened", "resolved"]
    assert world.alerts.diary.waiting_count() == 0


def test_a_message_that_nobody_takes_for_days_is_given_up(world: World, caplog: pytest.LogCaptureFixture) -> None:
    world.rule(FRONT + "no_data: keep\n")
    world.post.is_broken = True
    world.run("pff")

    world.now += 3 * 86_400
    world.look()
    assert world.alerts.diary.waiting_count() == 0
    assert "given up: It is broken." in caplog.text


def test_a_slow_channel_holds_up_no_look_and_no_stop(world: World) -> None:
    begun, release = threading.Event(), threading.Event()

    def hang(message: Message) -> None:
        begun.set()
        release.wait(30)

    world.post.send = hang  # type: ignore[method-assign]
    world.rule(FRONT)
    world.alerts.evaluator.turn()
    world.alerts.book.channels = Channels({"post": world.post}, {}, ("post",))
    with world.alerts.diary.writing() as pen:
        pen.tell("x/opened", "opened", ["post"], {"incident": {}, "url": ""})
    world.alerts.courier.start()
    world.alerts.courier.wake()
    assert begun.wait(10)

    world.alerts.evaluator.turn()
    world.alerts.courier.stop(5)
    assert not release.is_set()
    release.set()


def test_reminders_end_with_an_acknowledgement(world: World) -> None:
    world.rule(FRONT + "remind_every: 2m\n")
    audited: list[tuple[str, ...]] = []
    client = world.client(audited=audited)
    world.run("pffff")
    assert world.post.told == ["opened", "reminder"]

    id_ = world.incidents[0].id
    answer = client.post(f"/api/incidents/{id_}/acknowledge", json={"note": "The host is on it."}).json()["incident"]
    assert (answer["acknowledged_by"], answer["note"]) == ("anna", "The host is on it.")
    world.run("ffffpp")
    assert world.post.told == ["opened", "reminder", "resolved"]
    assert [line[1] for line in audited] == ["incident-acknowledge"]


def test_a_silence_delays_what_still_lasts_when_it_is_over(world: World) -> None:
    world.rule(FRONT)
    world.look()
    client = world.client()
    made = client.post("/api/silences", json={"rule": "it", "seconds": 300, "reason": "deploy"})
    assert (made.status_code, made.json()["reason"]) == (201, "deploy")

    world.run("pff")
    assert (len(world.incidents), world.post.told) == (1, [])
    assert client.get("/api/alerts").json()["silences"] == [made.json()]
    world.run("fff")
    assert world.post.told == ["opened"]

    other = client.post("/api/silences", json={"rule": "it", "subject": "front", "seconds": 300}).json()["id"]
    assert [client.delete(f"/api/silences/{other}").status_code for _ in range(2)] == [204, 404]


def test_in_maintenance_nothing_happens(world: World) -> None:
    world.rule(FRONT + "maintenance: [{from: 2026-11-16T10:01, until: 2026-11-16T10:05, reason: move}]\n")

    world.run("pfff")
    assert (world.incidents, world.client().get("/api/alerts").json()["alerts"][0]["maintenance"]) == ([], "move")
    world.run("ffff")
    assert len(world.incidents) == 1


def test_a_rule_that_is_gone_ends_its_incidents_and_one_that_is_broken_does_not(world: World) -> None:
    world.rule(FRONT)
    world.run("pff")

    world.rule(FRONT + "no_such_key: 1\n")
    world.look()
    assert (world.incidents[0].resolved_at, len(world.alerts.book.problems), len(world.alerts.book.rules)) == (None, 1, 1)
    (world.folder / "alerts" / "it.alert.yaml").unlink()
    world.look()
    assert world.incidents[0].resolution == "The rule was removed."


def test_a_folder_that_cannot_be_read_takes_no_rule_away(world: World) -> None:
    world.rule(FRONT)
    world.run("pff")

    (world.folder / "alerts").rename(world.folder / "elsewhere")
    world.look()
    assert (len(world.alerts.book.rules), world.incidents[0].resolved_at) == (1, None)
    assert "is not there" in world.alerts.facts()["problems"][0]


def test_an_incident_is_a_span_on_the_charts(world: World) -> None:
    world.rule(FRONT)

    world.run("pff")
    (marker,) = world.markers.between(world.dataset.name, 0, NOW * 2)[0]
    assert (marker["type"], marker["start_time"], marker["end_time"], marker["message"]) == (
        "incident",
        NOW + 60,
        None,
        "it: front",
    )
    world.run("pp")
    (marker,) = world.markers.between(world.dataset.name, 0, NOW * 2)[0]
    assert (marker["start_time"], marker["end_time"]) == (NOW + 60, NOW + 240)


def test_a_rule_of_many_groups_opens_only_so_many_incidents(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("collector.alerts.decide.MOST_OPEN", 2)
    world.rule(SLOW.replace("minimum_samples: 3", "minimum_samples: 1"))
    world.dataset.add(*({"page.path": f"/{n}", "lcp.value": 4000.0, "ts": NOW * 1000} for n in range(5)))

    world.look()
    assert len(world.incidents) == 2


def test_a_rule_can_be_tried_without_a_change(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    world.rule(FRONT)
    world.run("pf")
    world.post.got.clear()

    def ask(**body: Any) -> Any:
        return world.client().post("/api/alerts/test", json=body)

    answer = ask(rule="it").json()
    assert [(one["subject"], one["verdict"]) for one in answer["findings"]] == [("front", "undecided")]
    assert (answer["channels"], world.post.got) == ({"post": ""}, [])
    assert ask(rule="it", send=True).json()["channels"] == {"post": "sent"}
    assert world.post.got[0].title == "Test: it"
    world.post.is_broken = True
    assert ask(rule="it", send=True).json()["channels"] == {"post": "It is broken."}
    assert ask(rule="that").status_code == 404


def roles(**grants: Role) -> Identity:
    return Identity("user", "bob", grants)


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [("POST", "/api/incidents/{id}/acknowledge", {}), ("POST", "/api/silences", {"rule": "it", "seconds": 60}),
     ("POST", "/api/alerts/test", {"rule": "it"}), ("DELETE", "/api/silences/{silence}", None)],
)  # fmt: skip
def test_viewers_read_and_editors_act(world: World, method: str, path: str, body: Any) -> None:
    world.rule(FRONT)
    world.run("pff")
    silence = world.alerts.diary.silence("it", "", NOW * 2, "", "anna").id
    path = path.format(id=world.incidents[0].id, silence=silence)

    def status(identity: Identity, *request: Any) -> int:
        return world.client(identity).request(*request[:2], json=request[2] if len(request) > 2 else None).status_code

    viewer = Identity("user", "bob", {world.dataset.name: Role.VIEWER, "blog": Role.EDITOR})
    assert status(viewer, "GET", f"/api/incidents/{world.incidents[0].id}") == 200
    assert status(viewer, method, path, body) == 403
    assert status(Identity("user", "eve", {world.dataset.name: Role.EDITOR}), method, path, body) in (200, 201, 204)


def test_who_sees_another_dataset_sees_nothing_of_this_one(world: World) -> None:
    world.rule(FRONT)
    world.run("pff")
    client = world.client(roles(blog=Role.ADMIN))

    assert client.get("/api/alerts").json()["alerts"] == []
    assert client.get("/api/incidents").json() == {"incidents": [], "limited": False}
    assert client.get(f"/api/incidents/{world.incidents[0].id}").status_code == 403
    assert client.get("/api/incidents", params={"dataset": world.dataset.name}).status_code == 403


@pytest.mark.parametrize(
    ("path", "status"), [("/api/incidents?state=closed", 400), ("/api/incidents?limit=0", 400), ("/api/incidents/nothing", 404)]
)
def test_wrong_questions_are_refused(world: World, path: str, status: int) -> None:
    assert world.client().get(path).status_code == status


def names(incidents: Sequence[Incident]) -> list[str]:
    return [one.subject for one in incidents]


def test_all_checks_of_a_rule_can_be_one_incident(world: World) -> None:
    world.rule("kind: check\nchecks: {suites: [shop]}\none_incident_for: all\nfail_after: 1 run\n")
    world.run("f", check="front")
    world.run("f", check="cart")

    assert names(world.incidents) == [""]
