"""`wideload query`: the answer to a query → a table, lines of bars, CSV or JSON. Pure."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from collector import cells, table

_BARS: Final = "▁▂▃▄▅▆▇█"
_EARLIER, _CHANGE = " earlier", " change"
Json = dict[str, Any]


def render(spec: Json, answer: Json, form: str | None) -> str:
    """Return an answer as `json`, as `csv`, as lines of bars (`spark`), or as a table."""
    if form == "json":
        return cells.json_text(json.dumps(answer, indent=2, ensure_ascii=False))
    if form == "csv":
        return as_csv(spec, answer)
    return as_sparks(spec, answer) if form == "spark" else as_table(spec, answer)


def columns_of(spec: Json, answer: Json) -> list[str]:
    """Return the columns of an answer in the order of the question: time, breakdowns, calculations, what they were earlier."""
    rows = _rows(spec, answer)
    keys = _keys(spec)
    if "comparison" in answer:
        keys = [name for key in keys for name in (key, key + _EARLIER, key + _CHANGE)]
    names = [*spec.get("breakdowns", ()), *keys]
    present = {name for row in rows for name in row}
    return [name for name in ("time", *names) if name in present] if rows else names


def as_table(spec: Json, answer: Json) -> str:
    """Return an answer as an aligned table, with a last line about what it cost."""
    columns, rows = columns_of(spec, answer), _rows(spec, answer)
    shown = [[_percent(row.get(name)) if name.endswith(_CHANGE) else row.get(name) for name in columns] for row in rows]
    return _with_cost(table.lines(columns, shown) if rows else ["No events match."], len(rows), answer)


def as_csv(spec: Json, answer: Json) -> str:
    """Return an answer as CSV; what was not measured is empty, and no cell is a formula."""
    columns, out = columns_of(spec, answer), io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(map(cells.csv_cell, columns))
    writer.writerows([cells.csv_cell(row.get(name)) for name in columns] for row in _rows(spec, answer))
    return out.getvalue().rstrip("\n")


def as_sparks(spec: Json, answer: Json) -> str:
    """Return a line for each group: its calculations, each with bars over time from the lowest to the highest point."""
    breakdowns, keys = spec.get("breakdowns", []), _keys(spec)
    points: dict[str, dict[int, Json]] = {}
    for point in answer.get("series", []):
        points.setdefault(_group(breakdowns, point["data"]), {})[_seconds(point["time"])] = point["data"]
    headings = [*breakdowns, *(name for key in keys for name in (key, "over time", "from", "to"))]
    rows = []
    for result in answer.get("results", []):
        data, row = result["data"], [result["data"].get(name) for name in breakdowns]
        for key in keys:
            values = _over_time(key, points.get(_group(breakdowns, data), {}), answer["meta"])
            known = [value for value in values if value is not None]
            row += [data.get(key), spark(values), min(known, default=None), max(known, default=None)]
        rows.append(row)
    return _with_cost(table.lines(headings, rows) if rows else ["No events match."], len(rows), answer)


def spark(values: Sequence[float | None]) -> str:
    """Return a bar for each value; a gap where there is none."""
    known = [value for value in values if value is not None]
    low, high = min(known, default=0), max(known, default=0)
    scale = (len(_BARS) - 1) / (high - low) if high > low else 0
    return "".join(" " if value is None else _BARS[round((value - low) * scale)] for value in values)


def _over_time(key: str, points: Mapping[int, Json], meta: Json) -> list[float | None]:
    step = meta["granularity"]
    times = range(meta["start_time"] // step * step, meta["end_time"], step)
    found = [points.get(time, {}).get(key) for time in times]
    return [value if isinstance(value, int | float) else None for value in found]


def _with_cost(body: Sequence[str], rows: int, answer: Json) -> str:
    meta = answer.get("meta", {})
    cut = " (more were left out: raise --limit)" if meta.get("limited") else ""
    cost = f"{meta.get('rows_read', 0):,} events read in {meta.get('elapsed_ms', 0):,.0f} ms"
    if meta.get("cached"):
        cost = f"answered from memory, {meta.get('age_seconds', 0):,.0f} s old"
    if meta.get("sampled"):
        cost += f"; a first answer, from one event in {1 / meta['sample_share']:.0f}"
    return "\n".join([*body, "", f"{rows:,} row{'' if rows == 1 else 's'}{cut}; {cost}."])


def _rows(spec: Json, answer: Json) -> list[Json]:
    """Return the rows of an answer: points over time or groups, each with what it was earlier, where that was asked."""
    is_series = bool(not spec.get("disable_series") and spec.get("granularity"))
    rows = _plain(answer, is_series)
    if (comparison := answer.get("comparison")) is None:
        return rows
    offset = answer["meta"]["start_time"] - comparison["start_time"]
    breakdowns, keys = spec.get("breakdowns", []), _keys(spec)
    earlier = {_place(breakdowns, row, offset): row for row in _plain(comparison, is_series)}
    return [row | _compared(row, earlier.get(_place(breakdowns, row, 0), {}), keys) for row in rows]


def _plain(answer: Json, is_series: bool) -> list[Json]:
    if is_series:
        return [{"time": row.get("time"), **row.get("data", {})} for row in answer.get("series", [])]
    return [row.get("data", {}) for row in answer.get("results", [])]


def _compared(row: Json, earlier: Json, keys: Sequence[str]) -> Json:
    found: Json = {}
    for key in keys:
        now, then = row.get(key), earlier.get(key)
        found |= {key + _EARLIER: then, key + _CHANGE: None}
        if isinstance(now, int | float) and isinstance(then, int | float) and then:
            found[key + _CHANGE] = round(100 * (now / then - 1), 2)
    return found


def _place(breakdowns: Sequence[str], row: Json, offset: int) -> tuple[Any, ...]:
    return _seconds(row["time"]) + offset if "time" in row else 0, _group(breakdowns, row)


def _group(breakdowns: Sequence[str], data: Json) -> str:
    return json.dumps([data.get(name) for name in breakdowns])


def _seconds(time: str) -> int:
    return round(datetime.fromisoformat(time).timestamp())


def _percent(value: float | None) -> str | None:
    return None if value is None else f"{value:+.1f} %"


def _keys(spec: Json) -> list[str]:
    calculations = spec.get("calculations") or [{"op": "COUNT"}]
    return [*map(_key, calculations), *(str(formula.get("name")) for formula in spec.get("formulas") or ())]


def _key(calculation: Json) -> str:
    op, column = calculation.get("op", "COUNT"), calculation.get("column")
    return str(calculation.get("name") or (f"{op}({column})" if column else op))
