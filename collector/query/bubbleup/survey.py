"""BubbleUp -> SQL text and bound parameters. Pure.

Three statements answer it: a census of both sides, one pass over all fields, and one over the few conditions that were found.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

from collector.fields import ATTRIBUTE_COLUMNS, ItemType
from collector.query.bubbleup.candidates import Candidate
from collector.query.calculations import Percentiles, percentiles
from collector.query.columns import Column, Params
from collector.query.filters import condition, group_condition
from collector.query.sampling import Draw
from collector.query.spec import CalculatedField, Filter, FilterGroup
from collector.query.sql import Scope, Statement, select, where

#: Numbers are counted in bins, so many for each doubling: a bin spans 4.4 %. Whole numbers have bins of their own up to 23.
BINS_A_DOUBLING: Final = 16
#: Times are counted in so many equal bins of the range.
TIME_BINS: Final = 256
_NOT_A_FIELD: Final = 65_535
_COUNTED: Final = """SELECT
  place, text, low, high, chosen, other, chosen_rows, other_rows,
  sum(chosen) OVER field AS all_chosen, sum(other) OVER field AS all_other,
  sum(chosen_rows) OVER field AS all_chosen_rows, sum(other_rows) OVER field AS all_other_rows,
  count() OVER field AS different,
  greatest(chosen / greatest(all_chosen, 1), other / greatest(all_other, 1)) AS share
