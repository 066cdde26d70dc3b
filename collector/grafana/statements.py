"""The SQL of panels: the collector's own question inside, and outside it the columns that a panel shows, by their titles."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from textwrap import indent
from typing import Any, Final

from collector.dashboards.requests import request
from collector.errors import QueryError
from collector.fields import BY_NAME
from collector.grafana.macros import MacroScope, name, text, written
from collector.query.calculated import resolve_all
from collector.query.calculations import operation
from collector.query.columns import Column
from collector.query.expressions.parse import names_in
from collector.query.heatmap import CELLS, Scale
from collector.query.parse import parse_query
from collector.query.spec import QuerySpec
from collector.query.sql import Question

#: What a panel shows of an answer: pairs of key and title.
Shown = Sequence[tuple[str, str]]
#: As many points as all groups of a chart may have together.
_MOST_POINTS: Final = 100_000
_NOTHING: Final = "—"
#: The collector cuts heat maps to the values that there are; SQL alone cannot, so their cells are the same always.
_SCALES: Final = {"": (1, 1e6), "ms": (10, 60_000), "bytes": (100, 1e8), "cls": (0.001, 1)}


class PanelQuery:
    """One query of a definition, as far as a panel shows it.

    Args:
        definition: the definition, filled (see `dashboards.requests.fill`).
        query: the name of the query.
        keys: of its answer, those that the panel shows.

    Raises:
        QueryError: it cannot be written down without a store, as it uses attributes.
    """

    def __init__(self, definition: Mapping[str, Any], query: str, keys: Iterable[str]) -> None:
        document, cohort = request(definition, query, "any")
        fixed = str(definition.get("dataset", ""))
        self.spec = _narrowed(document, set(keys))
        columns = _columns(self.spec)
        more = _within(document, cohort, fixed) if cohort else ()
        self._scope = MacroScope(fixed, 0, 0, bool(document.get("granularity")), more)
        self._scales = {number: scale_of(one.column) for number, one in enumerate(self.spec.calculations) if one.op == "HEATMAP"}
        self._question = Question(self.spec, columns, self._scope, "exact_weighted", self._scales)

    def _column(self, key: str) -> str:
        breakdowns = self.spec.breakdowns
        return f"b{breakdowns.index(key)}" if key in breakdowns else f"c{self.spec.keys.index(key)}"

    def table(self, shown: Shown, sort: Mapping[str, str] | None = None) -> str:
        """Return the SQL of one row a group."""
        fields = [f"{self._column(key)} AS {name(title)}" for key, title in shown]
        order = f"{self._column(sort['key'])} {'DESC' if sort['order'] == 'descending' else 'ASC'} NULLS LAST" if sort else ""
        # Equal rows have the same order each time.
        order += "".join(f", b{number}" for number in range(len(self.spec.breakdowns))) if sort else ""
        return _outer(fields, written(self._question.plain_results()), order)

    def bars(self, shown: Shown) -> str:
        """Return the SQL of one row a group: a label made of the breakdowns, and values."""
        fields = [f"{self._label()} AS label", *(f"{self._column(key)} AS {name(title)}" for key, title in shown)]
        return _outer(fields, written(self._question.plain_results()))

    def _label(self) -> str:
        texts = [f"ifNull(toString(b{number}), {text(_NOTHING)})" for number in range(len(self.spec.breakdowns))]
        return f"concatWithSeparator(' · ', {', '.join(texts)})" if len(texts) > 1 else texts[0] if texts else text("All")

    def series(self, shown: Shown) -> str:
        """Return the SQL of points over time: time, values; with breakdowns time, label, values of each group."""
        values = [f"{self._column(key)} AS {name(title)}" for key, title in shown]
        points = written(self._question.series(None, _MOST_POINTS))
        if not self.spec.breakdowns:
            return _outer(["bucket AS time", *values], points, "time")
        groups = _outer(["group_hash", f"{self._label()} AS label"], written(self._question.plain_results()))
        joined = (
            f"FROM (\n{indent(points, '  ')}\n) AS points\nINNER JOIN (\n{indent(groups, '  ')}\n) AS groups USING (group_hash)"
        )
        return "\n".join([f"SELECT bucket AS time, label, {', '.join(values)}", joined, "ORDER BY time, label"])

    def histogram(self, key: str, titles: tuple[str, str]) -> str:
        """Return the SQL of the cells of a HEATMAP, one row each: from which value, how many events."""
        return self._by_cell([key], [f"{self._column(key)}[toUInt16(cell)] AS {name(titles[1])}"], titles[0])

    def overlay(self, shown: Shown, low: str) -> str:
        """Return the SQL of the cells of several HEATMAPs of one field, one row each: from which value, which share of each."""
        maps = [(self._column(key), title) for key, title in shown]
        shares = [f"{cells}[toUInt16(cell)] / greatest(1, arraySum(mapValues({cells}))) AS {name(title)}" for cells, title in maps]
        return self._by_cell([key for key, _ in shown], shares, low)

    def _by_cell(self, keys: Sequence[str], values: Sequence[str], low: str) -> str:
        edges = ", ".join(text(edge) for edge in self.edges(keys[0]))
        inner = indent(written(self._question.plain_results()), "  ")
        last = f"arrayMax([{', '.join(f'arrayMax(mapKeys({self._column(key)}))' for key in keys)}])"
        fields = [f"[{edges}][cell + 1] AS {name(low)}", *values]
        return "\n".join([f"SELECT {', '.join(fields)}", f"FROM (\n{inner}\n)", f"ARRAY JOIN range({last} + 1) AS cell"])

    def heat_map(self, key: str) -> str:
        """Return the SQL of the cells of a HEATMAP over time: time, and a column for each cell, named by its lower edge."""
        cells = self._column(key)
        fields = [f"{cells}[toUInt16({cell})] AS {name(edge)}" for cell, edge in enumerate(self.edges(key))]
        return _outer(["bucket AS time", *fields], written(self._question.series(None, _MOST_POINTS)), "time")

    def edges(self, key: str) -> list[str]:
        """Return the lower edges of the cells of a HEATMAP."""
        edges = self._scales[self.spec.keys.index(key)].edges()[:CELLS]
        return [f"{edge:.3g}" if edge < 1000 else f"{edge:.0f}" for edge in edges]


def scale_of(column: str) -> Scale:
    """Return the cells that a field's values are put into."""
    unit = BY_NAME[column].unit if column in BY_NAME else ""
    low, high = _SCALES["cls" if column.startswith("cls.") else unit if unit in _SCALES else ""]
    return Scale(low, high, True, True)


