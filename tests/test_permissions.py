"""Every route of the private surface, asked by everybody: nobody gets more than they may, and all get what they may."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

import pytest
from starlette.routing import Mount, Route
from starlette.testclient import TestClient

from collector.access.identity import EVERYTHING, Grants, Role
from collector.access.private import Needs, PrivateRoute, declared
from collector.app import Collector, build_app
from collector.config import load_settings
from collector.store.chdb import ChdbStore

TOKEN = "app-test-token-0123456789"
CONFIG = "".join(f'[datasets.{name}]\nsite_keys = ["{name}"]\n' for name in ("shop", "blog"))
#: What pages load, and what it takes to sign in or to see whether the collector lives. Nothing else is for everybody.
PUBLIC: Final = {"/beacon.js", "/beacon.full.js", "/w.js", "/login", "/login.css", "/favicon.svg", "/healthz", "/readyz"}
#: How a request to a route names the dataset that it is about; each route with `on_dataset` stands here.
ABOUT: Final[dict[str, Any]] = {
    "/api/query": lambda dataset: {"json": {"dataset": dataset}},
    "/api/events": lambda dataset: {"json": {"dataset": dataset}},
    "/api/events/{event_id:path}": lambda dataset: {"params": {"dataset": dataset}},
    "/api/fields": lambda dataset: {"params": {"dataset": dataset}},
}
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
    return build_app(load_settings({}, {"data_dir": str(folder), "admin_token": TOKEN, "config": str(folder / "w.toml")}),
                     embedded_store)  # fmt: skip


@pytest.fixture(scope="module")
def client(app: Collector) -> Iterator[TestClient]:
    with TestClient(app, base_url="http://localhost:8080", follow_redirects=False) as client:
        yield client


@pytest.fixture(scope="module")
def routes(app: Collector) -> list[tuple[PrivateRoute, str]]:
    """Every private route with each of its methods."""
    private = [route for route in app.web.routes if isinstance(route, PrivateRoute)]
    return [(route, method) for route in private for method in sorted((route.methods or set()) - {"HEAD"})]


def ask(client: TestClient, route: Route, method: str, dataset: str, headers: dict[str, str]) -> int:
    """Return the status of a request about a dataset."""
    about = ABOUT[route.path](dataset) if route.path in ABOUT else {}
    path = route.path.replace("{event_id:path}", "none").replace("{id}", "overview").replace("{id:int}", "9")
    return client.request(method, path, headers=headers, **about).status_code


def may(grants: Grants, needs: Needs, dataset: str) -> bool:
    """What a role table on paper says."""
    if needs.role is None:
        return True
    held = [role for where, role in grants.items() if where == EVERYTHING or (where == dataset and not needs.everywhere)]
    return any(role >= needs.role for role in held)


def test_anonymous_gets_nothing_but_the_public_surface(app: Collector, client: TestClient) -> None:
    for route in app.web.routes:
        assert isinstance(route, (Route, Mount))
        for method in sorted((getattr(route, "methods", None) or {"GET"}) - {"HEAD"}):
            status = ask(client, route, method, "shop", {}) if isinstance(route, Route) else client.get(route.path).status_code
            is_public = route.path in PUBLIC or route.path.startswith(("/beacon.", "/w."))
            assert status == 401 or (is_public and status in (200, 403)), f"{method} {route.path}: {status}"
            assert is_public is not isinstance(route, PrivateRoute), route.path


def test_each_role_gets_what_it_may_and_no_more_dataset_by_dataset(
    app: Collector, client: TestClient, routes: list[tuple[PrivateRoute, str]]
) -> None:
    for number, (person, grants) in enumerate(PEOPLE.items()):
        # A token has one scope for all of its datasets; a session has any roles.
        cookie = app.access.sessions.begin(_session(app, f"user{number}", grants), 60)
        headers = {"cookie": f"{app.access.cookie_name}={cookie}", "sec-fetch-site": "same-origin"}
        for route, method in routes:
            if route.path == "/logout":
                continue
            for dataset in ("shop", "blog"):
                status = ask(client, route, method, dataset, headers)
                assert (status != 403) is may(grants, route.needs, dataset), f"{person}: {method} {route.path} of {dataset}"
                assert status in (200, 204, 304, 400, 403, 404), f"{person}: {method} {route.path}: {status}"


def _session(app: Collector, name: str, grants: Grants) -> Any:
    app.access.users.add(name, "correct horse battery", grants)
    session = app.access.use_password(name, "correct horse battery")
    assert session is not None
    return session


@pytest.mark.parametrize("role", Role)
@pytest.mark.parametrize("datasets", [["shop"], [EVERYTHING]], ids=str)
def test_a_token_gets_what_its_scope_says(
    app: Collector, client: TestClient, routes: list[tuple[PrivateRoute, str]], role: Role, datasets: list[str]
) -> None:
    token = app.access.tokens.create(f"{role.word}-{datasets[0].replace('*', 'all')}", SCOPES[role], datasets)
    for route, method in routes:
        for dataset in ("shop", "blog"):
            status = ask(client, route, method, dataset, {"authorization": f"Bearer {token}"})
            allowed = may(dict.fromkeys(datasets, role), route.needs, dataset)
            assert (status != 403) is allowed, f"{method} {route.path} of {dataset}: {status}"


def test_every_route_about_a_dataset_is_asked_about_one_here(routes: list[tuple[PrivateRoute, str]]) -> None:
    about = {route.path for route, _ in routes if route.needs.role and not route.needs.everywhere}

    assert about == set(ABOUT)


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
