"""Evidence is kept whole, for as long as it is to be, and is given so that it does no harm."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path
from typing import Any

import pytest
from identified import ADMIN, served
from starlette.testclient import TestClient

from collector.access.identity import Identity, Role
from collector.checks import evidence
from collector.checks.evidence import Evidence, Rooms, place_of, write
from collector.checks.evidence_routes import evidence_routes
from collector.checks.marks import Marks
from collector.config import Dataset
from collector.errors import WideloadError

MARKS = Marks("s" * 16)
NOW = 1_795_000_000.0


def piece(sha256: str, media_type: str = "image/png", **more: Any) -> dict[str, Any]:
    return {"kind": "screenshot", "name": "end", "sha256": sha256, "media_type": media_type, "size": 3, **more}


@pytest.fixture
def rooms(tmp_path: Path) -> Any:
    made = Rooms(tmp_path)
    yield made
    made.close()


def client(rooms: Rooms, identity: Identity = ADMIN) -> TestClient:
    datasets = {name: Dataset(name, (name,)) for name in ("shop", "blog")}
    return TestClient(served(evidence_routes(rooms, MARKS, datasets), identity))


def test_the_same_bytes_are_one_file(tmp_path: Path) -> None:
    first, second = write(tmp_path, b"abc"), write(tmp_path, b"abc")

    assert first == second == hashlib.sha256(b"abc").hexdigest()
    assert [path.name for path in tmp_path.rglob("*") if path.is_file()] == [first]


@pytest.mark.parametrize("name", ["", "../../etc/passwd", "A" * 64, "a" * 63])
def test_a_name_that_is_no_hash_is_no_path(tmp_path: Path, name: str) -> None:
    with pytest.raises(WideloadError, match="is no SHA-256"):
        place_of(tmp_path, name)


def test_failures_are_kept_longer_than_passes(tmp_path: Path) -> None:
    now = [NOW]
    kept = Evidence(tmp_path, 30, 1, lambda: now[0])
    shared, passed, failed = (write(tmp_path, body) for body in (b"shared", b"passed", b"failed"))
    kept.keep("good", "pass", [piece(shared), piece(passed)])
    kept.keep("bad", "fail", [piece(shared), piece(failed)])
    for sha256 in (shared, passed, failed):
        os.utime(place_of(tmp_path, sha256), (NOW, NOW))

    now[0] = NOW + 2 * 86_400
    assert kept.tidy() == 1
    assert [one["sha256"] for one in kept.of_run("bad")] == [shared, failed]
    assert kept.of_run("good") == []
    now[0] = NOW + 31 * 86_400
    assert kept.tidy() == 2
    kept.close()


def test_a_file_of_a_run_that_goes_on_and_other_files_stay(tmp_path: Path) -> None:
    kept = Evidence(tmp_path, clock=lambda: NOW)
    sha256 = write(tmp_path, b"new")
    os.utime(place_of(tmp_path, sha256), (NOW - 60, NOW - 60))
    (tmp_path / "baselines").mkdir()
    (tmp_path / "baselines" / "accepted.png").write_bytes(b"x")

    assert kept.tidy() == 0
    assert place_of(tmp_path, sha256).exists()
    kept.close()


@pytest.mark.parametrize(
    ("media_type", "given"),
    [
        ("image/png", "image/png"),
        ("text/html", "text/plain; charset=utf-8"),
        ("application/json", "text/plain; charset=utf-8"),
        ("image/svg+xml", "application/octet-stream"),
        ("application/zip", "application/octet-stream"),
    ],
)
def test_what_a_browser_gets_does_nothing(rooms: Rooms, media_type: str, given: str) -> None:
    sha256 = write(rooms.of("shop").folder, b"<script>alert(1)</script>")
    rooms.of("shop").keep("r1", "fail", [piece(sha256, media_type)])
    answer = client(rooms).get(f"/api/checks/evidence/{sha256}?dataset=shop")

    assert (answer.status_code, answer.headers["content-type"]) == (200, given)
    assert answer.headers["content-security-policy"].startswith("sandbox;")
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers.get("content-disposition", "").startswith("attachment") is (given == "application/octet-stream")


def test_evidence_belongs_to_its_dataset(rooms: Rooms) -> None:
    sha256 = write(rooms.of("shop").folder, b"abc")
    rooms.of("shop").keep("r1", "fail", [piece(sha256)])
    asking = client(rooms, Identity("user", "bob", {"blog": Role.ADMIN}))

    assert asking.get(f"/api/checks/evidence/{sha256}?dataset=shop").status_code == 403
    assert asking.get(f"/api/checks/evidence/{sha256}?dataset=blog").status_code == 404
    assert asking.get(f"/api/checks/evidence/{'../' * 3}x?dataset=blog").status_code == 404


def test_a_runner_keeps_evidence_and_says_of_which_run_it_is(rooms: Rooms) -> None:
    runner = client(rooms, Identity("token", "ci", {}, ("shop",)))
    sha256, mark = hashlib.sha256(b"abc").hexdigest(), MARKS.sign("shop", "run1").text

    def assign(run_id: str = "run1", **more: Any) -> int:
        body = {"mark": mark, "status": "fail", "evidence": [piece(sha256)], **more}
        return runner.post(f"/api/checks/runs/{run_id}/evidence?dataset=shop", json=body).status_code

    assert runner.put(f"/api/checks/evidence/{sha256}?dataset=shop", content=b"abc").status_code == 204
    assert runner.put(f"/api/checks/evidence/{sha256}?dataset=shop", content=b"abd").status_code == 400
    assert runner.put(f"/api/checks/evidence/{sha256}?dataset=blog", content=b"abc").status_code == 403
    assert [assign(), assign("run2"), assign(mark=""), assign(status="well"), assign(evidence=[{}])] == [204, 400, 400, 400, 400]
    assert [one["name"] for one in rooms.of_run("shop", "run1")] == ["end"]
    assert runner.get(f"/api/checks/evidence/{sha256}?dataset=shop").status_code == 403


def test_a_piece_that_is_too_large_is_not_taken(rooms: Rooms, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(evidence, "MAX_BYTES", 2)

    assert client(rooms).put(f"/api/checks/evidence/{'a' * 64}?dataset=shop", content=b"abc").status_code == 413
