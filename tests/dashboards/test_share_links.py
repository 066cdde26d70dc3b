"""Links to dashboards: what their holders can do, and above all what they cannot."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from asking import NOW, Dataset
from starlette.applications import Starlette
from starlette.responses import Response
from starlette.testclient import TestClient

from collector.access.audit import AuditLog
from collector.access.clients import Clients
from collector.access.database import Database
from collector.access.identity import Role
from collector.access.throttle import Throttle
from collector.access.visitors import Visitors
from collector.app import Collector, build_app
from collector.config import load_settings
from collector.dashboards.file import DashboardFile
from collector.dashboards.links import LinkLimits, Links
from collector.dashboards.own import OwnDashboards
from collector.dashboards.shares import Shares
from collector.query.desk import Desk
from collector.query.engine import QueryEngine
from collector.store.base import Store
from collector.telemetry import Counters

TOKEN = "share-test-token-0123456789"
ADMIN = {"authorization": f"Bearer {TOKEN}"}
LATER = int(time.time()) + 86_400
RANGE = {"start_time": NOW - 3600, "end_time": NOW}
QUERIES = {
    "pages": {"calculations": [{"op": "COUNT"}], "breakdowns": ["page.path"]},
    "vital": {"calculations": [{"op": "P75", "column": "{vital}.value", "name": "p75"}], "disable_series": True},
    "line": {"calculations": [{"op": "COUNT"}]},
    "middle": {"calculations": [{"op": "COUNT"}], "cohort": {"column": "lcp.value", "from": "P25", "to": "P75"}},
}
DEFINITION: dict[str, Any] = {
    "title": "Shared",
    "description": "",
    "choose_percentile": True,
    "parameters": [{"name": "vital", "title": "Vital", "default": "lcp",
                    "values": [{"value": "lcp", "title": "LCP"}, {"value": "cls", "title": "CLS"}]}],
    "queries": QUERIES,
    "panels": [{"id": name, "kind": "table", "title": name, "query": name, "width": 12, "columns": [{"key": key, "title": "A"}]}
               for name, key in (("pages", "COUNT"), ("vital", "p75"), ("middle", "COUNT"))]
    + [{"id": "line", "kind": "timeseries", "title": "Line", "query": "line", "width": 12, "mark": "line", "value": "COUNT"}],
}  # fmt: skip


class Setup:
    """A collector with two datasets, of which `sharetest` has page views, and a dashboard of the test's own."""

    def __init__(self, app: Collector) -> None:
        self.app, self.file = app, DashboardFile(app.settings.data_dir)
        self.client = TestClient(app.web, base_url="http://127.0.0.1:8080", follow_redirects=False)
        self.dashboard = OwnDashboards(self.file).add(DEFINITION, "anna", lambda _: None).id
        self.shares = f"/api/dashboards/{self.dashboard}/shares"

    def share(self, **wanted: Any) -> dict[str, Any]:
        """Make a link, and return what the collector says of it."""
        answer = self.client.post(self.shares, json={"dataset": "sharetest", "expires_at": LATER, **wanted}, headers=ADMIN)
        assert answer.status_code == 201, answer.text
        made: dict[str, Any] = answer.json()
        return made

    def path(self, **wanted: Any) -> str:
        """Make a link, and return its path."""
        return str(self.share(**wanted)["url"]).partition("8080")[2]

    def ask(self, path: str, name: str = "pages", **body: Any) -> dict[str, Any]:
        """Run a query of a link, and return the answer, or the error."""
        found: dict[str, Any] = self.client.post(f"{path}/query/{name}", json=body).json()
        return found.get("error", found)


@pytest.fixture(scope="module")
def app(embedded_store: Store, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Collector]:
    rows = [("/", 1000), ("/", 2000), ("/a", 3000)]
    Dataset("sharetest", embedded_store).add(*({"page.path": path, "lcp.value": x, "cls.value": x / 10_000} for path, x in rows))
    Dataset("secret", embedded_store).add({"page.path": "/secret", "lcp.value": 1})
    folder = tmp_path_factory.mktemp("shares")
    datasets = "".join(f'[datasets.{name}]\nsite_keys = ["{name}"]\n' for name in ("sharetest", "secret"))
    (folder / "w.toml").write_text(f'frame_ancestors = ["https://intranet.example"]\nshare_max_days = 30\n{datasets}')
    flags = {"data_dir": str(folder), "admin_token": TOKEN, "config": str(folder / "w.toml")}
    app = build_app(load_settings({}, flags), embedded_store)
    yield app
    app.spool.close()


