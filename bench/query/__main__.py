"""Times the questions that people ask, on many page views in the embedded store.

    python -m bench.query [--rows 100000000] [--days 30] [--data DIR] [--only NAME ...] [--runs 7] [--merged]

The page views are made first, in the folder, and kept: about 290 bytes and 20 µs of a processor each, so 100 million take 30 GB
and, on one core, most of an hour. A run that was stopped goes on. Days are one part each, as they are some time after they have
ended; the last one is as it was inserted, hour by hour, unless `--merged` is given. Printed are medians of warm runs, in wall time
and in processor time, which tells more on a machine that does other things too.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
import time
from pathlib import Path

from bench.query.data import DAYS, END, bytes_a_view, make, settle
from bench.query.questions import Figure, figures
from collector.query.engine import QueryEngine
from collector.store.chdb import ChdbStore

RESOURCES, RESOURCE_ROWS, WANTED_BYTES = 50, 50_000, 1500


def measure(figure: Figure, runs: int) -> None:
    """Print one line of the table."""
    figure.ask()
    wall, cpu = [], []
    for _ in range(runs):
        started, cpu_started = time.perf_counter(), time.process_time()
        answers = figure.ask()
        wall.append((time.perf_counter() - started) * 1000)
        cpu.append((time.process_time() - cpu_started) * 1000)
    read = sum(answer.get("meta", {}).get("rows_read", 0) for answer in answers)
    wanted = f"wanted {figure.wanted_ms:5.0f} ms" if figure.wanted_ms else " " * 15
    shown = f"{statistics.median(wall):7.0f} ms {statistics.median(cpu):7.0f} ms   {wanted}   {read:>11,} rows read"
    print(f"  {figure.name:20} {shown}   {figure.what}", flush=True)


def main() -> None:
    """Make the page views, and time the questions."""
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--rows", type=int, default=100_000_000)
    arguments.add_argument("--days", type=int, default=DAYS)
    arguments.add_argument("--data", type=Path, default=Path(tempfile.gettempdir()) / "wideload-bench-query")
    arguments.add_argument("--only", nargs="*", default=[])
    arguments.add_argument("--runs", type=int, default=7)
    arguments.add_argument("--merged", action="store_true")
    options = arguments.parse_args()
    make(options.data, options.rows, options.days)
    store = ChdbStore(options.data)
    if options.merged:
        settle(store, END + 86_400)
    engine = QueryEngine(store, now=lambda: END)
    an_event = store.query(f"SELECT id, `session.id` FROM events WHERE ts >= toDateTime({END - 40_000}, 'UTC') LIMIT 1").rows[0]
    print(f"{store.info().details['rows']:,} page views in {store.info().details['parts']} parts; median wall, processor time")
    for figure in figures(engine, options.days, an_event):
        if not options.only or figure.name in options.only:
            measure(figure, options.runs)
    store.close()
    if not options.only or "disk" in options.only:
        size = bytes_a_view(options.data, RESOURCE_ROWS, RESOURCES)
        print(f"  {'disk':20} {size:7.0f} bytes a page view with {RESOURCES} resources   wanted {WANTED_BYTES}")


if __name__ == "__main__":
    main()
