"""SQL with bound parameters → SQL as Grafana's ClickHouse data source takes it: literals, and macros for what readers choose."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from collector.query.columns import Params
from collector.query.sql import Scope, Statement
from collector.store.base import Param

#: The variable for the dataset, where a definition names none; Grafana writes it as a text of SQL.
DATASET: Final = "${dataset:sqlstring}"

_ESCAPES: Final = {
    "\\": "\\\\", "'": "\\'", "\n": "\\n", "\r": "\\r", "\t": "\\t", "\0": "\\0", "\b": "\\b", "\f": "\\f",
    # Grafana would take what follows for a variable or a macro, in a text too.
    "$": "\\x24", "[[": "\\x5b\\x5b",
}  # fmt: skip
_SPECIAL: Final = re.compile("|".join(map(re.escape, _ESCAPES)))


@dataclass(frozen=True, slots=True)
class MacroScope(Scope):
    """The rows of the time range and the dataset that the reader of a Grafana dashboard chooses.

    Args:
        dataset: one that is fixed, or empty.
        fixed_step: whether series have the steps of the query; otherwise Grafana chooses them by the width of the panel.
        more: further conditions, as SQL.
    """

    fixed_step: bool = False
    more: tuple[str, ...] = ()

    def conditions(self, params: Params) -> list[str]:
        """Return the SQL."""
        dataset = params.bind("String", self.dataset) if self.dataset else DATASET
        # $__timeFilter takes in the end of the range, which belongs to the next one.
        return [f"dataset = {dataset}", "ts >= $__fromTime_ms", "ts < $__toTime_ms", *self.more]

    def length(self) -> str:
        """Return the SQL of how many milliseconds the range has."""
        return "dateDiff('millisecond', $__fromTime_ms, $__toTime_ms)"

    def bucket(self, step: int) -> str:
        """Return the SQL of when the point of a series begins."""
        return f"toStartOfInterval(toDateTime(ts), INTERVAL {step} second)" if self.fixed_step else "$__timeInterval(ts)"

    def bucket_length(self, step: int) -> str:
        """Return the SQL of how many milliseconds a point of a series is about."""
        return str(1000 * step) if self.fixed_step else "(1000 * $__interval_s)"


def written(statement: Statement) -> str:
    """Return a statement with its parameters as literals."""

    def literal_of(match: re.Match[str]) -> str:
        param = statement.params[match[1]]
        return literal(param)

    return re.sub(r"\{(p\d+):[^{}]+\}", literal_of, statement.sql)


def literal(param: Param) -> str:
    """Return a value as SQL of its type. Raises TypeError: there is no literal of the type."""
    is_list = param.type.startswith("Array(")
    write = _WRITERS.get(param.type.removeprefix("Array(").removesuffix(")") if is_list else param.type)
    if write is None:
        raise TypeError(f"A value of the type {param.type} has no literal here.")
    return f"[{', '.join(map(write, param.value))}]" if is_list else write(param.value)


def text(value: str) -> str:
    """Return a text as SQL that neither ClickHouse nor Grafana takes for anything else."""
    return "'" + _SPECIAL.sub(lambda match: _ESCAPES[match[0]], value) + "'"


def name(value: str) -> str:
    """Return the name of a column of an answer as SQL."""
    return "`" + _SPECIAL.sub(lambda match: _ESCAPES[match[0]], value).replace("`", "\\`") + "`"


_WRITERS: Final[Mapping[str, Callable[[Any], str]]] = {
    "String": text,
    "Float64": lambda value: f"toFloat64({float(value)!r})",
    "Float32": lambda value: f"toFloat32({float(value)!r})",
    "Int64": lambda value: f"toInt64({int(value)})",
    "UInt64": lambda value: f"toUInt64({int(value)})",
    "Bool": lambda value: "true" if value else "false",
}