@pytest.fixture
def setup(app: Collector) -> Setup:
    return Setup(app)


def test_the_holder_of_a_link_sees_the_dashboard_and_runs_its_queries(setup: Setup) -> None:
    path = setup.path(filters=[{"column": "page.path", "op": "=", "value": "/"}])
    shown = setup.client.get(path + "/dashboard").json()

    assert shown["dashboard"]["queries"] == QUERIES
    assert (shown["dataset"], shown["time"], shown["expires_at"]) == ("sharetest", None, LATER)
    assert [row["data"] for row in setup.ask(path, **RANGE)["results"]] == [{"COUNT": 2, "page.path": "/"}]


def test_the_page_is_the_viewers_and_tells_its_address_to_nobody(setup: Setup) -> None:
    page = setup.client.get(setup.path())
    assets = re.findall(r'"(/assets/[^"]+)"', page.text)

    assert page.status_code == 200 and assets
    assert all(setup.client.get(asset).status_code == 200 for asset in assets)
    assert "set-cookie" not in page.headers
    assert page.headers["referrer-policy"] == "no-referrer" and "noindex" in page.headers["x-robots-tag"]
    assert page.headers["cache-control"] == "no-store"


def test_only_a_shared_dashboard_may_be_framed_and_only_by_those_who_are_listed(setup: Setup) -> None:
    policies = {
        path: setup.client.get(path, headers=ADMIN).headers["content-security-policy"] for path in (setup.path(), "/", "/login")
    }
    shared, viewer, login = policies.values()

    assert "frame-ancestors https://intranet.example;" in shared and "require-trusted-types-for 'script'" in shared
    assert "frame-ancestors 'none';" in viewer and "frame-ancestors 'none'" in login


@pytest.mark.parametrize(
    ("name", "body", "reason"),
    [
        ("pages", {"dataset": "secret"}, "bad_query"),
        ("pages", {"filters": []}, "bad_query"),
        ("pages", {"breakdowns": ["session.id"]}, "bad_query"),
        ("pages", {"calculations": [{"op": "COUNT"}]}, "bad_query"),
        ("pages", {"chosen": {"page": "/"}}, "bad_query"),
        ("pages", {"time_range": -1}, "bad_query"),
        ("other", {}, "unknown_query"),
    ],
)
def test_the_holder_asks_nothing_of_their_own(setup: Setup, name: str, body: dict[str, Any], reason: str) -> None:
    assert setup.ask(setup.path(), name, **body)["reason"] == reason


def test_a_choice_changes_what_the_dashboard_lets_choose_and_never_the_filters_of_the_link(setup: Setup) -> None:
    path = setup.path(filters=[{"column": "page.path", "op": "!=", "value": "/p75{vital}"}])

    def p75(**chosen: str) -> Any:
        return setup.ask(path, "vital", **RANGE, chosen=chosen)["results"][0]["data"]

    assert p75() == {"p75": 3000} and p75(vital="cls") == {"p75": 0.3} and p75(vital="session.id") == {"p75": 3000}
    assert p75(percentile="50") == {"p50": 2000}
    assert setup.client.get(path + "/dashboard").json()["filters"][0]["value"] == "/p75{vital}"


def test_a_cohort_is_found_within_what_the_link_shows(setup: Setup) -> None:
    assert setup.ask(setup.path(), "middle", **RANGE)["results"][0]["data"] == {"COUNT": 3}


def test_a_fixed_time_stays(setup: Setup) -> None:
    path = setup.path(start_time=NOW - 7200, end_time=NOW - 3600)

    assert setup.ask(path)["meta"]["end_time"] == NOW - 3600 and setup.ask(path)["results"] == []
    assert "fixed time" in setup.ask(path, **RANGE)["message"]


