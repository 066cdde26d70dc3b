"""`wideload bubbleup`: words of the command line → a selection → a sentence and tables. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, Final

from collector import table
from collector.cells import plain_text
from collector.commands import ask
from collector.errors import WideloadError

_BOUNDS: Final = {">=": "min", "<=": "max"}
_PERCENTILE: Final = re.compile(r"[Pp]\d{1,2}(\.\d+)?")
_SHOWN_PAIRS: Final = 3


def build_spec(selected: Sequence[str], conditions: Sequence[str], last: str | None) -> dict[str, Any]:
    """Return the body that the options stand for. Raises WideloadError."""
    query: dict[str, Any] = {"filters": [ask.read_filter(text) for text in conditions]} if conditions else {}
    if last:
        query["time_range"] = ask.seconds(last, "--last")
    selection: dict[str, Any] = {}
    for text in selected:
        one = ask.read_filter(text, "--select")
        if isinstance(one.get("value"), str) and _PERCENTILE.fullmatch(one["value"]) and one["op"] in (">", ">=", "<", "<="):
            _add_bound(selection, one, text)
        else:
            selection.setdefault("filters", []).append(one)
    return {"query": query, "selection": selection}


def _add_bound(selection: dict[str, Any], one: dict[str, Any], text: str) -> None:
    if one["op"] not in _BOUNDS:
        raise WideloadError(f"--select {text!r}: with a percentile, write >= or <=.")
    if selection.setdefault("column", one["column"]) != one["column"]:
        raise WideloadError(f"--select {text!r}: percentiles of one field only; there is one of {selection['column']} already.")
    selection[_BOUNDS[one["op"]]] = one["value"].upper()


def render(answer: dict[str, Any], limit: int) -> str:
    """Return an answer for a terminal: the sentence, what differs, what was measured, pairs, and what it cost."""
    fields = [field for field in answer["fields"] if field["stands_out"]]
    parts = [plain_text(answer["summary"])]
    for role, heading in (("circumstance", "What differs"), ("measure", "What they measured")):
        rows = [_row(field) for field in fields if field["role"] == role][:limit]
        if rows:
            parts.append("\n".join(table.lines((heading, "selected", "elsewhere", "score"), rows)))
    pairs = [(_conditions(pair["conditions"]), _percent(pair["selection"]), _percent(pair["baseline"])) for pair in answer["pairs"]]
    if pairs:
        parts.append("\n".join(table.lines(("More together than apart", "selected", "elsewhere"), pairs[:_SHOWN_PAIRS])))
    return "\n\n".join([*parts, _cost(answer)])


def _row(field: dict[str, Any]) -> tuple[Any, ...]:
    shares = (_percent(field[side]["share"]) for side in ("selection", "baseline"))
    return (_conditions([field["condition"]]), *shares, round(field["score"], 2))


def _conditions(conditions: Sequence[dict[str, Any]]) -> str:
    return " and ".join(f"{one['column']} {one['op']} {_value(one)}".strip() for one in conditions)


def _value(condition: dict[str, Any]) -> str:
    if "value" not in condition:
        return ""
    if condition["column"] == "ts":
        return datetime.fromtimestamp(condition["value"], UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    return table.cell(condition["value"])


def _percent(share: float) -> str:
    return f"{100 * share:.1f} %"


def _cost(answer: dict[str, Any]) -> str:
    sides, meta = (answer["selection"], answer["baseline"]), answer["meta"]
    selected, others = (f"{side['events']:,.0f}" for side in sides)
    sampled = ", a sample of them looked at" if meta["sampled"] else ""
    return f"{selected} events selected, {others} others{sampled}; {meta['rows_read']:,} rows read in {meta['elapsed_ms']:,.0f} ms."
