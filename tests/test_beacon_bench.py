"""The parts of the beacon's bench work: one visit of each sort, and no figure."""

from __future__ import annotations

import asyncio
from typing import Any

import orjson
import pytest

from bench.beacon import behaviour, delivery, runtime, sizes
from bench.beacon.background import visit_in_background
from bench.beacon.browser import launched
from bench.beacon.report import Row, format_table
from bench.beacon.site import Request, serving
from bench.beacon.subjects import Subject, find_subjects
from bench.beacon.tracing import TraceEvent, count_forced_layouts, count_long_tasks, find_pieces

SCRIPT = "/sdk/ours.js"

#: Reports in our protocol once the page is hidden; keeps a cookie and forces a layout meanwhile.
RUDE = Subject(
    "ours",
    b"""const {key} = document.currentScript.dataset;
    const url = location.href;
    const endpoint = new URL('/v1/beacon/' + key, document.currentScript.src);
    document.cookie = 'rude=1';
    history.pushState = history.pushState.bind(history);
    addEventListener('load', () => { document.body.append('more'); window.height = document.body.offsetHeight; });
    document.addEventListener('visibilitychange', () => {
      const event = {id: 'a', kind: 'page_view', 'page.url': url, 'resources.path': ['/a', '/b']};
      if (document.hidden) navigator.sendBeacon(endpoint, JSON.stringify({v: 1, events: [event]}));
    });""",
)


def run(name: str, start: int, end: int, tdur: int | None = None, url: str = "", **arguments: Any) -> TraceEvent:
    """Return a trace event of the main thread, in µs."""
    times = {"ts": start, "dur": end - start, "tdur": end - start if tdur is None else tdur}
    return {"name": name, "ph": "X", "pid": 1, "tid": 1, **times, "args": {"data": {"url": url}, **arguments}}


MAIN: TraceEvent = {"name": "thread_name", "ph": "M", "pid": 1, "tid": 1, "args": {"name": "CrRendererMain"}}


def test_pieces_are_the_outermost_runs_of_the_script() -> None:
    mine = f"http://host{SCRIPT}?visit=visit-1"
    events = [
        MAIN,
        run("EvaluateScript", 0, 9_000, 6_000, mine),
        run("FunctionCall", 2_000, 3_000, 1_000, mine),
        run("FunctionCall", 10_000, 14_000, 3_000, "http://host/js/app.js"),
        run("FunctionCall", 20_000, 25_000, 4_000, mine),
    ]

    first, second = find_pieces(events, SCRIPT)

    assert (first.cpu, first.is_evaluation) == (6, True)
    assert (second.cpu, second.is_evaluation) == (4, False)


def test_a_long_task_is_one_in_which_the_script_alone_took_long() -> None:
    events = [
        MAIN,
        run("RunTask", 0, 80_000),
        run("FunctionCall", 0, 30_000, url=SCRIPT),
        run("FunctionCall", 40_000, 65_000, url=SCRIPT),
        run("RunTask", 100_000, 180_000),
        run("FunctionCall", 100_000, 130_000, url=SCRIPT),
    ]

    assert count_long_tasks(events, find_pieces(events, SCRIPT)) == 1


def test_a_layout_is_forced_inside_the_script_or_with_it_on_the_stack() -> None:
    events = [
        MAIN,
        run("FunctionCall", 0, 9_000, url=SCRIPT),
        run("Layout", 1_000, 2_000),
        run("UpdateLayoutTree", 20_000, 21_000, beginData={"stackTrace": [{"url": f"http://host{SCRIPT}"}]}),
        run("Layout", 30_000, 31_000),
    ]

    assert count_forced_layouts(events, find_pieces(events, SCRIPT), SCRIPT) == 2


def test_the_waterfall_can_be_left_out_of_what_was_sent() -> None:
    event = {"id": "a", "resource.count": 2, "resources.path": ["/a", "/b"]}
    bodies = [orjson.dumps({"v": 1, "events": [sent]}) for sent in (event, {"id": "a", "resource.count": 2})]
    requests = [Request("OPTIONS", "/", "", b""), Request("POST", "/v1/beacon/visit-1", "", bodies[0])]

    assert runtime.weigh(requests) == runtime.Traffic(1, 1, len(bodies[0]), len(bodies[1]))


def test_the_table_has_ratios_where_they_mean_something() -> None:
    rows = [
        Row("script, B", "10", {"ours": 9, "lux": 12}, is_compared=True),
        Row("arrived", "99 %", {"ours": "9 / 10"}),
    ]

    lines = [line.split() for line in format_table(rows, ["ours", "lux"]).splitlines()]

    assert lines[0] == ["at", "most", "ours", "lux", "ours/lux"]
    assert lines[1] == ["script,", "B", "10", "9", "12", "0.75x"]
    assert lines[2] == ["arrived", "99", "%", "9", "/", "10", "–"]


def test_a_beacon_without_a_build_is_left_out_with_a_sentence(
    capsys: pytest.CaptureFixture[str], monkeypatch: Any, tmp_path: Any
) -> None:
    monkeypatch.setattr("bench.beacon.subjects.BUILT", tmp_path)

    assert find_subjects(["ours-full"]) == []
    assert "ours-full is left out: there is no" in capsys.readouterr().err


@pytest.mark.browser
def test_a_visit_measures_the_built_beacon_and_what_it_sends() -> None:
    async def visit() -> runtime.Visit:
        with serving(find_subjects(["ours"])) as site:
            async with launched() as browser:
                return await runtime.visit(browser, site, "ours", pace=0.1)

    visited = asyncio.run(visit())

    assert visited.errors == ()
    assert visited.total >= visited.evaluation > 0
    assert visited.callbacks > 0
    assert visited.traffic.preflights == 0
    assert visited.traffic.sent >= visited.traffic.without_waterfall > 1000


@pytest.mark.browser
def test_misbehaviour_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(behaviour, "PAUSE_SECONDS", 0.2)

    async def look() -> tuple[dict[str, Any], tuple[int, int]]:
        with serving([RUDE]) as site:
            async with launched() as browser:
                return await behaviour.inspect(browser, site, "ours"), await behaviour.hold_up(browser, site, "ours")

    seen, (layouts, _) = asyncio.run(look())

    assert seen == {"patched": 1, "storage": "1 / 0 / 0", "leaks": "yes"}
    assert layouts > 0


@pytest.mark.browser
@pytest.mark.parametrize(("name", "arrives"), [("closes the tab", True), ("renderer crashes", False)])
def test_a_view_arrives_unless_its_renderer_crashes_first(name: str, arrives: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(delivery, "PATIENCE_SECONDS", 1.0)
    (way,) = (way for way in delivery.WAYS if way.name == name)

    async def go() -> str:
        with serving([RUDE]) as site:
            async with launched() as browser:
                (label,) = await delivery._go(browser, site, RUDE, way, 1)
                return delivery.find_view(site, RUDE, label)

    assert bool(asyncio.run(go())) == arrives


@pytest.mark.browser
def test_pages_in_the_background_are_hidden_before_they_are_killed() -> None:
    with serving([RUDE]) as site:
        labels = asyncio.run(visit_in_background(site, "ours", "visit-test", 2, kills_browser=True))

        assert labels == ["visit-test-0-0", "visit-test-0-1"]
        assert set(labels) == set(site.opened)
        assert all(delivery.find_view(site, RUDE, label) for label in labels)


def test_compressed_sizes_are_those_of_a_good_compressor() -> None:
    script = b"const answer = 42;" * 100

    assert 20 < sizes.brotli_bytes(script) < sizes.gzip_bytes(script) < 100
