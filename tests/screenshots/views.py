"""What is photographed: every view, as a reader finds it or after some clicks."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final
from urllib.parse import urlencode

import httpx2
from playwright.sync_api import Page

from bench.running import Running
from tests.screenshots.shop import DATASET, DAYS, NOW

_START: Final = NOW - DAYS * 86_400
_TIME: Final = "_".join(datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%dT%H:%M:%SZ") for at in (_START, NOW))
_SLOW: Final = {"column": "lcp.value", "start_time": NOW - 2 * 86_400, "end_time": NOW, "min": 4000}
_OWN: Final = {
    "title": "Checkout",
    "description": "What the shop's team looks at in the morning.",
    "dataset": DATASET,
    "queries": {
        "slow": {"calculations": [{"op": "P75", "column": "lcp.value"}, {"op": "COUNT"}], "breakdowns": ["page.route"], "limit": 5,
                 "orders": [{"op": "COUNT", "order": "descending"}]},
        "spread": {"calculations": [{"op": "HEATMAP", "column": "inp.value"}, {"op": "P75", "column": "inp.value"}]},
    },
    "panels": [
        {"id": "lcp", "kind": "timeseries", "title": "LCP by route, p75", "query": "slow", "width": 6, "mark": "line",
         "vital": "lcp", "value": "P75(lcp.value)", "count": "COUNT"},
        {"id": "routes", "kind": "table", "title": "Routes", "query": "slow", "width": 6, "columns": [
            {"key": "page.route", "title": "Route"}, {"key": "COUNT", "title": "Views", "bar": True},
            {"key": "P75(lcp.value)", "title": "LCP, p75", "vital": "lcp", "count": "COUNT"}]},
        {"id": "inp", "kind": "heatmap", "title": "INP", "query": "spread", "width": 12, "vital": "inp", "column": "inp.value",
         "value": "HEATMAP(inp.value)", "line": {"key": "P75(inp.value)", "title": "p75"}},
    ],
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class View:
    """One view.

    Args:
        name: of its pictures.
        path: with the query.
        act: what its reader does then.
    """

    name: str
    path: str
    act: Callable[[Page], object] = lambda page: None


def views(running: Running) -> Iterator[View]:
    """Yield all of them; what they show is made first where it has to be."""
    with httpx2.Client(base_url=running.url, headers=running._headers, timeout=60) as ask:
        share, slowest = _share(ask), _slowest(ask)
        own = ask.post("/api/dashboards", json=_OWN).raise_for_status().json()["id"]
    for entry in running.get("/api/dashboards")["dashboards"]:
        if entry["origin"] == "own":
            continue
        yield View(entry["id"], _path(view=entry["id"]))
    yield View("explore", _path(view="explore", show="line", c="P75(lcp.value)", by="device.type"))
    yield View("explore-table", _path(view="explore", show="table", c="P75(lcp.value)", by="page.route"))
    yield View("bubbleup", _path(view="explore", show="heatmap", c="P75(lcp.value)", select=json.dumps(_SLOW)))
    yield View("page-views", _path(view="page-views"))
    yield View("page-view", _path(view="page-view", id=slowest))
    yield View("checks", _path(view="checks"))
    yield View("check", _path(view="check", id="shop/buy"))
    yield View("check-pictures", _path(view="check-pictures"))
    yield View("check-run", _path(view="check-run", id=_failed(running)))
    yield View("share", share)
    yield View("own", _path(view=own), _open_panel_menu)
    yield View("keys", _path(), lambda page: page.keyboard.press("?"))


def _path(**query: Any) -> str:
    return "/?" + urlencode({"dataset": DATASET, "time": _TIME, **query})


def _slowest(ask: httpx2.Client) -> str:
    """Return the page view with the slowest LCP of a page that was loaded in sight."""
    question = {
        "dataset": DATASET, "start_time": _START, "end_time": NOW, "columns": ["id"], "limit": 1,
        "filters": [{"column": "kind", "op": "=", "value": "page_view"}, {"column": "inp.value", "op": ">", "value": 300},
                    {"column": "resource.count", "op": ">", "value": 20},
                    {"column": "user_agent.is_bot", "op": "!=", "value": True}],
        "orders": [{"column": "lcp.value", "order": "descending"}],
    }  # fmt: skip
    return str(ask.post("/api/events", json=question).raise_for_status().json()["events"][0]["id"])


def _failed(running: Running) -> str:
    """Return the first run that failed."""
    path = f"/api/checks/runs?dataset={DATASET}&name=shop/buy&status=fail&start_time={_START}&end_time={NOW}"
    return str(running.get(path)["runs"][-1]["check.run_id"])


def _share(ask: httpx2.Client) -> str:
    expires = int(datetime.now(UTC).timestamp()) + 86_400
    wanted = {"dataset": DATASET, "start_time": _START, "end_time": NOW, "expires_at": expires}
    made = ask.post("/api/dashboards/lcp/shares", json=wanted).raise_for_status()
    return "/" + made.json()["url"].partition("://")[2].partition("/")[2]


def _open_panel_menu(page: Page) -> None:
    page.locator("[data-panel=lcp] .panel-menu button").first.click()
