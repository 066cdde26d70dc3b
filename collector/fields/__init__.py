"""The field dictionary: every known field of an event, once.

The table's columns, the checks at ingest, the names of the query language, the docs and the viewer's labels come from
`FIELDS`. A name is the same on the wire, in the column, in a query and on a chart. Names follow OpenTelemetry's semantic
conventions where one exists, else Honeycomb's web attributes, else our own in the same style.
"""

from __future__ import annotations

from typing import Final

from collector.fields.checks import CHECKS, LAB, PROBES
from collector.fields.event import EVENT
from collector.fields.model import MAX_ITEMS, Field, ItemType, Type
from collector.fields.navigation import NAVIGATION
from collector.fields.page import CAMPAIGN, PAGE
from collector.fields.pipeline import PIPELINE
from collector.fields.resources import RESOURCE_TOTALS, RESOURCES, WATERFALL
from collector.fields.sender import BEACON, DEVICE
from collector.fields.visitor import ERRORS, INTERACTION
from collector.fields.vitals import CLS, INP, LCP, LONG_FRAMES, PAINT, THRESHOLDS, TTFB

__all__ = [
    "ATTRIBUTE_COLUMNS",
    "BY_NAME",
    "FIELDS",
    "MAX_ITEMS",
    "PARALLEL",
    "THRESHOLDS",
    "Field",
    "ItemType",
    "Type",
    "stored_fields",
]

FIELDS: Final[tuple[Field, ...]] = (
    *EVENT, *PAGE, *CAMPAIGN, *NAVIGATION, *PAINT, *LCP, *CLS, *INP, *TTFB, *LONG_FRAMES, *RESOURCES, *RESOURCE_TOTALS, *WATERFALL,
    *INTERACTION, *ERRORS, *DEVICE, *BEACON, *PIPELINE, *CHECKS, *PROBES, *LAB,
)  # fmt: skip

BY_NAME: Final[dict[str, Field]] = {field.name: field for field in FIELDS}

#: The lists that are parallel, by the name that they share.
PARALLEL: Final[dict[str, tuple[Field, ...]]] = {
    shared: tuple(field for field in FIELDS if field.parallel == shared)
    for shared in dict.fromkeys(field.parallel for field in FIELDS if field.is_list)
}

#: The maps that hold what is not in the dictionary, by the type of the value.
ATTRIBUTE_COLUMNS: Final[dict[Type, str]] = {
    "string": "attrs_string",
    "number": "attrs_number",
    "boolean": "attrs_bool",
}


def stored_fields() -> list[Field]:
    """Return the fields that a row carries, in the table's order; the table computes the others."""
    return [field for field in FIELDS if field.origin != "table"]
