"""A run → events of the kinds `check_run` (one for each attempt), `check_step` and `probe`. Pure.

Their ids are made of the run's, so sending them again changes nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from collector.checks.files.load import Check
from collector.checks.marks import MARK_FIELD
from collector.checks.runs.run import Run, Try
from collector.checks.secrets import Masker
from collector.events import Event
from collector.fields import BY_NAME
from collector.fields.model import Field


def events_of(run: Run) -> list[Event]:
    """Return the events of a run, without secrets and signed with its mark."""
    return [event for made in run.tries for event in _of_try(run, made)]


def missing(check: Check, run_id: str, at: float, status: str, reason: str, message: str, **more: Any) -> Event:
    """Return the event of a run that nobody has made, or not to its end; it is not signed.

    Args:
        check: whose.
        run_id: the run.
        at: when it should have been, in epoch seconds.
        status, reason, message: what is said of it.
        more: `location`, `trigger` and `row`.
    """
    values = identity(check, run_id, **more) | {
        "check.attempt": 1, "check.is_final": True, "check.status": status, "check.reason": reason,
        "check.message": message[:1024], "check.assertions": 0,
    }  # fmt: skip
    return {"id": f"{run_id}-0", "kind": "check_run", "time": int(at * 1000), **values}


def identity(check: Check, run_id: str, location: str = "", trigger: str = "", row: int = 0) -> Event:
    """Return the fields that say which run of which check an event is of."""
    values: Event = {
        "check.run_id": run_id, "check.name": check.name, "check.title": check.title, "check.kind": check.kind,
        "check.suite": check.suite, "check.location": location, "check.trigger": trigger, "check.row": row,
        "check.tags": ",".join(check.tags),
    }  # fmt: skip
    return {name: value for name, value in values.items() if value}


def _of_try(run: Run, made: Try) -> Iterator[Event]:
    attempt, common, id_ = made.attempt, _common(run, made), f"{run.order.mark.run_id}-{made.number}"
    failed = next((step.name for step in attempt.steps if step.status == "fail"), "")
    yield _event(run, id_, "check_run", made.began_at, attempt.found.facts | common | {
        "check.is_final": made is run.tries[-1],
        "check.status": made.verdict.status,
        "check.reason": made.verdict.reason,
        "check.message": made.verdict.message,
        "check.is_flaky": run.is_flaky and made is run.tries[-1],
        "check.duration": made.duration_ms,
        "check.delay": run.order.delay_ms,
        "check.assertions": len(attempt.results),
        "check.failed_assertions": sum(not result.holds for result in attempt.results),
        "check.healed_count": sum(step.is_healed for step in attempt.steps),
        "check.failed_step": failed,
    })  # fmt: skip
    at = float(made.began_at)
    for step in attempt.steps:
        yield _event(run, f"{id_}-s{step.index}", "check_step", int(at), common | {
            "check.step.index": step.index,
            "check.step.name": step.name,
            "check.step.action": step.action,
            "check.step.status": step.status,
            "check.step.duration": step.duration,
            "check.step.is_healed": step.is_healed,
            "check.step.selector": step.selector,
            "check.step.screenshot": step.screenshot or "",
            "check.message": step.message,
        })  # fmt: skip
        at += step.duration
    for index, entry in enumerate(attempt.found.entries):
        yield _event(run, f"{id_}-p{index}", "probe", made.began_at, entry | common | {"check.status": made.verdict.status})


def _common(run: Run, made: Try) -> Event:
    order = run.order
    return identity(order.check, order.mark.run_id, order.location, order.trigger, order.row) | {"check.attempt": made.number}


def _event(run: Run, id_: str, kind: str, at: int, values: Mapping[str, Any]) -> Event:
    kept = {name: kept for name, value in values.items() if (kept := _fit(BY_NAME.get(name), value, run.mask)) is not None}
    return {"id": id_, "kind": kind, "time": at, **kept, MARK_FIELD: run.order.mark.text}


def _fit(field: Field | None, value: Any, mask: Masker) -> Any:
    """Return a value as the field takes it, or None: what a server has said must not make the collector refuse the event."""
    if field is None or field.origin != "sender":
        return None
    if field.is_list:
        return mask.deep(value) if isinstance(value, list) else None
    if field.item_type == "string":
        text = ",".join(map(str, value)) if isinstance(value, list) else str(value)
        return mask(text)[: int(field.high)] or None
    if field.item_type == "boolean":
        return value if isinstance(value, bool) else None
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not field.low <= value <= field.high:
        return None
    return int(value) if field.whole else value
