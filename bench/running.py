"""Start and stop what is measured."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx2
import orjson

TOKEN = "bench-token-0123456789"


def free_port() -> int:
    """Return a port of this machine that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def pinned(core: int) -> list[str]:
    """Return the prefix that keeps a command on one core, where the machine has more than one."""
    return ["taskset", "-c", str(core)] if shutil.which("taskset") and (os.cpu_count() or 1) > 1 else []


def need(*programs: str) -> None:
    """Exit with a sentence if a program is missing."""
    for program in programs:
        if not shutil.which(program):
            sys.exit(f"This measurement needs {program}: apt-get install {program}")


@dataclass
class Running:
    """A collector under measurement."""

    url: str
    process: subprocess.Popen[bytes]
    data: Path
    token: str = TOKEN

    @property
    def _headers(self) -> dict[str, str]:
        return {"authorization": f"Bearer {self.token}"}

    def get(self, path: str) -> Any:
        """Return the JSON at a private path."""
        return _json(httpx2.get(self.url + path, headers=self._headers, timeout=60))

    def query(self, **spec: Any) -> dict[str, Any]:
        """Ask `/api/query` of the dataset demo."""
        whole = {"dataset": "demo", "time_range": 8 * 86_400, **spec}
        answer: dict[str, Any] = _json(httpx2.post(f"{self.url}/api/query", json=whole, headers=self._headers, timeout=60))
        return answer

    def count(self, **spec: Any) -> int:
        """Return the number of events."""
        results = self.query(calculations=[{"op": "COUNT"}], disable_series=True, **spec)["results"]
        return int(results[0]["data"]["COUNT"] or 0) if results else 0

    def metric(self, name: str) -> float:
        """Return the sum of a metric's series."""
        text = httpx2.get(f"{self.url}/metrics", headers=self._headers).text
        return sum(float(line.rsplit(" ", 1)[1]) for line in text.splitlines() if line.startswith((name + " ", name + "{")))

    def memory_mb(self) -> float:
        """Return the resident memory in MB (10⁶ bytes)."""
        for line in Path(f"/proc/{self.process.pid}/status").read_text().splitlines():
            if line.startswith("VmRSS"):
                return int(line.split()[1]) * 1024 / 1e6
        return 0.0


def _json(answer: httpx2.Response) -> Any:
    answer.raise_for_status()
    return orjson.loads(answer.content)


@contextmanager
def collector(
    core: int | None = None,
    port: int = 0,
    environment: Mapping[str, str] | None = None,
    prepare: Callable[[Path], None] = lambda _: None,
) -> Iterator[Running]:
    """Run `wideload serve` on this port, or a free one, with a fresh data folder, and with these further variables.

    Args:
        core, port, environment: as above.
        prepare: fills the data folder before.
    """
    data = Path(tempfile.mkdtemp(prefix="wideload-bench-"))
    prepare(data)
    port = port or free_port()
    command = [*(pinned(core) if core is not None else []), sys.executable, "-m", "collector", "serve"]
    variables = os.environ | {
        "WIDELOAD_LISTEN": f"127.0.0.1:{port}",
        "WIDELOAD_DATA_DIR": str(data),
        "WIDELOAD_ADMIN_TOKEN": TOKEN,
        "WIDELOAD_LOG_LEVEL": "warning",
        # What is measured is how much is possible.
        "WIDELOAD_KEY_BEACONS_PER_SECOND": "1000000",
        "WIDELOAD_EVENTS_PER_SECOND": "1000000",
        **(environment or {}),
    }
    process = subprocess.Popen(command, env=variables, stdout=subprocess.DEVNULL)
    url = f"http://127.0.0.1:{port}"
    try:
        _wait_ready(url, process)
        yield Running(url, process, data)
    finally:
        process.terminate()
        process.wait(30)
        shutil.rmtree(data)


def _wait_ready(url: str, process: subprocess.Popen[bytes]) -> None:
    end = time.monotonic() + 60
    while time.monotonic() < end and process.poll() is None:
        try:
            if httpx2.get(f"{url}/readyz").status_code == 200:
                return
        except httpx2.TransportError:
            time.sleep(0.05)
    raise RuntimeError("the collector did not start")
