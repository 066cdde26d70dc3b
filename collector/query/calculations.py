"""The calculations of the query language: one row of data each, and how a row becomes SQL. Pure.

A row of the table `events` stands for `sample_rate` events, so everything but COUNT_DISTINCT, MIN and MAX is weighted by it.
Nothing measured is null, never 0.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final, Literal

#: What a calculation takes: no column, any column, or one with numbers.
Takes = Literal["nothing", "anything", "numbers"]
#: How percentiles are computed; see `PERCENTILES`.
Percentiles = Literal["exact", "exact_weighted", "digest", "binned"]


@dataclass(frozen=True, slots=True)
class Operation:
    """One calculation.

    Args:
        op: its name in a query.
        meaning: one sentence for people.
        takes: see `Takes`.
        sql: the aggregate function: `{x}` is the column, `{If}` and `{when}` carry a condition. Empty for a percentile.
        weighted: whether `sample_rate` counts.
        level: of a percentile, between 0 and 1.
        column: what it takes where the query names no column.
        rate_of: of a rate, the calculation whose change it is.
    """

    op: str
    meaning: str
    takes: Takes
    sql: str = ""
    weighted: bool = True
    level: float = 0
    column: str = ""
    rate_of: str = ""

    @property
    def is_special(self) -> bool:
        """Whether it has no single number for a group: cells, or changes over time."""
        return bool(self.rate_of) or self.op == "HEATMAP"


def _percentile(op: str, level: float) -> Operation:
    return Operation(op, f"The value that {level * 100:g} % of the events do not exceed.", "numbers", level=level)


OPERATIONS: Final[dict[str, Operation]] = {
    operation.op: operation
    for operation in (
        Operation("COUNT", "The number of events.", "nothing", "sum{If}(sample_rate{when})"),
        Operation("SUM", "The sum of the values.", "numbers", "sumOrNull{If}({x} * sample_rate{when})"),
        # avgWeighted adds up in the type of the weight: with whole numbers it would cut the fractions off.
        Operation("AVG", "The mean of the values.", "numbers", "avgWeightedOrNull{If}({x}, toFloat64(sample_rate){when})"),
        Operation("MIN", "The smallest value.", "numbers", "minOrNull{If}({x}{when})", weighted=False),
        Operation("MAX", "The largest value.", "numbers", "maxOrNull{If}({x}{when})", weighted=False),
        # Exact up to 65,536 values, then an estimate (measured: 0.2 % off at one million).
        Operation(
            "COUNT_DISTINCT", "The number of different values among the stored rows; not corrected for sampling.",
            "anything", "uniq{If}({x}{when})", weighted=False,
        ),
        Operation("HEATMAP", "How many events have which values: cells of a map, over time and values.", "numbers", "sumMap"),
        Operation(
            "CONCURRENCY", "How many events are under way on average, by how long each takes in ms (page.age, if not said).",
            "numbers", "sumOrNull{If}({x} * sample_rate{when}) / {span}", column="page.age",
        ),
        Operation("RATE_SUM", "How SUM changes from one point of the series to the next.", "numbers", rate_of="SUM"),
        Operation("RATE_AVG", "How AVG changes from one point of the series to the next.", "numbers", rate_of="AVG"),
        Operation("RATE_MAX", "How MAX changes from one point of the series to the next.", "numbers", rate_of="MAX"),
        _percentile("P001", 0.001),
        _percentile("P01", 0.01),
        _percentile("P05", 0.05),
        _percentile("P10", 0.10),
        _percentile("P20", 0.20),
        _percentile("P25", 0.25),
        _percentile("P50", 0.50),
        _percentile("P75", 0.75),
        _percentile("P80", 0.80),
        _percentile("P90", 0.90),
        _percentile("P95", 0.95),
        _percentile("P99", 0.99),
        _percentile("P999", 0.999),
    )
}  # fmt: skip

#: A percentile of the query's own: P1, P99.5. P01 is 1 %; the three digits of P001 and P999 are Honeycomb's for 0.1 and 99.9 %.
ANY_PERCENTILE: Final = re.compile(r"P(\d{1,2}(?:\.\d{1,4})?)")


def is_percentile(op: str) -> bool:
    """Return whether it names a percentile, of the table or not."""
    return bool(ANY_PERCENTILE.fullmatch(op)) or (op in OPERATIONS and OPERATIONS[op].level > 0)


def operation(op: str) -> Operation:
    """Return a calculation by its name, which is one of the table or a percentile."""
    if op in OPERATIONS:
        return OPERATIONS[op]
    match = ANY_PERCENTILE.fullmatch(op)
    if match is None:
        raise KeyError(op)
    # P0 is the smallest value: a level of 0 would stand for "no percentile".
    return _percentile(op, max(float(match[1]) / 100, 1e-9))


#: The three ways to percentiles. Five P75 over 1 M rows on two cores take 44 ms, 112 ms and 77 ms, grouped by 3,000 paths
#: 146 ms, 990 ms and 460 ms. The first two keep all (different) values in memory; the last one keeps some 2 KB a group and is
#: up to 0.2 % off on skewed data. quantilesBFloat16Weighted was no choice: up to 0.8 % off.
PERCENTILES: Final[dict[Percentiles, str]] = {
    "exact": "quantilesExact{If}({levels})({x}{when})",
    "exact_weighted": "quantilesExactWeighted{If}({levels})({x}, sample_rate{when})",
    "digest": "quantilesTDigestWeighted{If}({levels})({x}, sample_rate{when})",
    # Of the rollup, whose rows are bins of values: see `rollup`.
    "binned": "quantilesExactWeighted{If}({levels})({x}, events{when})",
}
#: quantilesExact takes the value at index floor(level * n), the weighted functions the one at ceil(level * n) - 1 (the nearest
#: rank: P75 of four values is the third). A hair less than the level makes them agree.
_HAIR: Final = 1e-12


def aggregate(operation: Operation, x: str, condition: str, span: str = "") -> str:
    """Return the SQL of a calculation other than a percentile or a heat map; of a rate, that of the calculation that changes.

    Args:
        span: the milliseconds that a row of the answer is about.
    """
    sql = OPERATIONS[operation.rate_of].sql if operation.rate_of else operation.sql
    return sql.format(x=x, span=span, **_conditional(condition))


def heat_map(cell: str, x: str, condition: str) -> str:
    """Return the SQL of a heat map: the weight of each cell that has any."""
    both = f"{x} IS NOT NULL" + (f" AND {condition}" if condition else "")
    return f"sumMapIf(map(assumeNotNull({cell}), toUInt64(sample_rate)), {both})"


def percentile(level: float, levels: list[float], x: str, condition: str, method: Percentiles) -> str:
    """Return the SQL of one percentile.

    Args:
        level: the one to return.
        levels: all that the query asks of this column under this condition: the store computes them in one pass (thirteen
            take 18 ms where one by one they take 154 ms).
    """
    computed = percentiles(levels, x, condition, method)
    measured = "count{If}({x}{when})".format(x=x, **_conditional(condition))
    # An array can't be null: without a value these functions return zeros.
    return f"if({measured} = 0, NULL, {computed}[{levels.index(level) + 1}])"


def percentiles(levels: list[float], x: str, condition: str, method: Percentiles) -> str:
    """Return the SQL of the array of the percentiles of these levels."""
    shown = ", ".join(repr(one - _HAIR if method == "exact" else one) for one in levels)
    return PERCENTILES[method].format(x=x, levels=shown, **_conditional(condition))


def effective_rows(x: str, condition: str, method: Percentiles) -> str:
    """Return the SQL of how many rows of equal weight would be as sure as those with a value; 0 without any.

    Args:
        method: "exact" is chosen where every row has the weight 1; to count them takes a sixth less of the whole question.
    """
    if method == "exact":
        return "toFloat64(count{If}({x}{when}))".format(x=x, **_conditional(condition))
    both = f"{x} IS NOT NULL" + (f" AND {condition}" if condition else "")
    return f"ifNull(pow(sumIf(toFloat64(sample_rate), {both}), 2) / nullIf(sumIf(pow(sample_rate, 2), {both}), 0), 0)"


def _conditional(condition: str) -> dict[str, str]:
    return {"If": "If", "when": f", {condition}"} if condition else {"If": "", "when": ""}


def shortest(sql: str) -> str:
    """Return the shortest decimal that a Float32 stands for: a stored 123.3 is 123.3, not 123.30000305175781."""
    return f"toFloat64(toString(toFloat32({sql})))"


def shortest_items(sql: str) -> str:
    """Return a list of Float32 values, each as `shortest` does it."""
    return f"arrayMap(x -> {shortest('x')}, {sql})"


def shortest_sum(sql: str) -> str:
    """Return a sum of Float32 values without their noise; from a million up whole numbers have to stay exact."""
    return f"if(abs({sql}) < 1e6, {shortest(sql)}, round({sql}, 1))"
