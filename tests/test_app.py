"""The whole collector in this process: a beacon goes in, a query answers it."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from starlette.testclient import TestClient

from collector.app import Collector, build_app
from collector.casts import RESERVED, first_name
from collector.config import load_settings
from collector.errors import StoreUnavailable
from collector.store.base import Store
from collector.store.chdb import ChdbStore

TOKEN = "app-test-token-0123456789"
AUTH = {"authorization": f"Bearer {TOKEN}"}


class Away:
    """A store behind a switch: while `is_away`, every call fails as if the server were gone."""

    def __init__(self, store: Store) -> None:
        self._store, self.is_away = store, False

    def __getattr__(self, name: str) -> Callable[..., Any]:
        def call(*args: Any, **kwargs: Any) -> Any:
            if self.is_away:
                raise StoreUnavailable("connection refused", 210)
            return getattr(self._store, name)(*args, **kwargs)

        return call


@pytest.fixture
def store(embedded_store: ChdbStore) -> Any:
    return Away(embedded_store)


@pytest.fixture
def app(tmp_path: Path, store: Any) -> Collector:
    flags = {"data_dir": str(tmp_path), "admin_token": TOKEN, "linger_seconds": "0.02"}
    return build_app(load_settings({}, flags), store)


@pytest.fixture
def client(app: Collector) -> Iterator[TestClient]:
    with TestClient(app, base_url="http://127.0.0.1:8080") as client:
        yield client


def post(client: TestClient, **fields: Any) -> str:
    """Send one page view; return its id."""
    event = {"id": str(uuid4()), "kind": "page_view", "time": int(time.time() * 1000), **fields}
    assert client.post("/v1/beacon/demo", json={"v": 1, "events": [event]}).status_code == 202
    return str(event["id"])


def event(client: TestClient, name: str) -> dict[str, Any]:
    """Return a stored event, as soon as it is."""
    end = time.monotonic() + 20
    while (answer := client.get(f"/api/events/{name}?dataset=demo", headers=AUTH)).status_code == 404 and time.monotonic() < end:
        time.sleep(0.02)
    found: dict[str, Any] = answer.json()["event"]
    return found


def test_a_beacon_becomes_a_row_that_a_query_can_ask_about(client: TestClient) -> None:
    run = uuid4().hex
    stored = event(client, post(client, **{"lcp.value": 1234.5, "page.path": "/a", "run": run}))
    filters = [{"column": "run", "op": "=", "value": run}]
    calculations = [{"op": "P75", "column": "lcp.value"}, {"op": "COUNT"}]
    answer = client.post("/api/query", json={"dataset": "demo", "filters": filters, "calculations": calculations}, headers=AUTH)

    assert (stored["lcp.value"], stored["lcp.rating"], stored["run"]) == (1234.5, "good", run)
    assert answer.json()["results"][0]["data"] == {"P75(lcp.value)": 1234.5, "COUNT": 1}


def test_an_amended_page_view_replaces_itself(client: TestClient) -> None:
    name, began = uuid4().hex, int(time.time() * 1000)
    post(client, id=name, time=began, **{"cls.value": 0.1})
    assert event(client, name)["cls.value"] == 0.1
    post(client, id=name, time=began, revision=1, **{"cls.value": 0.5})

    end = time.monotonic() + 20
    while event(client, name)["revision"] == 0 and time.monotonic() < end:
        time.sleep(0.02)
    assert event(client, name)["cls.value"] == 0.5


def test_beacons_are_accepted_while_the_store_is_away_and_loaded_when_it_is_back(client: TestClient, store: Any) -> None:
    store.is_away = True
    name = post(client)
    end = time.monotonic() + 20
    while client.get("/readyz").json()["status"] != "degraded" and time.monotonic() < end:
        time.sleep(0.02)
    while_away = client.get("/readyz")
    store.is_away = False

    assert (while_away.status_code, while_away.json()["loader"], while_away.json()["pending_events"]) == (200, "holding", 1)
    assert event(client, name)["id"] == name
    assert client.get("/readyz").json()["status"] == "ok"


def test_metrics_show_the_identity_of_the_pipeline(client: TestClient) -> None:
    event(client, post(client))
    client.post("/v1/beacon/nope", content=b"{}")
    lines = client.get("/metrics", headers=AUTH).text.splitlines()

    assert 'wideload_events_acknowledged_total{dataset="demo"} 1.0' in lines
    assert "wideload_events_stored_total 1.0" in lines
    assert "wideload_events_pending 0.0" in lines
    assert 'wideload_beacons_rejected_total{dataset="",reason="unknown_site_key"} 1.0' in lines


def test_the_private_surface_is_closed_without_a_credential(client: TestClient) -> None:
    for path in ("/", "/api/me", "/api/query", "/api/datasets", "/metrics", "/api/dashboards", "/nope"):
        assert client.get(path).status_code == 401, path


def test_the_public_surface_is_open(client: TestClient) -> None:
    for path in ("/beacon.js", "/w.js", "/w.full.js", "/demo/", "/healthz", "/readyz", "/login"):
        assert client.get(path).status_code == 200, path


def test_the_paths_of_pages_may_be_chosen_and_open_nothing_else(tmp_path: Path, store: Any) -> None:
    flags = {"data_dir": str(tmp_path), "admin_token": TOKEN, "script_path": "/s/m.js", "beacon_path": "/s/m/"}
    with TestClient(build_app(load_settings({}, flags), store), follow_redirects=False) as client:
        statuses = {path: client.get(path).status_code for path in ("/s/m.js", "/s/m.0000.js", "/w.js", "/s/", "/s/x", "/s/m")}
        sent = client.post("/s/m/demo", json={"v": 1, "events": [{"id": "a", "kind": "event"}]})

    assert statuses == {"/s/m.js": 200, "/s/m.0000.js": 404, "/w.js": 401, "/s/": 401, "/s/x": 401, "/s/m": 401}
    assert sent.status_code == 202


def test_every_route_has_a_name_that_the_paths_of_pages_may_not_take(app: Collector) -> None:
    app.spool.close()
    own = {getattr(route, "path", "") for route in app.web.routes} | set(app.beacons.prefixes)
    names = {first_name(path) for path in own if not path.startswith(("/w.", "/w/"))}

    assert names - {""} <= set(RESERVED)


def test_an_unknown_path_is_named(client: TestClient) -> None:
    assert client.get("/nope", headers=AUTH).json()["error"]["message"] == "There is nothing at /nope."


def test_what_waited_on_disk_is_loaded_by_the_next_start(tmp_path: Path, store: Any) -> None:
    settings = load_settings({}, {"data_dir": str(tmp_path), "admin_token": TOKEN, "linger_seconds": "0.02"})
    with TestClient(build_app(settings, store)) as client:
        store.is_away = True
        name = post(client)
    store.is_away = False
    with TestClient(build_app(settings, store)) as client:
        assert event(client, name)["id"] == name
