"""Sentences about findings. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from collector.query.columns import join_words
from collector.query.results import iso_seconds
from collector.query.spec import Filter

_OPS: Final = {">=": "≥", "!=": "≠"}


def condition(one: Filter) -> str:
    """Return a condition as people write it, such as `lcp.value ≥ 2,500`."""
    if one.value is None:
        return f"no {one.column}" if one.op == "does-not-exist" else f"any {one.column}"
    return f"{one.column} {_OPS.get(one.op, one.op)} {_value(one)}"


def finding(conditions: Sequence[Filter], selection: float, baseline: float) -> str:
    """Return the sentence of a finding."""
    said = join_words([condition(one) for one in conditions])
    return f"{percent(selection)} of the selected events have {said}; elsewhere {percent(baseline)}."


def same(columns: Sequence[str]) -> str:
    """Return the sentence about fields that say the same; empty where none does."""
    shown = [*columns[:3], *([f"{len(columns) - 3} more"] if len(columns) > 3 else [])]
    return f" The same is said by {join_words(shown)}." if shown else ""


def measure(one: Filter, selection: float, baseline: float) -> str:
    """Return the sentence about the measure that differs most."""
    return f" Of what was measured, {condition(one)} differs most: {percent(selection)} against {percent(baseline)}."


def nothing(selected: float) -> str:
    """Return the sentence where nothing was found."""
    few = f" Only {selected:,.0f} events are selected: select more, and smaller differences can be told." if selected < 100 else ""
    return f"Nothing stands out: no field differs between the selected events and the others by more than chance.{few}"


def percent(share: float) -> str:
    """Return a share as a percentage with about two digits."""
    return f"{100 * share:.0f} %" if share >= 0.1 or share == 0 else f"{100 * share:.2g} %"


def _value(one: Filter) -> str:
    value: Any = one.value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        shown = "".join(c if c.isprintable() else "�" for c in value)
        return (shown if len(shown) <= 80 else shown[:79] + "…") or "“”"
    if one.column == "ts":
        return iso_seconds(int(value))
    return f"{value:,}" if isinstance(value, int) else f"{value:,.6g}"
