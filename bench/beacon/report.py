"""Print what was measured as one table, and keep it as JSON."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench.beacon.subjects import RIVALS

RESULTS = Path(__file__).parents[1] / "results"

Value = float | str | None


@dataclass(frozen=True)
class Row:
    """One figure of every subject, beside the one that was wanted."""

    what: str
    limit: str
    values: Mapping[str, Value]
    #: Whether ours divided by a rival's says anything.
    is_compared: bool = False

    def ratio(self, rival: str) -> str:
        """Return ours divided by the rival's."""
        ours, its = self.values.get("ours"), self.values.get(rival)
        if not self.is_compared or not isinstance(ours, int | float) or not isinstance(its, int | float) or not its:
            return ""
        return f"{ours / its:.2f}x"


def format_value(value: Value) -> str:
    """Return a value as it stands in the table."""
    if value is None:
        return "–"
    if isinstance(value, str):
        return value
    return f"{value:,.0f}" if float(value).is_integer() else f"{value:,.1f}"


def format_table(rows: Sequence[Row], names: Sequence[str]) -> str:
    """Return a table with a line for each row and a column for each subject."""
    rivals = [rival for rival in RIVALS if rival in names and "ours" in names]
    lines = [["", "at most", *names, *(f"ours/{rival}" for rival in rivals)]]
    lines += [
        [row.what, row.limit, *(format_value(row.values.get(name)) for name in names), *map(row.ratio, rivals)] for row in rows
    ]
    widths = [max(len(line[column]) for line in lines) for column in range(len(lines[0]))]
    return "\n".join(
        "  ".join(_fit(cell, width, column) for column, (cell, width) in enumerate(zip(line, widths, strict=True))).rstrip()
        for line in lines
    )


def _fit(cell: str, width: int, column: int) -> str:
    return cell.ljust(width) if column < 2 else cell.rjust(width)


def keep(part: str, meta: dict[str, Any], rows: Iterable[Row], raw: Any) -> Path:
    """Write a part's figures to `bench/results/` and return the file's path."""
    RESULTS.mkdir(exist_ok=True)
    path = RESULTS / f"beacon-{part}.json"
    figures = [{"what": row.what, "limit": row.limit, "values": dict(row.values)} for row in rows]
    path.write_text(json.dumps({"meta": meta, "figures": figures, "raw": raw}, indent=1, default=vars) + "\n")
    return path
