"""What web-vitals says of a page beside what the beacon says of it."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Any

from beacon_site import Event, Server

from collector.fields import BY_NAME

#: How far apart two readings of one number may be: milliseconds, and layout shift scores.
MS = 0.1
SCORE = 0.0001

PARTS = {
    "CLS": {
        "value": "cls.value",
        "largestShiftTarget": "cls.largest_shift_target",
        "largestShiftTime": "cls.largest_shift_time",
        "largestShiftValue": "cls.largest_shift_value",
        "loadState": "cls.load_state",
    },
    "FCP": {
        "value": "fcp.value",
        "timeToFirstByte": "fcp.time_to_first_byte",
        "firstByteToFCP": "fcp.time_since_first_byte",
        "loadState": "fcp.load_state",
    },
    "INP": {
        "value": "inp.value",
        "interactionTarget": "inp.interaction_target",
        "interactionType": "inp.interaction_type",
        "interactionTime": "inp.interaction_time",
        "nextPaintTime": "inp.next_paint_time",
        "inputDelay": "inp.input_delay",
        "processingDuration": "inp.processing_duration",
        "presentationDelay": "inp.presentation_delay",
        "loadState": "inp.load_state",
        "totalScriptDuration": "inp.total_script_duration",
        "totalStyleAndLayoutDuration": "inp.total_style_and_layout_duration",
        "totalPaintDuration": "inp.total_paint_duration",
        "totalUnattributedDuration": "inp.total_unattributed_duration",
        "scriptUrl": "inp.script.url",
        "scriptInvoker": "inp.script.invoker",
        "scriptFunction": "inp.script.function",
        "scriptDuration": "inp.script.duration",
        "scriptSubpart": "inp.script.subpart",
    },
    "LCP": {
        "value": "lcp.value",
        "target": "lcp.element",
        "url": "lcp.url",
        "timeToFirstByte": "lcp.time_to_first_byte",
        "resourceLoadDelay": "lcp.resource_load_delay",
        "resourceLoadDuration": "lcp.resource_load_duration",
        "elementRenderDelay": "lcp.element_render_delay",
    },
    "TTFB": {
        "value": "ttfb.value",
        "waitingDuration": "ttfb.waiting_duration",
        "cacheDuration": "ttfb.cache_duration",
        "dnsDuration": "ttfb.dns_duration",
        "connectionDuration": "ttfb.connection_duration",
        "requestDuration": "ttfb.request_duration",
    },
}

#: Where the beacon may know what web-vitals does not. That asks only the longest event for its element, which names none where
#: nobody listens for it; and when the page is hidden it takes the waiting events, but not the frames that belong to them.
MAY_KNOW_MORE = {"interactionTarget", *(part for part in PARTS["INP"] if part.startswith(("total", "script")))}


@dataclass(frozen=True)
class View:
    """What web-vitals has reported of one view.

    Args:
        type: Its word for how the view came about.
        time: When it began, in ms since 1970.
        url: Its address, with query and fragment.
        metrics: By its own names, each with the parts of its attribution.
        navigation: The browser's entry of the navigation; empty if this view is not of the load.
    """

    type: str
    time: float
    url: str
    metrics: dict[str, dict[str, Any]]
    navigation: dict[str, Any]


def read_reports(site: Server) -> list[dict[str, Any]]:
    """Return the newest report of the oracle script in each document, oldest document first."""
    reports = [json.loads(request.body) for request in site.posts() if request.path == "/oracle"]
    reports.sort(key=lambda report: (report["timeOrigin"], report["revision"]))
    return list({report["timeOrigin"]: report for report in reports}.values())


def count_left(site: Server) -> int:
    """Return of how many pages that were left for good the last report is here."""
    return sum(report["isLeft"] for report in read_reports(site))


def read_views(site: Server) -> list[View]:
    """Return what the oracle scripts of all documents have reported so far, oldest first."""
    return [
        View(
            view["type"],
            report["timeOrigin"] + view["start"],
            view["url"],
            view["metrics"],
            {} if view["start"] else report["navigation"],
        )
        for report in read_reports(site)
        for view in report["views"]
    ]


def find_differences(row: Event, view: View) -> list[str]:
    """Return a sentence for each thing in which the beacon's row is not what web-vitals and the browser report."""
    found = [] if row["navigation.type"] == view.type else [f"navigation.type is {row['navigation.type']}, not {view.type}"]
    # `time` is in whole milliseconds, and of later views by the clock of the day, which drifts against the page's.
    if abs(row["time"] - view.time) > 5:
        found.append(f"time is {row['time']}, not {view.time}")
    if row["page.url"] != without_query(view.url):
        found.append(f"page.url is {row['page.url']}, not {view.url}")
    for metric, parts in PARTS.items():
        told = view.metrics.get(metric, {})
        for part, field in parts.items():
            if part in MAY_KNOW_MORE and told and part not in told:
                continue
            tolerance = SCORE if field in ("cls.value", "cls.largest_shift_value") else MS
            is_placeholder = part != "value" and not told.get("isExplained")
            if not is_same(row.get(field), told.get(part), tolerance, is_placeholder):
                found.append(f"{field} is {row.get(field)}, not {told.get(part)}")
    return found + find_navigation_differences(row, view.navigation)


def find_navigation_differences(row: Event, entry: dict[str, Any]) -> list[str]:
    """Return a sentence for each field of the navigation that is not what the browser's entry says."""
    found = []
    for name, told in entry.items():
        field = "navigation." + re.sub("[A-Z]", lambda letter: "_" + letter[0].lower(), name)
        if name == "type" or field not in BY_NAME or isinstance(told, dict):
            continue
        # The browser says 0 for what did not happen, and of what happened at once; sizes and counts of 0 are facts.
        is_empty = not told and not re.search("Size|Count", name)
        if not (is_empty and not row.get(field)) and not is_same(row.get(field), told, MS):
            found.append(f"{field} is {row.get(field)}, not {told}")
    return found


def is_same(sent: Any, told: Any, tolerance: float, is_placeholder: bool = False) -> bool:
    """Say whether the beacon's value is that of web-vitals, and absent where that has none.

    Args:
        sent: The beacon's.
        told: That of web-vitals.
        tolerance: How far apart numbers may be.
        is_placeholder: Whether no entry of the browser is behind it: then it may be left out, and a 0 has to be.
    """
    if is_placeholder and not sent:
        return sent is None
    if isinstance(told, str):
        return bool(sent == without_query(told)) if told else sent is None
    if isinstance(told, (int, float)) and isinstance(sent, (int, float)):
        # The wire has four digits of a score, and one of a time.
        return abs(sent - told) <= tolerance + 0.00005
    # web-vitals computes negative remainders from event durations, which the browser rounds to 8 ms: no times at all.
    return sent is None and (told is None or told < 0)


def without_query(text: str) -> str:
    """Return a URL without query and fragment, which stay in the page; another text as it is."""
    return text.partition("#")[0].partition("?")[0] if "://" in text else text
