"""CPU and memory that a hostile beacon costs, from its bytes to the answer: the whole endpoint in this process, on a real spool.

A body has 256 KB, compressed or not. Each is sent a few times; the CPU of all threads counts, and the best time is printed, since a
busy machine only adds to it. Memory is the peak of what Python allocated on the way, measured in a round of its own.
"""

from __future__ import annotations

import asyncio
import gzip
import itertools
import tempfile
import time
import tracemalloc
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, Final, TypeVar

import orjson

from bench.events import full_event
from collector.checks.marks import Marks
from collector.config import Dataset, DatasetLimits, IngestLimits, SpoolSettings
from collector.fields import FIELDS, MAX_ITEMS
from collector.ingest.attributes import NAMES_FILE, AttributeNames
from collector.ingest.country import Countries
from collector.ingest.routes import BeaconEndpoint
from collector.ingest.shapes import shape_route
from collector.ingest.user_agent import describe
from collector.pipeline.spool import Spool

ROUNDS: Final = 5
WANTED_MS: Final = 20
LIMITS: Final = IngestLimits()
_KEY: Final = "demo"
_NO_LIMIT: Final = DatasetLimits(1e6, 1e6, 1e9)
Part = TypeVar("Part", str, dict[str, Any])
Body = tuple[bytes, Mapping[str, str]]


def bodies() -> Iterator[tuple[str, bytes]]:
    """Yield what a sender with bad intentions might send, by name."""
    yield "a good one, for comparison", _events(*(full_event(number) for number in range(20)))
    yield "nested lists", b'{"v":1,"events":' + b"[" * 250_000
    yield "nested objects in an event", _event('"x":' + '{"a":' * 1000 + "1" + "}" * 1000)
    yield "tiny events", _events(*(_one(number) for number in range(LIMITS.max_events)))
    yield "tiny events, ten thousand", _events(*({"id": str(number)} for number in range(10_000)))
    yield "tiny events that all fail", _events(*({"id": "no id", "kind": "!"} for _ in range(LIMITS.max_events)))
    yield "the same event again and again", _events(*([_one(1)] * LIMITS.max_events))
    yield "short names", _event(",".join(f'"{number:x}":1' for number in range(27_000)))
    yield "long names", _event(",".join(f'"{number:0128}":1' for number in range(1_900)))
    yield "very long names", _event(",".join(f'"{number}{"n" * 60_000}":1' for number in range(4)))
    yield "new names in every event", _events(*(_one(n) | {f"{n}-{a}": a for a in range(40)} for n in range(LIMITS.max_events)))
    yield "huge numbers", _event(",".join(f'"{name}":{"9" * 300}' for name in _names("number", 800)))
    yield "long fractions", _event(",".join(f'"n{number}":0.{"123456789" * 100}' for number in range(250)))
    yield "lone surrogates", _event('"x":"' + "\\ud800" * 40_000 + '"')
    yield "escaped text", _event(",".join(f'"n{number}":"{chr(92)}u0001{"😀" * 1000}"' for number in range(60)))
    yield "the same key again and again", _event(",".join(['"lcp.value":1'] * 18_000))
    yield "big lists", _events(*(_one(n) | _lists(n) for n in range(8)))
    yield "a list of 120,000", _event('"resources.duration":[' + ",".join(["1"] * 120_000) + "]")
    yield "stacks that look like places", _errors("a" * 4095 + ".")
    yield "stacks of spaces", _errors("a" + " " * 4094 + "b")
    yield "stacks of addresses", _errors("https://a:1:2")
    yield "long paths", _events(*(_one(n) | {"page.path": "/" + "a1-" * 300 + str(n)} for n in range(200)))
    yield "paths of many parts", _events(*(_one(n) | {"page.path": "/a1" * 500 + str(n)} for n in range(120)))
    yield "no JSON", b"\xff" * (250 << 10)
    yield "gzip bomb", gzip.compress(bytes(100 << 20))[: LIMITS.max_body_bytes]
    yield "gzip of tiny members", gzip.compress(b"") * 10_000
    yield "gzip of nothing but names", gzip.compress(_event(",".join(_fitting(f'"{n:x}":1' for n in itertools.count()))))
    yield "gzip of errors", gzip.compress(_errors("a" * 4095 + ".", LIMITS.max_inflated_bytes))
    yield "gzip of good ones", gzip.compress(_events(*_fitting(full_event(number) for number in itertools.count())))
    junk = (_one(n) | dict.fromkeys(_junk(n), 1) for n in itertools.count())
    yield "gzip of events full of junk", gzip.compress(_events(*_fitting(junk)))


