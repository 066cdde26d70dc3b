"""Column definitions from the field dictionary, and drafts of migrations. The migrations themselves are frozen text."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from collector.fields import ATTRIBUTE_COLUMNS, FIELDS, Field

_DEFAULTS: Final = {"sample_rate": "DEFAULT 1 "}

#: The attribute maps of a row: column name -> ClickHouse type.
ATTRIBUTE_TYPES: Final[dict[str, str]] = {
    ATTRIBUTE_COLUMNS["string"]: "Map(LowCardinality(String), String)",
    ATTRIBUTE_COLUMNS["number"]: "Map(LowCardinality(String), Float64)",
    ATTRIBUTE_COLUMNS["boolean"]: "Map(LowCardinality(String), Bool)",
}


@dataclass(frozen=True, slots=True)
class Column:
    """A column as the engine describes it in `system.columns`."""

    type: str
    default_kind: str = ""
    expression: str = ""
    codec: str = ""


def definition(field: Field) -> str:
    """Return the field's column as CREATE TABLE and ALTER TABLE take it."""
    column = f"`{field.name}` {field.clickhouse_type}"
    if field.origin == "table" and not field.materialized:
        return f"{column} ALIAS {field.expression}"
    default = f"MATERIALIZED {field.expression} " if field.materialized else _DEFAULTS.get(field.name, "")
    return f"{column} {default}CODEC({field.codec})"


def attribute_definition(column: str) -> str:
    """Return an attribute map's column as CREATE TABLE takes it."""
    return f"`{column}` {ATTRIBUTE_TYPES[column]} CODEC(ZSTD(1))"


def definitions() -> list[str]:
    """Return every column of `events`: what a row carries, the attribute maps, and what the table computes."""
    stored = [definition(field) for field in FIELDS if field.origin != "table"]
    computed = [definition(field) for field in FIELDS if field.origin == "table"]
    return [*stored, *map(attribute_definition, ATTRIBUTE_TYPES), *computed]


def draft_migration(existing: Mapping[str, Column], fields: Iterable[Field] = FIELDS) -> str:
    """Return the text of a migration that takes the table `events` from its columns to the dictionary; empty if equal.

    It is a draft for a person to read. Every statement may run twice, as migrations must: one that stopped half way runs again,
    and several collectors may start at once. A changed type rewrites the column, and a field that has left the dictionary stays
    in the table, so that old events keep it. All changes are one statement: a table changes at once, and replicas agree once.
    """
    changes = []
    for field in fields:
        column = existing.get(field.name)
        if column is None:
            changes.append(f"ADD COLUMN IF NOT EXISTS {definition(field)}")
        elif column.type != field.clickhouse_type:
            changes.append(f"MODIFY COLUMN {definition(field)}")
    return "ALTER TABLE events\n    " + ",\n    ".join(changes) + "\n;\n" if changes else ""