def _columns(spec: QuerySpec) -> dict[str, Column]:
    return resolve_all(spec.dataset, spec.names(), spec.calculated_fields, _resolve)


def _resolve(_: str, names: Iterable[tuple[str, str]]) -> dict[str, Column]:
    columns = {}
    for field, path in names:
        if field not in BY_NAME:
            text = f"{field} is no known field: without a store nobody knows its type, so there is no SQL to write down."
            raise QueryError(path, text)
        columns[field] = Column.known(BY_NAME[field])
    return columns


def _narrowed(document: Mapping[str, Any], keys: set[str]) -> QuerySpec:
    """Return the query with no more calculations than the panel shows, and the groups are kept and sorted by."""
    whole = parse_query(document)
    wanted = {number for number, key in enumerate(whole.keys) if key in keys}
    wanted |= {number for number in (*(one.calculation for one in whole.orders), *(one.calculation for one in whole.havings))
               if number is not None}  # fmt: skip
    if whole.breakdowns and not whole.orders:
        # Groups are sorted by the first calculation that has a number for a group.
        wanted |= set([n for n, one in enumerate(whole.calculations) if not operation(one.op).is_special][:1])
    first = len(whole.calculations)
    used = {one for number in wanted if number >= first for one in names_in(whole.formulas[number - first].expression)}
    wanted |= {number for number, key in enumerate(whole.keys) if key in used}
    calculations = [one for number, one in enumerate(document["calculations"]) if number in wanted]
    formulas = [one for number, one in enumerate(document.get("formulas", ())) if number + first in wanted]
    return parse_query({**document, "calculations": calculations, "formulas": formulas})


def _within(document: Mapping[str, Any], cohort: Mapping[str, str], dataset: str) -> tuple[str, ...]:
    """Return the conditions that keep a cohort: the events between two percentiles of all."""
    column = cohort["column"]
    calculations = [{"op": cohort[end], "column": column} for end in ("from", "to")]
    kept = {key: document[key] for key in ("dataset", "filters", "calculated_fields") if key in document}
    spec = parse_query({**kept, "calculations": calculations, "disable_series": True})
    columns = _columns(spec)
    ends = written(Question(spec, columns, MacroScope(dataset, 0, 0), "exact_weighted").plain_results())
    value = f"toFloat32(`{column}`)" if columns[column].is_float32 else f"`{column}`"
    return tuple(
        f"{value} {comparison} (\n{indent(_outer([f'toFloat32(c{number})'], ends), '  ')}\n)"
        for number, comparison in enumerate((">=", "<="))
    )


def _outer(fields: Sequence[str], inner: str, order: str = "") -> str:
    lines = [f"SELECT {', '.join(fields)}", f"FROM (\n{indent(inner, '  ')}\n)"]
    return "\n".join([*lines, *([f"ORDER BY {order}"] if order else [])])
