"""Beacons while heavy questions run: how long they take then, and while nobody asks, in turn, in the same run.

    python -m bench.query_load [--rows 5000000] [--rounds 4]

The embedded store holds many page views. In the rounds with questions, several clients ask one after the other for percentiles by
fields with many values, each over a range of its own, so that none is answered from memory; the store is never idle. All the while
pages send a beacon every 10 ms, whether the last one was answered or not.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import itertools
import multiprocessing
import os
import statistics
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing.synchronize import Event as EventType
from pathlib import Path
from typing import Final

import httpx2

from bench.flood import calm, percentiles
from bench.query_overview import DAYS, fill
from bench.running import Running, collector
from collector.store.chdb import ChdbStore

SECONDS: Final = 10.0
CLIENTS: Final = 4
WANTED_RATIO: Final = 2.0
_BREAKDOWNS: Final = ("lcp.element", "page.path", "inp.interaction_target")


def prepare(data: Path, rows: int, first_day: int) -> None:
    """Fill the store of a data folder."""
    store = ChdbStore(data / "store")
    store.migrate()
    fill(store, rows, first_day, sampled=False, shuffled=False, dataset="demo")
    store.close()


class Askers:
    """Ask heavy questions in threads, within a `with` block.

    Args:
        url, token: of the collector.
        first_day: of the page views, in days since the epoch.
    """

    def __init__(self, url: str, token: str, first_day: int) -> None:
        self._url, self._token, self._first_day = url, token, first_day
        self._number, self._stop = itertools.count(), threading.Event()
        self.seconds: list[float] = []

    def __enter__(self) -> Askers:
        self._threads = [threading.Thread(target=self._ask) for _ in range(CLIENTS)]
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join()

    def _ask(self) -> None:
        headers = {"authorization": f"Bearer {self._token}"}
        with httpx2.Client(base_url=self._url, headers=headers, timeout=60) as client:
            while not self._stop.is_set():
                number = next(self._number)
                query = {
                    "dataset": "demo",
                    "start_time": self._first_day * 86_400 + number,
                    "end_time": (self._first_day + DAYS) * 86_400,
                    "calculations": [{"op": "P75", "column": name} for name in ("lcp.value", "inp.value", "cls.value")],
                    "breakdowns": [_BREAKDOWNS[number % len(_BREAKDOWNS)]],
                }
                started = time.monotonic()
                client.post("/api/query", json=query).raise_for_status()
                self.seconds.append(time.monotonic() - started)


def ask_until(stop: EventType, told: multiprocessing.Queue[list[float]], url: str, token: str, first_day: int) -> None:
    """Ask in a process of its own, and tell how long the answers took: large ones would keep the sender's Python busy."""
    os.setpriority(os.PRIO_PROCESS, 0, 0)
    with Askers(url, token, first_day) as askers:
        stop.wait()
    told.put(askers.seconds)


@contextmanager
def asking(running: Running, first_day: int, asked: list[float]) -> Iterator[None]:
    """Have questions asked within the block; add to `asked` how many seconds the answers took."""
    spawn = multiprocessing.get_context("spawn")
    stop, told = spawn.Event(), spawn.Queue()
    process = spawn.Process(target=ask_until, args=(stop, told, running.url, running.token, first_day))
    process.start()
    try:
        yield
    finally:
        stop.set()
        asked += told.get()
        process.join()


def main() -> None:
    """Measure and print."""
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--rows", type=int, default=5_000_000)
    arguments.add_argument("--rounds", type=int, default=4)
    options = arguments.parse_args()
    first_day = int(time.time()) // 86400 - DAYS
    quiet, loud, asked = [], [], list[float]()
    with collector(prepare=lambda data: prepare(data, options.rows, first_day)) as running:
        port = int(running.url.rpartition(":")[2])
        # What is measured is the collector, not how soon the sender gets a core.
        with contextlib.suppress(PermissionError):
            os.nice(-10)
        asyncio.run(calm(port, 3, "demo"))
        for _ in range(options.rounds):
            quiet.append(percentiles(asyncio.run(calm(port, SECONDS, "demo"))))
            with asking(running, first_day, asked):
                # Until it has started and asks.
                time.sleep(3)
                loud.append(percentiles(asyncio.run(calm(port, SECONDS, "demo"))))
    print(f"100 beacons/s beside {CLIENTS} clients with questions over {options.rows:,} page views, {options.rounds} rounds")
    print(f"  {len(asked)} questions, median {statistics.median(asked):.2f} s")
    for index, name in enumerate(("median", "p99")):
        without, beside = (statistics.median(one[index] for one in rounds) for rounds in (quiet, loud))
        ratio = statistics.median(b[index] / a[index] for a, b in zip(quiet, loud, strict=True))
        wanted = f"   (wanted: at most {WANTED_RATIO:g})" if name == "p99" else ""
        print(f"  {name} of a beacon   {without:.1f} ms without, {beside:.1f} ms with   ratio {ratio:.2f}{wanted}")


if __name__ == "__main__":
    main()
