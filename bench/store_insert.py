"""How fast the embedded store takes page views: `python -m bench.store_insert [--events 200000] [--lists]`.

One thread, batches of 10,000, everything durable. Prints events/s (median of the batches), what of the time is spent in
turning events into bytes and what in the engine, and the memory of the process.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import orjson

from bench.events import START_MS, full_event, page_view, stored_event
from collector.events import Event
from collector.store.chdb import ChdbStore
from collector.store.columns import event_blocks
from collector.store.native import encode

BATCH = 10_000
#: So many different page views are made up; after them they come again with new ids and times.
DIFFERENT = 20_000


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="bench.store_insert", description=__doc__)
    parser.add_argument("--events", type=int, default=200_000)
    parser.add_argument("--lists", action="store_true", help="every field filled, and 40 resources")
    parser.add_argument("--folder", type=Path, help="where to put the store; by default a temporary folder")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        measure(arguments.folder or Path(temporary), arguments.events, full_event if arguments.lists else page_view)


def measure(folder: Path, events: int, made: Callable[[int], Event]) -> None:
    """Insert so many events into a new store and print what it took."""
    store = ChdbStore(folder)
    store.migrate()
    store.set_retention({"bench": 365})
    print(f"memory, store open and idle    {memory('VmRSS'):>8} MB")
    rates, encoding = [], []
    for batch in batches(events, made):
        started = time.perf_counter()
        store.insert(batch)
        rates.append(len(batch) / (time.perf_counter() - started))
        started = time.perf_counter()
        for block in event_blocks(batch):
            encode(block)
        encoding.append(time.perf_counter() - started)
    whole, encoded = BATCH / statistics.median(rates), statistics.median(encoding)
    print(f"events/s, median of {len(rates):>4}       {statistics.median(rates):>8,.0f}")
    print(f"events/s, slowest batch        {min(rates):>8,.0f}")
    print(f"of an event: bytes             {encoded / BATCH * 1e6:>8.1f} µs")
    print(f"             engine            {(whole - encoded) / BATCH * 1e6:>8.1f} µs")
    print(f"memory after {events:>9,} events {memory('VmRSS'):>9} MB, at most {memory('VmHWM')} MB")
    print(f"on disk, of an event           {store.info().details['bytes_on_disk'] / events:>8.0f} bytes")
    store.close()


def batches(events: int, make: Callable[[int], Event]) -> Iterator[list[Event]]:
    """Yield batches of page views as the loader has them: decoded from JSON."""
    made = [orjson.dumps(stored_event(number, made=make)) for number in range(min(events, DIFFERENT))]
    for first in range(0, events, BATCH):
        batch = [orjson.loads(made[number % len(made)]) for number in range(first, min(first + BATCH, events))]
        for number, event in enumerate(batch, first):
            event["id"] = f"{number:08x}{event['id'][8:]}"
            event["ts"] = event["received_at"] = START_MS + number * 100
        yield batch


def memory(name: str) -> int:
    """Return the memory of this process in MB, by the name that Linux gives it."""
    lines = dict(line.split(":", 1) for line in Path("/proc/self/status").read_text().splitlines())
    return int(lines[name].split()[0]) // 1024


if __name__ == "__main__":
    main()
