"""Measures the viewer in a real Chromium: what travels, when it is drawn, how long filters and BubbleUp take.

    python -m bench.viewer [--runs 5] [--only load filter brush] [--rows 1000000] [--brush-rows 3300000] [--data DIR]

`load` opens the Overview with empty caches on a device 4x slower, at 1.6 Mbit/s and 150 ms a request; `filter` clicks on pages of
its table, nothing slowed down; `brush` draws a box on a heat map of 300 x 60, slowed down, and waits for BubbleUp. The page views
are those of `bench.query`, a day of them, made first and kept in the folder. Collector and browser share the machine: nothing else
should run on it. Figures are kept in `bench/results/viewer.json`, with every request and every shift.
"""

from __future__ import annotations

import argparse
import json
import statistics
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any, Final

from playwright.sync_api import Browser, sync_playwright

from bench.beacon.browser import CHROMIUM
from bench.query.data import make
from bench.query.views import DATASET
from bench.running import Running, collector
from bench.viewer.measures import brush, filter_clicks, load, median
from bench.viewer.reader import reading, sign_in

RESULTS: Final = Path(__file__).parents[1] / "results"
PARTS: Final = ("load", "filter", "brush")
#: Figures of a load: its key, what it is, the most that it may be, its unit, and by how much the number is divided.
LOAD: Final = (
    ("js", "JavaScript over the wire", 60, "KB", 1000),
    ("css", "CSS over the wire", 8, "KB", 1000),
    ("html", "HTML over the wire", 14, "KB", 1000),
    ("fcp", "FCP", None, "ms", 1),
    ("lcp", "LCP", 1200, "ms", 1),
    ("drawn", "all panels drawn", 2500, "ms", 1),
    ("blocking", "total blocking time", 250, "ms", 1),
    ("cls", "CLS", 0, "", 1),
    ("asked", "requests", None, "", 1),
    ("work", "work of the main thread", None, "ms", 1),
)


@contextmanager
def serving(folder: Path, rows: int) -> Iterator[Running]:
    """Run a collector on a day of page views, which are made first where they are missing."""
    make(folder / str(rows), rows, days=1)
    config = folder / "wideload.toml"
    # They are of one day, whenever that was.
    config.write_text(f'[datasets.{DATASET}]\nsite_keys = ["{DATASET}"]\nretention_days = 3650\n')
    # Every question is asked of the store: an answer that was kept would be another figure.
    environment = {"WIDELOAD_CONFIG": str(config), "WIDELOAD_QUERY_CACHE_BYTES": "0"}
    with collector(environment=environment, prepare=lambda data: (data / "store").symlink_to(folder / str(rows))) as running:
        yield running


def measure(browser: Browser, options: argparse.Namespace) -> dict[str, Any]:
    """Run what was asked for, print it, and return everything."""
    found: dict[str, Any] = {}
    if {"load", "filter"} & {*options.only}:
        with serving(options.data, options.rows) as running:
            open_page = partial(reading, browser, running, sign_in(browser, running))
            # The first visit warms the store's caches, and is not counted.
            load(open_page)
            if "load" in options.only:
                found["load"] = [load(open_page) for _ in range(options.runs)]
                for key, what, limit, unit, divisor in LOAD:
                    show(what, median(found["load"], key) / divisor, limit, unit)
            if "filter" in options.only:
                found["filter"] = filter_clicks(open_page)
                show("filter click, median", statistics.median(found["filter"]), None, "ms")
                show("filter click, p95", statistics.quantiles(found["filter"], n=20)[-1], 400, "ms")
    if "brush" in options.only:
        with serving(options.data, options.brush_rows) as running:
            open_page = partial(reading, browser, running, sign_in(browser, running))
            found["brush"] = [brush(open_page, run) for run in range(options.runs)]
            show("box on a heat map → BubbleUp", statistics.median(found["brush"]), 2500, "ms")
            # Chromium slows a processor down by a thread that keeps it busy: where there are two, the collector has one of them.
            found["brush_unthrottled"] = [brush(open_page, run, slow=False) for run in range(options.runs)]
            show("the same, nothing slowed down", statistics.median(found["brush_unthrottled"]), None, "ms")
    return found


def show(what: str, value: float, limit: float | None, unit: str) -> None:
    """Print one line of the table."""
    shown = f"{value:,.4g}" if value < 100 else f"{value:,.0f}"
    wanted = "" if limit is None else f"   (wanted: at most {limit:,} {unit})".replace(" )", ")")
    print(f"  {what:32} {shown:>8} {unit:2}{wanted}", flush=True)


def main() -> None:
    """Measure, print and keep."""
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--runs", type=int, default=5)
    arguments.add_argument("--only", nargs="*", default=PARTS, choices=PARTS)
    arguments.add_argument("--rows", type=int, default=1_000_000)
    arguments.add_argument("--brush-rows", type=int, default=3_300_000)
    arguments.add_argument("--data", type=Path, default=Path(tempfile.gettempdir()) / "wideload-bench-viewer")
    options = arguments.parse_args()
    options.data.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"])
        print(f"The viewer in Chromium {browser.version}, medians of {options.runs} visits")
        found = measure(browser, options)
        browser.close()
    RESULTS.mkdir(exist_ok=True)
    (RESULTS / "viewer.json").write_text(json.dumps(found, indent=1) + "\n")


if __name__ == "__main__":
    main()
