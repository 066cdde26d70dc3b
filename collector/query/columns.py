"""What a name in a query stands for in the table, as SQL. Pure.

Names of the dictionary become identifiers; names of attributes and all values travel as bound parameters only.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from collector.fields import ATTRIBUTE_COLUMNS, Field, ItemType
from collector.fields.promoted import promoted_column
from collector.query.calculations import shortest, shortest_items
from collector.store.base import Param

#: How types are called in messages to people.
WORDS: Final[dict[ItemType, str]] = {"string": "text", "number": "numbers", "boolean": "true or false", "time": "times"}


@dataclass(slots=True)
class Params:
    """The bound values of one statement."""

    values: dict[str, Param] = field(default_factory=dict)
    _names: dict[tuple[str, Any], str] = field(default_factory=dict)

    def bind(self, type_: str, value: Any) -> str:
        """Return the placeholder of a value; the same value has one placeholder, so that equal expressions are equal text."""
        key = (type_, tuple(value) if isinstance(value, list) else value)
        if key not in self._names:
            self._names[key] = f"p{len(self._names)}"
            self.values[self._names[key]] = Param(type_, value)
        return f"{{{self._names[key]}:{type_}}}"


@dataclass(frozen=True, slots=True)
class Column:
    """A name that a query may use.

    Args:
        name: the name.
        types: the type of a known field; of an attribute, all types that it was sent with.
        stored: the ClickHouse type of a known field's column; empty for an attribute.
        parallel: for a list, the name that it shares with those that belong to it; see `lists`. Its values are its items.
        computed: of a calculated field, what makes its SQL.
        rough: of a calculated field, whether it is computed from Float32 values.
        promoted: the types of an attribute whose values have a column of their own.
    """

    name: str
    types: tuple[ItemType, ...]
    stored: str = ""
    parallel: str = ""
    computed: Callable[[Params], str] | None = None
    rough: bool = False
    promoted: frozenset[ItemType] = frozenset()

    @classmethod
    def known(cls, field: Field) -> Column:
        """Return the column of a known field."""
        return cls(field.name, (field.item_type,), field.clickhouse_type, field.parallel)

    @property
    def is_attribute(self) -> bool:
        """Whether it lives in the attribute maps."""
        return not self.stored and self.computed is None

    @property
    def is_float32(self) -> bool:
        """Whether its numbers have only the precision of a Float32."""
        return "Float32" in self.stored or self.rough

    def value(self, type_: ItemType, params: Params) -> str:
        """Return the value of one of its types."""
        if self.computed:
            return self.computed(params)
        if self.parallel and type_ == "string":
            # A text in a list can't be null; an unknown one is empty.
            return f"nullIf(`{self.name}`, '')"
        if not self.is_attribute:
            return f"`{self.name}`"
        if type_ in self.promoted:
            return f"`{promoted_column(self.name, type_)}`"
        key, attributes = params.bind("String", self.name), ATTRIBUTE_COLUMNS[type_]
        return f"if(mapContains({attributes}, {key}), {attributes}[{key}], NULL)"

    def present(self, type_: ItemType, params: Params) -> str:
        """Return whether the event has a value of that type."""
        if not self.is_attribute or type_ in self.promoted:
            return f"{self.value(type_, params)} IS NOT NULL"
        return f"mapContains({ATTRIBUTE_COLUMNS[type_]}, {params.bind('String', self.name)})"

    def any_value(self, params: Params) -> str:
        """Return the value, whatever its type; where an attribute was sent with several types, as text."""
        if len(self.types) == 1:
            return self.value(self.types[0], params)
        variants = (self.value(type_, params) for type_ in self.types)
        texts = (sql if type_ == "string" else f"toString({sql})" for type_, sql in zip(self.types, variants, strict=True))
        return f"coalesce({', '.join(texts)})"

    def shown(self, params: Params) -> str:
        """Return what an answer with whole events shows: of a list all items, and of a Float32 its shortest decimal."""
        if self.parallel:
            return shortest_items(f"`{self.name}`") if self.is_float32 else f"`{self.name}`"
        return shortest(self.any_value(params)) if self.is_float32 else self.any_value(params)

    def words(self) -> str:
        """Say what it holds, for messages to people."""
        return join_words([WORDS[type_] for type_ in self.types])


def join_words(words: Sequence[str]) -> str:
    """Return `a, b and c`."""
    return " and ".join(filter(None, [", ".join(words[:-1]), words[-1]]))
