"""Every route of the private surface, asked by everybody: nobody gets more than they may, and all get what they may."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from typing import Any, Final
from uuid import uuid4

import pytest
from starlette.routing import Mount, Route
from starlette.testclient import TestClient

from collector.access.identity import EVERYTHING, Grants, Identity, Role
from collector.access.private import PrivateRoute, declared
from collector.access.sessions import Session
from collector.alerts.diary import Diary
from collector.alerts.incidents import Incident
from collector.app import Collector, build_app
from collector.config import load_settings
from collector.dashboards.file import DashboardFile
from collector.dashboards.own import OwnDashboards
from collector.dashboards.shares import Shares
from collector.pipeline.dead_letters import DEAD_LETTERS_FILE, DeadLetter, DeadLetters
from collector.query.markers import Marker, Markers
from collector.query.saved import SavedQueries, query_id
from collector.store.chdb import ChdbStore

#: Of the application, for those who may delete one.
MARKERS: Final[list[Markers]] = []
SHARES: Final[list[Shares]] = []
DIARIES: Final[list[Diary]] = []
Ask = Callable[[Route, str, str, dict[str, str]], int]
TOKEN = "app-test-token-0123456789"
CONFIG = "".join(f'[datasets.{name}]\nsite_keys = ["{name}"]\n' for name in ("shop", "blog"))
#: What pages load, and what it takes to sign in or to see whether the collector lives. Nothing else is for everybody.
PUBLIC: Final = {
    "/beacon.js", "/beacon.full.js", "/w.js", "/login", "/login.css", "/favicon.svg", "/healthz", "/readyz",
    "/schemas/alert.json", "/schemas/channels.json", "/schemas/check.json", "/schemas/dashboard.json", "/schemas/status.json",
    "/share/{token}", "/share/{token}/dashboard", "/share/{token}/query/{name}", "/v1/push/{token}",
}  # fmt: skip
#: How a request to a route names the dataset that it is about, or what belongs to it: a dead letter, a dashboard.
#: Each route with `on_dataset` stands here …
ABOUT: Final[dict[str, Any]] = {
    "/api/query": lambda dataset, _: {"json": {"dataset": dataset}},
    "/api/queries": lambda dataset, _: {"json": {"dataset": dataset}},
    "/api/queries/{query_id}": lambda dataset, _: {"url": f"/api/queries/{query_id({'dataset': dataset})}"},
    "/api/query/batch": lambda dataset, _: {"json": {"queries": [{"dataset": dataset}]}},
    "/api/bubbleup": lambda dataset, _: {"json": {"query": {"dataset": dataset}}},
    "/api/events": lambda dataset, _: {"json": {"dataset": dataset}},
    "/api/events/export": lambda dataset, _: {"json": {"dataset": dataset}},
    "/api/events/{event_id:path}": lambda dataset, _: {"params": {"dataset": dataset}},
    "/api/fields": lambda dataset, _: {"params": {"dataset": dataset}},
    "/api/fields/suggest": lambda dataset, _: {"params": {"dataset": dataset}},
    "/api/fields/{name:path}/values": lambda dataset, _: {"url": "/api/fields/page.path/values", "params": {"dataset": dataset}},
    "/api/markers": lambda dataset, _: {"params": {"dataset": dataset}, "json": {"dataset": dataset, "message": "a test"}},
    "/api/markers/{marker_id}": lambda dataset, _: {"url": f"/api/markers/{add_marker(dataset)}"},
    "/api/checks/runs": lambda dataset, _: {"json": {"dataset": dataset}, "params": {"dataset": dataset}},
    "/api/checks": lambda dataset, _: {"params": {"dataset": dataset}},
    "/api/checks/runs/{id}": lambda dataset, _: {"params": {"dataset": dataset}},
    "/api/checks/runs/{id}/evidence": lambda dataset, _: {"params": {"dataset": dataset}},
    "/api/checks/coverage": lambda dataset, _: {"params": {"dataset": dataset}},
    "/api/checks/leases": lambda dataset, _: {"params": {"dataset": dataset}, "json": {"location": "main", "runner": "a test"}},
    "/api/checks/leases/{id}/result": lambda dataset, _: {"url": "/api/checks/leases/1/result", "params": {"dataset": dataset}},
    "/api/checks/files/{bundle}": lambda dataset, _: {"params": {"dataset": dataset}},
    "/api/checks/evidence/{sha256}": lambda dataset, _: {"params": {"dataset": dataset}},
    "/api/checks/baselines": lambda dataset, _: {"params": {"dataset": dataset}},
    "/api/checks/baselines/{id}/pictures/{sha256}": lambda dataset, _: {"params": {"dataset": dataset}},
    "/api/checks/baselines/{id}/accept": lambda dataset, _: {"params": {"dataset": dataset}, "json": {"picture": "1"}},
    "/api/checks/baselines/{id}/reject": lambda dataset, _: {"params": {"dataset": dataset}, "json": {"picture": "1"}},
    "/api/erase": lambda dataset, _: {"json": {"dataset": dataset, "before": 1, "dry_run": True}},
    "/api/export": lambda dataset, _: {"json": {"dataset": dataset, "before": 1}},
    "/api/dashboards": lambda dataset, _: {"json": dashboard(dataset)},
    "/api/dashboards/{id}": lambda _, made: {"url": f"/api/dashboards/{made}", "json": {}},
    "/api/dashboards/{id}/shares": lambda _, made: {
        "url": f"/api/dashboards/{made}/shares",
        "json": {"expires_at": time.time() + 60},
    },
    "/api/dashboards/{id}/shares/{share_id}": lambda dataset, made: {
        "url": f"/api/dashboards/{made}/shares/{add_share(dataset, made)}"
    },
    "/api/alerts/test": lambda dataset, _: {"json": {"rule": dataset}},
    "/api/incidents/{incident_id}": lambda dataset, _: {"url": f"/api/incidents/{dataset}"},
    "/api/incidents/{incident_id}/acknowledge": lambda dataset, _: {"url": f"/api/incidents/{dataset}/acknowledge", "json": {}},
    "/api/silences": lambda dataset, _: {"json": {"rule": dataset, "seconds": 60}},
    "/api/silences/{silence_id}": lambda dataset, _: {"url": f"/api/silences/{add_silence(dataset)}"},
    "/api/dead-letters/{id:int}": lambda _, letter: {"url": f"/api/dead-letters/{letter}"},
    "/api/dead-letters/retry": lambda _, letter: {"json": {"ids": [letter]}},
    "/api/dead-letters/drop": lambda _, letter: {"json": {"ids": [letter]}},
}
#: … or here, if it answers with what it has of all the datasets on which somebody has the role.
#: Here is no status page, whoever asks.
LISTS: Final = {"/api/alerts", "/api/dead-letters", "/api/incidents", "/api/status"}
PEOPLE: Final[dict[str, Grants]] = {
    "nobody": {},
    "viewer of shop": {"shop": Role.VIEWER},
    "editor of shop": {"shop": Role.EDITOR},
    "admin of shop": {"shop": Role.ADMIN},
    "viewer of all": {EVERYTHING: Role.VIEWER},
    "editor of all": {EVERYTHING: Role.EDITOR},
    "admin of all": {EVERYTHING: Role.ADMIN},
    "editor of shop, viewer of all": {"shop": Role.EDITOR, EVERYTHING: Role.VIEWER},
}
SCOPES: Final = {Role.VIEWER: "read", Role.EDITOR: "write-config", Role.ADMIN: "admin"}


@pytest.fixture(scope="module")
def app(embedded_store: ChdbStore, tmp_path_factory: pytest.TempPathFactory) -> Collector:
    folder = tmp_path_factory.mktemp("permissions")
    (folder / "w.toml").write_text(CONFIG)
    for dataset in ("shop", "blog"):
        SavedQueries(folder).save({"dataset": dataset}, "a test")
        (folder / f"{dataset}.alert.yaml").write_text(f"kind: check\ndataset: {dataset}\nchecks: {{names: [front]}}\n")
        DIARIES.append(Diary(folder))
        with DIARIES[-1].writing() as pen:
            pen.keep(Incident(dataset, dataset, "check", "", "warning", dataset, "front", "failing", "", 1, 1))
    MARKERS.append(Markers(folder))
    SHARES.append(Shares(DashboardFile(folder)))
    return build_app(load_settings({}, {"data_dir": str(folder), "admin_token": TOKEN, "config": str(folder / "w.toml"),
                                         "alerts_dir": str(folder)}), embedded_store)  # fmt: skip


@pytest.fixture(scope="module")
def client(app: Collector) -> Iterator[TestClient]:
    with TestClient(app, base_url="http://localhost:8080", follow_redirects=False) as client:
        yield client


@pytest.fixture(scope="module")
def routes(app: Collector) -> list[tuple[PrivateRoute, str]]:
    """Every private route with each of its methods."""
    private = [route for route in app.web.routes if isinstance(route, PrivateRoute)]
    return [(route, method) for route in private for method in sorted((route.methods or set()) - {"HEAD"})]


@pytest.fixture(scope="module")
def people(app: Collector) -> dict[str, dict[str, str]]:
    """The headers with which each of `PEOPLE` asks: a token has one scope for all of its datasets, but a session has any roles."""
    headers = {}
    for number, (person, grants) in enumerate(PEOPLE.items()):
        app.access.users.add(f"user{number}", "correct horse battery", grants)
        cookie = app.access.sessions.begin(Session("user", f"user{number}", person, {}), 600)
        headers[person] = {"cookie": f"{app.access.cookie_name}={cookie}", "sec-fetch-site": "same-origin"}
    return headers


@pytest.fixture(scope="module")
def letters(app: Collector) -> DeadLetters:
    return DeadLetters(app.settings.data_dir / DEAD_LETTERS_FILE)


@pytest.fixture(scope="module")
def dashboards(app: Collector) -> OwnDashboards:
    return OwnDashboards(DashboardFile(app.settings.data_dir))


@pytest.fixture(scope="module")
def ask(client: TestClient, letters: DeadLetters, dashboards: OwnDashboards) -> Ask:
    """Return the status of a request about a dataset, which has a dead letter and a dashboard."""

    def status(route: Route, method: str, dataset: str, headers: dict[str, str]) -> int:
        path = route.path.replace("{event_id:path}", "none").replace("{id}", "overview")
        made: Any = None
        if route.path.startswith("/api/dashboards/"):
            made = add_dashboard(dashboards, dataset)
        elif route.path.startswith("/api/dead-letters/"):
            made = add_letter(letters, dataset)
        about = ABOUT[route.path](dataset, made) if route.path in ABOUT else {}
        answer = client.request(method, **{"url": path, **about}, headers=headers)
        # Each question of a batch is refused in its own line.
        return 403 if route.path == "/api/query/batch" and '"reason":"forbidden"' in answer.text else answer.status_code

    return status


def dashboard(dataset: str) -> dict[str, Any]:
    """Return a small dashboard about a dataset."""
    panel = {"id": "views", "kind": "timeseries", "title": "Views", "query": "all", "width": 12, "mark": "bars", "value": "COUNT"}
    queries = {"all": {"calculations": [{"op": "COUNT"}]}}
    return {"id": "views", "title": "Views", "description": "", "dataset": dataset, "queries": queries, "panels": [panel]}


def add_share(dataset: str, made: str) -> str:
    """Make a link to a dashboard, and return its id."""
    wanted = {"dashboard": made, "definition": dashboard(dataset), "dataset": dataset, "filters": [], "time": {}, "note": ""}
    return SHARES[-1].add({**wanted, "created_by": "a test", "expires_at": time.time() + 60}, lambda _: None)[0].id


def add_silence(dataset: str) -> str:
    """Make a silence of the rule about a dataset, and return its id."""
    return DIARIES[-1].silence(dataset, "", int(time.time()) + 60, "", "a test").id


def add_dashboard(dashboards: OwnDashboards, dataset: str) -> str:
    """Make a dashboard of a dataset, the only one of its, and return its id."""
    for one in dashboards.all():
        if one.dataset == dataset:
            return one.id
    return dashboards.add(dashboard(dataset), "a test", lambda _: None).id


def add_letter(letters: DeadLetters, dataset: str) -> int:
    """Make an event a dead letter, and return its number."""
    now = int(time.time() * 1000)
    event = {"id": uuid4().hex, "dataset": dataset, "kind": "event", "time": now, "ts": now, "received_at": now, "revision": 0}
    letters.add([DeadLetter(json.dumps(event | {"sample_rate": 1}).encode(), "a test", 0)])
    return letters.page(1)[0].id


def add_marker(dataset: str) -> str:
    """Mark a moment, and return the marker's id."""
    return str(MARKERS[-1].add(Marker(dataset, 1, "a test"), "a test")["id"])


