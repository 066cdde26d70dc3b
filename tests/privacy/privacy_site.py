"""A whole collector in this process: spool, loader, dead letters, store, and the API of erasing and exporting."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import uuid4

from starlette.testclient import TestClient

from collector.app import Collector, build_app
from collector.config import load_settings
from collector.errors import StoreUnavailable
from collector.store.chdb import ChdbStore

TOKEN = "privacy-test-token-0123456789"


class Switch:
    """A store that can be away."""

    def __init__(self, store: ChdbStore) -> None:
        self._store, self.is_away = store, False

    def __getattr__(self, name: str) -> Callable[..., Any]:
        def call(*args: Any, **kwargs: Any) -> Any:
            if self.is_away:
                raise StoreUnavailable("connection refused", 210)
            return getattr(self._store, name)(*args, **kwargs)

        return call


class Site:
    """One collector with a dataset of its own."""

    def __init__(self, folder: Path, store: ChdbStore) -> None:
        self.folder, self.dataset = folder / "data", f"d{uuid4().hex[:12]}"
        config = folder / "wideload.toml"
        config.write_text(f'[datasets.{self.dataset}]\nsite_keys = ["{self.dataset}"]\n')
        flags = {"data_dir": str(self.folder), "admin_token": TOKEN, "config": str(config)}
        flags |= {"linger_seconds": "0.02", "spool_keep_bytes": "0"}
        self.store = Switch(store)
        self.app: Collector = build_app(load_settings({}, flags), self.store)  # type: ignore[arg-type]
        self.client = TestClient(self.app, headers={"authorization": f"Bearer {TOKEN}"})

    def send(self, *events: dict[str, Any]) -> None:
        """Send events; where they say no time, they are of now."""
        now = int(time.time() * 1000)
        rows = [{"kind": "page_view", "time": now, **event} for event in events]
        body = {"v": 1, "sent_at": now, "events": rows}
        assert self.client.post(f"/v1/beacon/{self.dataset}", json=body).json()["rejected"] == []

    def settle(self) -> None:
        """Wait until nothing waits."""
        deadline = time.monotonic() + 20
        while self.app.spool.pending_events:
            assert time.monotonic() < deadline
            time.sleep(0.01)

    def post(self, path: str, **body: Any) -> Any:
        """Ask an endpoint of the private surface about the dataset."""
        return self.client.post(path, json={"dataset": self.dataset, **body})

    def ids(self) -> list[str]:
        """Return the ids of the stored events."""
        self.settle()
        now = int(time.time())
        answer = self.post("/api/events", start_time=now - 9 * 86_400, end_time=now + 60, limit=1000, columns=["id"])
        return sorted(event["id"] for event in answer.json()["events"])


def where(column: str, value: Any, op: str = "=") -> list[dict[str, Any]]:
    """Return one filter."""
    return [{"column": column, "op": op, "value": value}]
