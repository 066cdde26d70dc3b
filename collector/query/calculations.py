"""The calculations of the query language: one row of data each, and how a row becomes SQL. Pure.

A row of the table `events` stands for `sample_rate` events, so everything but COUNT_DISTINCT, MIN and MAX is weighted by it.
Nothing measured is null, never 0.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

#: What a calculation takes: no column, any column, or one with numbers.
Takes = Literal["nothing", "anything", "numbers"]
#: How percentiles are computed; see `PERCENTILES`.
Percentiles = Literal["exact", "exact_weighted", "digest"]


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
    """

    op: str
    meaning: str
    takes: Takes
    sql: str = ""
    weighted: bool = True
    level: float = 0


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

#: The three ways to percentiles. Five P75 over 1 M rows on two cores take 44 ms, 112 ms and 77 ms, grouped by 3,000 paths
#: 146 ms, 990 ms and 460 ms. The first two keep all (different) values in memory; the last one keeps some 2 KB a group and is
#: up to 0.2 % off on skewed data. quantilesBFloat16Weighted was no choice: up to 0.8 % off.
PERCENTILES: Final[dict[Percentiles, str]] = {
    "exact": "quantilesExact{If}({levels})({x}{when})",
    "exact_weighted": "quantilesExactWeighted{If}({levels})({x}, sample_rate{when})",
    "digest": "quantilesTDigestWeighted{If}({levels})({x}, sample_rate{when})",
}
#: quantilesExact takes the value at index floor(level * n), the weighted functions the one at ceil(level * n) - 1 (the nearest
#: rank: P75 of four values is the third). A hair less than the level makes them agree.
_HAIR: Final = 1e-12


def aggregate(operation: Operation, x: str, condition: str) -> str:
    """Return the SQL of a calculation other than a percentile."""
    return operation.sql.format(x=x, **_conditional(condition))


def percentile(level: float, levels: list[float], x: str, condition: str, method: Percentiles) -> str:
    """Return the SQL of one percentile.

    Args:
        level: the one to return.
        levels: all that the query asks of this column under this condition: the store computes them in one pass (thirteen
            take 18 ms where one by one they take 154 ms).
    """
    shown = ", ".join(repr(one - _HAIR if method == "exact" else one) for one in levels)
    computed = PERCENTILES[method].format(x=x, levels=shown, **_conditional(condition))
    measured = "count{If}({x}{when})".format(x=x, **_conditional(condition))
    # An array can't be null: without a value these functions return zeros.
    return f"if({measured} = 0, NULL, {computed}[{levels.index(level) + 1}])"


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
