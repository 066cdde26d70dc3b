"""What a field is, and the short ways to write one down."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final, Literal

#: What one value is. A field of a plural type is a list of such values.
ItemType = Literal["string", "number", "boolean", "time"]
Type = Literal["string", "number", "boolean", "time", "strings", "numbers", "booleans"]
#: Who sets a field: the sender, the collector while it accepts the event, or the table (an expression over other fields).
Origin = Literal["sender", "collector", "table"]
#: `technical` says nothing about a person; `page` may by what a site puts into URLs; `person` can single someone out.
Privacy = Literal["technical", "page", "person"]
#: An `address` is a URL or a path, an `id` a random name that nobody chose.
#: A name is what the operator calls something: it may be as long and random as an id.
Holds = Literal["text", "address", "id", "name"]

NAVIGATION: Final = "https://www.w3.org/TR/navigation-timing-2/"
RESOURCE: Final = "https://www.w3.org/TR/resource-timing/"
WEB_VITALS: Final = "https://github.com/GoogleChrome/web-vitals#attribution"
OTEL: Final = "https://opentelemetry.io/docs/specs/semconv/registry/attributes/"
NETWORK: Final = "https://wicg.github.io/netinfo/"
LOAF: Final = "https://w3c.github.io/long-animation-frames/"

#: Longest list and longest text in a list, in characters.
MAX_ITEMS: Final = 100
MAX_ITEM_TEXT: Final = 512

_ITEMS: Final[dict[Type, ItemType]] = {"strings": "string", "numbers": "number", "booleans": "boolean"}
_CLICKHOUSE: Final[dict[Type, str]] = {
    "string": "LowCardinality(Nullable(String))",
    "number": "Nullable(Float32)",
    "boolean": "Nullable(Bool)",
    # A text or a boolean in a list can't be null: the empty text stands for an unknown one.
    "strings": "Array(LowCardinality(String))",
    "numbers": "Array(Nullable(Float32))",
    "booleans": "Array(Bool)",
}


@dataclass(frozen=True, slots=True)
class Field:
    """One known field.

    Args:
        name: the name everywhere. Lists that share the part before the first dot are parallel: one length, and the items at one
            place belong together. No other field's name begins with that part.
        type: what a query sees.
        meaning: one sentence for people.
        unit: `ms`, `bytes`, `px`, … or empty.
        column: the ClickHouse type; by default the nullable column of `type`.
        codec: the ClickHouse codec.
        origin: who sets it. A sender's value for a field that it does not set is ignored.
        low, high: the accepted range of a number; `high` is the longest accepted text, in characters. Of a list, for each item.
        whole: a number without a fraction.
        expression: for `origin="table"`, the SQL that computes it.
        materialized: compute it once, when the event is stored, and not each time it is read.
        source: a link to its definition.
        privacy: see `Privacy`.
        holds: what kind of text it is; see `Holds`.
        group: the heading it stands under in docs and in the viewer.
    """

    name: str
    type: Type
    meaning: str
    unit: str = ""
    column: str = ""
    codec: str = "ZSTD(1)"
    origin: Origin = "sender"
    low: float = 0
    high: float = 1e9
    whole: bool = False
    expression: str = ""
    materialized: bool = False
    source: str = ""
    privacy: Privacy = "technical"
    holds: Holds = "text"
    group: str = ""

    @property
    def clickhouse_type(self) -> str:
        """The type of the column."""
        return self.column or _CLICKHOUSE[self.type]

    @property
    def is_list(self) -> bool:
        """Whether an event has several values of it."""
        return self.type in _ITEMS

    @property
    def item_type(self) -> ItemType:
        """The type of one value: of an item where it is a list."""
        return _ITEMS.get(self.type) or self.type  # type: ignore[return-value]

    @property
    def parallel(self) -> str:
        """The name that parallel lists share; empty for what is no list."""
        return self.name.partition(".")[0] if self.is_list else ""


def string(name: str, meaning: str, *, high: int = 256, **more: object) -> Field:
    """Return a text."""
    return Field(name, "string", meaning, high=high, **more)  # type: ignore[arg-type]


def long_string(name: str, meaning: str, *, high: int = 2048, **more: object) -> Field:
    """Return a text of which most events have a different one."""
    return Field(name, "string", meaning, high=high, column="Nullable(String)", **more)  # type: ignore[arg-type]


def number(name: str, meaning: str, **more: object) -> Field:
    """Return a number."""
    return Field(name, "number", meaning, **more)  # type: ignore[arg-type]


def ms(name: str, meaning: str, **more: object) -> Field:
    """Return a number of milliseconds."""
    return Field(name, "number", meaning, unit="ms", **more)  # type: ignore[arg-type]


def size(name: str, meaning: str, **more: object) -> Field:
    """Return a number of bytes, exact also above the 16 MB up to which a Float32 is."""
    return Field(name, "number", meaning, unit="bytes", column="Nullable(Float64)", high=1e13, **more)  # type: ignore[arg-type]


def boolean(name: str, meaning: str, **more: object) -> Field:
    """Return a yes or no."""
    return Field(name, "boolean", meaning, **more)  # type: ignore[arg-type]


def strings(name: str, meaning: str, **more: object) -> Field:
    """Return a list of texts."""
    return Field(name, "strings", meaning, high=MAX_ITEM_TEXT, **more)  # type: ignore[arg-type]


def numbers(name: str, meaning: str, **more: object) -> Field:
    """Return a list of numbers, with null for an unknown one."""
    return Field(name, "numbers", meaning, **more)  # type: ignore[arg-type]


def sizes(name: str, meaning: str, **more: object) -> Field:
    """Return a list of numbers of bytes."""
    column = "Array(Nullable(Float64))"
    return Field(name, "numbers", meaning, unit="bytes", column=column, high=1e13, **more)  # type: ignore[arg-type]


def booleans(name: str, meaning: str, **more: object) -> Field:
    """Return a list of yes and no."""
    return Field(name, "booleans", meaning, **more)  # type: ignore[arg-type]


def group(heading: str, *fields: Field) -> tuple[Field, ...]:
    """Return the fields under a heading."""
    return tuple(replace(field, group=heading) for field in fields)
