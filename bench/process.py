"""A collector as a process that is started, killed, paused and asked; and the oracle that every fault test ends with."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import httpx2
import orjson

from bench.running import free_port
from bench.traffic import issued

TOKEN = "faults-token-0123456789"
#: A day of events is asked for, and some more.
DAY = 86_400
_PAGE = 5000


def wait_until(condition: Callable[[], Any], seconds: float = 30, every: float = 0.05) -> Any:
    """Return the first true value of a condition; fail if there is none in time."""
    end = time.monotonic() + seconds
    while not (value := condition()):
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(every)
    return value


class CollectorProcess:
    """`wideload serve` in a process of its own.

    Args:
        data: its data folder.
        store: the store's address; the embedded one where there is none.
        port: where it listens.
        settings: further settings, by name.
    """

    def __init__(self, data: Path, store: str = "embedded", port: int = 0, **settings: Any) -> None:
        self.data, self.store, self.port = data, store, port or free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        #: Where what is private is asked for.
        self.private_url = f"http://{settings['private_listen']}" if "private_listen" in settings else self.url
        self.log = data.parent / f"{data.name}.log"
        # What is tested and measured with it is not the limits.
        limits = {"key_beacons_per_second": 100_000, "events_per_second": 1_000_000}
        self._settings = {"unready_seconds": 0.1, **limits, **settings}
        self._process: subprocess.Popen[bytes] | None = None

    def start(self, seconds: float = 60, **settings: Any) -> CollectorProcess:
        """Start it, this time with other settings, and return it when it takes beacons."""
        named = {"listen": f"127.0.0.1:{self.port}", "data_dir": self.data, "store": self.store, "admin_token": TOKEN}
        chosen = {**named, **self._settings, **settings}
        environment = os.environ | {f"WIDELOAD_{name.upper()}": str(value) for name, value in chosen.items()}
        with self.log.open("ab") as log:
            self._process = subprocess.Popen([sys.executable, "-m", "collector", "serve"], env=environment, stdout=log, stderr=log)
        wait_until(lambda: self.health().get("status") not in (None, "unavailable"), seconds)
        return self

    def __enter__(self) -> CollectorProcess:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.kill()

    @property
    def process(self) -> subprocess.Popen[bytes]:
        """The process."""
        assert self._process is not None
        return self._process

    def kill(self) -> None:
        """SIGKILL, at once; also of one that is stopped, which does nothing more."""
        self.process.kill()
        self.process.wait()

    def terminate(self, seconds: float = 30) -> int:
        """SIGTERM, and wait for the end."""
        self.process.terminate()
        return self.process.wait(seconds)

    def memory_mb(self) -> float:
        """Return the resident memory in MB (10⁶ bytes)."""
        lines = Path(f"/proc/{self.process.pid}/status").read_text().splitlines()
        return int(next(line.split()[1] for line in lines if line.startswith("VmRSS"))) * 1024 / 1e6

    def health(self) -> dict[str, Any]:
        """Return what `/readyz` says; empty if nobody answers."""
        try:
            answer = httpx2.get(f"{self.url}/readyz", timeout=5)
        except httpx2.TransportError:
            return {}
        health: dict[str, Any] = orjson.loads(answer.content)
        return health | {"code": answer.status_code}

    def send(self, *events: Mapping[str, Any], sent_at: int | None = None) -> httpx2.Response:
        """Post a beacon."""
        body = {"v": 1, "sent_at": sent_at or int(time.time() * 1000), "events": events}
        return httpx2.post(f"{self.url}/v1/beacon/demo", content=orjson.dumps(body), timeout=20)

    def get(self, path: str) -> Any:
        """Return the JSON at a private path."""
        return self._json(httpx2.get(self.private_url + path, headers=_AUTH, timeout=30))

    def post(self, path: str, body: Any) -> Any:
        """Return the JSON answer of a private path."""
        return self._json(httpx2.post(self.private_url + path, json=body, headers=_AUTH, timeout=60))

    @staticmethod
    def _json(answer: httpx2.Response) -> Any:
        assert answer.status_code == 200, answer.text
        return orjson.loads(answer.content)

    def metrics_text(self) -> str:
        """Return what `/metrics` says."""
        return httpx2.get(f"{self.private_url}/metrics", headers=_AUTH, timeout=20).text

    def metrics(self) -> dict[str, float]:
        """Return the sum of each metric's series."""
        sums: dict[str, float] = {}
        for line in self.metrics_text().splitlines():
            if not line.startswith("#"):
                name, _, value = line.rpartition(" ")
                sums[name.partition("{")[0]] = sums.get(name.partition("{")[0], 0) + float(value)
        return sums

    def rows(self, **filters: Any) -> dict[str, int]:
        """Return how often each event id is counted, by the query API."""
        counts: dict[str, int] = {}
        while True:
            spec = {
                "dataset": "demo",
                "start_time": int(time.time()) - 8 * DAY,
                "end_time": int(time.time()) + 600,
                "calculations": [{"op": "COUNT"}],
                "breakdowns": ["id"],
                "filters": [{"column": "id", "op": ">", "value": max(counts, default="")}, *filters.values()],
                "orders": [{"column": "id", "order": "ascending"}],
                "limit": _PAGE,
                "disable_series": True,
            }
            results = self.post("/api/query", spec)["results"]
            counts |= {row["data"]["id"]: row["data"]["COUNT"] for row in results}
            if len(results) < _PAGE:
                return counts

    def balance(self) -> dict[str, int]:
        """Return the books, after checking that they add up."""
        found = self.metrics()
        names = ("received", "rejected", "acknowledged", "stored", "dead_lettered")
        books = {name: int(found.get(f"wideload_events_{name}_total", 0)) for name in names}
        books["pending"] = int(found["wideload_events_pending"])
        assert books["received"] == books["rejected"] + books["acknowledged"], books
        assert books["acknowledged"] == books["stored"] + books["dead_lettered"] + books["pending"], books
        return books

    def settle(self, seconds: float = 60) -> dict[str, int]:
        """Wait until nothing is pending, and return the books."""
        return wait_until(lambda: (books := self.balance())["pending"] == 0 and books, seconds, 0.1)

    def verify(self, acknowledged: set[str], seconds: float = 60) -> dict[str, int]:
        """The oracle: every acknowledged event is there once, none that nobody has made is, and the books add up."""
        books = self.settle(seconds)
        rows = self.rows()
        assert acknowledged - rows.keys() == set(), f"{len(acknowledged - rows.keys())} of {len(acknowledged)} are lost"
        assert {name for name, count in rows.items() if count != 1} == set()
        assert rows.keys() <= issued
        return books


_AUTH = {"authorization": f"Bearer {TOKEN}"}
