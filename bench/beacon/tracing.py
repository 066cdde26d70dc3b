"""What Chromium's trace says about one script.

Times are CPU time of the page's main thread (`tdur`) in ms, so a busy machine does not spoil them; throttling is in them.
The format: https://docs.google.com/document/d/1CvAClvFfyA5R-PhYUmn5OOQtYMH4h6I0nSsKchNAySU
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import orjson
from playwright.async_api import Browser

TraceEvent = dict[str, Any]

CATEGORIES = ("devtools.timeline", "v8", "disabled-by-default-v8.compile", "__metadata")

#: Every task of a thread, and the stack of the script that asked for a layout. Both cost time.
DETAILS = ("toplevel", "disabled-by-default-devtools.timeline.stack")

#: https://w3c.github.io/longtasks/
LONG_TASK_MS = 50

_EVALUATION = re.compile("compile|evaluate", re.IGNORECASE)


@asynccontextmanager
async def traced(browser: Browser, categories: Sequence[str] = CATEGORIES) -> AsyncIterator[list[TraceEvent]]:
    """Record the whole browser; the list is filled when the block ends."""
    events: list[TraceEvent] = []
    session = await browser.new_browser_cdp_session()
    session.on("Tracing.dataCollected", lambda message: events.extend(message["value"]))
    config = {"includedCategories": list(categories), "excludedCategories": ["*"]}
    await session.send("Tracing.start", {"transferMode": "ReportEvents", "traceConfig": config})
    yield events
    complete = asyncio.Event()
    session.once("Tracing.tracingComplete", lambda _: complete.set())
    await session.send("Tracing.end")
    await complete.wait()
    await session.detach()


@dataclass(frozen=True)
class Piece:
    """An uninterrupted run of the script: its evaluation, or a callback of its own. Times in ms, `start` on the trace's clock."""

    thread: tuple[int, int]
    start: float
    end: float
    cpu: float
    is_evaluation: bool


def find_pieces(events: Sequence[TraceEvent], script: str) -> list[Piece]:
    """Return what ran of the script whose URL contains `script`, without what ran inside another piece of it.

    Promise jobs carry no URL and are not among them, nor is what the page's own calls cost where a script has replaced a
    function of the page.
    """
    threads = _main_threads(events)
    mine = [event for event in events if event["ph"] == "X" and _thread(event) in threads and script in _url(event)]
    mine.sort(key=lambda event: (event["ts"], -event["dur"]))
    found: list[Piece] = []
    for event in mine:
        thread, start, end = _thread(event), event["ts"] / 1000, (event["ts"] + event["dur"]) / 1000
        if found and found[-1].thread == thread and start < found[-1].end:
            continue
        cpu = event["tdur"] / 1000 if "tdur" in event else end - start
        found.append(Piece(thread, start, end, cpu, bool(_EVALUATION.search(event["name"]))))
    return found


def count_long_tasks(events: Sequence[TraceEvent], pieces: Sequence[Piece]) -> int:
    """Return the number of tasks in which the script alone spent more than 50 ms."""
    threads = {piece.thread for piece in pieces}
    tasks = [event for event in events if event["name"].endswith("RunTask") and event["ph"] == "X" and _thread(event) in threads]
    return sum(sum(piece.cpu for piece in pieces if _is_inside(piece.start, piece.thread, task)) > LONG_TASK_MS for task in tasks)


def count_forced_layouts(events: Sequence[TraceEvent], pieces: Sequence[Piece], script: str) -> int:
    """Return how often the script made the browser compute styles or a layout at once."""
    layouts = [event for event in events if event["name"] in ("Layout", "UpdateLayoutTree") and event["ph"] == "X"]
    return sum(
        script.encode() in orjson.dumps(event.get("args", {}))
        or any(piece.thread == _thread(event) and piece.start <= event["ts"] / 1000 < piece.end for piece in pieces)
        for event in layouts
    )


def _is_inside(start: float, thread: tuple[int, int], event: TraceEvent) -> bool:
    return thread == _thread(event) and event["ts"] <= start * 1000 < event["ts"] + event["dur"]


def _thread(event: TraceEvent) -> tuple[int, int]:
    return event["pid"], event["tid"]


def _main_threads(events: Sequence[TraceEvent]) -> set[tuple[int, int]]:
    return {_thread(event) for event in events if event["name"] == "thread_name" and event["args"]["name"] == "CrRendererMain"}


def _url(event: TraceEvent) -> str:
    arguments = event.get("args") or {}
    data = arguments.get("data") or arguments.get("beginData") or {}
    return str(data.get("url") or data.get("scriptName") or arguments.get("fileName") or "") if isinstance(data, dict) else ""