def may(grants: Grants, route: PrivateRoute, dataset: str) -> bool:
    """What a role table on paper says."""
    needs = route.needs
    if needs.role is None:
        return True
    places = set(grants) if route.path in LISTS else {EVERYTHING} if needs.everywhere else {EVERYTHING, dataset}
    return any(role >= needs.role for where, role in grants.items() if where in places)


def test_anonymous_gets_nothing_but_the_public_surface(app: Collector, client: TestClient, ask: Ask) -> None:
    for route in app.web.routes:
        assert isinstance(route, (Route, Mount))
        for method in sorted((getattr(route, "methods", None) or {"GET"}) - {"HEAD"}):
            status = ask(route, method, "shop", {}) if isinstance(route, Route) else client.get(route.path).status_code
            is_public = route.path in PUBLIC or route.path.startswith(("/beacon.", "/w.", "/assets/"))
            # Without a link there is nothing at /share.
            assert status == 401 or (is_public and status in (200, 403, 404)), f"{method} {route.path}: {status}"
            assert is_public is not isinstance(route, PrivateRoute), route.path


def test_each_role_gets_what_it_may_and_no_more_dataset_by_dataset(
    ask: Ask, people: dict[str, dict[str, str]], routes: list[tuple[PrivateRoute, str]]
) -> None:
    for person, headers in people.items():
        for route, method in routes:
            if route.path == "/logout":
                continue
            for dataset in ("shop", "blog"):
                status = ask(route, method, dataset, headers)
                assert (status != 403) is may(PEOPLE[person], route, dataset), f"{person}: {method} {route.path} of {dataset}"
                assert status in (200, 201, 204, 304, 400, 403, 404, 428), f"{person}: {method} {route.path}: {status}"