def _fitting(parts: Iterable[Part]) -> Iterator[Part]:
    """Yield as many parts as the cap leaves room for once they are inflated."""
    room = LIMITS.max_inflated_bytes - 100
    for part in parts:
        room -= (len(part) if isinstance(part, str) else len(orjson.dumps(part))) + 1
        if room < 0:
            return
        yield part


def _junk(number: int) -> list[str]:
    return [f"{number}-{junk}" for junk in range(250)]


def _one(number: int) -> dict[str, Any]:
    return {"id": f"a{number}", "kind": "page_view"}


def _events(*events: dict[str, Any]) -> bytes:
    return orjson.dumps({"v": 1, "sent_at": 1, "events": events})


def _event(rest: str) -> bytes:
    return b'{"v":1,"events":[{"id":"a1","kind":"page_view",%b}]}' % rest.encode()


def _errors(stack: str, size: int = LIMITS.max_body_bytes) -> bytes:
    longest = next(int(field.high) for field in FIELDS if field.name == "exception.stacktrace")
    text = (stack * longest)[:longest]
    error = {"kind": "error", "exception.stacktrace": text, "exception.message": text[:1000]}
    return _events(*(error | {"id": f"a{number}"} for number in range(size // (longest + 1200))))


def _lists(number: int) -> dict[str, Any]:
    made = {"string": "x" * 10, "number": 1.5, "boolean": True}
    return {field.name: [made[field.item_type]] * MAX_ITEMS for field in FIELDS if field.parallel and field.origin == "sender"}


def _names(kind: str, count: int) -> list[str]:
    known = [field.name for field in FIELDS if field.type == kind and field.origin == "sender"]
    return [*known, *(f"n{number}" for number in range(count - len(known)))]


class Target:
    """The endpoint and the parts below it, on a folder of its own."""

    def __init__(self, folder: Path) -> None:
        datasets = {_KEY: Dataset(_KEY, (_KEY,), limits=_NO_LIMIT)}
        self.spool = Spool(folder / "spool", SpoolSettings())
        names = AttributeNames(folder / NAMES_FILE, datasets, self.spool.ledger.counters)
        self._endpoint = BeaconEndpoint(datasets, self.spool, Countries(None, ()), LIMITS, names, Marks("a secret of the bench"))

    async def post(self, body: bytes) -> int:
        """Send a body and return the status."""
        statuses: list[int] = []

        async def receive() -> dict[str, Any]:
            return {"type": "http.request", "body": body, "more_body": False}

        async def send(message: Any) -> None:
            statuses.append(message.get("status", 0))

        path = f"/v1/beacon/{_KEY}"
        scope = {"type": "http", "method": "POST", "path": path, "headers": [(b"user-agent", b"x")], "client": ("203.0.113.9", 1)}
        await self._endpoint(scope, receive, send)
        return statuses[0]


async def measure(target: Target, body: bytes) -> tuple[int, float, float]:
    """Return the status, the CPU in ms and the peak of memory in MB of one body."""
    times = []
    for _ in range(ROUNDS):
        # A sender with bad intentions sends nothing twice.
        shape_route.cache_clear()
        describe.cache_clear()
        start = time.process_time()
        status = await target.post(body)
        times.append(time.process_time() - start)
    tracemalloc.start()
    await target.post(body)
    peak = tracemalloc.get_traced_memory()[1] / 1e6
    tracemalloc.stop()
    return status, min(times) * 1000, peak


def main() -> None:
    """Measure and print."""
    with tempfile.TemporaryDirectory(prefix="wideload-hostile-") as folder:
        target = Target(Path(folder))
        found = [(name, len(body), *asyncio.run(measure(target, body))) for name, body in bodies()]
        target.spool.close()
    print(f"what a hostile beacon costs   (wanted: at most {WANTED_MS} ms)")
    for name, size, status, milliseconds, peak in sorted(found, key=lambda row: -row[3]):
        print(f"  {name:32} {size:>7,} B   {status}   {milliseconds:6.1f} ms   {peak:5.1f} MB")


if __name__ == "__main__":
    main()
