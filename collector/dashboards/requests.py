"""From a dashboard definition to the queries that its panels need. Pure; the viewer's `definition.ts` does the same."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

#: What may stand in the place of P75 where a definition lets its readers choose.
PERCENTILES: Final = ("75", "50", "90", "95", "99")


def fill(definition: Mapping[str, Any], chosen: Mapping[str, Any]) -> dict[str, Any]:
    """Return the definition with what its reader has chosen.

    Args:
        definition: the definition.
        chosen: values of its parameters by their names, and a `percentile`. What cannot be chosen counts as not chosen: segments
            neither, as those who have only a link may not filter.
    """
    segments = {one["name"]: one["filters"] for one in definition.get("segments", ())}
    values = {one["name"]: _chosen(one, chosen.get(one["name"])) for one in definition.get("parameters", ())}
    values |= {name: _said(filters) for name, filters in segments.items()}
    percentile = chosen.get("percentile") if definition.get("choose_percentile") else None

    def change(text: str) -> str:
        text = re.sub(r"\{([a-z]+)\}", lambda match: values.get(match[1], match[0]), text)
        return re.sub(r"\b([Pp])75\b", rf"\g<1>{percentile}", text) if percentile in PERCENTILES[1:] else text

    rest = {key: value for key, value in definition.items() if key not in ("parameters", "segments")}
    changed: dict[str, Any] = _texts(rest, change)
    return {**changed, "queries": {name: _of_segments(query, segments) for name, query in changed["queries"].items()}}


def _of_segments(query: dict[str, Any], segments: Mapping[str, Sequence[Any]]) -> dict[str, Any]:
    """Put the filters of segments in the places where calculations name them."""

    def filled(part: dict[str, Any]) -> dict[str, Any]:
        # Of a segment that there is not, the reference stays, and the parser of queries says what is wrong with it.
        named = [[filled(one)] if "filters" in one else segments.get(one.get("segment"), [one]) for one in part.get("filters", ())]
        kept = [one for some in named for one in some if one.get("filters", True)]
        return {**part, "filters": kept} if named else part

    return {**query, "calculations": [filled(one) for one in query["calculations"]]} if segments else query


def _said(filters: Sequence[Mapping[str, Any]]) -> str:
    return " and ".join(" ".join(str(one[key]) for key in ("column", "op", "value") if key in one) for one in filters) or "all"


def _chosen(parameter: Mapping[str, Any], value: Any) -> str:
    return value if any(one["value"] == value for one in parameter["values"]) else str(parameter["default"])


def _texts(part: Any, change: Callable[[str], str]) -> Any:
    if isinstance(part, str):
        return change(part)
    if isinstance(part, list):
        return [_texts(item, change) for item in part]
    return {key: _texts(item, change) for key, item in part.items()} if isinstance(part, dict) else part


def request(
    definition: Mapping[str, Any], name: str, dataset: str, filters: Sequence[Any] = (), time: Mapping[str, int] | None = None
) -> tuple[dict[str, Any], dict[str, Any] | None]:
    """Return one of the definition's queries as `/api/query` takes it, and the cohort that it is about, if it is about one.

    Args:
        definition: filled (see `fill`).
        name: of the query.
        dataset: the one to ask, where the definition names none.
        filters: joined with the definition's, where it names no dataset.
        time: the time range.
    """
    query = dict(definition["queries"][name])
    cohort = query.pop("cohort", None)
    further = () if definition.get("dataset") else filters
    joined = [*definition.get("filters", ()), *query.get("filters", ()), *further]
    return {**query, **(time or {}), "filters": joined, "dataset": definition.get("dataset") or dataset}, cohort


def by_device(definition: Mapping[str, Any], name: str, query: Mapping[str, Any]) -> dict[str, Any]:
    """Return one of the definition's queries for each kind of device, if all of its panels can show that; else as it is."""
    kinds = [(panel["kind"], "lines" in panel) for panel in definition["panels"] if panel["query"] == name]
    can_split = all(kind == "vital" or (kind == "timeseries" and not has_lines) for kind, has_lines in kinds)
    asked = definition["queries"][name]
    if not can_split or asked.get("breakdowns") or asked.get("cohort") or definition.get("dataset"):
        return dict(query)
    orders = [{"op": "COUNT", "order": "descending"}]
    return {**query, "breakdowns": ["device.type"], "orders": orders, "limit": 4, "disable_total_by_aggregate": False}


def cohort_request(query: Mapping[str, Any], cohort: Mapping[str, str]) -> dict[str, Any]:
    """Return the question about where a cohort lies: two percentiles of a column."""
    kept = {key: query[key] for key in ("dataset", "filters", "time_range", "start_time", "end_time") if key in query}
    calculations = [{"op": cohort[end], "column": cohort["column"]} for end in ("from", "to")]
    return {**kept, "calculations": calculations, "disable_series": True}


def within_cohort(query: Mapping[str, Any], cohort: Mapping[str, str], row: Mapping[str, Any]) -> dict[str, Any]:
    """Return the query about a cohort alone.

    Args:
        row: the answer to `cohort_request`.
    """
    column = cohort["column"]
    low, high = (row.get(f"{cohort[end]}({column})") for end in ("from", "to"))
    bounds: list[dict[str, Any]] = [{"column": column, "op": "exists"}]
    if low is not None and high is not None:
        bounds = [{"column": column, "op": ">=", "value": low}, {"column": column, "op": "<=", "value": high}]
    return {**query, "filters": [*query.get("filters", ()), *bounds]}
