"""Runs of synthetic checks as they are stored: all checks with what is known of them, and one run with all that belongs to it."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any, Final

from collector.errors import RequestError
from collector.query.columns import Params
from collector.query.lists import EVENTS
from collector.query.results import iso_milliseconds, iso_seconds
from collector.query.run import Run
from collector.query.sql import Scope, Statement, select

STATUSES: Final = ("fail", "no_data", "degraded", "pass")
#: What a check's own runs say of whether it is up: neither confirmations nor what somebody tried by hand.
_REGULAR: Final = "`check.trigger` IN ('schedule', 'push')"
_FINAL: Final = ("kind = 'check_run'", "`check.is_final`", "`check.name` != ''")
_MAX_CHECKS: Final = 10_000
_LAST: Final = ("title", "kind", "suite", "status", "reason", "message", "run_id", "trigger", "duration", "is_flaky")
#: What a list of runs tells of each.
COLUMNS: Final = (
    "check.run_id", "check.name", "check.location", "check.trigger", "check.row", "check.status", "check.reason", "check.message",
    "check.is_flaky", "check.attempt", "check.duration", "check.delay", "check.assertions", "check.failed_assertions",
    "check.failed_step", "check.healed_count", "http.response.status_code", "probe.dns_duration", "probe.connect_duration",
    "probe.tls_duration", "probe.send_duration", "probe.wait_duration", "probe.receive_duration", "probe.duration", "lcp.value",
    "cls.value", "ttfb.value", "tbt.value", "speed_index.value", "cert.days_left",
)  # fmt: skip


def latest(scope: Scope) -> Statement:
    """Select the last run of every check at every location."""
    params = Params()
    values = ", ".join(f"`check.{name}`" for name in _LAST)
    # Of single columns the engine would take the last that has a value.
    last = f"argMax(tuple(ts, {values}), (ts, id))"
    fields = [
        f"{last} AS last",
        "assumeNotNull(`check.name`)",
        "ifNull(`check.location`, '')",
        f"{_REGULAR} AS is_regular",
        "toUnixTimestamp64Milli(tupleElement(last, 1))",
        *(f"tupleElement(last, {number})" for number in range(2, len(_LAST) + 2)),
    ]
    tail = ["GROUP BY `check.name`, `check.location`, is_regular", "ORDER BY 1, 2", f"LIMIT {_MAX_CHECKS}"]
    return Statement(select(fields, [*scope.conditions(params), *_FINAL], source=EVENTS, tail=tail), params.values)


def counted(scope: Scope, step: int) -> Statement:
    """Count how the regular runs of every check ended, for each span of so many seconds."""
    params = Params()
    counts = [f"countIf(`check.status` = '{status}')" for status in STATUSES]
    fields = ["assumeNotNull(`check.name`)", f"{scope.bucket(step)} AS begins", *counts]
    tail = ["GROUP BY `check.name`, begins", "ORDER BY 1, 2"]
    conditions = [*scope.conditions(params), *_FINAL, _REGULAR]
    return Statement(select(fields, conditions, source=EVENTS, tail=tail), params.values)


def overview(run: Run, points: int, scheduled: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Return all checks that ran in a range, and those that are scheduled.

    Args:
        run: the range.
        points: into how many spans it is cut.
        scheduled: what the scheduler says of each: `name`, and whatever is to be told.
    """
    step = max(60, math.ceil((run.scope.end - run.scope.start) / points))
    checks: dict[str, dict[str, Any]] = {one["name"]: _empty(one["name"]) | dict(one) for one in scheduled}
    for _, name, location, is_regular, at, *values in run.rows(latest(run.scope)):
        last = dict(zip(_LAST, values, strict=True))
        check = checks.setdefault(name, _empty(name))
        for key in ("title", "kind", "suite"):
            check[key] = check.get(key) or last.pop(key, None) or ""
            last.pop(key, None)
        check["locations"].append({"location": location, "is_regular": bool(is_regular), "at": iso_milliseconds(at)} | last)
    for name, begins, *counts in run.rows(counted(run.scope, step)):
        checks[name]["bars"].append({"time": iso_seconds(begins)} | dict(zip(STATUSES, counts, strict=True)))
    for check in checks.values():
        _sum_up(check)
    meta = run.meta() | {"granularity": step}
    return {"checks": sorted(checks.values(), key=lambda one: (_rank(one["status"]), one["name"])), "meta": meta}


def uptime(good: int, bad: int) -> float | None:
    """Return how many percent of runs were good, cut to three decimals: an outage is never rounded up to 100 %."""
    return math.floor(100_000 * good / (good + bad)) / 1000 if good + bad else None


def details(run_id: str, events: Sequence[Mapping[str, Any]], evidence: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Return a run: its attempts, steps and probes, and the page views and other events that it caused.

    Raises:
        RequestError: there is no such run (404).
    """
    by_kind: dict[str, list[Mapping[str, Any]]] = {}
    for event in events:
        by_kind.setdefault(event["kind"], []).append(event)
    attempts = sorted(by_kind.pop("check_run", []), key=lambda one: one.get("check.attempt", 0))
    if not attempts:
        raise RequestError(404, "unknown_run", f"There is no run {run_id[:64]} in this dataset and range.")
    steps = sorted(by_kind.pop("check_step", []), key=lambda one: (one.get("check.attempt", 0), one.get("check.step.index", 0)))
    probes = sorted(by_kind.pop("probe", []), key=lambda one: (one.get("check.attempt", 0), one["id"]))
    views = sorted(by_kind.pop("page_view", []), key=lambda one: one["ts"])
    others = sorted((one for some in by_kind.values() for one in some), key=lambda one: one["ts"])
    final = next((one for one in attempts if one.get("check.is_final")), attempts[-1])
    return {"run": final, "attempts": attempts, "steps": steps, "probes": probes, "page_views": views, "others": others,
            "evidence": list(evidence)}  # fmt: skip


def _empty(name: str) -> dict[str, Any]:
    return {"name": name, "title": "", "kind": "", "suite": "", "status": None, "locations": [], "bars": [], "schedule": None}


def _sum_up(check: dict[str, Any]) -> None:
    """Say how a check is: as at the worst of the places where it runs regularly, or at all if it does nowhere."""
    places = [one for one in check["locations"] if one["is_regular"]] or check["locations"]
    check["status"] = min((one["status"] for one in places), key=_rank, default=None)
    counts = {status: sum(bar[status] for bar in check["bars"]) for status in STATUSES}
    check["counts"] = counts
    check["uptime"] = uptime(counts["pass"] + counts["degraded"], counts["fail"])


def _rank(status: str | None) -> int:
    return STATUSES.index(status) if status in STATUSES else len(STATUSES)
