"""Calculated fields: names that a query makes up, as columns. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence

from collector.errors import QueryError
from collector.fields import BY_NAME, ItemType
from collector.query.columns import Column, Params
from collector.query.expressions.compile import LONGEST_SQL, TOO_LONG, Compiler
from collector.query.expressions.parse import Node
from collector.query.reading import Part
from collector.query.spec import CalculatedField

Resolve = Callable[[str, Iterable[tuple[str, str]]], dict[str, Column]]


def resolve_all(
    dataset: str, names: Iterable[tuple[str, str]], fields: Sequence[CalculatedField], resolve: Resolve
) -> dict[str, Column]:
    """Return the columns of all names of a query; a calculated field may use those before it.

    Args:
        dataset: whose fields they are.
        names: each with the path where it stands, those in the expressions, too.
        fields: the calculated fields.
        resolve: looks the other names up, as `Names.resolve` does.

    Raises:
        QueryError: a name is unknown, or an expression does not suit its fields.
    """
    made = {field.name for field in fields}
    columns = resolve(dataset, [one for one in names if one[0] not in made])
    made, sizes = set(), dict[str, int]()
    for field in fields:
        later = [name for name, _ in field.names() if name not in columns and name not in made]
        if later:
            raise QueryError(field.part.path, f"{later[0]} is calculated further down; move it before {field.name}.")
        # Known before it is compiled: each field may use the ones before several times.
        if sum(sizes.get(name, 0) for name, _ in field.names()) > LONGEST_SQL:
            raise field.part.error(TOO_LONG)
        columns[field.name], sizes[field.name] = _column(field, columns)
        made.add(field.name)
    return columns


def _column(field: CalculatedField, columns: Mapping[str, Column]) -> tuple[Column, int]:
    """Return the column of a calculated field, and how long its SQL is."""
    known = dict(columns)
    probe = Compiler(known, Params(), field.part).compile(field.expression)
    lists = {columns[name].parallel for name, _ in field.names()} - {""}
    if len(lists) > 1:
        raise field.part.error(
            f"{field.name} is made of items of different lists, {' and '.join(sorted(lists))}: one has no other's place."
        )
    types: tuple[ItemType, ...] = (probe.type or "string",)
    column = Column(field.name, types, computed=_computed(known, field.part, field.expression), rough=probe.is_float32)
    return column, len(probe.text)


def _computed(columns: Mapping[str, Column], part: Part, expression: Node) -> Callable[[Params], str]:
    def computed(params: Params) -> str:
        sql = Compiler(columns, params, part).compile(expression)
        # Without this a condition would be shown as 1 or 0.
        return f"CAST({sql.text}, 'Nullable(Bool)')" if sql.type == "boolean" else f"({sql.text})"

    return computed


def refuse_known(name: str, part: Part) -> None:
    """Refuse a calculated field with the name of a known one. Raises QueryError."""
    if name in BY_NAME:
        raise part.error(f"{name} is a known field already; give this one another name.")
