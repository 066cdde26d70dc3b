"""What is measured: one function each, from an open browser to numbers."""

from __future__ import annotations

import statistics
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, Final

from bench.query.data import END
from bench.query.views import DATASET
from bench.viewer.reader import Reader

#: Opens a page with empty caches; used as a context manager.
Open = Callable[[], Any]

_DAY: Final = 86_400
_COLUMNS: Final = 300
#: A filter from each of so many rows of the table of pages.
_CLICKS: Final = 20


def _time(start: int, end: int) -> str:
    return "_".join(datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%dT%H:%M:%SZ") for at in (start, end))


OVERVIEW: Final = f"dataset={DATASET}&time={_time(END - _DAY, END)}"
HEATMAP: Final = f"view=explore&{OVERVIEW}&show=heatmap&c=P75(lcp.value)&step={_DAY // _COLUMNS}"


def load(open_page: Open) -> dict[str, Any]:
    """Open the Overview on a slow device and network."""
    with open_page() as reader:
        reader.slow_down()
        reader.open(OVERVIEW)
        return summarise(reader.seen())


def summarise(seen: dict[str, Any]) -> dict[str, Any]:
    """Return the figures of a page load from what was noted; sizes in bytes as they travelled, times in ms."""
    sizes = {"js": 0, "css": 0, "html": 0}
    for one in seen["requests"]:
        kind = "html" if one["initiatorType"] == "navigation" else one["path"].rpartition(".")[2]
        if kind in sizes:
            sizes[kind] += one["encodedBodySize"]
    blocking = sum(max(0, duration - 50) for start, duration in seen["longTasks"] if start + duration > seen["fcp"])
    return {
        **sizes,
        "fcp": seen["fcp"],
        "lcp": seen["lcp"]["at"],
        "drawn": seen["drawn"],
        "blocking": blocking,
        "cls": round(sum(shift["value"] for shift in seen["shifts"]), 5),
        "asked": len(seen["requests"]),
        "work": seen["work"]["TaskDuration"] * 1000,
        "seen": seen,
    }


def filter_clicks(open_page: Open) -> list[float]:
    """Return how long it took, in ms, from clicks on pages of the table to all panels redrawn; nothing is slowed down."""
    times = []
    with open_page() as reader:
        reader.open(OVERVIEW)
        rows = reader.page.locator("[data-panel=slowest-pages] tbody tr")
        more = reader.page.locator("[data-panel=slowest-pages] button.more")
        for row in range(_CLICKS):
            if more.count() and rows.count() <= row:
                more.click()
            cell = rows.nth(row).locator("td.main button")
            times.append(cell.evaluate("(cell) => bench.click(cell)"))
            reader.page.go_back()
            reader.page.evaluate("bench.until(() => !bench.isBusy())")
    return times


def brush(open_page: Open, run: int, *, slow: bool = True) -> float:
    """Return how long it took, in ms, from a box drawn on a heat map to what is different about it, on screen."""
    with open_page() as reader:
        reader.open(HEATMAP)
        if slow:
            reader.slow_down()
        _draw_box(reader, run)
        # From the moment at which the pointer let go.
        shown = "bench.until(() => document.querySelector('.bubble-up[aria-busy=false]') !== null, bench.released)"
        taken: float = reader.page.evaluate(shown)
        return taken


def _draw_box(reader: Reader, run: int) -> None:
    box = reader.page.locator(".heat").bounding_box()
    assert box is not None
    left, top = box["x"] + box["width"] * (0.5 + 0.02 * run), box["y"] + box["height"] * 0.1
    mouse = reader.page.mouse
    mouse.move(left, top)
    mouse.down()
    mouse.move(left + box["width"] * 0.1, top + box["height"] * 0.15, steps=5)
    mouse.move(left + box["width"] * 0.2, top + box["height"] * 0.25)
    mouse.up()


def median(runs: list[dict[str, Any]], key: str) -> float:
    """Return the median of a figure over several runs."""
    return float(statistics.median(run[key] for run in runs))
