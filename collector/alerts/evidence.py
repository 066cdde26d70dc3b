"""What is known of an incident's cause: what differs between two runs, and which real visitors were there meanwhile."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final
from urllib.parse import urlsplit

from collector.alerts.verdicts import Run
from collector.query.engine import QueryEngine
from collector.query.parse import parse_events, parse_query

#: A number has to change by so much to be a difference: no two runs take the same time.
_FACTOR: Final = 1.5
_MOST_DIFFERENCES: Final = 40
#: What differs between any two runs.
_IDLE: Final = frozenset({
    "id", "ts", "time", "received_at", "revision", "sample_rate", "ingest.delay", "check.run_id", "check.delay", "check.status",
    "check.is_final", "check.is_flaky", "check.attempt", "check.trigger", "client.time", "trace.trace_id", "trace.span_id",
})  # fmt: skip
_RUN_SECONDS: Final = 2 * 3600
_PATHS: Final = 20


def event_of(engine: QueryEngine, dataset: str, run: Run) -> dict[str, Any]:
    """Return the event of a run, nothing if it is not there any more. Raises StoreError, RequestError."""
    question = {
        "dataset": dataset, "start_time": int(run.at) - 60, "end_time": int(run.at) + 60, "limit": 1,
        "filters": [{"column": "kind", "op": "=", "value": "check_run"}, {"column": "check.run_id", "op": "=", "value": run.run_id},
                    {"column": "check.is_final", "op": "=", "value": True}],
    }  # fmt: skip
    found = engine.events(parse_events(question))["events"]
    return dict(found[0]) if found else {}


def differences(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return what differs between the events of two runs: words first, then numbers, those first that changed most."""
    words, numbers = [], []
    for name in sorted(before.keys() | after.keys()):
        old, new = before.get(name), after.get(name)
        if name in _IDLE or old == new or isinstance(old, list) or isinstance(new, list):
            continue
        one = {"field": name, "before": old, "after": new}
        if old is None or new is None or not (_is_number(old) and _is_number(new)):
            words.append(one)
        elif (factor := _factor(old, new)) >= _FACTOR:
            numbers.append((factor, one))
    numbers.sort(key=lambda pair: -pair[0])
    return [*words, *(one for _, one in numbers)][:_MOST_DIFFERENCES]


def paths_of(engine: QueryEngine, dataset: str, runs: Sequence[Run]) -> list[str]:
    """Return the paths of pages that runs have opened or asked for, the most frequent first. Raises StoreError, RequestError."""
    if not runs:
        return []
    start, end = min(run.at for run in runs), max(run.at for run in runs)
    question = {
        "dataset": dataset, "start_time": int(start - _RUN_SECONDS), "end_time": int(end + _RUN_SECONDS), "disable_series": True,
        "calculations": [{"op": "COUNT"}], "breakdowns": ["page.path", "url.full"], "limit": 100,
        "filters": [{"column": "check.run_id", "op": "in", "value": sorted({run.run_id for run in runs})}],
    }  # fmt: skip
    rows = [row["data"] for row in engine.run(parse_query(question))["results"]]
    found = (row["page.path"] or (urlsplit(row["url.full"]).path or "/" if row["url.full"] else "") for row in rows)
    return list(dict.fromkeys(path for path in found if path))[:_PATHS]


def impact_on_paths(engine: QueryEngine, dataset: str, paths: Sequence[str], start: int, end: int) -> dict[str, Any] | None:
    """Return who was on pages meanwhile; None for no pages. Raises StoreError, RequestError."""
    if not paths:
        return None
    return _impact(engine, dataset, [{"column": "page.path", "op": "in", "value": list(paths)}], start, end) | {
        "paths": list(paths)
    }


def impact_on_question(
    engine: QueryEngine, dataset: str, query: Mapping[str, Any], group: Mapping[str, Any], start: int, end: int
) -> dict[str, Any]:
    """Return who was on the pages that a question is about. Raises StoreError, RequestError."""
    filters: list[Any] = [{"column": name, "op": "=", "value": value} for name, value in group.items() if value is not None]
    filters += [{"column": name, "op": "does-not-exist"} for name, value in group.items() if value is None]
    if query.get("filters"):
        filters.append({"filters": query["filters"], "filter_combination": query.get("filter_combination") or "AND"})
    path = group.get("page.path")
    return _impact(engine, dataset, filters, start, end, query.get("calculated_fields")) | {"paths": [path] if path else []}


def _impact(
    engine: QueryEngine, dataset: str, filters: Sequence[Any], start: int, end: int, calculated: Any = None
) -> dict[str, Any]:
    views = [{"column": "kind", "op": "=", "value": "page_view"}]
    question = {
        "dataset": dataset, "start_time": start, "end_time": max(end, start + 1), "disable_series": True,
        "calculated_fields": calculated or [],
        "calculations": [
            {"op": "COUNT_DISTINCT", "column": "session.id", "name": "sessions"},
            {"op": "COUNT", "name": "page_views", "filters": views},
            {"op": "COUNT", "name": "errors", "filters": [{"column": "kind", "op": "=", "value": "error"}]},
            {"op": "P75", "column": "lcp.value", "name": "lcp_p75", "filters": views},
        ],
        "filters": [*filters, {"column": "check.run_id", "op": "does-not-exist"},
                    {"column": "user_agent.is_bot", "op": "!=", "value": True},
                    {"column": "kind", "op": "in", "value": ["page_view", "error"]}],
    }  # fmt: skip
    found = engine.run(parse_query(question))["results"][0]["data"]
    # Sites that have not switched sessions on have page views all the same.
    sessions = found["sessions"] or (None if found["page_views"] else 0)
    counts = {name: found[name] or 0 for name in ("page_views", "errors")}
    return {"start": start, "end": end, "sessions": sessions, **counts, "lcp_p75": found["lcp_p75"]}


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _factor(old: float, new: float) -> float:
    low, high = sorted((abs(old), abs(new)))
    if old * new < 0:
        return float("inf")
    return high / low if low else (float("inf") if high else 1.0)
