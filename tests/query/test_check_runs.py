"""Checks and their runs as they are answered to viewers."""

from __future__ import annotations

from typing import Any

import pytest
from asking import NOW, Dataset
from identified import ADMIN, served
from starlette.testclient import TestClient

from collector.access.identity import Identity, Role
from collector.config import Dataset as Configured
from collector.query.check_routes import check_read_routes
from collector.query.check_runs import uptime
from collector.query.desk import Desk

SCHEDULED = {"name": "backup", "kind": "push", "title": "Backup", "suite": "", "schedule": {"every": 60}, "push_path": "/v1/push/x"}


def run_of(status: str, ago: float, name: str = "front", location: str = "main", **more: Any) -> dict[str, Any]:
    found = {
        "id": f"{name}{location}{ago}-1", "kind": "check_run", "ts": int((NOW - ago) * 1000), "check.name": name,
        "check.location": location, "check.status": status, "check.is_final": True, "check.trigger": "schedule", "check.attempt": 1,
        "check.run_id": f"{name}{location}{ago}".replace(".", "_"), "check.kind": "http", "check.title": name.title(),
    }  # fmt: skip
    return found | more


def client_of(dataset: Dataset, identity: Identity = ADMIN) -> TestClient:
    datasets = {dataset.name: Configured(dataset.name, ("k",))}
    pieces = [{"kind": "dom", "name": "end", "sha256": "a" * 64, "media_type": "text/html", "size": 1}]
    routes = check_read_routes(dataset.engine, datasets, Desk(), lambda _: [SCHEDULED], lambda _, __: pieces)
    return TestClient(served(routes, identity))


def ask(dataset: Dataset, path: str = "", identity: Identity = ADMIN, **params: Any) -> dict[str, Any]:
    answer = client_of(dataset, identity).get(f"/api/checks{path}", params={"dataset": dataset.name, **params})
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def test_a_check_is_as_its_last_run_at_its_worst_place(dataset: Dataset) -> None:
    dataset.add(
        run_of("fail", 500, **{"check.message": "Down."}), run_of("pass", 100), run_of("pass", 500, location="tokyo"),
        run_of("degraded", 90, location="tokyo"), run_of("fail", 10, location="local", **{"check.trigger": "manual"}),
    )  # fmt: skip
    (front, _) = ask(dataset)["checks"]

    assert (front["name"], front["title"], front["kind"], front["status"]) == ("front", "Front", "http", "degraded")
    last = {one["location"]: one for one in front["locations"]}
    assert {place: (one["status"], one["is_regular"]) for place, one in last.items()} == {
        "main": ("pass", True), "tokyo": ("degraded", True), "local": ("fail", False),
    }  # fmt: skip
    # The message of an earlier run is not taken for the last one's.
    assert last["main"]["message"] is None
    assert last["main"]["at"] == "2026-11-16T09:58:20.000Z"


def test_uptime_counts_regular_runs_that_gave_data(dataset: Dataset) -> None:
    dataset.add(
        *(run_of("pass", 60 * n + 1) for n in range(5)), run_of("fail", 400), run_of("no_data", 460), run_of("degraded", 520),
        run_of("fail", 401, **{"check.trigger": "recheck"}), run_of("fail", 402, **{"check.is_final": False}),
    )  # fmt: skip
    (front, _) = ask(dataset, time_range=3600, points=60)["checks"]

    assert front["counts"] == {"fail": 1, "no_data": 1, "degraded": 1, "pass": 5}
    assert front["uptime"] == 85.714
    assert len(front["bars"]) == 8
    assert front["bars"][-1] == {"time": "2026-11-16T09:59:00Z", "fail": 0, "no_data": 0, "degraded": 0, "pass": 1}


