"""Answers what is different about a selection: the steps, and the JSON of the answer."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from collector.errors import QueryError
from collector.query.bubbleup import survey, words
from collector.query.bubbleup.candidates import Candidate, candidates, fixed_by, selected_by
from collector.query.bubbleup.compare import Comparer, Comparison, Side, is_id
from collector.query.bubbleup.overlap import GAIN_OVER_OTHERS, Overlaps, Shares
from collector.query.bubbleup.selection import BubbleUpSpec, as_json, others
from collector.query.bubbleup.survey import Counted, Sample, Sides
from collector.query.columns import Column
from collector.query.limits import EngineLimits
from collector.query.run import Run, choose_percentiles
from collector.query.spec import Filter, FilterGroup
from collector.query.statistics import z_of_many

#: So many events of each side are looked at, about: a share is then known within 0.7 % at 95 %.
SAMPLE_ROWS: Final = 20_000
#: Of a rare selection fewer, so that no more rows than this are read in full, but so many at least (a share within 2.2 %).
READ_ROWS: Final = 1_000_000
LEAST_ROWS: Final = 2_000
#: The most values of a field that are counted one by one.
VALUES: Final = 500
#: How many conditions are laid over each other, those of circumstances and those of measures.
_CIRCUMSTANCES, _MEASURES = 16, 4
_SHOWN_PAIRS: Final = 10


@dataclass(frozen=True, slots=True)
class _Found:
    """The comparisons, best first, and where the conditions of the first of them overlap."""

    comparisons: list[Comparison]
    laid: list[Comparison]
    groups: list[list[int]]
    overlaps: Overlaps
    pairs: list[tuple[int, int, Shares]]


def answer(
    spec: BubbleUpSpec, columns: Mapping[str, Column], attributes: Iterable[Column], run: Run, limits: EngineLimits
) -> dict[str, Any]:
    """Return fields, pairs, summary, queries and meta. Raises QueryError, StoreError."""
    _refuse_lists(spec, columns)
    selection = spec.selection(_percentiles(spec, columns, run, limits))
    query, short = spec.query, spec.within(run.scope)
    sides = Sides(run.scope, short, query.filters, selection, others(selection), columns, query.calculated_fields)
    chosen, other = _census(sides, run)
    fields = candidates(attributes)
    set_aside = dict.fromkeys(selected_by(name for name, _ in selection.names()), "The events are selected by it.")
    set_aside |= dict.fromkeys(fixed_by(query.filters), "All events of the query have the same value.")
    compared = [one for one in fields if one.column.name not in set_aside]
    sample, whole, counted = _survey(sides, compared, (chosen, other), run)
    looked_at = (
        Side(whole.chosen_rows, whole.chosen, chosen.evenness),
        Side(whole.other_rows, whole.other, other.evenness),
    )
    ids = {compared[place].column.name for place, values in counted.items() if is_id(compared[place], values)}
    set_aside |= dict.fromkeys(ids, "Nearly every event has a different value.")
    plain = {place: values for place, values in counted.items() if compared[place].column.name not in ids}
    found = _find(sides, compared, plain, looked_at, sample, run)
    return {
        **_findings(found, sides, (chosen, other)),
        "set_aside": [{"column": name, "reason": set_aside[name]} for name in sorted(set_aside)],
        "selection": _side(chosen, sample.chosen, selection),
        "baseline": _side(other, sample.other, sides.baseline),
        "query": _query(sides, {"calculations": _counts(sides), "disable_series": True}),
        "meta": {**run.meta(), "sampled": min(sample.chosen, sample.other) < 1},
    }


def _refuse_lists(spec: BubbleUpSpec, columns: Mapping[str, Column]) -> None:
    for name, path in spec.names():
        if columns[name].parallel:
            raise QueryError(path, f"{name} is a list: BubbleUp compares whole events. Use a field with one value an event.")
    if spec.column and "number" not in columns[spec.column].types:
        raise QueryError("selection.column", f"min and max need numbers; {spec.column} holds {columns[spec.column].words()}.")


def _percentiles(spec: BubbleUpSpec, columns: Mapping[str, Column], run: Run, limits: EngineLimits) -> dict[float, float | None]:
    levels = sorted(bound.level for bound in spec.bounds if bound.level is not None)
    if not levels:
        return {}
    method = choose_percentiles(run, limits)
    ((values,),) = run.rows(survey.thresholds(run.scope, spec.query.filters, spec.column, levels, columns, method))
    if not values:
        raise QueryError("selection.column", f"No event of the query has {spec.column}, so it has no percentiles.")
    # A stored Float32 has about seven digits; more would be noise, in the answer and when it is asked again.
    return {level: float(f"{value:.7g}") for level, value in zip(levels, values, strict=True)}


def _census(sides: Sides, run: Run) -> tuple[Side, Side]:
    counts = {bool(is_selected): rest for is_selected, *rest in run.rows(survey.census(sides))}
    chosen, other = (_count(counts.get(is_selected)) for is_selected in (True, False))
    for side, path, what in ((chosen, "selection", "selects no event"), (other, "selection", "leaves no event to compare with")):
        if not side.rows:
            raise QueryError(path, f"The selection {what}. Change it, or the query's filters and time range.")
    return chosen, other


def _count(counts: Sequence[float] | None) -> Side:
    rows, events, squares = counts or (0, 0, 0)
    return Side(int(rows), events, events * events / squares / rows if rows and squares else 1.0)


def _survey(
    sides: Sides, compared: Sequence[Candidate], both: tuple[Side, Side], run: Run
) -> tuple[Sample, Counted, dict[int, list[Counted]]]:
    """Return which events were looked at, what was counted of them, and of each field by its place among those compared."""
    parts = _parts(sides, both)
    for by_order in (True, False):
        sample = Sample(*parts, by_order)
        rows = map(Counted._make, run.rows(survey.survey(sides, compared, sample, VALUES)))
        counted = {place: list(values) for place, values in itertools.groupby(rows, key=lambda value: value.place)}
        (whole,) = counted.pop(len(compared), [None])
        if whole and (not by_order or _is_even(sample, whole, both)):
            return sample, whole, counted
    raise QueryError("selection", "All selected events, or all others, have gone while they were compared. Ask again.")


def _parts(sides: Sides, both: tuple[Side, Side]) -> tuple[float, float]:
    """Return how large a part of each side is looked at."""
    stored = sum(side.rows for side in both)
    short = (sides.chosen_scope.end - sides.chosen_scope.start) / (sides.scope.end - sides.scope.start)
    chosen, other = (
        min(1.0, SAMPLE_ROWS / side.rows, max(READ_ROWS / (stored * share), LEAST_ROWS / side.rows))
        for side, share in zip(both, (short, 1.0), strict=True)
    )
    return chosen, other


def _is_even(sample: Sample, whole: Counted, both: tuple[Side, Side]) -> bool:
    """Return whether the lowest ids are as many as they should be: else ids are not random."""
    wanted = sample.chosen * both[0].rows, sample.other * both[1].rows
    found = whole.chosen_rows, whole.other_rows
    return all(abs(rows - most) <= 0.05 * most + 4 * math.sqrt(most) for rows, most in zip(found, wanted, strict=True))


def _find(
    sides: Sides, compared: Sequence[Candidate], counted: dict[int, list[Counted]], looked_at: tuple[Side, Side],
    sample: Sample, run: Run,
) -> _Found:  # fmt: skip
    tried = sum(map(len, counted.values()))
    z = z_of_many(tried)
    comparer = Comparer(*looked_at, z)
    comparisons = [comparer.compare(compared[place], values) for place, values in counted.items()]
    # Circumstances first. The sort is stable: of equal ones the first in the dictionary leads.
    comparisons.sort(key=lambda one: (one.candidate.role != "circumstance", -round(one.best.score, 2)))
    # Two circumstances may be remarkable together where neither is alone.
    laid = [one for one in comparisons if one.candidate.role == "circumstance" and one.best.score > 0][:_CIRCUMSTANCES]
    circumstances = len(laid)
    laid += [one for one in comparisons if one.candidate.role == "measure" and one.best.stands_out][:_MEASURES]
    # Of a text, another condition than its best may be the one that matters together with another field.
    known = len(laid)
    laid += [replace(one, best=other) for one in laid[:circumstances] for other in one.next_best]
    conditions = [(one.best.condition, one.candidate.column) for one in laid]
    rows = run.rows(survey.overlaps(sides, conditions, sample)) if laid else []
    overlaps = Overlaps(rows, (1 / sample.other, 1 / sample.chosen), (looked_at[1].evenness, looked_at[0].evenness))
    groups = overlaps.groups(range(circumstances)) + overlaps.groups(range(circumstances, known))
    leaders = [group[0] for group in groups if group[0] < circumstances]
    columns = {laid[place].candidate.column.name for place in leaders}
    leaders += [place for place in range(known, len(laid)) if laid[place].candidate.column.name in columns]
    pairs = overlaps.pairs(_of_two_fields(leaders, laid), z_of_many(tried * tried // 2))
    best_of_fields: dict[frozenset[str], tuple[int, int, Shares]] = {}
    for pair in pairs:
        best_of_fields.setdefault(frozenset(laid[place].candidate.column.name for place in pair[:2]), pair)
    return _Found(comparisons, laid, groups, overlaps, list(best_of_fields.values()))


def _of_two_fields(places: Sequence[int], laid: Sequence[Comparison]) -> Iterator[tuple[int, int]]:
    for one, other in itertools.combinations(places, 2):
        if laid[one].candidate.column.name != laid[other].candidate.column.name:
            yield one, other


# --- The answer ----------------------------------------------------------------------------------------------------


def _findings(found: _Found, sides: Sides, both: tuple[Side, Side]) -> dict[str, Any]:
    group_of = {id(found.laid[member]): number for number, group in enumerate(found.groups) for member in group}
    fields = [_field(one, group_of.get(id(one)), sides) for one in found.comparisons]
    pairs = [
        {
            **_shares([found.laid[one], found.laid[other]], shares, both),
            "query": _asked(sides, [found.laid[one], found.laid[other]]),
        }
        for one, other, shares in found.pairs[:_SHOWN_PAIRS]
    ]
    return {
        **_top(found, sides, both),
        "fields": fields,
        "pairs": pairs,
        "groups": [[found.laid[member].candidate.column.name for member in group] for group in found.groups if len(group) > 1],
    }


def _top(found: _Found, sides: Sides, both: tuple[Side, Side]) -> dict[str, Any]:
    """Return the finding, the best pair or the best condition, and the sentences about it."""
    remarkable = [place for place, one in enumerate(found.laid) if one.best.stands_out]
    measures = [place for place in remarkable if found.laid[place].candidate.role == "measure"]
    top = remarkable[:1]
    shares = found.overlaps.shares(top) if top else None
    is_measure = bool(top) and top[0] in measures
    if found.pairs and (shares is None or is_measure or found.pairs[0][2].evidence > GAIN_OVER_OTHERS * shares.evidence):
        one, other, shares = found.pairs[0]
        top, is_measure = [one, other], False
    if shares is None:
        return {"summary": words.nothing(both[0].events), "finding": None}
    summary = words.finding([found.laid[place].best.condition for place in top], shares.selection, shares.baseline)
    if is_measure:
        summary = f"No circumstance stands out, but a measure: {summary}"
    summary += words.same([found.laid[place].candidate.column.name for place in _same_as(found, top)])
    if measures and not is_measure:
        shown = found.overlaps.shares(measures[:1])
        summary += words.measure(found.laid[measures[0]].best.condition, shown.selection, shown.baseline)
    chosen = [found.laid[place] for place in top]
    return {"summary": summary, "finding": {**_shares(chosen, shares, both), "query": _asked(sides, chosen)}}


def _same_as(found: _Found, top: Sequence[int]) -> list[int]:
    return [place for group in found.groups if group[0] in top for place in group[1:]]


def _shares(comparisons: Sequence[Comparison], shares: Shares, both: tuple[Side, Side]) -> dict[str, Any]:
    chosen, other = both[0].events * shares.selection, both[1].events * shares.baseline
    return {
        "conditions": [_condition(one.best.condition) for one in comparisons],
        "selection": round(shares.selection, 5),
        "baseline": round(shares.baseline, 5),
        "difference": round(shares.difference, 5),
        "interval": [round(end, 5) for end in shares.interval],
        # Of the events that satisfy the conditions, so many are selected: whether the conditions are enough.
        "selected_of_these": round(chosen / (chosen + other), 5) if chosen + other else None,
    }


def _field(one: Comparison, group: int | None, sides: Sides) -> dict[str, Any]:
    best = one.best
    return {
        "column": one.candidate.column.name,
        "type": one.candidate.type,
        "role": one.candidate.role,
        "score": round(best.score, 5),
        "stands_out": best.stands_out,
        "condition": _condition(best.condition),
        "difference": round(best.difference, 5),
        "interval": [round(end, 5) for end in best.interval],
        "selection": {"share": round(best.selection, 5), "null_share": round(max(0.0, 1 - one.have[0]), 5)},
        "baseline": {"share": round(best.baseline, 5), "null_share": round(max(0.0, 1 - one.have[1]), 5)},
        "shares_of": "events" if best.of_all else "events with the field",
        "distinct_values": one.different,
        "bins" if one.candidate.is_number else "values": one.values,
        "group": group,
        **({"query": _asked(sides, [one])} if best.stands_out else {}),
    }


def _side(side: Side, part: float, filters: FilterGroup) -> dict[str, Any]:
    return {
        "events": side.events,
        "rows": side.rows,
        "effective_rows": round(side.rows * side.evenness),
        "looked_at": round(part, 6),
        **as_json(filters),
    }


def _condition(one: Filter) -> dict[str, Any]:
    return {"column": one.column, "op": one.op} | ({} if one.value is None else {"value": one.value})


def _query(sides: Sides, more: dict[str, Any]) -> dict[str, Any]:
    scope = sides.scope
    asked = {"dataset": scope.dataset, "start_time": scope.start, "end_time": scope.end}
    made = [{"name": one.name, "expression": one.part.value} for one in sides.calculated]
    calculated = {"calculated_fields": made} if made else {}
    return {**asked, **(as_json(sides.query) if sides.query.filters else {}), **calculated, **more}


def _counts(sides: Sides) -> list[dict[str, Any]]:
    return [{"op": "COUNT", "name": name, **as_json(getattr(sides, name))} for name in ("selection", "baseline")]


def _asked(sides: Sides, comparisons: Sequence[Comparison]) -> dict[str, Any]:
    """Return the query that shows the same: both sides by the field's values, or, where numbers or pairs are found, as found."""
    (first, *others) = comparisons
    if not others and not first.candidate.is_number:
        return _query(sides, {"calculations": _counts(sides), "breakdowns": [first.candidate.column.name], "disable_series": True})
    found = [_condition(one.best.condition) for one in comparisons]
    both = [
        {"op": "COUNT", "name": f"{name} with it", "filters": [as_json(getattr(sides, name)), *found]}
        for name in ("selection", "baseline")
    ]
    return _query(sides, {"calculations": [*_counts(sides), *both], "disable_series": True})
