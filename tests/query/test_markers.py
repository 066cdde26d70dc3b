"""Markers: kept, found by time, and made of new releases."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any

import pytest
from asking import NOW, Dataset
from identified import ADMIN, served
from starlette.testclient import TestClient

from collector.access.identity import Identity, Role
from collector.config import Dataset as Configured
from collector.errors import QueryError, RequestError, StoreUnavailable
from collector.query import releases
from collector.query.marker_routes import marker_routes
from collector.query.markers import Marker, Markers, parse_marker
from collector.query.releases import ReleaseWatch
from collector.store.base import Store

DEPLOY = {"dataset": "shop", "message": "deploy 4.2"}


@pytest.fixture
def markers(tmp_path: Path) -> Markers:
    return Markers(tmp_path, lambda: NOW)


def client_of(markers: Markers, identity: Identity = ADMIN, audited: list[tuple[str, ...]] | None = None) -> TestClient:
    datasets = {name: Configured(name, (name,)) for name in ("shop", "blog")}
    return TestClient(served(marker_routes(markers, datasets), identity, audited))


def test_a_marker_is_of_now_and_has_no_end_unless_it_says_so() -> None:
    assert parse_marker(DEPLOY, NOW + 0.7) == Marker("shop", NOW, "deploy 4.2")
    assert parse_marker(
        DEPLOY
        | {"start_time": "2026-11-16T10:00:00Z", "end_time": NOW + 60.9, "type": "deploy", "url": "https://ci.example/1?a=b"},
        0,
    ) == Marker("shop", NOW, "deploy 4.2", NOW + 60, "deploy", "https://ci.example/1?a=b")


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("message", ""), ("message", None), ("message", "x" * 1001), ("message", 7), ("dataset", None), ("start_time", "yesterday"),
        ("start_time", True), ("start_time", -1), ("start_time", 1e300), ("end_time", NOW - 1), ("type", "x" * 65),
        ("url", "javascript:alert(1)"),
        ("url", "https://"), ("url", "/builds/1"), ("url", "https://[::1"), ("url", "https://ci.example/\x1b[0m"), ("color", "red"),
    ],
)  # fmt: skip
def test_a_wrong_marker_is_refused_by_the_part_that_is_wrong(path: str, value: Any) -> None:
    with pytest.raises(QueryError) as caught:
        parse_marker({**DEPLOY, "start_time": NOW, path: value}, NOW)

    assert caught.value.path == path


def test_markers_are_found_by_the_range_that_they_touch(markers: Markers) -> None:
    for start, end in ((100, None), (200, 300), (400, None)):
        markers.add(Marker("shop", start, str(start), end), "anna")
    markers.add(Marker("blog", 250, "another"), "anna")

    def found(*range_: int) -> list[int]:
        return [one["start_time"] for one in markers.between("shop", *range_)[0]]

    assert found(0, 1000) == [100, 200, 400]
    assert (found(250, 260), found(300, 399), found(301, 399), found(400, 400)) == ([200], [200], [], [400])


def test_of_many_markers_the_latest_are_answered(markers: Markers, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("collector.query.markers.MAX_ANSWERED", 2)
    for start in (1, 2, 3):
        markers.add(Marker("shop", start, "x"), "anna")

    found, is_limited = markers.between("shop", 0, 9)

    assert ([one["start_time"] for one in found], is_limited) == ([2, 3], True)


def test_a_dataset_has_only_so_many_markers(markers: Markers, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("collector.query.markers.MAX_MARKERS", 1)
    markers.add(Marker("shop", 1, "x"), "anna")
    markers.add(Marker("blog", 1, "x"), "anna")

    with pytest.raises(RequestError) as caught:
        markers.add(Marker("shop", 2, "x"), "anna")
    assert (caught.value.status, caught.value.reason) == (507, "too_many_markers")


def test_markers_are_made_listed_and_deleted_over_http(markers: Markers) -> None:
    audited: list[tuple[str, ...]] = []
    client = client_of(markers, audited=audited)

    added = client.post("/api/markers", json=DEPLOY | {"type": "deploy"})
    client.post("/api/markers", json=DEPLOY | {"type": "note"})
    id_ = added.json()["id"]

    assert (added.status_code, added.json()) == (201, {
        "id": id_, "dataset": "shop", "start_time": NOW, "end_time": None, "message": "deploy 4.2", "type": "deploy", "url": None,
        "created_by": "anna", "created_at": "2026-11-16T10:00:00Z",
    })  # fmt: skip
    assert client.get(f"/api/markers?dataset=shop&type=deploy&start_time={NOW}").json() == {
        "markers": [added.json()],
        "limited": False,
    }
    assert client.get(f"/api/markers?dataset=shop&end_time={NOW - 1}").json()["markers"] == []
    assert [client.delete(f"/api/markers/{id_}").status_code for _ in range(2)] == [204, 404]
    assert len(client.get("/api/markers?dataset=shop").json()["markers"]) == 1
    assert [line[1] for line in audited] == ["marker-add", "marker-add", "marker-delete"]


def test_a_viewer_reads_markers_and_changes_none(markers: Markers) -> None:
    id_ = markers.add(Marker("shop", 1, "x"), "anna")["id"]
    client = client_of(markers, Identity("user", "bob", {"shop": Role.VIEWER, "blog": Role.EDITOR}))

    assert client.get("/api/markers?dataset=shop").status_code == 200
    assert client.post("/api/markers", json=DEPLOY).status_code == client.delete(f"/api/markers/{id_}").status_code == 403
    assert client.post("/api/markers", json=DEPLOY | {"dataset": "bolg"}).json()["error"]["reason"] == "unknown_dataset"


def test_a_file_that_cannot_be_used_is_said_to_be_so() -> None:
    answer = client_of(Markers(Path("/nowhere"))).get("/api/markers?dataset=shop")

    assert (answer.status_code, answer.json()["error"]["reason"]) == (503, "markers_unavailable")


@pytest.fixture
def watch(dataset: Dataset, markers: Markers, embedded_store: Store) -> ReleaseWatch:
    """Looks at a dataset that has had the release 1 for five hours, and has seen that."""
    views(dataset, "1", 30, age=5 * 3600)
    watch = ReleaseWatch(embedded_store, markers, {dataset.name: None})
    assert watch.look(dataset.name) == []
    return watch


def views(dataset: Dataset, version: str, count: int, age: int = 60, **more: Any) -> None:
    """Store page views of a release, one a second, the first of this age."""
    dataset.add(*({"service.version": version, "ts": (NOW - age + n) * 1000, **more} for n in range(count)))


def test_a_new_release_is_marked_once_where_it_began(watch: ReleaseWatch, dataset: Dataset, markers: Markers) -> None:
    views(dataset, "2", 20)

    (marked,) = watch.look(dataset.name)

    assert (marked["message"], marked["type"], marked["start_time"], marked["url"]) == ("Release 2", "release", NOW - 60, None)
    assert watch.look(dataset.name) == []
    assert markers.between(dataset.name, 0, NOW)[0] == [marked]


def test_a_release_is_marked_once_though_the_collector_starts_anew(
    watch: ReleaseWatch, dataset: Dataset, tmp_path: Path, embedded_store: Store
) -> None:
    views(dataset, "2", 20)
    others = [ReleaseWatch(embedded_store, Markers(tmp_path, lambda: NOW), {}) for _ in range(2)]

    assert [len(other.look(dataset.name)) for other in others] == [1, 0]


def test_a_few_views_checks_and_bots_are_no_release(watch: ReleaseWatch, dataset: Dataset) -> None:
    views(dataset, "2", 19)
    views(dataset, "3", 30, **{"browser.webdriver": True})
    views(dataset, "4", 30, **{"user_agent.is_bot": True})
    views(dataset, "5", 30, kind="error")
    dataset.add(*({"id": "one", "service.version": "6", "revision": n} for n in range(30)))

    assert watch.look(dataset.name) == []
    views(dataset, "2", 1)
    assert [one["message"] for one in watch.look(dataset.name)] == ["Release 2"]


def test_a_dataset_without_a_history_has_no_new_release(dataset: Dataset, markers: Markers, embedded_store: Store) -> None:
    watch = ReleaseWatch(embedded_store, markers, {})
    assert watch.look(dataset.name) == []

    views(dataset, "1", 30, age=120)
    assert watch.look(dataset.name) == []
    views(dataset, "2", 30)
    assert watch.look(dataset.name) == []


def test_made_up_releases_do_not_flood_the_charts(watch: ReleaseWatch, dataset: Dataset, caplog: pytest.LogCaptureFixture) -> None:
    for number in range(7):
        views(dataset, f"x{number}", 20)

    assert len(watch.look(dataset.name)) == 5
    assert watch.look(dataset.name) == []
    assert "7 releases of" in caplog.text


def test_a_store_that_hangs_does_not_hold_up_the_stop(markers: Markers, monkeypatch: pytest.MonkeyPatch) -> None:
    asked, release = threading.Event(), threading.Event()

    class Hanging:
        def query(self, *_: Any, **__: Any) -> Any:
            asked.set()
            release.wait(30)
            raise StoreUnavailable("gone")

    monkeypatch.setattr(releases, "LOOK_SECONDS", 0.01)
    watch = ReleaseWatch(Hanging(), markers, {"demo": None})
    watch.start()
    assert asked.wait(10)

    watch.stop(0.05)

    assert not release.is_set()
    release.set()
    watch.stop(10)
