"""The operators of filters: one row of data each, and how a filter becomes SQL. Pure.

A condition is true or false for every event: one without the field satisfies no condition but the negative ones (`!=`,
`does-not-contain`, `not-in`, …), as in Honeycomb. A value is taken as the field's type where that needs no guessing: "200"
for a field of numbers is 200, and 42 for a field of text is "42".
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final, Literal

from collector.errors import QueryError
from collector.fields import ItemType
from collector.query.columns import Column, Params
from collector.query.reading import Scalar, describe, shorten
from collector.query.spec import SESSION, Filter, FilterGroup

#: What an operator takes: one value, several, or none.
Takes = Literal["value", "values", "nothing"]


@dataclass(frozen=True, slots=True)
class Operator:
    """One operator.

    Args:
        sql: when an event that has the field satisfies it; `{x}` is the field, `{v}` the value. Empty for exists.
        takes: see `Takes`.
        negates: whether it is true where `sql` is not.
        types: of the fields it works on.
        as_text: whether it sees numbers and booleans as JSON writes them.
    """

    sql: str
    takes: Takes = "value"
    negates: bool = False
    types: tuple[ItemType, ...] = ("string", "number", "boolean", "time")
    as_text: bool = False


_ORDERED: Final[tuple[ItemType, ...]] = ("string", "number", "time")
_TEXT: Final[tuple[ItemType, ...]] = ("string", "number", "boolean")

OPERATORS: Final[dict[str, Operator]] = {
    "=": Operator("{x} = {v}"),
    "!=": Operator("{x} = {v}", negates=True),
    ">": Operator("{x} > {v}", types=_ORDERED),
    ">=": Operator("{x} >= {v}", types=_ORDERED),
    "<": Operator("{x} < {v}", types=_ORDERED),
    "<=": Operator("{x} <= {v}", types=_ORDERED),
    "starts-with": Operator("startsWith({x}, {v})", types=_TEXT, as_text=True),
    "does-not-start-with": Operator("startsWith({x}, {v})", negates=True, types=_TEXT, as_text=True),
    "ends-with": Operator("endsWith({x}, {v})", types=_TEXT, as_text=True),
    "does-not-end-with": Operator("endsWith({x}, {v})", negates=True, types=_TEXT, as_text=True),
    "contains": Operator("position({x}, {v}) > 0", types=_TEXT, as_text=True),
    "does-not-contain": Operator("position({x}, {v}) > 0", negates=True, types=_TEXT, as_text=True),
    "exists": Operator("", takes="nothing"),
    "does-not-exist": Operator("", takes="nothing", negates=True),
    "in": Operator("{x} IN {v}", takes="values"),
    "not-in": Operator("{x} IN {v}", takes="values", negates=True),
}

LARGEST_FLOAT32: Final = 3.4e38
#: What a DateTime64(3) can hold: the years 1900 to 2299.
_EARLIEST_MS, _LATEST_MS = -2_208_988_800_000, 10_413_791_999_999


def group_condition(group: FilterGroup, columns: Mapping[str, Column], params: Params, within: Sequence[str] = ()) -> str:
    """Return the SQL of filters in brackets; empty where there are none. Raises QueryError.

    Args:
        group, columns, params: as anywhere.
        within: the SQL of the events among which sessions are looked for; where there is none, no filter can be about sessions.
    """
    conditions = [
        group_condition(one, columns, params, within)
        if isinstance(one, FilterGroup)
        else condition(one, columns[one.column], params, f"{group.path}[{index}]")
        for index, one in enumerate(group.filters)
    ]
    joined = f"({f' {group.combination} '.join(conditions)})" if conditions else ""
    return _of_sessions(group, joined, columns, params, within) if group.sessions else joined


def _of_sessions(group: FilterGroup, joined: str, columns: Mapping[str, Column], params: Params, within: Sequence[str]) -> str:
    if not within:
        raise QueryError(group.path, "Filters about sessions work in queries and lists of events, and not here.")
    if any(columns[name].parallel for name, _ in group.names()):
        raise QueryError(group.path, "Filters about sessions are about whole events, and one of these fields is a list.")
    session = columns[SESSION].value("string", params)
    found = f"{session} IN (SELECT {session} FROM events FINAL WHERE {' AND '.join([*within, joined])})"
    return f"NOT ifNull({found}, 0)" if group.sessions == "without" else f"ifNull({found}, 0)"


def condition(one: Filter, column: Column, params: Params, path: str) -> str:
    """Return the SQL of one filter. Raises QueryError."""
    operator = OPERATORS[one.op]
    if operator.takes == "nothing":
        variants = [column.present(type_, params) for type_ in column.types]
    else:
        variants = _comparisons(one, operator, column, params, path)
    either = " OR ".join(variants)
    if operator.negates:
        return f"NOT ifNull({either}, 0)"
    return f"({either})" if len(variants) > 1 else either


def _comparisons(one: Filter, operator: Operator, column: Column, params: Params, path: str) -> list[str]:
    """Return a comparison for each type of the column that the operator and the value suit."""
    types = [type_ for type_ in column.types if type_ in operator.types]
    if not types:
        raise QueryError(f"{path}.op", f"{one.op} does not work on {column.name}, which holds {column.words()}.")
    values = one.value if isinstance(one.value, tuple) else (one.value,)
    compared_as: list[ItemType] = ["string" if operator.as_text else type_ for type_ in types]
    for index, value in enumerate(values):
        if all(convert(value, type_) is None for type_ in compared_as):
            where = f"{path}.value[{index}]" if operator.takes == "values" else f"{path}.value"
            raise QueryError(where, _unsuited(value, column))
    variants = []
    for type_, seen_as in zip(types, compared_as, strict=True):
        suited = [converted for value in values if (converted := convert(value, seen_as)) is not None]
        if suited:
            x = _comparable(column, type_, seen_as, params)
            v = _bind(suited if operator.takes == "values" else suited[0], seen_as, column, params)
            variants.append(operator.sql.format(x=x, v=v))
    return variants


def _comparable(column: Column, type_: ItemType, seen_as: ItemType, params: Params) -> str:
    value = column.value(type_, params)
    if type_ == "time":
        return f"toUnixTimestamp64Milli({value})"
    return f"toString({value})" if type_ != seen_as else value


def _bind(value: Scalar | list[Scalar], type_: ItemType, column: Column, params: Params) -> str:
    stored = {"string": "String", "boolean": "Bool", "time": "Int64", "number": "Float64"}[type_]
    values = value if isinstance(value, list) else [value]
    # A stored Float32 equals a decimal only as a Float32: 123.3 is stored as 123.30000305175781.
    if type_ == "number" and column.is_float32 and all(abs(float(one)) < LARGEST_FLOAT32 for one in values):
        stored = "Float32"
    return params.bind(f"Array({stored})" if isinstance(value, list) else stored, value)


def convert(value: Scalar | None, type_: ItemType) -> Scalar | None:
    """Return the value as the type; None where it isn't one."""
    if type_ == "string":
        return as_text(value)
    if type_ == "boolean":
        return {"true": True, "false": False}.get(as_text(value)) if isinstance(value, bool | str) else None
    if isinstance(value, bool) or value is None:
        return None
    return _as_number(value) if type_ == "number" else as_time(value)


def as_text(value: Scalar | None) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer() and abs(value) < 2**53:
        return str(int(value))
    return str(value)


def _as_number(value: str | float) -> float | None:
    try:
        number = float(value)
    except ValueError:
        return None
    # Python alone takes "1_000" for a number.
    return number if math.isfinite(number) and "_" not in str(value) else None


def as_time(value: str | float) -> int | None:
    """Return epoch seconds or an ISO 8601 time (UTC where it names no zone) as epoch milliseconds."""
    if isinstance(value, str):
        try:
            time = datetime.fromisoformat(value)
        except ValueError:
            return None
        value = (time if time.tzinfo else time.replace(tzinfo=UTC)).timestamp()
    return round(value * 1000) if _EARLIEST_MS <= value * 1000 <= _LATEST_MS else None


def _unsuited(value: Scalar | None, column: Column) -> str:
    shown = f"“{shorten(value)}”" if isinstance(value, str) else f"{value} ({describe(value)})"
    hint = " Use epoch seconds or a text such as 2026-11-23T08:00:00Z." if "time" in column.types else ""
    return f"{column.name} holds {column.words()}; {shown} is not among them.{hint}"
