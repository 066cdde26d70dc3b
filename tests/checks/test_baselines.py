"""Pictures wait for a decision; whoever may decides, about the one that was looked at; runners elsewhere compare with the same."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx2
import pytest
import yaml
from click.testing import CliRunner
from identified import ADMIN, served
from PIL import Image
from starlette.testclient import TestClient

from bench.running import TOKEN, Running, collector
from collector.access.identity import Identity, Role
from collector.checks.baseline_routes import baseline_routes
from collector.checks.baselines import Baseline, Baselines
from collector.checks.comparisons import accepted_pictures, copy_accepted, take
from collector.checks.evidence import Rooms, sha256_of, write
from collector.cli import main
from collector.config import Dataset
from collector.errors import WideloadError
from tests.checks.shop import Shop
from tests.checks.shop import shop as shop_of_journeys
from tests.checks.test_agent import started
from tests.checks.test_schedule_service import until


def png(colour: str) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (8, 8), colour).save(out, "PNG")
    return out.getvalue()


BEFORE, AFTER = png("white"), png("gold")


@pytest.fixture
def rooms(tmp_path: Path) -> Iterator[Rooms]:
    made = Rooms(tmp_path)
    yield made
    made.close()


@pytest.fixture
def baselines(rooms: Rooms) -> Baselines:
    """Those of the dataset shop: `front` has an accepted picture, and one that waits."""
    made = Baselines(rooms.of("shop").folder)
    made.propose(front(made), BEFORE, None, 0.0, "run-1")
    made.accept(front(made), "jane")
    made.propose(front(made), AFTER, png("red"), 12.5, "run-2")
    return made


def front(baselines: Baselines) -> Baseline:
    return baselines.get("front", "end", "chromium", "1280x720")


def client(rooms: Rooms, identity: Identity = ADMIN) -> TestClient:
    datasets = {name: Dataset(name, (name,)) for name in ("shop", "blog")}
    return TestClient(served(baseline_routes(rooms, datasets), identity))


def with_role(role: Role, dataset: str = "shop") -> Identity:
    return Identity("user", "jo", {dataset: role})


RUNNER = Identity("token", "berlin", {}, ("shop",))


def test_a_viewer_sees_what_waits_and_its_three_pictures(rooms: Rooms, baselines: Baselines) -> None:
    found = client(rooms, with_role(Role.VIEWER)).get("/api/checks/baselines?dataset=shop&waiting=true").json()

    (one,) = found["baselines"]
    assert (found["waiting"], one["check"], one["percent"], one["run_id"]) == (1, "front", 12.5, "run-2")
    for name, picture in (("accepted", BEFORE), ("pending", AFTER), ("difference", png("red"))):
        answer = client(rooms).get(f"/api/checks/baselines/{one['id']}/pictures/{one[name]}?dataset=shop")
        assert (answer.content, answer.headers["content-type"]) == (picture, "image/png")
        assert answer.headers["content-security-policy"].startswith("sandbox")


def test_an_editor_decides_and_it_is_kept_who_and_when(rooms: Rooms, baselines: Baselines) -> None:
    id_ = front(baselines).id
    answer = client(rooms, with_role(Role.EDITOR)).post(
        f"/api/checks/baselines/{id_}/accept?dataset=shop", json={"picture": sha256_of(AFTER)}
    )

    known = front(baselines)
    assert answer.json()["baseline"]["accepted"] == known.accepted == sha256_of(AFTER)
    assert (known.accepted_by, known.pending, known.history[-1]["by"], known.history[-1]["what"]) == ("jo", "", "jo", "accepted")
    assert baselines.picture(known, "accepted") == AFTER


def test_a_rejected_picture_changes_nothing_that_was_accepted(rooms: Rooms, baselines: Baselines) -> None:
    path = f"/api/checks/baselines/{front(baselines).id}/reject?dataset=shop"
    first, second = (client(rooms).post(path, json={"picture": sha256_of(AFTER)}) for _ in range(2))

    assert (first.status_code, second.status_code) == (200, 409)
    assert (front(baselines).accepted, front(baselines).pending) == (sha256_of(BEFORE), "")


def test_a_picture_that_came_after_the_one_looked_at_is_not_accepted(rooms: Rooms, baselines: Baselines) -> None:
    answer = client(rooms).post(
        f"/api/checks/baselines/{front(baselines).id}/accept?dataset=shop", json={"picture": sha256_of(png("blue"))}
    )

    assert (answer.status_code, answer.json()["error"]["reason"]) == (409, "picture_gone")
    assert front(baselines).accepted == sha256_of(BEFORE)


@pytest.mark.parametrize(
    ("identity", "method", "path", "status"),
    [
        pytest.param(with_role(Role.VIEWER), "POST", "/accept?dataset=shop", 403, id="a-viewer-decides"),
        pytest.param(RUNNER, "POST", "/accept?dataset=shop", 403, id="a-runner-decides"),
        pytest.param(with_role(Role.EDITOR, "blog"), "POST", "/reject?dataset=shop", 403, id="an-editor-of-another-dataset"),
        pytest.param(with_role(Role.VIEWER, "blog"), "GET", "?dataset=shop", 403, id="a-viewer-of-another-dataset"),
        pytest.param(RUNNER, "GET", "?dataset=blog", 403, id="a-runner-of-another-dataset"),
        pytest.param(RUNNER, "GET", "?dataset=shop", 200, id="a-runner-looks"),
        pytest.param(ADMIN, "GET", "?dataset=none", 404, id="no-such-dataset"),
        pytest.param(ADMIN, "GET", "", 400, id="no-dataset"),
        pytest.param(ADMIN, "GET", "?dataset=shop&waiting=2", 400, id="bad-waiting"),
        pytest.param(ADMIN, "POST", "/accept?dataset=shop", 400, id="no-picture"),
    ],
)
def test_who_may_not_and_what_cannot_be_is_refused(
    identity: Identity, method: str, path: str, status: int, rooms: Rooms, baselines: Baselines
) -> None:  # fmt: skip
    target = "/api/checks/baselines" + (f"/{front(baselines).id}" if method == "POST" else "") + path

    assert client(rooms, identity).request(method, target, json={}).status_code == status


def compared(**changes: Any) -> dict[str, Any]:
    return {
        "step": "end", "browser": "chromium", "viewport": "1280x720", "accepted": sha256_of(BEFORE), "taken": "", "difference": "",
        "percent": 3.0, "matches": False, **changes,
    }  # fmt: skip


def test_what_an_agent_compared_waits_here(rooms: Rooms, baselines: Baselines) -> None:
    folder = rooms.of("shop").folder
    taken = write(folder, png("blue"))
    take(folder, "front", "run-3", [compared(taken=taken, difference=write(folder, png("red")))])

    assert (front(baselines).pending, front(baselines).run_id, front(baselines).percent) == (taken, "run-3", 3.0)


@pytest.mark.parametrize(
    "change",
    [
        pytest.param({"accepted": sha256_of(AFTER), "matches": True}, id="compared-with-an-older-one"),
        pytest.param({"taken": sha256_of(b"never sent")}, id="never-sent"),
        pytest.param({"taken": "../../admin-token"}, id="no-hash"),
    ],
)
def test_a_comparison_that_says_nothing_changes_nothing(change: dict[str, Any], rooms: Rooms, baselines: Baselines) -> None:
    take(rooms.of("shop").folder, "front", "run-3", [compared(**change)])

    assert (front(baselines).pending, front(baselines).run_id) == (sha256_of(AFTER), "run-2")


def test_a_page_that_looks_as_it_should_again_takes_its_picture_back(rooms: Rooms, baselines: Baselines) -> None:
    take(rooms.of("shop").folder, "front", "run-3", [compared(matches=True)])

    assert front(baselines).pending == ""


def test_accepted_pictures_are_copied_once_and_only_if_they_are_those(
    rooms: Rooms, baselines: Baselines, tmp_path: Path
) -> None:  # fmt: skip
    pictures, asked = accepted_pictures(rooms.of("shop").folder, "front"), []

    def fetch(path: str) -> bytes:
        asked.append(path)
        return BEFORE

    for _ in range(2):
        copy_accepted(tmp_path / "agent", "front", pictures, fetch)
    here = Baselines(tmp_path / "agent")

    assert (len(asked), here.picture(front(here), "accepted")) == (1, BEFORE)
    with pytest.raises(WideloadError, match="is not the one that was asked for"):
        copy_accepted(tmp_path / "other", "front", pictures, lambda _: b"something else")


@pytest.fixture(scope="module")
def site() -> Iterator[Shop]:
    with shop_of_journeys() as server:
        yield server


@pytest.fixture(scope="module")
def look(site: Shop, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("pictures") / "look.check.yaml"
    steps = [{"open": "/moving"}, {"screenshot": "moving", "compare": True, "mask": ["#clock"]}]
    check = {"kind": "journey", "id": "shop/look", "url": site.url, "steps": steps, "every": "10s", "locations": ["berlin"],
             "screenshots": "none"}  # fmt: skip
    path.write_text(yaml.safe_dump(check))
    return path


@pytest.fixture(scope="module")
def running(look: Path) -> Iterator[Running]:
    with collector(environment={"WIDELOAD_CHECKS_DIR": str(look.parent)}) as made:
        yield made


def waiting(running: Running) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = running.get("/api/checks/baselines?dataset=demo&waiting=true")["baselines"]
    return found


def decide(running: Running, one: dict[str, Any], what: str) -> None:
    httpx2.post(f"{running.url}/api/checks/baselines/{one['id']}/{what}?dataset=demo", json={"picture": one["pending"]},
                headers={"authorization": f"Bearer {TOKEN}"}).raise_for_status()  # fmt: skip


def states(running: Running) -> set[str]:
    filters = [{"column": "kind", "op": "=", "value": "check_run"}, {"column": "check.name", "op": "=", "value": "shop/look"}]
    found = running.query(breakdowns=["check.status"], filters=filters, disable_series=True)
    return {one["data"]["check.status"] for one in found["results"]}


@pytest.mark.browser
def test_agents_and_ci_compare_with_what_was_accepted_in_the_collector(running: Running, look: Path, site: Shop) -> None:
    arguments = ["tokens", "create", "berlin", "--scope", "run-checks", "--dataset", "demo", "--data-dir", str(running.data)]
    token = CliRunner().invoke(main, arguments, catch_exceptions=False).stdout.split()[-1]

    with started(running, token, "--allow-private"):
        (new,) = until(lambda: waiting(running), 90)
        assert (new["check"], new["step"], new["accepted"], new["difference"]) == ("shop/look", "moving", "", "")
        decide(running, new, "accept")
        until(lambda: "pass" in states(running), 90)

    # The agent is gone, and a build looks at the same page, and then at a changed one.
    def build() -> int:
        run = ["check", "run", str(look), "--url", running.url, "--token", token, "--allow-private"]
        return CliRunner().invoke(main, run, catch_exceptions=False).exit_code

    assert (build(), waiting(running)) == (0, [])
    site.pages["/moving"] = site.pages["/moving"].replace("<h1>", "<h1 style='background: gold'>")
    assert build() == 1
    (differs,) = waiting(running)
    assert (differs["accepted"], differs["percent"] > 0.1, bool(differs["difference"])) == (new["pending"], True, True)
