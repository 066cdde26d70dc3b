"""Attributes that have a column of their own: how the column is called, and what it holds.

An attribute lives in a map, of which a question has to read a part for each event. A promoted one is also kept in a column that the
table computes from the map: what is sent, exported or erased stays what it was.
"""

from __future__ import annotations

import re
from typing import Final

#: Text of up to so many characters, as the name stands in the column's name.
_NAME: Final = re.compile(r"[A-Za-z0-9_.:/@-]{1,128}")
_MAPS: Final = {"string": "attrs_string", "number": "attrs_number", "boolean": "attrs_bool"}
_TYPES: Final = {"string": "LowCardinality(Nullable(String))", "number": "Nullable(Float64)", "boolean": "Nullable(Bool)"}


def can_be_promoted(name: str) -> bool:
    """Return whether an attribute's name can be part of a column's name."""
    return bool(_NAME.fullmatch(name))


def promoted_column(name: str, type_: str) -> str:
    """Return the name of the column of an attribute's values of a type; no known field is called so."""
    return f"{_MAPS[type_]}:{name}"


def promoted_definition(name: str, type_: str) -> str:
    """Return that column as ALTER TABLE takes it."""
    map_ = _MAPS[type_]
    value = f"if(mapContains({map_}, '{name}'), {map_}['{name}'], NULL)"
    return f"`{promoted_column(name, type_)}` {_TYPES[type_]} MATERIALIZED {value} CODEC(ZSTD(1))"
