"""A visitor's address is used for a moment, and written down nowhere; and no event makes the collector ask another host."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import httpx2
import pytest

from bench.running import TOKEN, Running, free_port

#: None of the machine's own, and of a kind that nothing else looks like.
ADDRESS, ADDRESS_6 = "203.0.113.77", "2001:db8:beef::77"


@pytest.fixture(scope="module")
def visited(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """A collector that logs all it can, behind a proxy that tells visitors' addresses, after good beacons and bad ones."""
    folder = tmp_path_factory.mktemp("visited")
    url = f"http://127.0.0.1:{(port := free_port())}"
    settings = {"LISTEN": f"127.0.0.1:{port}", "DATA_DIR": str(folder / "data"), "ADMIN_TOKEN": TOKEN, "LOG_LEVEL": "debug"}
    environment = os.environ | {f"WIDELOAD_{name}": value for name, value in settings.items()}
    command = [sys.executable, "-m", "collector", "serve"]
    with (folder / "log").open("wb") as log, subprocess.Popen(command, env=environment, stdout=log, stderr=log) as process:
        running = Running(url, process, folder)
        _until(lambda: httpx2.get(f"{url}/readyz").status_code == 200)
        for address in (ADDRESS, ADDRESS_6):
            _visit(url, address)
        _until(lambda: running.count() > 0)
        yield running
        process.terminate()


def _visit(url: str, address: str) -> None:
    headers = {"x-forwarded-for": f"{address}, 127.0.0.1", "forwarded": f"for={address}", "x-real-ip": address}
    good = b'{"v": 1, "events": [{"id": "a", "kind": "page_view"}]}'
    for key, body in (("demo", good), ("demo", b"no json"), ("demo", b"x" * 300_000), ("no-key", b"{}")):
        httpx2.post(f"{url}/v1/beacon/{key}", content=body, headers=headers)
    httpx2.get(f"{url}/api/me", headers=headers)
    httpx2.post(f"{url}/login", data={"token": "wrong"}, headers=headers)


def _until(is_so: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        with suppress(httpx2.TransportError):
            if is_so():
                return
        time.sleep(0.05)
    raise AssertionError("not in time")


def files(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


@pytest.mark.parametrize("address", [ADDRESS, ADDRESS_6])
def test_no_file_holds_a_visitors_address(visited: Running, address: str) -> None:
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    written = (address.encode(), socket.inet_pton(family, address))
    seen = files(visited.data)

    assert {"log", "dead-letters.sqlite3"} <= {path.name for path in seen}
    assert {"spool", "store"} <= {part for path in seen for part in path.parts}
    assert [path for path in seen for form in written if form in path.read_bytes()] == []


def test_no_stored_field_holds_a_visitors_address(visited: Running) -> None:
    (event,) = visited.get("/api/events/a?dataset=demo").values()

    assert not any(address in str(value) for value in event.values() for address in (ADDRESS, ADDRESS_6))


def test_no_event_makes_the_collector_connect_to_another_host(visited: Running) -> None:
    """A listener that every URL of an event names hears nothing: not when it is stored, read, exported or erased."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(1)
        url = f"http://127.0.0.1:{listener.getsockname()[1]}/x"
        names = ["page.url", "page.referrer", "lcp.url", "error.url", "exception.stacktrace", "avatar", "callback_url"]
        event = {"id": "b", "kind": "page_view", "session.id": "s", **dict.fromkeys(names, url), "resources.path": [url]}
        httpx2.post(f"{visited.url}/v1/beacon/demo", json={"v": 1, "events": [event]}).raise_for_status()
        session = [{"column": "session.id", "op": "=", "value": "s"}]
        _until(lambda: visited.count(filters=session) > 0)
        visited.get("/api/events/b?dataset=demo")
        for path in ("/api/export", "/api/erase"):
            headers = {"authorization": f"Bearer {visited.token}"}
            httpx2.post(
                visited.url + path, json={"dataset": "demo", "filters": session}, headers=headers, timeout=60
            ).raise_for_status()

        with pytest.raises(TimeoutError):
            listener.accept()
