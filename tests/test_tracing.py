"""Traces of beacons, batches and questions, as they arrive at an OpenTelemetry collector; and one that is away."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.trace import SpanContext
from starlette.testclient import TestClient

from bench.running import free_port
from collector.app import Collector, build_app
from collector.config import load_settings
from collector.errors import SettingsError
from collector.store.chdb import ChdbStore
from collector.tracing import Trail

TOKEN = "tracing-token-0123456789"
AUTH = {"authorization": f"Bearer {TOKEN}"}


class Receiver:
    """An OpenTelemetry collector, as far as it is needed: keeps what it gets."""

    def __init__(self) -> None:
        self.headers: list[dict[str, str]] = []
        self.spans: list[Any] = []
        self.metrics: set[str] = set()
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["content-length"]))
                receiver.headers.append(dict(self.headers.items()))
                if self.path == "/v1/traces":
                    told = ExportTraceServiceRequest.FromString(body)
                    receiver.spans += [s for r in told.resource_spans for scope in r.scope_spans for s in scope.spans]
                else:
                    counted = ExportMetricsServiceRequest.FromString(body)
                    scopes = (scope for one in counted.resource_metrics for scope in one.scope_metrics)
                    receiver.metrics |= {metric.name for scope in scopes for metric in scope.metrics}
                self.send_response(200)
                self.end_headers()

            def log_message(self, *_: Any) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"

    def named(self, name: str) -> list[Any]:
        return [span for span in self.spans if span.name == name]


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    receiver = Receiver()
    thread = threading.Thread(target=receiver.server.serve_forever, args=(0.01,))
    thread.start()
    yield receiver
    receiver.server.shutdown()
    thread.join()
    receiver.server.server_close()


@contextmanager
def running(folder: Path, store: ChdbStore, **settings: str) -> Iterator[tuple[Collector, TestClient]]:
    flags = {"data_dir": str(folder), "admin_token": TOKEN, "linger_seconds": "0.01", **settings}
    collector = build_app(load_settings({}, flags), store)
    with TestClient(collector, base_url="http://127.0.0.1:8080") as client:
        yield collector, client


def send_and_ask(collector: Collector, client: TestClient) -> None:
    event = {"id": str(uuid4()), "kind": "page_view", "time": int(time.time() * 1000), "page.path": "/secret"}
    assert client.post("/v1/beacon/demo", json={"v": 1, "events": [event]}).status_code == 202
    end = time.monotonic() + 20
    while collector.spool.pending_events and time.monotonic() < end:
        time.sleep(0.01)
    question = {"dataset": "demo", "calculations": [{"op": "COUNT"}], "filters": [{"column": "id", "op": "=", "value": "x"}]}
    assert client.post("/api/query", json=question, headers=AUTH).status_code == 200


def test_beacons_batches_and_questions_are_traced_to_the_store(
    tmp_path: Path, embedded_store: ChdbStore, receiver: Receiver
) -> None:
    settings = {"otlp_endpoint": receiver.url, "otlp_headers": "authorization=Bearer abc,x-team=web", "trace_share": "1"}
    with running(tmp_path, embedded_store, **settings) as (collector, client):
        send_and_ask(collector, client)

    (beacon,), (commit,), (batch,), (insert,) = map(receiver.named, ("beacon", "spool.commit", "batch", "store.insert"))
    assert (commit.trace_id, commit.parent_span_id) == (beacon.trace_id, beacon.span_id)
    assert [link.span_id for link in batch.links] == [commit.span_id]
    assert (insert.trace_id, insert.parent_span_id) == (batch.trace_id, batch.span_id)
    (question,) = receiver.named("question")
    assert {span.trace_id for span in receiver.named("store.query")} == {question.trace_id}
    assert "/secret" not in str(receiver.spans)
    assert all(headers["authorization"] == "Bearer abc" and headers["x-team"] == "web" for headers in receiver.headers)
    assert {"wideload_events_stored", "wideload_insert_duration", "process_cpu"} <= receiver.metrics


def test_metrics_go_alone_where_no_share_is_traced(tmp_path: Path, embedded_store: ChdbStore, receiver: Receiver) -> None:
    with running(tmp_path, embedded_store, otlp_endpoint=receiver.url) as (collector, client):
        send_and_ask(collector, client)

    assert not receiver.spans
    assert "wideload_events_stored" in receiver.metrics


def test_a_dead_endpoint_hurts_nothing(tmp_path: Path, embedded_store: ChdbStore, caplog: pytest.LogCaptureFixture) -> None:
    dead = f"http://127.0.0.1:{free_port()}"
    with running(tmp_path, embedded_store, otlp_endpoint=dead, trace_share="1") as (collector, client):
        send_and_ask(collector, client)
        begun = time.monotonic()

    assert time.monotonic() - begun < 15
    assert not [record for record in caplog.records if record.name.startswith("opentelemetry")]


def test_what_is_sent_needs_somewhere_to_go() -> None:
    with pytest.raises(SettingsError, match="trace_share is of no use without otlp_endpoint"):
        load_settings({}, {"trace_share": "0.1"})


@pytest.mark.parametrize("given", ["cret", "a b=cret", "x=cret\ncret"])
def test_a_header_that_is_none_is_refused_and_not_quoted(given: str) -> None:
    with pytest.raises(SettingsError, match="headers must be a list of NAME=VALUE") as caught:
        load_settings({}, {"otlp_headers": given, "otlp_endpoint": "http://127.0.0.1:4318"})

    assert "cret" not in str(caught.value)


def context(number: int) -> SpanContext:
    return SpanContext(1, number, is_remote=False)


def test_a_trail_finds_the_beacons_of_a_batch_and_forgets_the_oldest_ones() -> None:
    trail = Trail(most=3)
    for number in range(1, 5):
        trail.add(context(number), [f"event {number}"])

    found = trail.find([b'{"id":"event 1"}', b'{"id":"event 4"}', b"{torn", b"[]"])

    assert {name: one.span_id for name, one in found.items()} == {"event 4": 4}
    trail.forget(found)
    assert not trail.find([b'{"id":"event 4"}'])