@pytest.mark.parametrize("role", Role)
@pytest.mark.parametrize("datasets", [["shop"], [EVERYTHING]], ids=str)
def test_a_token_gets_what_its_scope_says(
    app: Collector, ask: Ask, routes: list[tuple[PrivateRoute, str]], role: Role, datasets: list[str]
) -> None:
    token = app.access.tokens.create(f"{role.word}-{datasets[0].replace('*', 'all')}", SCOPES[role], datasets)
    for route, method in routes:
        for dataset in ("shop", "blog"):
            status = ask(route, method, dataset, {"authorization": f"Bearer {token}"})
            allowed = may(dict.fromkeys(datasets, role), route, dataset)
            assert (status != 403) is allowed, f"{method} {route.path} of {dataset}: {status}"


def test_every_route_about_a_dataset_is_asked_about_one_here(routes: list[tuple[PrivateRoute, str]]) -> None:
    about = {route.path for route, _ in routes if route.needs.role and not route.needs.everywhere}

    assert about == set(ABOUT) | LISTS


def test_a_list_has_what_belongs_to_the_datasets_of_who_asks(
    client: TestClient, people: dict[str, dict[str, str]], letters: DeadLetters
) -> None:
    for dataset in ("shop", "blog"):
        add_letter(letters, dataset)
    for person, headers in people.items():
        answer = client.get("/api/dead-letters?limit=1000", headers=headers).json()
        own = {dataset for dataset in ("shop", "blog") if Identity("user", person, PEOPLE[person]).may(Role.EDITOR, dataset)}

        assert {one["dataset"] for one in answer.get("dead_letters", [])} == own, person

        seen = {dataset for dataset in ("shop", "blog") if Identity("user", person, PEOPLE[person]).may(Role.VIEWER, dataset)}
        for path, key in (("/api/alerts", "alerts"), ("/api/incidents", "incidents")):
            answer = client.get(path, headers=headers).json()
            assert {one["dataset"] for one in answer.get(key, [])} == seen, f"{person}: {path}"


def test_a_private_route_that_says_nothing_of_what_it_needs_stops_the_start() -> None:
    with pytest.raises(TypeError, match="/api/new is private, and does not say what it needs"):
        declared([Route("/api/new", lambda _: None)])


def test_a_refusal_names_the_role_the_dataset_and_the_way_out(app: Collector, client: TestClient) -> None:
    headers = {"authorization": f"Bearer {app.access.tokens.create('of-shop', 'read', ['shop'])}"}
    answer = client.post("/api/query", json={"dataset": "blog"}, headers=headers)
    unknown = client.post("/api/query", json={"dataset": "bloq"}, headers=headers).json()["error"]["message"]

    assert answer.json()["error"] == {
        "reason": "forbidden",
        "message": "This needs the role viewer on the dataset blog, where token of-shop has no role: ask an admin.",
    }
    assert "Known are shop." in unknown and "blog" not in unknown
    assert client.get("/api/me", headers=headers).json()["datasets"] == ["shop"]
    assert [one["name"] for one in client.get("/api/datasets", headers=headers).json()["datasets"]] == ["shop"]