FROM (
SELECT
  item.1 AS place, any(item.2) AS text, min(item.3) AS low, max(item.3) AS high,
  sumIf(weight, is_selected) AS chosen, sumIf(weight, NOT is_selected) AS other,
  countIf(is_selected) AS chosen_rows, countIf(NOT is_selected) AS other_rows
FROM (
{events}
)
WHERE place != {not_a_field}
GROUP BY place, item.4
)
WINDOW field AS (PARTITION BY place)
ORDER BY place, share DESC, text
LIMIT {values} BY place"""


class Counted(NamedTuple):
    """One value of one field on both sides.

    Args:
        place: the field's place among the candidates.
        text: the value, where it is a text or true or false.
        low, high: the smallest and the largest number in the bin.
        chosen, other: selected events with it, and others.
        chosen_rows, other_rows: the rows that stand for them.
        all_chosen, all_other, all_chosen_rows, all_other_rows: the same of the field's values together.
        different: how many values (of numbers: bins) the field has.
        share: the larger of the shares that it has of each side.
    """

    place: int
    text: str
    low: float
    high: float
    chosen: float
    other: float
    chosen_rows: int
    other_rows: int
    all_chosen: float
    all_other: float
    all_chosen_rows: int
    all_other_rows: int
    different: int
    share: float


@dataclass(frozen=True, slots=True)
class Sample:
    """Which events are looked at; asking again gives the same ones.

    Args:
        chosen, other: how large a part of the selected and of the other events, 0 to 1.
        by_order: see `Draw`.
    """

    chosen: float
    other: float
    by_order: bool

    def conditions(self, selected: str, params: Params) -> list[str]:
        """Return the SQL."""
        if min(self.chosen, self.other) >= 1:
            return []
        draw = Draw("bubbleup", self.by_order)
        chosen, other, most = (draw.end(part, params) for part in (self.chosen, self.other, max(self.chosen, self.other)))
        return [f"{draw.place} < {most}", f"{draw.place} < if({selected}, {chosen}, {other})"]

    def condition(self, part: float, params: Params) -> list[str]:
        """Return the SQL of one side alone, of which a part is looked at."""
        draw = Draw("bubbleup", self.by_order)
        return [f"{draw.place} < {draw.end(part, params)}"] if part < 1 else []


@dataclass(frozen=True, slots=True)
class Sides:
    """What is compared.

    Args:
        scope: the rows that the query is about.
        chosen_scope: the part of them outside of which nothing is selected.
        query: its filters.
        selection: the filters of the selection.
        baseline: those of what it is compared with.
        columns: what the names in all of them stand for.
        calculated: the calculated fields among these.
    """

    scope: Scope
    chosen_scope: Scope
    query: FilterGroup
    selection: FilterGroup
    baseline: FilterGroup
    columns: Mapping[str, Column]
    calculated: Sequence[CalculatedField] = ()

    def conditions(self, params: Params, sample: Sample | None = None) -> tuple[str, list[str]]:
        """Return whether an event is selected, and the conditions of all events of both sides that are looked at.

        Args:
            sample: which of them; all, if it is not given.
        """
        selected, other = (self._is_on(side, params) for side in (self.selection, self.baseline))
        conditions = [*where(self.scope, self.query, self.columns, params), f"({selected} OR {other})"]
        return selected, [*(sample.conditions(selected, params) if sample else []), *conditions]

    def events(self, fields: Sequence[str], sample: Sample, params: Params) -> str:
        """Return the SELECT of the events that are looked at: whether an event is selected, and these fields.

        Where more of a short time is looked at than of the rest, each side is read alone: together as much would be read of both.
        """
        if self.chosen_scope == self.scope or sample.chosen <= sample.other:
            selected, conditions = self.conditions(params, sample)
            return select([f"{selected} AS is_selected", *fields], conditions)
        sides = (
            (1, self.chosen_scope, self.selection, sample.chosen),
            (0, self.scope, self.baseline, sample.other),
        )
        return "\nUNION ALL\n".join(
            select(
                [f"toUInt8({is_selected}) AS is_selected", *fields],
                [*sample.condition(part, params), *where(scope, self.query, self.columns, params), self._is_on(side, params)],
            )
            for is_selected, scope, side, part in sides
        )

    def _is_on(self, side: FilterGroup, params: Params) -> str:
        # A comparison with what is missing is null, and so neither.
        return f"ifNull({group_condition(side, self.columns, params)}, 0)"


def thresholds(
    scope: Scope, query: FilterGroup, column: str, levels: list[float], columns: Mapping[str, Column], method: Percentiles
) -> Statement:
    """Select the percentiles of a column among the events of the query, as a list; empty where no event has it."""
    params = Params()
    x = columns[column].value("number", params)
    fields = [f"if(count({x}) = 0, [], {percentiles(levels, x, '', method)})"]
    return Statement(select(fields, where(scope, query, columns, params)), params.values)


def census(sides: Sides) -> Statement:
    """Count both sides: whether selected, rows, events, and the sum of the squares of the sample rates."""
    params = Params()
    selected, conditions = sides.conditions(params)
    fields = [f"{selected} AS is_selected", "count()", "sum(sample_rate)", "sum(toFloat64(sample_rate) * sample_rate)"]
    return Statement(select(fields, conditions, tail=["GROUP BY is_selected"]), params.values)


def survey(sides: Sides, candidates: Sequence[Candidate], sample: Sample, values: int) -> Statement:
    """Count the values of all fields on both sides in one pass.

    A row is a `Counted`. The number of the candidates stands for the whole event.

    Args:
        values: the most values of a field; those with the largest share on one side are kept.
    """
    params = Params()
    fields = [*_known(candidates, sides.scope, params), *_attributes(candidates, params), f"[({len(candidates)}, '', 0., 0)]"]
    items = f"arrayJoin(arrayConcat({', '.join(fields)})) AS item"
    events = sides.events(["sample_rate AS weight", items], sample, params)
    return Statement(_COUNTED.format(events=events, not_a_field=_NOT_A_FIELD, values=values), params.values)


def _known(candidates: Sequence[Candidate], scope: Scope, params: Params) -> list[str]:
    """Return arrays of (place, text, number, bin) of the known fields that an event has."""
    placed = [(place, one) for place, one in enumerate(candidates) if not one.column.is_attribute]
    texts = [(place, f"CAST({_text(one)}, 'Nullable(String)')") for place, one in placed if not one.is_number]
    numbers = [(place, _number(one, scope)) for place, one in placed if one.type == "number"]
    arrays = [_items(texts, "assumeNotNull(v)", "0.", "cityHash64(assumeNotNull(v))")] if texts else []
    if numbers:
        arrays.append(_items(numbers, "''", "assumeNotNull(v)", _bin("assumeNotNull(v)")))
    for place, one in placed:
        if one.type == "time":
            seconds = f"(toUnixTimestamp64Milli(`{one.column.name}`) / 1000)"
            start = params.bind("Int64", scope.start)
            bin_ = f"toUInt64(greatest(0, intDiv(toInt64({seconds} - {start}) * {TIME_BINS}, {max(1, scope.end - scope.start)})))"
            arrays.append(f"[({place}, '', toFloat64({seconds}), {bin_})]")
    return arrays


def _items(expressions: Sequence[tuple[int, str]], text: str, number: str, bin_: str) -> str:
    values = f"[{', '.join(sql for _, sql in expressions)}]"
    places = f"CAST([{', '.join(str(place) for place, _ in expressions)}], 'Array(UInt16)')"
    return (
        f"arrayMap((p, v) -> (p, {text}, {number}, {bin_}),"
        f" arrayFilter((p, v) -> v IS NOT NULL, {places}, {values} AS v{expressions[0][0]}),"
        f" arrayFilter(v -> v IS NOT NULL, v{expressions[0][0]}))"
    )


def _text(candidate: Candidate) -> str:
    name = f"`{candidate.column.name}`"
    return f"toString({name})" if candidate.type == "boolean" else name


def _number(candidate: Candidate, scope: Scope) -> str:
    return f"toFloat64(`{candidate.column.name}`)"


def _bin(x: str) -> str:
    steps = BINS_A_DOUBLING
    # Negative numbers have bins of their own, above all others; 1e300 is at 15,945.
    return f"toUInt64(multiIf({x} > 0, floor(log2({x}) * {steps}) + 30000, {x} < 0, 90000 - floor(log2(-{x}) * {steps}), 0))"


_MAPPED: Final[dict[ItemType, tuple[str, str, str]]] = {
    "string": ("v", "0.", "cityHash64(v)"),
    "number": ("''", "v", _bin("v")),
    "boolean": ("toString(v)", "0.", "cityHash64(toString(v))"),
}


def _attributes(candidates: Sequence[Candidate], params: Params) -> list[str]:
    """Return the same of the attributes: all of a map at once."""
    arrays = []
    for type_, (text, number, bin_) in _MAPPED.items():
        placed = [(place, one) for place, one in enumerate(candidates) if one.column.is_attribute and one.type == type_]
        if placed:
            names = params.bind("Array(String)", [one.column.name for _, one in placed])
            places = f"CAST([{', '.join(str(place) for place, _ in placed)}], 'Array(UInt16)')"
            place = f"transform(toString(k), {names}, {places}, toUInt16({_NOT_A_FIELD}))"
            column = ATTRIBUTE_COLUMNS[type_]
            mapped = f"arrayMap((k, v) -> ({place}, {text}, {number}, {bin_}), mapKeys({column}), mapValues({column}))"
            arrays.append(mapped)
    return arrays


def overlaps(sides: Sides, found: Sequence[tuple[Filter, Column]], sample: Sample) -> Statement:
    """Count, on both sides, the events of every combination of these conditions: is_selected, a bit for each, events, rows."""
    params = Params()
    held = [f"toUInt64(ifNull({condition(one, column, params, 'finding')}, 0))" for one, column in found]
    bits = [f"bitShiftLeft({sql}, {bit})" for bit, sql in enumerate(held)]
    events = sides.events([f"{' + '.join(bits)} AS bits", "sample_rate AS weight"], sample, params)
    sql = f"SELECT is_selected, bits, sum(weight), count()\nFROM (\n{events}\n)\nGROUP BY is_selected, bits"
    return Statement(sql, params.values)
