"""What a script costs the page's main thread during a visit, and what it sends meanwhile.

A visit: a cold context, load, 1.5 s, a click, 0.8 s, a change of the route, 1.7 s, leave.
Rounds alternate between the scripts, so all of them see the same machine.
"""

from __future__ import annotations

import asyncio
import statistics
from collections.abc import Sequence
from dataclasses import dataclass

import orjson
from playwright.async_api import Browser

from bench.beacon.browser import cold_context, launched
from bench.beacon.report import Row
from bench.beacon.site import Request, Site, serving
from bench.beacon.subjects import NONE, Subject
from bench.beacon.tracing import find_pieces, traced

#: A phone's speed, about. Chromium slows a thread down by interrupting it, which a busy machine does unevenly; so everything is
#: measured at full speed too, where the same script takes the same time again and again.
SLOWDOWNS = (4, 1)

#: Visits of one view each, for what they send.
HARD_VISITS = 3


@dataclass(frozen=True)
class Traffic:
    """What a visit sent. Bytes are those of the bodies, or of the query where a request carries its data there."""

    requests: int
    preflights: int
    sent: int
    #: The same without the arrays `resources.*`, which hold one item for each resource of the page.
    without_waterfall: int


@dataclass(frozen=True)
class Visit:
    """What one visit cost. Times in ms."""

    evaluation: float
    total: float
    longest: float
    callbacks: int
    #: Everything that the main thread did, the page's own work included.
    tasks: float
    traffic: Traffic
    errors: tuple[str, ...]


def weigh(requests: Sequence[Request]) -> Traffic:
    """Count and weigh what was received."""
    data = [request for request in requests if request.method != "OPTIONS"]
    return Traffic(
        requests=len(data),
        preflights=len(requests) - len(data),
        sent=sum(len(request.body) + len(request.query) for request in data),
        without_waterfall=sum(len(_without_waterfall(request)) + len(request.query) for request in data),
    )


def _without_waterfall(request: Request) -> bytes:
    if b'"resources.' not in request.body:
        return request.body
    body = orjson.loads(request.body)
    body["events"] = [
        {name: value for name, value in event.items() if not name.startswith("resources.")} for event in body["events"]
    ]
    return orjson.dumps(body)


async def visit(browser: Browser, site: Site, name: str, slowdown: int = 1, changes_route: bool = True, pace: float = 1) -> Visit:
    """Visit the page once, on a CPU so many times slower. The pauses are `pace` times as long as they should be."""
    before = len(site.received)
    context = await cold_context(browser)
    page = await context.new_page()
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    session = await context.new_cdp_session(page)
    await session.send("Emulation.setCPUThrottlingRate", {"rate": slowdown})
    await session.send("Performance.enable", {"timeDomain": "threadTicks"})
    async with traced(browser) as events:
        await page.goto(f"{site.url}/page/{name}?visit=visit-{name}&rum=on&token=secret", wait_until="load")
        await asyncio.sleep(1.5 * pace)
        await page.click("#buy")
        await asyncio.sleep(0.8 * pace)
        if changes_route:
            await page.click("#route")
            await asyncio.sleep(1.7 * pace)
        metrics = (await session.send("Performance.getMetrics"))["metrics"]
        await page.goto("about:blank")
        await asyncio.sleep(0.9)
    await context.close()
    await asyncio.sleep(0.25)
    pieces = find_pieces(events, f"/sdk/{name}.js")
    return Visit(
        evaluation=sum(piece.cpu for piece in pieces if piece.is_evaluation),
        total=sum(piece.cpu for piece in pieces),
        longest=max((piece.cpu for piece in pieces), default=0),
        callbacks=sum(not piece.is_evaluation for piece in pieces),
        tasks=next(metric["value"] for metric in metrics if metric["name"] == "TaskDuration") * 1000,
        traffic=weigh(site.received[before:]),
        errors=tuple(errors),
    )


async def measure(
    subjects: Sequence[Subject], loads: int, slowdowns: Sequence[int] = SLOWDOWNS
) -> tuple[list[Row], dict[int, dict[str, list[Visit]]]]:
    """Visit the page so many times at each speed with each script, and with none; return the rows and the visits by speed."""
    subjects = [Subject(NONE), *subjects]
    visits: dict[int, dict[str, list[Visit]]] = {slowdown: {one.name: [] for one in subjects} for slowdown in slowdowns}
    hard: dict[str, list[Traffic]] = {subject.name: [] for subject in subjects if subject.script}
    with serving(subjects) as site:
        async with launched() as browser:
            await visit(browser, site, NONE)
            for number in range(loads):
                for slowdown, by_name in visits.items():
                    for name, of_it in by_name.items():
                        of_it.append(await visit(browser, site, name, slowdown))
                print(f"round {number + 1} of {loads}", flush=True)
            for name in list(hard) * min(loads, HARD_VISITS):
                hard[name].append((await visit(browser, site, name, changes_route=False)).traffic)
    _tell_errors(visits)
    whole = {name: [one.traffic for by_name in visits.values() for one in by_name[name]] for name in hard}
    rows = [row for slowdown, by_name in visits.items() for row in summarize(by_name, slowdown)]
    rows += [*traffic_rows("one hard view", hard, ("1 / 0", "4,000")), *traffic_rows("with a route", whole, ("", ""))]
    return rows, visits


def _tell_errors(visits: dict[int, dict[str, list[Visit]]]) -> None:
    told = {
        (name, error) for by_name in visits.values() for name, of_it in by_name.items() for one in of_it for error in one.errors
    }
    for name, error in sorted(told):
        print(f"With {name} the page threw: {error}")


def summarize(visits: dict[str, list[Visit]], slowdown: int) -> list[Row]:
    """Return the medians at one speed."""
    bare = [one.tasks for one in visits[NONE]]
    scripts = {name: of_it for name, of_it in visits.items() if name != NONE}

    def row(what: str, limit: str, attribute: str) -> Row:
        medians = {name: statistics.median(getattr(one, attribute) for one in of_it) for name, of_it in scripts.items()}
        return Row(f"CPU {slowdown}x: {what}", limit, medians, is_compared=True)

    more = {
        name: statistics.median(one.tasks - without for one, without in zip(of_it, bare, strict=True))
        for name, of_it in scripts.items()
    }
    return [
        row("evaluation, ms", "", "evaluation"),
        row("main thread, ms", "1.0x web-vitals, 0.6x lux", "total"),
        row("longest piece, ms", "0.8x web-vitals", "longest"),
        row("callbacks", "", "callbacks"),
        Row(f"CPU {slowdown}x: all tasks beyond the bare page's {statistics.median(bare):.0f}, ms", "", more),
    ]


def traffic_rows(what: str, traffic: dict[str, list[Traffic]], limits: tuple[str, str]) -> list[Row]:
    """Return the rows on what was sent."""

    def median(name: str, attribute: str) -> float:
        return float(statistics.median(getattr(one, attribute) for one in traffic[name]))

    return [
        Row(
            f"{what}: requests / preflights",
            limits[0],
            {name: f"{median(name, 'requests'):.0f} / {median(name, 'preflights'):.0f}" for name in traffic},
        ),
        Row(f"{what}: sent, B", "", {name: median(name, "sent") for name in traffic}, True),
        Row(f"{what}: sent without waterfall, B", limits[1], {name: median(name, "without_waterfall") for name in traffic}, True),
    ]
