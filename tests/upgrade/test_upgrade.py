"""Today's collector takes over the data folder of every released version."""

from __future__ import annotations

import json
import tarfile
import time
from pathlib import Path
from typing import Any

import httpx2
import pytest

from bench.process import CollectorProcess
from tests.upgrade.__main__ import FACTS, FOLDER

RECORDINGS = sorted(FOLDER.glob("*.tar.xz"))


@pytest.mark.parametrize("recording", RECORDINGS, ids=lambda path: path.name.removesuffix(".tar.xz"))
def test_a_released_versions_data_folder_is_taken_over(recording: Path, tmp_path: Path) -> None:
    with tarfile.open(recording) as tar:
        tar.extractall(tmp_path, filter="tar")
    folder = tmp_path / "recorded"
    facts = json.loads((folder / FACTS).read_text())

    with CollectorProcess(folder / "data", config=folder / "wideload.toml") as running:
        books = running.settle()
        question = {
            "dataset": "demo", "start_time": facts["at"] - 3600, "end_time": facts["at"] + 3600, "disable_series": True,
            "calculations": [{"op": "COUNT"}, {"op": "MAX", "column": "lcp.value"}], "breakdowns": ["plan"],
        }  # fmt: skip
        (row,) = running.post("/api/query", question)["results"]
        doctor = running.get("/api/doctor")
        mine = {path: asked(running, path, facts["token"]) for path in ("/api/me", f"/api/dashboards/{facts['dashboard']}")}
        markers = running.get("/api/markers?dataset=demo")["markers"]
        saved = running.get(f"/api/queries/{facts['query']}")
        sent = running.send({"id": "today", "kind": "page_view", "time": int(time.time() * 1000)})
        assert (sent.status_code, running.settle()["stored"]) == (202, books["stored"] + 1)

    assert row["data"] == {"COUNT": facts["events"], "MAX(lcp.value)": 1039, "plan": "gold"}
    assert (books["stored"], doctor["ledger"]["missing"]) == (facts["events"], 0)
    assert doctor["store"]["schema_version"] == doctor["store"]["latest_schema_version"]
    assert mine["/api/me"]["datasets"] == ["demo"] and mine[f"/api/dashboards/{facts['dashboard']}"]["title"] == "Recorded"
    assert [marker["message"] for marker in markers] == ["recorded"] and saved["query"]["dataset"] == "demo"


def asked(running: CollectorProcess, path: str, token: str) -> Any:
    """Ask with the token that was made with the recording."""
    return httpx2.get(running.url + path, headers={"authorization": f"Bearer {token}"}, timeout=20).json()


def test_there_is_a_recording_of_the_first_release() -> None:
    assert "0.1.0.tar.xz" in {path.name for path in RECORDINGS}
