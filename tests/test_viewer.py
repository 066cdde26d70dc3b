"""The viewer's page, and what it tells its script so that nothing has to be asked before the first panel stands there."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from identified import ADMIN, served
from starlette.testclient import TestClient

from collector import web
from collector.access.identity import Identity, Role
from collector.dashboards.definition import DefinitionReader, prebuilt
from collector.dashboards.file import DASHBOARDS_FILE, DashboardFile
from collector.dashboards.own import OwnDashboards
from collector.dashboards.routes import Dashboards
from collector.viewer import viewer_routes

HOSTILE = "</script><script>alert(1)</script><!--"
DEFINITION = {
    "id": "new",
    "title": HOSTILE,
    "description": "Which are slow?",
    "dataset": "shop",
    "queries": {"all": {"calculations": [{"op": "COUNT"}]}},
    "panels": [
        {"id": "all", "kind": "timeseries", "title": "Views", "query": "all", "width": 12, "mark": "bars", "value": "COUNT"}
    ],
}

Visit = Callable[..., TestClient]


@pytest.fixture
def visit(tmp_path: Path) -> Visit:
    """Return a client of somebody; there is one own dashboard, of the dataset shop."""
    definitions = prebuilt(web.DEFINITIONS)
    own = OwnDashboards(DashboardFile(tmp_path), definitions)
    own.add(DEFINITION, "anna", lambda _: None)
    reader = DefinitionReader(json.loads(web.DASHBOARD_SCHEMA.read_bytes()))
    dashboards = Dashboards(definitions, own, reader, lambda _, dataset: dataset)

    def visit(identity: Identity = ADMIN, site_key: str = "") -> TestClient:
        routes = viewer_routes(lambda someone: {"user": {"name": someone.name}}, dashboards, site_key)
        return TestClient(web.SafeHeadersMiddleware(served(routes, identity)))

    return visit


def known(client: TestClient, path: str = "/") -> dict[str, Any]:
    """Return what the page tells its script."""
    (block,) = re.findall('<script type="application/json" id="known">(.*?)</script>', client.get(path).text)
    told: dict[str, Any] = json.loads(block)
    return told


def test_the_page_tells_who_is_there_and_the_overview(visit: Visit) -> None:
    told = known(visit())

    assert told["me"] == {"user": {"name": "anna"}}
    assert told["dashboards"][0]["id"] == told["dashboard"]["id"] == "overview"
    assert told["dashboard"]["queries"]


def test_the_page_tells_the_dashboard_that_its_address_names(visit: Visit) -> None:
    assert known(visit(), "/?view=lcp&time=7d")["dashboard"]["id"] == "lcp"


@pytest.mark.parametrize("view", ["explore", "page-view&id=1", "no-such", "%00", "../lcp"])
def test_a_view_that_is_no_dashboard_is_told_without_one(visit: Visit, view: str) -> None:
    assert known(visit(), f"/?view={view}").keys() == {"me", "dashboards"}


def test_who_may_not_see_a_dashboard_is_not_told_of_it(visit: Visit) -> None:
    id_ = known(visit())["dashboards"][-1]["id"]
    told = known(visit(Identity("user", "carl", {"blog": Role.VIEWER})), f"/?view={id_}")

    assert "dashboard" not in told
    assert id_ not in [one["id"] for one in told["dashboards"]]


def test_no_text_of_a_dashboard_becomes_markup(visit: Visit) -> None:
    client = visit()
    id_ = known(client)["dashboards"][-1]["id"]

    assert known(client, f"/?view={id_}")["dashboard"]["title"] == HOSTILE
    assert client.get(f"/?view={id_}").text.count("<script") == client.get("/?view=explore").text.count("<script")


def test_where_dashboards_cannot_be_read_the_page_comes_all_the_same(visit: Visit, tmp_path: Path) -> None:
    client = visit()
    (tmp_path / DASHBOARDS_FILE).write_text("no database at all, but long enough to be looked at as if it were one")

    assert known(client).keys() == {"me"}


def test_the_page_is_kept_by_its_reader_alone_and_asked_for_again(visit: Visit) -> None:
    answer = visit().get("/")
    again = visit().get("/", headers={"if-none-match": answer.headers["etag"]})
    another = visit(Identity("user", "carl", {"blog": Role.VIEWER})).get("/", headers={"if-none-match": answer.headers["etag"]})

    assert answer.headers["cache-control"] == "private, no-cache"
    assert (again.status_code, again.content) == (304, b"")
    assert another.status_code == 200


def test_the_page_runs_nothing_inline(visit: Visit) -> None:
    answer = visit().get("/")

    assert "script-src 'self'" in answer.headers["content-security-policy"]
    assert "require-trusted-types-for 'script'" in answer.headers["content-security-policy"]
    assert "<style" not in answer.text
    assert 'style="' not in answer.text
    assert "<script>" not in answer.text


@pytest.mark.parametrize(
    ("query", "route"),
    [("", "/overview"), ("view=lcp", "/lcp"), ("view=page-view&id=1", "/page-view"), ("view=script-alert-1-script", "/own")],
)
def test_with_a_site_key_the_page_reports_how_it_is_for_its_readers(visit: Visit, query: str, route: str) -> None:
    (tag,) = re.findall("<script async [^>]*>", visit(site_key="k1").get(f"/?{query}").text)

    assert 'src="/beacon.js"' in tag and 'data-key="k1" data-service="wideload-viewer"' in tag
    assert f'data-route="{route}"' in tag


def test_without_a_site_key_the_page_reports_nothing(visit: Visit) -> None:
    assert "beacon.js" not in visit().get("/").text