@pytest.mark.parametrize(
    ("good", "bad", "percent"), [(0, 0, None), (5, 0, 100), (0, 5, 0), (999_999, 1, 99.999), (9_999_999, 1, 99.999), (2, 1, 66.666)]
)
def test_an_outage_is_never_rounded_up(good: int, bad: int, percent: float | None) -> None:
    assert uptime(good, bad) == percent


def test_a_scheduled_check_is_there_before_its_first_run(dataset: Dataset) -> None:
    (backup,) = ask(dataset)["checks"]

    assert (backup["name"], backup["status"], backup["uptime"], backup["schedule"]) == ("backup", None, None, {"every": 60})


def test_only_editors_see_where_heartbeats_go(dataset: Dataset) -> None:
    def seen(role: Role) -> bool:
        return "push_path" in ask(dataset, identity=Identity("user", "x", {dataset.name: role}))["checks"][0]

    assert [seen(role) for role in Role] == [False, True, True]


def test_the_worst_checks_come_first(dataset: Dataset) -> None:
    dataset.add(*(run_of(status, 9, name) for name, status in (("a", "pass"), ("b", "fail"), ("c", "no_data"), ("d", "degraded"))))

    assert [one["name"] for one in ask(dataset)["checks"]] == ["b", "c", "d", "a", "backup"]


def test_runs_are_listed_newest_first_a_page_at_a_time(dataset: Dataset) -> None:
    dataset.add(*(run_of("fail" if n == 2 else "pass", n) for n in range(1, 6)), run_of("pass", 3.5, "other"))
    first = ask(dataset, "/runs", name="front", limit=3)
    second = ask(dataset, "/runs", name="front", limit=3, cursor=first["next_cursor"])

    assert [one["check.run_id"] for one in (*first["runs"], *second["runs"])] == [f"frontmain{n}" for n in range(1, 6)]
    assert second["next_cursor"] is None
    assert [one["check.run_id"] for one in ask(dataset, "/runs", status="fail,degraded")["runs"]] == ["frontmain2"]
    assert [one["check.run_id"] for one in ask(dataset, "/runs", start_time=NOW - 3, end_time=NOW - 2)["runs"]] == ["frontmain3"]


def test_a_run_comes_with_all_that_belongs_to_it(dataset: Dataset) -> None:
    run = {"check.run_id": "r1", "ts": (NOW - 60) * 1000}
    dataset.add(
        run_of("fail", 60, id="r1-1", **{"check.is_final": False, "check.run_id": "r1"}),
        run_of("pass", 50, id="r1-2", **{"check.attempt": 2, "check.run_id": "r1"}),
        {"id": "r1-2-s1", "kind": "check_step", "check.step.index": 1, "check.attempt": 2, **run},
        {"id": "r1-2-s0", "kind": "check_step", "check.step.index": 0, "check.attempt": 2, **run},
        {"id": "r1-1-p0", "kind": "probe", **run},
        {"id": "view", "kind": "page_view", "page.path": "/cart", **run},
        {"id": "oops", "kind": "error", **run},
        {"id": "stranger", "kind": "page_view", "ts": run["ts"]},
    )
    found = ask(dataset, "/runs/r1")

    assert found["run"]["id"] == "r1-2"
    ids = {key: [one["id"] for one in found[key]] for key in ("attempts", "steps", "probes", "page_views", "others")}
    assert ids == {
        "attempts": ["r1-1", "r1-2"], "steps": ["r1-2-s0", "r1-2-s1"], "probes": ["r1-1-p0"], "page_views": ["view"],
        "others": ["oops"],
    }  # fmt: skip
    assert found["evidence"][0]["kind"] == "dom"


@pytest.mark.parametrize("run_id", ["nothing", "x'y", "a" * 65])
def test_an_unknown_run_is_said_to_be_unknown(dataset: Dataset, run_id: str) -> None:
    answer = client_of(dataset).get(f"/api/checks/runs/{run_id}?dataset={dataset.name}")

    assert (answer.status_code, answer.json()["error"]["reason"]) == (404, "unknown_run")
