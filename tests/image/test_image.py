"""The Dockerfile carried out in clean roots, and its images run as hardened containers are. Only `make test-image` does this."""

from __future__ import annotations

import json
import subprocess
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import httpx2
import pytest

from bench.running import free_port
from tests.image.dockerfile import Dockerfile
from tests.image.rootfs import ROOT, Builder, Image, reason_to_skip

pytestmark = [pytest.mark.image, pytest.mark.skipif(bool(reason_to_skip()), reason=reason_to_skip())]

TOKEN = "image-test-token-0123456789"
#: What any visitor can send.
CONFIG = '[datasets.shop]\nsite_keys = ["Zk3vT0aXr8mQ1sLd"]\nallowed_origins = ["*"]\n'
CHECK = """\
kind: journey
steps:
  - open: {url}
  - expect_title: It works
"""


class Page(BaseHTTPRequestHandler):
    """One page for any path."""

    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("content-type", "text/html")
        self.end_headers()
        self.wfile.write(b"<!doctype html><title>It works</title>")

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def page_address() -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), Page) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()


@pytest.fixture(scope="module")
def builder() -> Iterator[Builder]:
    # Not in the folder of pytest, which keeps those of three runs.
    with tempfile.TemporaryDirectory(prefix="wideload-image-") as folder:
        yield Builder(Dockerfile.read(ROOT / "Dockerfile"), Path(folder))


@contextmanager
def served(image: Image, folder: Path, store: str) -> Iterator[str]:
    """Serve from an image, with folders as a container has them; yield the address."""
    data, config, secrets = (folder / name for name in ("data", "config", "secrets"))
    for each in (data, config, secrets):
        each.mkdir()
    (config / "wideload.toml").write_text(CONFIG)
    (secrets / "admin-token").write_text(TOKEN + "\n")
    (secrets / "store").write_text(store + "\n")
    subprocess.run(["chown", "--recursive", image.user, data, secrets], check=True)
    mounts = {image.volumes[0]: data, "/etc/wideload": config, "/run/secrets/wideload": secrets}
    variables = {
        "WIDELOAD_LISTEN": f"127.0.0.1:{free_port()}",
        "WIDELOAD_ADMIN_TOKEN_FILE": "/run/secrets/wideload/admin-token",
        "WIDELOAD_STORE_FILE": "/run/secrets/wideload/store",
    }
    with (folder / "log").open("w+b") as log:
        process = image.start((), mounts, variables, stdout=log, stderr=log)
        try:
            url = f"http://{variables['WIDELOAD_LISTEN']}"
            wait(lambda: answers(f"{url}/readyz"), folder / "log")
            assert image.start(image.health[1:], mounts, variables).wait(20) == 0
            yield url
        finally:
            process.terminate()
            assert process.wait(30) in (0, -15), (folder / "log").read_text()


def answers(url: str) -> bool:
    try:
        return httpx2.get(url, headers={"authorization": f"Bearer {TOKEN}"}).status_code == 200
    except httpx2.TransportError:
        return False


def wait(condition: object, log: Path, seconds: float = 60) -> None:
    end = time.monotonic() + seconds
    while not condition():  # type: ignore[operator]
        assert time.monotonic() < end, log.read_text()
        time.sleep(0.1)


def assert_a_beacon_is_found(url: str, log: Path) -> None:
    event = {"id": "from-the-image", "kind": "page_view", "time": int(time.time() * 1000), "lcp.value": 1234.5}
    posted = httpx2.post(f"{url}/v1/beacon/Zk3vT0aXr8mQ1sLd", json={"v": 1, "events": [event]})

    assert posted.status_code == 202
    wait(lambda: answers(f"{url}/api/events/from-the-image?dataset=shop"), log)


def test_the_lean_image_is_small_and_serves_from_a_root_that_cannot_be_written(
    builder: Builder, native_server: str, tmp_path: Path
) -> None:
    image = builder.build("lean")

    assert image.size_mb() <= 200
    with served(image, tmp_path, f"clickhouse://{native_server}/from_the_image") as url:
        assert httpx2.get(f"{url}/beacon.js").status_code == 200
        assert_a_beacon_is_found(url, tmp_path / "log")


def test_the_image_says_what_is_in_it_and_has_nothing_to_install_more_with(builder: Builder) -> None:
    root = builder.build("lean").root
    bill = json.loads((root / "opt/wideload/sbom.json").read_text())
    installed = {
        path.name.split("-")[0].lower().replace("_", "-") for path in root.glob("opt/wideload/lib/*/site-packages/*.dist-info")
    }

    assert bill["bomFormat"] == "CycloneDX"
    assert {component["name"].lower().replace("_", "-").replace(".", "-") for component in bill["components"]} >= installed
    assert "wideload" in installed
    assert "pip" not in installed


def test_the_embedded_image_needs_no_server(builder: Builder, tmp_path: Path) -> None:
    image = builder.build("embedded")

    print(f"embedded: {image.size_mb():.0f} MB")
    with served(image, tmp_path, "embedded") as url:
        assert_a_beacon_is_found(url, tmp_path / "log")


def test_the_image_for_checks_runs_one_in_its_browser(builder: Builder, tmp_path: Path, page_address: str) -> None:
    image = builder.build("checks")
    checks = tmp_path / "checks"
    checks.mkdir(mode=0o755)
    (checks / "front.check.yaml").write_text(CHECK.format(url=page_address))
    command = ["check", "run", "/checks", "--no-report", "--allow-private"]

    process = image.start(command, {"/checks": checks}, {"HOME": "/tmp"}, stdout=-1, stderr=-2)

    said = process.communicate(timeout=180)[0]
    assert process.returncode == 0, said
