"""The wheel, in an environment of its own: lean, complete, and able to serve."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
import venv
import zipfile
from collections.abc import Iterator
from pathlib import Path

import httpx2
import pytest

from bench.running import free_port

ROOT = Path(__file__).parent.parent
TOKEN = "package-test-token-0123456789"


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("dist")
    command = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(folder), str(ROOT)]
    subprocess.run(command, check=True, capture_output=True)
    (path,) = folder.glob("*.whl")
    return path


@pytest.fixture(scope="module")
def lean(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An environment with the wheel and what it must have, and nothing else; the path of its `wideload`."""
    folder = tmp_path_factory.mktemp("venv")
    venv.create(folder, with_pip=True)
    # The locked versions without their hashes: a wheel that was built just now has none.
    constraints = folder / "constraints.txt"
    constraints.write_text("\n".join(re.findall(r"^\S+==\S+", (ROOT / "requirements" / "run.txt").read_text(), re.MULTILINE)))
    pip = [str(folder / "bin" / "python"), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    subprocess.run([*pip, "--constraint", str(constraints), str(wheel)], check=True)
    return folder / "bin" / "wideload"


@pytest.fixture
def served(lean: Path, native_server: str, tmp_path: Path) -> Iterator[str]:
    port = free_port()
    environment = {
        "PATH": os.environ["PATH"],
        "WIDELOAD_LISTEN": f"127.0.0.1:{port}",
        "WIDELOAD_DATA_DIR": str(tmp_path / "data"),
        "WIDELOAD_ADMIN_TOKEN": TOKEN,
        "WIDELOAD_STORE": f"clickhouse://{native_server}/from_the_wheel",
    }
    process = subprocess.Popen([lean, "serve"], env=environment, cwd=tmp_path, stdout=subprocess.DEVNULL)
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(30)


def get(url: str, seconds: float = 30) -> httpx2.Response:
    end = time.monotonic() + seconds
    while True:
        try:
            return httpx2.get(url, headers={"authorization": f"Bearer {TOKEN}", "accept": "*/*"})
        except httpx2.TransportError:
            if time.monotonic() > end:
                raise
            time.sleep(0.1)


def test_the_wheel_carries_the_beacon_the_viewer_and_the_definitions(wheel: Path) -> None:
    names = set(zipfile.ZipFile(wheel).namelist())

    static = "collector/static/"
    assert {static + "beacon/beacon.js.br", static + "viewer/index.html", static + "definitions/overview.json"} <= names
    assert {"collector/demo/site/index.html", "collector/pages/login.html"} <= names
    assert "collector/store/migrations/0001_events.sql" in names
    assert not [name for name in names if name.startswith(("tests/", "bench/")) or "node_modules" in name]


def test_the_lean_installation_has_no_engine_and_says_how_to_get_one(lean: Path, tmp_path: Path) -> None:
    environment = {"PATH": os.environ["PATH"], "WIDELOAD_LISTEN": f"127.0.0.1:{free_port()}"}
    done = subprocess.run([lean, "serve"], env=environment, cwd=tmp_path, capture_output=True, text=True, check=False)

    assert done.returncode == 1
    assert "pip install 'wideload[embedded]'" in done.stderr
    assert "Traceback" not in done.stderr


def test_the_lean_installation_serves_and_stores_on_a_server(served: str) -> None:
    event = {"id": "from-the-wheel", "kind": "page_view", "lcp.value": 1234.5}
    get(f"{served}/readyz")
    posted = httpx2.post(f"{served}/v1/beacon/demo", json={"v": 1, "events": [event]})

    assert posted.status_code == 202
    assert get(f"{served}/").text.startswith("<!doctype html>")
    end = time.monotonic() + 20
    while (found := get(f"{served}/api/events/from-the-wheel?dataset=demo")).status_code == 404 and time.monotonic() < end:
        time.sleep(0.1)
    assert found.json()["event"]["lcp.value"] == 1234.5
