"""Questions as the engine takes them: frozen records. `parse` makes them from JSON.

The language is Honeycomb's query specification. Names of fields are not looked up yet; `names` does that.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, Literal

from collector.query.expressions.parse import Node, names_in
from collector.query.reading import Part, Scalar
from collector.query.timerange import TimeRange


@dataclass(frozen=True, slots=True)
class SpecLimits:
    """How large a question may be."""

    calculations: int = 100
    filters: int = 100
    filters_together: int = 1000
    filter_depth: int = 8
    filter_values: int = 1000
    breakdowns: int = 100
    orders: int = 100
    havings: int = 100
    groups: int = 1000
    groups_without_series: int = 10_000
    default_groups: int = 100
    points: int = 1000
    events: int = 1000
    default_events: int = 50
    default_seconds: int = 7200
    longest_seconds: int = 10 * 366 * 86400
    calculated_fields: int = 100
    formulas: int = 100
    expression_characters: int = 4095
    name_characters: int = 255
    value_characters: int = 65_535
    cursor_characters: int = 1 << 19


#: What tells sessions apart.
SESSION: Final = "session.id"


@dataclass(frozen=True, slots=True)
class Filter:
    """One condition on one field; `value` is a tuple for operators that take several, None for those that take none."""

    column: str
    op: str
    value: Scalar | tuple[Scalar, ...] | None = None


@dataclass(frozen=True, slots=True)
class FilterGroup:
    """Conditions, and groups of them, that hold all (AND) or of which one holds (OR).

    Args:
        path: where they stand in the request, such as `calculations[0].filters`.
        sessions: where it is said, the group is about sessions: it holds for all events of a session with (or of one without) an
            event for which the conditions hold.
    """

    filters: tuple[Filter | FilterGroup, ...] = ()
    combination: Literal["AND", "OR"] = "AND"
    path: str = "filters"
    sessions: Literal["", "with", "without"] = ""

    def names(self) -> Iterator[tuple[str, str]]:
        """Yield every name of a field in it with the path where it stands."""
        if self.sessions:
            yield SESSION, self.path
        for index, one in enumerate(self.filters):
            if isinstance(one, FilterGroup):
                yield from one.names()
            else:
                yield one.column, f"{self.path}[{index}].column"


@dataclass(frozen=True, slots=True)
class Calculation:
    """One calculation; `key` names it in the answer."""

    op: str
    column: str = ""
    name: str = ""
    filters: FilterGroup = FilterGroup()

    @property
    def label(self) -> str:
        """Return `OP` or `OP(column)`."""
        return f"{self.op}({self.column})" if self.column else self.op

    @property
    def key(self) -> str:
        """Return its name in the answer."""
        return self.name or self.label


@dataclass(frozen=True, slots=True)
class CalculatedField:
    """A field that a query computes; `part` is the text of its expression, for errors."""

    name: str
    expression: Node
    part: Part

    def names(self) -> Iterator[tuple[str, str]]:
        """Yield the names that it is computed from, with the path of the expression."""
        yield from ((name, self.part.path) for name in names_in(self.expression))


@dataclass(frozen=True, slots=True)
class Formula(CalculatedField):
    """What is computed from calculations."""


@dataclass(frozen=True, slots=True)
class Order:
    """By what the groups are sorted: the number of a calculation or formula, or that of a breakdown; the other is None."""

    calculation: int | None
    breakdown: int | None
    descending: bool


@dataclass(frozen=True, slots=True)
class Having:
    """Which groups are kept, by the value of a calculation or formula."""

    calculation: int
    op: str
    value: int | float


@dataclass(frozen=True, slots=True)
class QuerySpec:
    """A question about many events.

    Args:
        compare_offset: by how many seconds earlier the range is that the answer is compared with; 0 for none.
        granularity_min_events: coarser steps are taken until a point holds so many events, on average; 0 for the steps as they are.
        with_total, with_other: also calculate over all events, and over those of no group in the answer.
    """

    dataset: str
    time: TimeRange
    granularity: int
    calculations: tuple[Calculation, ...]
    filters: FilterGroup
    breakdowns: tuple[str, ...]
    orders: tuple[Order, ...]
    havings: tuple[Having, ...]
    limit: int
    disable_series: bool
    calculated_fields: tuple[CalculatedField, ...] = ()
    formulas: tuple[Formula, ...] = ()
    compare_offset: int = 0
    granularity_min_events: int = 0
    with_total: bool = False
    with_other: bool = False

    @property
    def keys(self) -> list[str]:
        """Return what an answer calls its calculations and formulas, in the order of their numbers."""
        return [*(calculation.key for calculation in self.calculations), *(formula.name for formula in self.formulas)]

    def names(self) -> Iterator[tuple[str, str]]:
        """Yield every name of a field in it with the path where it stands."""
        for index, calculation in enumerate(self.calculations):
            if calculation.column:
                yield calculation.column, f"calculations[{index}].column"
            yield from calculation.filters.names()
        yield from self.filters.names()
        yield from ((name, f"breakdowns[{index}]") for index, name in enumerate(self.breakdowns))
        for field in self.calculated_fields:
            yield from field.names()


@dataclass(frozen=True, slots=True)
class EventOrder:
    """By which field events are sorted."""

    column: str
    descending: bool


@dataclass(frozen=True, slots=True)
class EventsSpec:
    """A question for single events; `columns` is empty for all of their fields, `cursor` for the first page."""

    dataset: str
    time: TimeRange
    filters: FilterGroup
    columns: tuple[str, ...]
    orders: tuple[EventOrder, ...]
    limit: int
    cursor: str = ""

    def names(self) -> Iterator[tuple[str, str]]:
        """Yield every name of a field in it with the path where it stands."""
        yield from self.filters.names()
        yield from ((name, f"columns[{index}]") for index, name in enumerate(self.columns))
        yield from self.order_names()

    def order_names(self) -> Iterator[tuple[str, str]]:
        """Yield the names that it is sorted by, as `names` does."""
        yield from ((order.column, f"orders[{index}].column") for index, order in enumerate(self.orders))
