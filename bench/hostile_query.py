"""Questions that somebody asks with bad intentions, or by mistake: how soon each is refused, over HTTP.

    python -m bench.hostile_query

Prints the median of each, on a collector with the traffic of `wideload demo`, and whether it still answers afterwards.
"""

from __future__ import annotations

import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from typing import Any, Final

import httpx2

from bench.running import collector

RUNS: Final = 15
WANTED_MS: Final = 50
#: What is put into every place where a text may stand.
INJECTIONS: Final = (
    "'; DROP TABLE events; --",
    "` OR 1=1 --",
    '") UNION ALL SELECT * FROM system.tables --',
    "\\'; SELECT sleep(3) --",
    "{p0:String}",
    "x" * 70_000,
    "\u202e\x00\ufeff",
)
_FILTER: Final = {"column": "page.path", "op": "=", "value": "/"}
#: One text in every place that takes one.
_TEXTS: Final[dict[str, Any]] = {
    "dataset": "demo",
    "calculations": [{"op": "P75", "column": "lcp.value", "name": "it", "filters": [_FILTER], "filter_combination": "AND"}],
    "filters": [_FILTER, {"column": "geo.country.iso_code", "op": "in", "value": ["DE", "FR"]}],
    "filter_combination": "AND",
    "breakdowns": ["page.path", "made"],
    "orders": [{"column": "lcp.value", "op": "P75", "order": "descending"}],
    "havings": [{"calculate_op": "P75", "column": "lcp.value", "op": ">", "value": 0}],
    "calculated_fields": [{"name": "made", "expression": 'IF(CONTAINS($page.path, "a"), $device.type, "b")'}],
    "formulas": [{"name": "twice", "expression": "$it * 2"}],
}


def _fields(*expressions: str) -> list[dict[str, str]]:
    return [{"name": f"f{number}", "expression": text} for number, text in enumerate(expressions)]


def _nested(depth: int) -> dict[str, Any]:
    return {"filters": [_nested(depth - 1)]} if depth else _FILTER


#: name -> a question, and the part that the refusal has to name.
REFUSED: Final[dict[str, tuple[dict[str, Any], str]]] = {
    "unknown field": ({"breakdowns": ["page.pth"]}, "breakdowns[0]"),
    "unknown operator": ({"filters": [{"column": "page.path", "op": "like", "value": "x"}]}, "filters[0].op"),
    "unknown calculation": ({"calculations": [{"op": "P75X", "column": "lcp.value"}]}, "calculations[0].op"),
    "unknown key": ({"breakdown": ["page.path"]}, "breakdown"),
    "wrong type": ({"limit": "ten"}, "limit"),
    "text for a number": ({"filters": [{"column": "lcp.value", "op": ">", "value": "slow"}]}, "filters[0].value"),
    "object for a value": ({"filters": [{"column": "page.path", "op": "=", "value": {"$ne": 1}}]}, "filters[0].value"),
    "number of a text": ({"calculations": [{"op": "AVG", "column": "page.path"}]}, "calculations[0].column"),
    "end before start": ({"start_time": 1_800_000_000, "end_time": 1_700_000_000}, "end_time"),
    "endless range": ({"time_range": 10**12}, "time_range"),
    "start beyond all time": ({"start_time": 10**30}, "start_time"),
    "million points": ({"time_range": 30 * 86_400, "granularity": 1}, "granularity"),
    "million groups": ({"limit": 1_000_000}, "limit"),
    "ten thousand filters": ({"filters": [_FILTER] * 10_000}, "filters"),
    "ten thousand filters in groups": ({"filters": [{"filters": [_FILTER] * 100}] * 100}, "filters"),
    "ten thousand filters of calculations": (
        {"calculations": [{"op": "COUNT", "name": f"c{n}", "filters": [_FILTER] * 100} for n in range(100)]},
        "calculations",
    ),
    "ten thousand values": ({"filters": [{"column": "page.path", "op": "in", "value": ["/"] * 10_000}]}, "filters[0].value"),
    "ten thousand breakdowns": ({"breakdowns": [f"b{n}" for n in range(10_000)]}, "breakdowns"),
    "groups of groups of groups": ({"filters": [_nested(9)]}, "filters[0]" + ".filters[0]" * 7),
    "regular expression, wrong": ({"calculated_fields": _fields("REG_MATCH($page.path, `(`)"), "breakdowns": ["f0"]},
                                  "calculated_fields[0].expression"),
    "regular expression, exploding": (
        {"calculated_fields": _fields("$page.host", "REG_MATCH($page.path, `((a{1,100}){1,100}){1,100}`)"), "breakdowns": ["f1"]},
        "calculated_fields[1].expression",
    ),
    "regular expression, too large": (
        {"calculated_fields": _fields("REG_MATCH($page.path, `" + "(a|b|c){1,900}" * 200 + "`)"), "breakdowns": ["f0"]},
        "calculated_fields[0].expression",
    ),
    "expression, endless": ({"calculated_fields": _fields("(" * 3_000), "breakdowns": ["f0"]}, "calculated_fields[0].expression"),
    "expressions that double": (
        {"calculated_fields": _fields("$page.path", *(f"CONCAT($f{n}, $f{n})" for n in range(40))), "breakdowns": ["f40"]},
        "calculated_fields[10].expression",
    ),
    "formula of nothing": ({"formulas": [{"name": "f", "expression": "$nothing"}]}, "formulas[0].expression"),
}  # fmt: skip


def injected() -> Iterator[dict[str, Any]]:
    """Yield a question for every text and place, with that text in that place."""
    for text in INJECTIONS:
        for place in _places(_TEXTS):
            yield _with(_TEXTS, place, text)


def _places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    if isinstance(value, str):
        yield path
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, item in items:
        yield from _places(item, (*path, key))


def _with(value: Any, path: tuple[Any, ...], text: str) -> Any:
    if not path:
        return text
    if isinstance(value, list):
        return [_with(item, path[1:], text) if index == path[0] else item for index, item in enumerate(value)]
    return {key: _with(item, path[1:], text) if key == path[0] else item for key, item in value.items()}


def main() -> None:
    """Ask and print."""
    with collector() as running:
        demo = [sys.executable, "-m", "collector", "demo", "--url", running.url, "--views", "5000"]
        subprocess.run(demo, stdout=subprocess.DEVNULL)
        time.sleep(3)
        headers, worst = {"authorization": f"Bearer {running.token}"}, 0.0
        with httpx2.Client(base_url=running.url, headers=headers, timeout=60) as client:

            def ask(query: dict[str, Any]) -> tuple[float, int]:
                body = {"dataset": "demo", **query}
                started = time.perf_counter()
                status = client.post("/api/query", json=body).status_code
                return (time.perf_counter() - started) * 1000, status

            for name, (query, _) in REFUSED.items():
                taken = [ask(query) for _ in range(RUNS)]
                median = statistics.median(one for one, _ in taken)
                worst = max(worst, median)
                print(f"  {name:40} {median:7.1f} ms   {taken[0][1]}")
            taken = [ask(query) for query in injected()]
        refused = [one for one, status in taken if 400 <= status < 500]
        print(f"  {len(taken)} injections: {len(refused)} refused, median {statistics.median(refused):.1f} ms, "
              f"{sum(status >= 500 for _, status in taken)} failures")  # fmt: skip
        print(f"  slowest median of a refusal {worst:.1f} ms   (wanted: at most {WANTED_MS})")
        print(f"  {running.count():,} events are there, {running.memory_mb():.0f} MB")


if __name__ == "__main__":
    main()
