"""Budgets that real users set: `lcp.value <= rum p75 28d + 15%` means theirs, of the same route and the same kind of device."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from typing import Any, Final
from urllib.parse import urlsplit

from collector.checks.conditions import Budget, Condition
from collector.checks.files.load import Check
from collector.checks.variables import UnknownVariable, fill, given
from collector.errors import StoreError, WideloadError

#: Page views that a percentile takes, so that one of them does not move it.
MIN_SAMPLES: Final = 100
_DAY: Final = 86_400
#: Puts a question of the query language, and returns the data of its rows. Raises WideloadError, StoreError.
Ask = Callable[[dict[str, Any]], list[dict[str, Any]]]
#: By the text of a condition: its value (None where it is not known) and how it came about, or why not.
Budgets = Mapping[str, tuple[float | None, str]]


def find_budgets(check: Check, ask: Ask, variables: Mapping[str, str] | None = None) -> dict[str, tuple[float | None, str]]:
    """Return the budgets of a check.

    Args:
        check: of the kind `page`; others have none.
        ask: puts questions.
        variables: given by whoever runs it.
    """
    wanted = [condition for condition in check.expect if condition.budget]
    if not wanted:
        return {}
    try:
        values = given(check.variables, variables or {}, {})
        url, browser = fill((check.options.get("url", ""), check.options.get("browser", {})), values)
    except UnknownVariable as error:
        return {condition.text: (None, str(error).rstrip(".")) for condition in wanted}
    device = "mobile" if browser.get("mobile") else "desktop"
    return {condition.text: _find(condition.path, condition.budget, url, device, ask) for condition in wanted if condition.budget}


def with_budgets(conditions: Iterable[Condition], budgets: Budgets) -> tuple[Condition, ...]:
    """Return conditions in which budgets have their values."""
    return tuple(_filled(one, *budgets[one.text]) if one.budget and one.text in budgets else one for one in conditions)


def _filled(condition: Condition, value: float | None, note: str) -> Condition:
    return replace(condition, value=value, note=note)


def _find(field: str, budget: Budget, url: str, device: str, ask: Ask) -> tuple[float | None, str]:
    parts = urlsplit(url)
    host, path = parts.netloc.rpartition("@")[2], parts.path or "/"
    people = [
        {"column": "kind", "op": "=", "value": "page_view"},
        {"column": "user_agent.is_bot", "op": "!=", "value": True},
        {"column": "page.host", "op": "=", "value": host},
    ]
    common = {"time_range": budget.seconds, "disable_series": True}
    span = f"{budget.seconds // _DAY} days" if budget.seconds >= 2 * _DAY else f"{budget.seconds // 3600} hours"
    try:
        routes = ask(
            common
            | {
                "breakdowns": ["page.route"],
                "filters": [*people, {"column": "page.path", "op": "=", "value": path}],
                "orders": [{"op": "COUNT", "order": "descending"}],
                "limit": 1,
            }
        )
        if not routes or not routes[0]["page.route"]:
            return None, f"nobody has visited {host}{path} in the last {span}"
        route = routes[0]["page.route"]
        (found,) = ask(
            common
            | {
                "calculations": [{"op": budget.percentile, "column": field, "name": "budget"}, {"op": "COUNT", "name": "samples"}],
                "filters": [
                    *people,
                    {"column": "page.route", "op": "=", "value": route},
                    {"column": "device.type", "op": "=", "value": device},
                    {"column": field, "op": "exists"},
                ],
            }
        ) or [{"budget": None, "samples": 0}]
    except (WideloadError, StoreError) as error:
        return None, f"real users could not be asked for: {str(error).rstrip('.')}"
    samples = int(found["samples"] or 0)
    if samples < MIN_SAMPLES or found["budget"] is None:
        return None, f"{samples} {device} page views of {route} in the last {span} are too few for a budget: it takes {MIN_SAMPLES}"
    base = f"{budget.percentile.lower()} of {samples:,} {device} page views of {route} in the last {span} is {found['budget']:g}"
    return budget.of(float(found["budget"])), base
