"""The measurement of the viewer: from what a browser has told to figures."""

from __future__ import annotations

from typing import Any

from bench.viewer.measures import HEATMAP, OVERVIEW, summarise


def request(path: str, size: int, initiator: str = "link") -> dict[str, Any]:
    return {"path": path, "initiatorType": initiator, "encodedBodySize": size}


def test_sizes_are_summed_by_what_travels_and_answers_are_left_out() -> None:
    requests = [request("/", 2500, "navigation"), request("/assets/a.js", 900), request("/assets/b.js", 100, "script")]
    requests += [request("/assets/c.css", 700), request("/api/query", 5000, "fetch")]
    figures = summarise(seen(requests=requests))

    assert (figures["html"], figures["js"], figures["css"], figures["asked"]) == (2500, 1000, 700, 5)


def test_a_task_blocks_from_the_first_paint_on_by_what_it_takes_beyond_50_ms() -> None:
    figures = summarise(seen(fcp=800, longTasks=[[500, 250], [900, 80], [1000, 51]]))

    assert figures["blocking"] == 30 + 1


def test_shifts_are_summed() -> None:
    assert summarise(seen(shifts=[{"value": 0.01}, {"value": 0.0005}]))["cls"] == 0.0105


def test_both_views_are_of_a_day_and_the_heat_map_has_300_columns() -> None:
    assert "time=2026-11-23T12:00:00Z_2026-11-24T12:00:00Z" in OVERVIEW
    assert OVERVIEW in HEATMAP and HEATMAP.endswith(f"step={86_400 // 300}")


def seen(**noted: Any) -> dict[str, Any]:
    """Return what the probe notes."""
    nothing = {"requests": [], "longTasks": [], "shifts": [], "fcp": 0, "lcp": {"at": 0}, "drawn": 0, "work": {"TaskDuration": 0}}
    return {**nothing, **noted}