def test_the_holder_may_compare_with_the_time_before_unless_the_time_is_the_links(setup: Setup) -> None:
    fixed = setup.path(start_time=NOW - 7200, end_time=NOW)

    assert setup.ask(setup.path(), **RANGE, compare_time_offset_seconds=7200)["comparison"]["end_time"] == NOW - 7200
    assert "fixed time" in setup.ask(fixed, compare_time_offset_seconds=7200)["message"]


def test_devices_stand_side_by_side_where_the_panels_can_show_them(setup: Setup) -> None:
    path = setup.path()

    assert setup.ask(path, "line", **RANGE, split=True)["results"][0]["data"] == {"device.type": None, "COUNT": 3}
    assert setup.ask(path, "pages", **RANGE, split=True)["results"][0]["data"]["page.path"] == "/"


def test_a_link_ends(setup: Setup) -> None:
    wanted = {"dashboard": "shared", "definition": DEFINITION, "dataset": "sharetest", "filters": [], "time": {}, "note": ""}
    token = Shares(setup.file).add({**wanted, "created_by": "anna", "expires_at": time.time() // 1 - 3600}, lambda _: None)[1]
    path = f"/share/{token}"
    answers = [setup.client.get(path), setup.client.get(path + "/dashboard"), setup.client.post(path + "/query/pages", json={})]
    error = answers[1].json()["error"]

    assert [answer.status_code for answer in answers] == [404, 404, 404]
    assert error["reason"] == "share_expired"
    assert re.fullmatch(
        r"This link ended at [-0-9]{10} [0-9:]{8} UTC\. Ask whoever sent it to you for a new one\.", error["message"]
    )
    assert answers[1].headers["referrer-policy"] == "no-referrer"


def test_a_link_that_was_taken_back_is_none(setup: Setup) -> None:
    made = setup.share()
    path = made["url"].partition("8080")[2]
    removed = setup.client.delete(f"{setup.shares}/{made['id']}", headers=ADMIN)

    assert removed.status_code == 204
    assert setup.client.get(path + "/dashboard").json()["error"]["reason"] == "unknown_share"
    assert setup.client.delete(f"{setup.shares}/{made['id']}", headers=ADMIN).status_code == 404


def test_a_link_goes_with_its_dashboard_and_shows_no_later_change_of_it(setup: Setup) -> None:
    path = setup.path()
    changed = {**DEFINITION, "queries": {**QUERIES, "pages": {"calculations": [{"op": "COUNT"}], "breakdowns": ["session.id"]}}}
    setup.client.put(f"/api/dashboards/{setup.dashboard}", json=changed, headers={**ADMIN, "if-match": "*"})

    assert "page.path" in setup.ask(path, **RANGE)["results"][0]["data"]
    setup.client.delete(f"/api/dashboards/{setup.dashboard}", headers=ADMIN)
    assert setup.client.get(path).status_code == 404


@pytest.mark.parametrize("path", ["/api/dashboards", "/api/datasets", "/api/query", "/api/me", "/metrics", "/"])
def test_the_secret_of_a_link_opens_nothing_else(setup: Setup, path: str) -> None:
    token = setup.path().removeprefix("/share/")

    assert setup.client.get(path, headers={"authorization": f"Bearer {token}"}).status_code == 401


@pytest.mark.parametrize(
    ("wanted", "sentence"),
    [
        ({"expires_at": None}, "Say when the link ends: expires_at, at most 30 days from now"),
        ({"expires_at": 1}, "later than now"),
        ({"expires_at": LATER + 31 * 86_400}, "at most 30 days"),
        ({"expires_at": "soon"}, "must be a time"),
        ({"expires_at": True}, "must be a time"),
        ({"dataset": None}, "Say which dataset the link shows"),
        ({"dataset": "sharetst"}, "Did you mean sharetest?"),
        ({"filters": [{"column": "page.path"}]}, "needs op"),
        ({"start_time": NOW}, "needs both"),
        ({"start_time": NOW, "end_time": NOW}, "must be later"),
        ({"query": "x"}, "not known here"),
    ],
)
def test_a_link_is_made_of_what_it_needs(setup: Setup, wanted: dict[str, Any], sentence: str) -> None:
    body = {"dataset": "sharetest", "expires_at": LATER, **wanted}
    answer = setup.client.post(setup.shares, json=body, headers=ADMIN)

    assert answer.status_code in (400, 404) and sentence in answer.json()["error"]["message"]


def test_a_link_needs_an_editor_of_the_dataset_that_it_shows(setup: Setup) -> None:
    token = setup.app.access.tokens.create("of-secret", "write-config", ["secret"])
    headers = {"authorization": f"Bearer {token}"}
    made = setup.share(note="for the agency")
    body = {"dataset": "sharetest", "expires_at": LATER}

    assert setup.client.post("/api/dashboards/overview/shares", json=body, headers=headers).status_code == 403
    assert (
        setup.client.post("/api/dashboards/overview/shares", json=body | {"dataset": "secret"}, headers=headers).status_code == 201
    )
    assert setup.client.get(setup.shares, headers=headers).json()["shares"] == []
    assert setup.client.delete(f"{setup.shares}/{made['id']}", headers=headers).status_code == 403
    (listed,) = setup.client.get(setup.shares, headers=ADMIN).json()["shares"]
    assert listed == {key: value for key, value in made.items() if key != "url"} and listed["note"] == "for the agency"


def test_the_secret_is_kept_as_a_hash_and_in_no_log(setup: Setup, caplog: pytest.LogCaptureFixture) -> None:
    path = setup.path()
    setup.client.get(path + "/dashboard")
    token = path.removeprefix("/share/")
    line = setup.app.access.log.lines(action="share-open")[0]

    assert len(token) == 32 and token not in caplog.text
    assert not any(token.encode() in file.read_bytes() for file in setup.app.settings.data_dir.glob("*.sqlite3*"))
    assert re.fullmatch(r"link [0-9a-f]{12}", line.who) and line.target == f"{setup.dashboard} on sharetest"


def test_when_a_link_was_opened_last_is_noted(setup: Setup) -> None:
    path = setup.path()
    setup.client.get(path + "/dashboard")

    assert setup.client.get(setup.shares, headers=ADMIN).json()["shares"][0]["opened_at"] > LATER - 86_401


def test_who_asks_too_often_or_guesses_has_to_wait(tmp_path: Path, embedded_store: Store) -> None:
    shares, counters = Shares(DashboardFile(tmp_path), lambda: NOW), Counters()
    limits = LinkLimits(link=Throttle(2, 60), guesses=Throttle(1, 60), logged=Throttle(1, 60))
    with closing(Database(tmp_path)) as db:
        visitors = Visitors(Clients(), AuditLog(db))
        engine = QueryEngine(embedded_store)
        links = Links(shares, engine, Desk(), lambda: ["shop"], lambda _: Response(), visitors, counters, limits)
        client = TestClient(Starlette(routes=links.routes()))
        wanted = {"dashboard": "a", "definition": DEFINITION, "dataset": "shop", "filters": [], "time": {}, "note": ""}
        token = shares.add({**wanted, "created_by": "anna", "expires_at": NOW + 1}, lambda _: None)[1]
        asked = [client.get(f"/share/{token}/dashboard") for _ in range(3)]
        guessed = [client.get("/share/nothing/dashboard") for _ in range(2)]

    assert [one.status_code for one in asked] == [200, 200, 429] and int(asked[2].headers["retry-after"]) > 0
    assert [one.status_code for one in guessed] == [404, 429]
    assert dict(counters.items("wideload_share_refusals")) == {("share_rate",): 2, ("unknown_share",): 1}


def test_a_viewer_may_not_share(setup: Setup) -> None:
    token = setup.app.access.tokens.create("reads", "read", ["*"])
    answer = setup.client.post(setup.shares, json={}, headers={"authorization": f"Bearer {token}"})

    assert answer.status_code == 403 and f"role {Role.EDITOR.word}" in answer.json()["error"]["message"]
