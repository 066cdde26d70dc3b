"""Routes that people visit and checks do not."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from asking import Dataset
from identified import served
from starlette.testclient import TestClient

from collector.checks.drafts import draft
from collector.checks.files.load import load
from collector.config import Dataset as Configured
from collector.query.coverage import Coverage
from collector.query.coverage_routes import coverage_routes
from collector.query.desk import Desk
from collector.store.base import Limits

HOST = "shop.example"
BY_CHECK = {"check.run_id": "a" * 32, "user_agent.is_bot": True}


def view(path: str, route: str = "", **more: Any) -> dict[str, Any]:
    return {"page.host": HOST, "page.path": path, "page.route": route or path, "page.url": f"https://{HOST}{path}", **more}


def find(dataset: Dataset, min_views: int = 1) -> dict[str, Any]:
    return Coverage(dataset.engine, draft).find(dataset.name, 86_400, min_views)


def test_routes_are_missing_where_only_people_go(dataset: Dataset) -> None:
    dataset.add(view("/"), view("/", **BY_CHECK), view("/cart", **{"lcp.value": 1800.0}), view("/cart"), view("/help"))

    answer = find(dataset)

    assert [(one["route"], one["views"], one["lcp"]) for one in answer["routes"]] == [("/cart", 2, 1800.0), ("/help", 1, None)]
    assert (answer["covered"], answer["uncovered"], answer["covered_share"]) == (1, 2, 0.25)


def test_a_robot_is_no_person(dataset: Dataset) -> None:
    dataset.add(view("/crawled", **{"user_agent.is_bot": True}), view("/"))

    assert [one["route"] for one in find(dataset)["routes"]] == ["/"]


def test_a_probe_of_a_page_covers_its_route(dataset: Dataset) -> None:
    asked = {"kind": "probe", "url.full": f"https://{HOST}/product/7"} | BY_CHECK
    dataset.add(view("/product/7", "/product/:id"), view("/cart"), asked, asked | {"url.full": "https://other.example/cart"})

    assert [one["route"] for one in find(dataset)["routes"]] == ["/cart"]


def test_a_route_is_drafted_by_its_most_visited_page(dataset: Dataset, tmp_path: Path) -> None:
    dataset.add(view("/product/1", "/product/:id"), *[view("/product/2", "/product/:id")] * 2)

    (route,) = find(dataset)["routes"]
    path = tmp_path / "checks" / route["draft"]["path"]
    path.parent.mkdir(parents=True)
    path.write_text(route["draft"]["text"])
    checks, problems = load([path])

    assert (problems, checks[0].name, checks[0].options["url"]) == ([], "shop-example/product-id", f"https://{HOST}/product/2")


def test_routes_with_few_page_views_may_be_left_out(dataset: Dataset) -> None:
    dataset.add(view("/rare"), view("/cart"), view("/cart"))

    assert [one["route"] for one in find(dataset, min_views=2)["routes"]] == ["/cart"]


def test_what_a_page_is_called_cannot_leave_the_folder_or_the_text(dataset: Dataset) -> None:
    dataset.add(view('/../../etc"\nkind: http', **{"page.host": "..", "page.url": 'https://x/"\n${a}'}))

    made = find(dataset)["routes"][0]["draft"]

    assert (made["path"], made["text"].count("\n")) == ("site/etc-kind-http.check.yaml", 8)
    assert "$${a}" in made["text"]


@pytest.mark.parametrize(("name", "value", "status"), [("min_views", 1, 200), ("time_range", "x", 400), ("min_views", 0, 400)])
def test_the_endpoint_answers_and_refuses(dataset: Dataset, name: str, value: Any, status: int) -> None:
    datasets = {dataset.name: Configured(dataset.name, ("key",))}
    client = TestClient(served(coverage_routes(Coverage(dataset.engine, draft), datasets, Desk(), Limits())))

    assert client.get("/api/checks/coverage", params={"dataset": dataset.name, name: value}).status_code == status
