"""What is fuzzed: the bytes of strangers, as far as they get before anybody knows who they are. Each target holds for all."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import orjson

from collector.config import IngestLimits
from collector.errors import RequestError
from collector.ingest.body import inflate
from collector.ingest.decode import decode_beacon
from collector.ingest.enrich import enrich
from collector.ingest.limits import client_prefix
from collector.ingest.user_agent import Hints, describe

CORPUS = Path(__file__).parent / "corpus"
LIMITS = IngestLimits()
RECEIVED_AT = 1_795_426_337_000


def fuzz_inflate(data: bytes) -> None:
    """A body is inflated within the cap, or refused."""
    for encoding in (None, b"gzip", b"zstd"):
        try:
            inflated = inflate(data, encoding, 4096)
        except RequestError as error:
            assert error.status in (400, 413, 415)
        else:
            assert len(inflated) <= max(4096, len(data))


def fuzz_decode(data: bytes) -> None:
    """A beacon is refused, or each of its events is rejected or becomes one that can be written as JSON."""
    try:
        beacon = decode_beacon(data, LIMITS)
    except RequestError as error:
        assert error.status == 400
        orjson.dumps(error.as_json())
        return
    assert len(beacon.events) + len(beacon.rejected) == len(orjson.loads(data)["events"])
    for event in beacon.events:
        enrich(event, {"dataset": "demo"}, beacon.sent_at, RECEIVED_AT)
        assert event["dataset"] == "demo" and RECEIVED_AT - 8 * 86_400_000 < event["ts"] < RECEIVED_AT + 86_400_000
        orjson.dumps(event)
    orjson.dumps([rejection.error for rejection in beacon.rejected])


def fuzz_headers(data: bytes) -> None:
    """Headers describe a browser and a client, whatever is in them."""
    text = data.decode("latin-1")
    parts = [*text.split("\n", 5), *[""] * 6][:6]
    orjson.dumps(describe.__wrapped__(Hints(*parts)))
    assert len(client_prefix(text)) <= 64 * 4


TARGETS: dict[str, Callable[[bytes], None]] = {"inflate": fuzz_inflate, "decode": fuzz_decode, "headers": fuzz_headers}
