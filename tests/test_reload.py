"""A changed configuration file is taken over by a running collector, if it is valid."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx2
import pytest
from starlette.testclient import TestClient

from bench.running import free_port
from collector import keys
from collector.app import Collector, build_app
from collector.config import Settings, load_settings
from collector.errors import StoreUnavailable
from collector.reload import Configuration, LiveDatasets
from collector.store.chdb import ChdbStore

TOKEN = "reload-test-token-0123456789"
AUTH = {"authorization": f"Bearer {TOKEN}"}
TEXT = '[datasets.shop]\nsite_keys = ["first"]\n'


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "wideload.toml"
    path.write_text(TEXT)
    return path


@pytest.fixture
def app(file: Path, tmp_path: Path, embedded_store: ChdbStore) -> Collector:
    def read() -> Settings:
        return load_settings({}, {"config": str(file), "data_dir": str(tmp_path / "data"), "admin_token": TOKEN})

    return build_app(read(), embedded_store, read)


@pytest.fixture
def client(app: Collector) -> Iterator[TestClient]:
    with TestClient(app) as client:
        yield client


def within(seconds: float, holds: Callable[[], Any]) -> None:
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end, "it did not come true"
        time.sleep(0.02)


def post(client: TestClient | httpx2.Client, key: str) -> int:
    return client.post(f"/v1/beacon/{key}", json={"v": 1, "events": [{"id": uuid4().hex, "kind": "page_view"}]}).status_code


def test_keys_are_created_rotated_and_revoked_without_a_restart(client: TestClient, file: Path) -> None:
    assert post(client, "first") == 202
    second = keys.create(file, "shop", []).key
    within(5, lambda: post(client, second) == 202)
    keys.revoke(file, "first")

    within(5, lambda: post(client, "first") == 404)
    assert post(client, second) == 202


def test_new_datasets_are_known_everywhere(client: TestClient, file: Path) -> None:
    file.write_text(TEXT + '[datasets.blog]\nsite_keys = ["b"]\nretention_days = 7\n')

    within(5, lambda: client.get("/api/me", headers=AUTH).json()["datasets"] == ["shop", "blog"])
    assert client.post("/api/query", json={"dataset": "blog"}, headers=AUTH).status_code == 200
    assert client.get("/api/doctor", headers=AUTH).json()["site_keys"]["blog"] == ["b"]


def test_new_retention_reaches_the_store(client: TestClient, file: Path, embedded_store: ChdbStore) -> None:
    file.write_text(TEXT + "retention_days = 17\n")

    within(5, lambda: "dataset = 'shop', 17" in embedded_store._engine("events"))


def test_a_bad_file_changes_nothing_and_is_told(client: TestClient, file: Path) -> None:
    file.write_text(TEXT + "retention_days = 0\n")
    within(5, lambda: client.get("/readyz").json()["configuration"] == "refused")
    doctor = client.get("/api/doctor", headers=AUTH).json()["configuration"]

    assert (client.get("/readyz").status_code, post(client, "first")) == (200, 202)
    assert doctor["problems"] == ["[datasets.shop]: retention_days must be a whole number of days from 1 to 3650."]
    file.write_text(TEXT)
    within(5, lambda: client.get("/readyz").json()["configuration"] == "in force")


def test_a_missing_file_changes_nothing(client: TestClient, file: Path) -> None:
    file.unlink()

    within(5, lambda: client.get("/readyz").json()["configuration"] == "refused")
    assert post(client, "first") == 202


def test_what_waits_for_a_restart_is_named(client: TestClient, file: Path) -> None:
    file.write_text('batch_events = 7\nmax_events = 1\nkey_beacons_per_second = 9\nlisten = "127.0.0.1:1"\n' + TEXT)

    within(5, lambda: client.get("/api/doctor", headers=AUTH).json()["configuration"]["postponed"] == ["listen", "batch_events"])


class Retention:
    """A store's answers to a new retention."""

    def __init__(self, *answers: bool | Exception) -> None:
        self.answers = list(answers)

    def __call__(self) -> bool:
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer


def test_retention_that_the_store_does_not_take_is_tried_again(
    file: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("collector.reload._RETENTION_POLLS", 0)
    retain = Retention(False, StoreUnavailable("gone"), True)
    configuration = Configuration(load_settings({}, {"config": str(file)}), lambda: load_settings({}), lambda _: None, retain)

    async def run() -> None:
        await configuration.reload()
        while retain.answers:
            await configuration._keep_retention()

    asyncio.run(run())
    assert retain.answers == []
    assert caplog.text.count("tried again: gone") == 1


def test_live_datasets_are_a_mapping() -> None:
    live = LiveDatasets({})
    live.replace(load_settings({}).datasets)

    assert (list(live), len(live), live["demo"].name) == (["demo"], 1, "demo")


def test_sighup_reads_the_file_at_once_and_does_not_end_the_process(file: Path, tmp_path: Path) -> None:
    port = free_port()
    environment = os.environ | {
        "WIDELOAD_LISTEN": f"127.0.0.1:{port}",
        "WIDELOAD_DATA_DIR": str(tmp_path / "data"),
        "WIDELOAD_CONFIG": str(file),
        "WIDELOAD_UNREADY_SECONDS": "0.1",
    }
    with (
        subprocess.Popen([sys.executable, "-m", "collector", "serve"], env=environment, stdout=subprocess.DEVNULL) as process,
        httpx2.Client(base_url=f"http://127.0.0.1:{port}", trust_env=False) as client,
    ):

        def answers() -> bool:
            try:
                return client.get("/readyz").status_code == 200
            except httpx2.TransportError:
                return False

        within(60, answers)
        second = keys.create(file, "shop", []).key
        process.send_signal(signal.SIGHUP)
        within(5, lambda: post(client, second) == 202)
        process.terminate()
        assert process.wait(30) in (0, -signal.SIGTERM)
