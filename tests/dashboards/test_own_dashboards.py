"""Dashboards that people make: kept, changed by one at a time, and checked before they are kept."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from identified import ADMIN, served
from starlette.requests import Request
from starlette.testclient import TestClient

from collector import web
from collector.access.identity import EVERYTHING, Identity, Role
from collector.config import Dataset
from collector.dashboards.definition import DefinitionReader, prebuilt
from collector.dashboards.file import DASHBOARDS_FILE, DashboardFile
from collector.dashboards.own import OwnDashboards
from collector.dashboards.routes import Dashboards
from collector.errors import AccessError
from collector.query.visible import known_dataset

READER = DefinitionReader(json.loads(web.DASHBOARD_SCHEMA.read_bytes()))
PANEL = {"id": "views", "kind": "timeseries", "title": "Views", "query": "all", "width": 12, "mark": "bars", "value": "COUNT"}
DEFINITION = {
    "title": "Slow Pages!",
    "description": "Which are slow?",
    "queries": {"all": {"calculations": [{"op": "COUNT"}], "breakdowns": ["page.path"]}},
    "panels": [PANEL],
}
EDITOR = Identity("user", "bert", {"shop": Role.EDITOR})

Connect = Callable[..., TestClient]


def known(request: Request, dataset: str) -> str:
    return known_dataset(request, dataset, {name: Dataset(name, ()) for name in ("shop", "blog")})


@pytest.fixture
def connect(tmp_path: Path) -> Connect:
    """Return a client of the dashboards, for somebody; what they log is added to `audited`."""

    def connect(identity: Identity = ADMIN, audited: list[tuple[str, ...]] | None = None) -> TestClient:
        definitions = prebuilt(web.DEFINITIONS)
        own = OwnDashboards(DashboardFile(tmp_path), definitions, lambda: 1_794_823_200)
        routes = Dashboards(definitions, own, READER, known).routes()
        return TestClient(served(routes, identity, audited))

    return connect


@pytest.fixture
def client(connect: Connect) -> TestClient:
    return connect()


def test_a_dashboard_is_kept_under_an_id_made_of_its_title(client: TestClient) -> None:
    made = client.post("/api/dashboards", json=DEFINITION)
    again = client.post("/api/dashboards", json=DEFINITION)

    assert (made.status_code, made.headers["location"], made.headers["etag"]) == (201, "/api/dashboards/slow-pages", '"1"')
    assert again.json()["id"] == "slow-pages-2"
    assert client.get("/api/dashboards/slow-pages").json() == {**DEFINITION, "id": "slow-pages"}


@pytest.mark.parametrize(
    ("title", "id_"), [("Überblick", "berblick"), ("2026", "dashboard-2026"), ("…", "dashboard"), ("Overview", "overview-2")]
)
def test_every_title_makes_an_id_that_is_free(client: TestClient, title: str, id_: str) -> None:
    assert client.post("/api/dashboards", json={**DEFINITION, "title": title}).json()["id"] == id_


def test_the_list_has_the_prebuilt_ones_and_says_who_made_the_others(client: TestClient) -> None:
    client.post("/api/dashboards", json=DEFINITION)
    listed = client.get("/api/dashboards").json()["dashboards"]

    assert listed[0]["origin"] == "prebuilt" and "overview" in [one["id"] for one in listed]
    assert listed[-1] == {
        "id": "slow-pages", "title": "Slow Pages!", "description": "Which are slow?", "origin": "own", "version": 1,
        "created_by": "anna", "created_at": 1_794_823_200, "changed_by": "anna", "changed_at": 1_794_823_200,
    }  # fmt: skip


def test_of_two_who_change_a_dashboard_the_second_is_told(connect: Connect, client: TestClient) -> None:
    client.post("/api/dashboards", json=DEFINITION)
    etag = client.get("/api/dashboards/slow-pages").headers["etag"]
    first = connect(EDITOR).put("/api/dashboards/slow-pages", json={**DEFINITION, "title": "Berts"}, headers={"if-match": etag})
    second = client.put("/api/dashboards/slow-pages", json=DEFINITION, headers={"if-match": etag})

    assert (first.status_code, first.json()["changed_by"], first.headers["etag"]) == (200, "bert", '"2"')
    assert (second.status_code, second.json()["error"]["reason"]) == (412, "dashboard_changed")
    assert second.json()["error"]["message"].startswith("bert has changed this dashboard since")
    assert client.get("/api/dashboards/slow-pages").json()["title"] == "Berts"


@pytest.mark.parametrize(("sent", "status"), [(None, 428), ("*", 200), ('W/"1"', 200), ('"7"', 412), ("1", 400)])
def test_a_change_says_which_version_it_changes(client: TestClient, sent: str | None, status: int) -> None:
    client.post("/api/dashboards", json=DEFINITION)
    headers = {"if-match": sent} if sent else {}

    assert client.put("/api/dashboards/slow-pages", json=DEFINITION, headers=headers).status_code == status


def test_a_deleted_dashboard_is_gone(client: TestClient) -> None:
    client.post("/api/dashboards", json=DEFINITION)

    assert client.delete("/api/dashboards/slow-pages", headers={"if-match": '"2"'}).status_code == 412
    assert client.delete("/api/dashboards/slow-pages").status_code == 204
    assert client.get("/api/dashboards/slow-pages").json()["error"]["reason"] == "unknown_dashboard"
    assert client.delete("/api/dashboards/slow-pages").status_code == 404


@pytest.mark.parametrize("method", ["PUT", "DELETE"])
def test_prebuilt_dashboards_stay_as_they_are(client: TestClient, method: str) -> None:
    answer = client.request(method, "/api/dashboards/overview", json=DEFINITION, headers={"if-match": "*"})

    assert (answer.status_code, answer.json()["error"]["reason"]) == (409, "prebuilt")
    assert "keeps a copy" in answer.json()["error"]["message"]


def test_every_prebuilt_definition_can_be_uploaded(client: TestClient) -> None:
    for id_, definition in prebuilt(web.DEFINITIONS).items():
        assert client.get(f"/api/dashboards/{id_}").json() == definition
        assert client.post("/api/dashboards", json={**definition, "dataset": "shop"}).status_code == 201


@pytest.mark.parametrize(
    ("change", "path", "sentence"),
    [
        pytest.param({"panels": []}, "panels", "[] should be non-empty", id="no-panels"),
        pytest.param({"colour": "red"}, "", "'colour' was unexpected", id="unknown-part"),
        pytest.param({"panels": [{**PANEL, "width": 13}]}, "panels[0].width", "13 is greater than the maximum", id="width"),
        pytest.param({"panels": [{**PANEL, "mark": "dots"}]}, "panels[0].mark", "'dots' is not one of", id="of-its-kind"),
        pytest.param({"panels": [{**PANEL, "query": "al"}]}, "panels[0].query", "Did you mean all?", id="query"),
        pytest.param({"panels": [{**PANEL, "value": "COUNTS"}]}, "panels[0].value", "Did you mean COUNT?", id="key"),
        pytest.param({"panels": [PANEL, PANEL]}, "panels[1].id", "two panels “views”", id="same-id"),
        pytest.param({"panels": [{**PANEL, "id": f"a{n}"} for n in range(101)]}, "panels", "at most 100", id="too-many"),
        pytest.param({"queries": {"all": {"calculations": [{"op": "P75"}]}}}, "queries.all.calculations[0].column",
                     "P75 needs a column.", id="query-specification"),
        pytest.param({"filters": [{"column": "a", "op": "exists", "value": 1}]}, "queries.all.filters[0].value",
                     "exists takes no value.", id="filter"),
    ],
)  # fmt: skip
def test_a_sentence_names_what_is_wrong(client: TestClient, change: dict[str, Any], path: str, sentence: str) -> None:
    answer = client.post("/api/dashboards", json=DEFINITION | change)
    error = answer.json()["error"]

    assert (answer.status_code, error["reason"], error.get("path", "")) == (400, "bad_dashboard", path)
    assert sentence in error["message"]


@pytest.mark.parametrize(
    ("body", "status", "reason"),
    [
        (b"{", 400, "bad_json"),
        (b"[]", 400, "bad_dashboard"),
        (json.dumps({**DEFINITION, "dataset": "shopp"}).encode(), 404, "unknown_dataset"),
        (json.dumps({**DEFINITION, "description": "x" * 262_144}).encode(), 413, "body_too_large"),
    ],
    ids=["no-json", "no-object", "unknown-dataset", "too-large"],
)
def test_what_is_no_dashboard_is_refused(client: TestClient, body: bytes, status: int, reason: str) -> None:
    answer = client.post("/api/dashboards", content=body)

    assert (answer.status_code, answer.json()["error"]["reason"]) == (status, reason)


def test_a_dashboard_of_a_dataset_is_for_those_with_a_role_on_it(connect: Connect, client: TestClient) -> None:
    id_ = client.post("/api/dashboards", json={**DEFINITION, "dataset": "blog"}).json()["id"]
    bert, viewer = connect(EDITOR), connect(Identity("user", "eve", {"blog": Role.VIEWER}))

    assert id_ not in [one["id"] for one in bert.get("/api/dashboards").json()["dashboards"]]
    assert bert.get(f"/api/dashboards/{id_}").status_code == 403
    assert bert.delete(f"/api/dashboards/{id_}").status_code == 403
    assert bert.post("/api/dashboards", json={**DEFINITION, "dataset": "blog"}).status_code == 403
    assert viewer.get(f"/api/dashboards/{id_}").status_code == 200
    assert viewer.delete(f"/api/dashboards/{id_}").status_code == 403


def test_a_dashboard_cannot_be_moved_to_a_dataset_of_others(connect: Connect) -> None:
    bert = connect(EDITOR)
    bert.post("/api/dashboards", json={**DEFINITION, "dataset": "shop"})
    moved = bert.put("/api/dashboards/slow-pages", json={**DEFINITION, "dataset": "blog"}, headers={"if-match": "*"})

    assert moved.status_code == 403


def test_every_change_is_a_line_of_the_audit_log(connect: Connect) -> None:
    audited: list[tuple[str, ...]] = []
    client = connect(Identity("user", "eve", {EVERYTHING: Role.EDITOR}), audited)
    client.post("/api/dashboards", json=DEFINITION)
    client.put("/api/dashboards/slow-pages", json=DEFINITION, headers={"if-match": '"1"'})
    client.delete("/api/dashboards/slow-pages")

    assert [line[:3] for line in audited] == [
        ("eve", f"dashboard-{deed}", "slow-pages") for deed in ("create", "change", "delete")
    ]  # fmt: skip


def test_what_cannot_be_logged_is_not_done(tmp_path: Path) -> None:
    own = OwnDashboards(DashboardFile(tmp_path))

    def refuse(_: str) -> None:
        raise AccessError("The disk is full.")

    with pytest.raises(AccessError):
        own.add(DEFINITION, "anna", refuse)
    assert own.all() == []


def test_a_broken_file_is_named(client: TestClient, tmp_path: Path) -> None:
    (tmp_path / DASHBOARDS_FILE).write_bytes(b"no database, but as long as one would be" * 100)
    answer = client.get("/api/dashboards")
    assert (answer.status_code, answer.json()["error"]["reason"]) == (503, "dashboards_unavailable")
    assert DASHBOARDS_FILE in answer.json()["error"]["message"]
