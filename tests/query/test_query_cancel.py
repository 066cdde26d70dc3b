"""A caller who goes away takes the question along: over HTTP, down to the store."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import httpx2
import orjson
import pytest
import uvicorn
from asking import NOW, Dataset
from identified import served

from collector.config import Dataset as Configured
from collector.query.desk import Desk, DeskLimits
from collector.query.engine import QueryEngine
from collector.query.routes import query_routes
from collector.query.saved import SavedQueries
from collector.store.base import Limits, Param, QueryResult, Stop
from collector.store.chdb import ChdbStore

RUNNING = "SELECT count() FROM system.processes WHERE query LIKE '%numbers(1000000000000)%' AND query NOT LIKE '%processes%'"


class HeavyStore:
    """The embedded store, but each question about events makes it count for an hour."""

    def __init__(self, store: ChdbStore) -> None:
        self.is_heavy, self._store = True, store

    def query(
        self, sql: str, params: Mapping[str, Param] | None = None, limits: Limits | None = None, stop: Stop | None = None
    ) -> QueryResult:
        if self.is_heavy and "FROM events" in sql:
            sql, params = "SELECT count() FROM numbers(1000000000000) WHERE NOT ignore(sipHash64(number))", {}
        return self._store.query(sql, params, limits, stop)

    def running(self, count: int) -> bool:
        """Wait until so many heavy statements run."""
        end = time.monotonic() + 10
        while self._store.query(RUNNING).rows != [(count,)]:
            if time.monotonic() > end:
                return False
            time.sleep(0.01)
        return True


@pytest.fixture
def heavy(dataset: Dataset, embedded_store: ChdbStore) -> HeavyStore:
    return HeavyStore(embedded_store)


@pytest.fixture
def port(heavy: HeavyStore) -> Iterator[int]:
    """The port of a server with one thread for questions."""
    engine, desk = QueryEngine(heavy), Desk(DeskLimits(running=1))
    routes = query_routes(engine, {"d": Configured("d", ())}, SavedQueries(Path("/nowhere")), desk=desk)
    listener = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(served(routes), log_level="error", lifespan="off"))
    thread = threading.Thread(target=server.run, args=([listener],))
    thread.start()
    yield listener.getsockname()[1]
    server.should_exit = True
    thread.join(10)


@pytest.mark.parametrize(
    ("path", "question"),
    [
        ("/api/query", {"dataset": "d"}),
        ("/api/bubbleup", {"query": {"dataset": "d"}, "selection": {"column": "lcp.value", "min": 5}}),
        ("/api/events", {"dataset": "d"}),
        ("/api/events/export", {"dataset": "d", "format": "csv"}),
    ],
)
def test_a_question_stops_in_the_store_when_its_caller_goes_away(
    path: str, question: dict[str, Any], heavy: HeavyStore, port: int
) -> None:
    body = orjson.dumps(question)
    with socket.create_connection(("127.0.0.1", port)) as caller:
        caller.sendall(b"POST %b HTTP/1.1\r\nhost: x\r\ncontent-length: %d\r\n\r\n%b" % (path.encode(), len(body), body))
        assert heavy.running(1)

    assert heavy.running(0)
    heavy.is_heavy = False
    assert httpx2.post(f"http://127.0.0.1:{port}/api/query", json={"dataset": "d"}, timeout=10).status_code == 200


def test_an_export_that_has_begun_stops_too(
    heavy: HeavyStore, port: int, embedded_store: ChdbStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("collector.query.export.CHUNK_EVENTS", 1)
    Dataset("d", embedded_store).add(*({"page.path": "/"} for _ in range(300)))
    body = orjson.dumps({"dataset": "d", "columns": ["page.path"], "start_time": NOW - 3600, "end_time": NOW})
    heavy.is_heavy = False
    with socket.create_connection(("127.0.0.1", port)) as caller:
        caller.sendall(b"POST /api/events/export HTTP/1.1\r\nhost: x\r\ncontent-length: %d\r\n\r\n%b" % (len(body), body))
        assert caller.recv(1000).startswith(b"HTTP/1.1 200")
        heavy.is_heavy = True
        assert heavy.running(1)

    assert heavy.running(0)
