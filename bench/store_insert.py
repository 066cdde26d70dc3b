"""How fast a store takes page views: `python -m bench.store_insert [--events 200000] [--lists] [--server]`.

One thread, batches of 10,000, everything durable. Prints events/s (median of the batches), what of the time is spent in
turning events into bytes and what in the engine, and the memory of the process.

With `--server` over the native protocol, to a ClickHouse server (`--server clickhouse://…`) or the one that tests use: then it is
the processor time of this side that counts, beside what clickhouse-driver takes for the same columns in the same run.
"""

from __future__ import annotations

import argparse
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import chain
from pathlib import Path

import orjson
from clickhouse_driver import Client

from bench.events import START_MS, full_event, page_view, stored_event
from collector.events import Event
from collector.store.chdb import ChdbStore
from collector.store.clickhouse import ClickHouseStore, _used
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
    parser.add_argument("--server", nargs="?", const="", help="send to this ClickHouse server, or to one of the tests")
    arguments = parser.parse_args()
    if arguments.server is not None:
        with _server(arguments.server) as url:
            measure_sending(url, arguments.events, full_event if arguments.lists else page_view)
        return
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


@contextmanager
def _server(url: str) -> Iterator[str]:
    if url:
        yield url
        return
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "tests.native_server", "--path", folder]
        process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        assert process.stdin and process.stdout
        yield f"clickhouse://127.0.0.1:{int(process.stdout.readline())}/bench"
        process.stdin.close()
        process.wait()


def measure_sending(url: str, events: int, made: Callable[[int], Event]) -> None:
    """Insert so many events into a server, each batch in both ways, and print what it took here."""
    store = ClickHouseStore(url)
    store.migrate()
    rates: dict[str, list[float]] = {"ours": [], "the driver's": []}
    ways = {"ours": store.insert, "the driver's": lambda batch: _insert_by_driver(store, batch)}
    for batch in batches(events, made):
        for name, insert in ways.items():
            started = time.process_time()
            insert(batch)
            rates[name].append(len(batch) / (time.process_time() - started))
    ours, drivers = (statistics.median(rates[name]) for name in rates)
    print(f"events per second of processor time, encoded and sent   {ours:>8,.0f}   (wanted: 40,000)")
    print(f"written by the driver's own code                        {drivers:>8,.0f}   ({ours / drivers:.2f} times)")
    store.close()


def _insert_by_driver(store: ClickHouseStore, batch: list[Event]) -> None:
    """Insert as clickhouse-driver does by itself: one block, and the columns that are used."""
    parts = _used(event_blocks(batch))
    data = [list(chain.from_iterable(columns)) for columns in zip(*(part.data for part in parts), strict=True)]
    names = ", ".join(f"`{name}`" for name, _ in parts[0].spec)
    client = Client(**{"host": store._host, **store._arguments})
    client.execute(f"INSERT INTO events ({names}) VALUES", data, columnar=True)
    client.disconnect()


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
