"""What is erased is gone from everywhere, and does not come back."""

from __future__ import annotations

import time
from typing import Any

import orjson
import pytest
from privacy_site import Site, where

from collector.pipeline.dead_letters import DeadLetter
from collector.privacy import erase as erasing
from collector.privacy.tombstones import TOMBSTONES_FILE, Tombstones

ANN, BOB = {"session.id": "ann"}, {"session.id": "bob"}


def erase(site: Site, **selection: Any) -> dict[str, Any]:
    answer = site.post("/api/erase", **selection)
    assert answer.status_code == 200, answer.text
    report: dict[str, Any] = answer.json()
    return report


def test_a_session_goes_with_all_of_its_revisions_and_leaves_the_others(site: Site) -> None:
    site.send(
        {"id": "a1", "revision": 0, **ANN},
        {"id": "a1", "revision": 1, **ANN},
        {"id": "a2", "kind": "error", **ANN},
        {"id": "b1", **BOB},
    )
    site.settle()

    report = erase(site, filters=where("session.id", "ann"))

    today = time.strftime("%Y-%m-%d", time.gmtime())
    assert [(one["kind"], one["events"]) for one in report["by"]] == [("error", 1), ("page_view", 1)]
    assert {one["day"] for one in report["by"]} <= {today, time.strftime("%Y-%m-%d", time.gmtime(time.time() - 60))}
    assert site.ids() == ["b1"]


def test_a_dry_run_says_what_would_go_and_leaves_it(site: Site) -> None:
    site.send({"id": "a1", **ANN})
    site.settle()

    report = erase(site, filters=where("session.id", "ann"), dry_run=True)

    assert (report["events"], report["dry_run"], site.ids()) == (1, True, ["a1"])


@pytest.mark.parametrize(
    ("selection", "left"),
    [
        pytest.param({"filters": where("page.path", "/account")}, ["b"], id="page"),
        pytest.param({"before": time.time() - 86_400}, ["a"], id="before"),
        pytest.param({"filters": where("lcp.value", 2500.1)}, ["a"], id="number"),
        pytest.param({"filters": where("plan", "gold")}, ["a"], id="attribute"),
        pytest.param({"filters": where("plan", "gold"), "before": "2020-01-01"}, ["a", "b"], id="both"),
    ],
)
def test_events_are_selected_as_in_a_query(site: Site, selection: dict[str, Any], left: list[str]) -> None:
    old = int((time.time() - 2 * 86_400) * 1000)
    site.send({"id": "a", "page.path": "/account"}, {"id": "b", "time": old, "lcp.value": 2500.1, "plan": "gold"})
    site.settle()

    erase(site, **selection)

    assert site.ids() == left


def test_what_a_browser_sends_again_does_not_come_back(site: Site) -> None:
    view = {"id": "a1", "time": int(time.time() * 1000), "lcp.value": 5000, **ANN}
    site.send(view)
    site.settle()
    erase(site, filters=where("lcp.value", 4000, ">"))

    # Once more, a revision that satisfies the filter no more, and one that had never arrived before.
    site.send(view, {**view, "revision": 1, "lcp.value": 100}, {**view, "id": "a2"})
    site.send({"id": "new", "lcp.value": 5000})

    assert site.ids() == ["new"]
    assert dict(site.app.counters.items("wideload_events_dead_lettered")) == {("erased",): 3}


def test_it_is_remembered_across_a_restart(site: Site) -> None:
    site.send({"id": "a1", **ANN})
    site.settle()
    erase(site, filters=where("session.id", "ann"))
    payload = orjson.dumps({"id": "a1", "kind": "page_view", "dataset": site.dataset, "ts": int(time.time() * 1000)})

    again = Tombstones(site.folder / TOMBSTONES_FILE)

    assert again.screen([payload]) == []
    again.close()


def test_what_waits_while_the_store_is_away_is_not_stored_later(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(erasing, "PATIENCE_SECONDS", 0.1)
    site.store.is_away = True
    site.send({"id": "a1", **ANN}, {"id": "b1", **BOB})

    assert site.post("/api/erase", filters=where("session.id", "ann")).status_code == 503
    monkeypatch.setattr(erasing, "PATIENCE_SECONDS", 30)
    site.store.is_away = False
    erase(site, filters=where("session.id", "ann"))

    assert site.ids() == ["b1"]


def test_dead_letters_go_too(site: Site) -> None:
    letters = [{"dataset": site.dataset, "kind": "error", "id": name, "ts": 1, "session.id": name} for name in ("ann", "bob")]
    dead = site.app.dead_letters
    dead.add([DeadLetter(orjson.dumps(letter), "bad", 6) for letter in letters] + [DeadLetter(b"no json", "bad", 6)])

    assert erase(site, filters=where("session.id", "ann"), dry_run=True)["dead_letters"] == 1
    assert erase(site, filters=where("session.id", "ann"))["dead_letters"] == 1
    assert [letter.payload for letter in dead.all()] == [orjson.dumps(letters[1]), b"no json"]


def test_nothing_of_it_is_left_in_the_files_of_the_pipeline(site: Site) -> None:
    site.send({"id": "a1", "page.path": "/a-very-private-place", **ANN})
    site.settle()

    erase(site, filters=where("session.id", "ann"))

    files = [path for path in site.folder.rglob("*") if path.is_file()]
    assert files
    assert [path for path in files if b"a-very-private-place" in path.read_bytes()] == []


@pytest.mark.parametrize(
    ("selection", "path"),
    [
        pytest.param({}, "filters", id="nothing"),
        pytest.param({"filters": where("resources.path", "/a.js")}, "filters[0].column", id="list"),
        pytest.param({"filters": where("lcp.rating", "poor")}, "filters[0].column", id="computed"),
        pytest.param({"filters": where("no_such_field", "x")}, "filters[0].column", id="unknown"),
        pytest.param({"before": "soon"}, "before", id="no time"),
        pytest.param({"before": 0, "everything": True}, "everything", id="unknown member"),
    ],
)
def test_a_wrong_selection_is_named(site: Site, selection: dict[str, Any], path: str) -> None:
    answer = site.post("/api/erase", **selection)

    assert (answer.status_code, answer.json()["error"]["path"]) == (400, path)


def test_an_unknown_dataset_and_a_stranger_are_refused(site: Site) -> None:
    assert site.post("/api/erase", before=0, dataset="other").status_code == 404
    site.client.headers.clear()
    assert site.post("/api/erase", before=0).status_code == 401
    assert site.post("/api/export", before=0).status_code == 401


def test_values_that_are_suggested_are_forgotten(site: Site) -> None:
    site.send({"id": "a1", "plan": "ann's own", **ANN}, {"id": "b1", "plan": "gold", **BOB})
    site.settle()

    def suggested() -> list[str]:
        answer = site.client.get("/api/fields/plan/values", params={"dataset": site.dataset}).json()
        return sorted(one["value"] for one in answer["values"])

    assert suggested() == ["ann's own", "gold"]
    erase(site, filters=where("session.id", "ann"))

    assert suggested() == ["gold"]
