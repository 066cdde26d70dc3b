"""JSON -> QuerySpec or EventsSpec. Pure. Every problem is a QueryError that names the part."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Final

from collector.query.calculated import refuse_known
from collector.query.calculations import OPERATIONS, is_percentile, operation
from collector.query.expressions.parse import parse_expression
from collector.query.filters import OPERATORS
from collector.query.reading import Part, Scalar, nearest, shorten
from collector.query.spec import (
    CalculatedField,
    Calculation,
    EventOrder,
    EventsSpec,
    Filter,
    FilterGroup,
    Formula,
    Having,
    Order,
    QuerySpec,
    SpecLimits,
)
from collector.query.timerange import TIME_KEYS, read_granularity, read_time_range

COMPARISONS: Final = ("=", "!=", ">", ">=", "<", "<=")
DIRECTIONS: Final = ("ascending", "descending")

DEFAULT_LIMITS: Final = SpecLimits()
_COMMON: Final = ("dataset", *TIME_KEYS, "filters", "filter_combination", "orders", "limit")
_QUERY: Final = (
    *_COMMON, "granularity", "granularity_min_events", "calculations", "breakdowns", "havings", "disable_series",
    "calculated_fields", "formulas", "compare_time_offset_seconds", "disable_total_by_aggregate", "disable_other_by_aggregate",
)  # fmt: skip
_EVENTS: Final = (*_COMMON, "columns", "cursor")
_MOST_IN_POINT: Final = 10_000


def parse_query(document: Any, limits: SpecLimits = DEFAULT_LIMITS) -> QuerySpec:
    """Read a query specification. Raises QueryError."""
    members = Part(document).members(_QUERY)
    time = read_time_range(members, limits.default_seconds, limits.longest_seconds)
    calculations = _read_calculations(members, limits)
    breakdowns = _read_names(members, "breakdowns", limits.breakdowns, limits)
    formulas = _read_formulas(members, calculations, limits)
    keys = [one.key for one in calculations] + [one.name for one in formulas]
    _refuse_shared_keys(keys, breakdowns, len(calculations))
    disable_series = "disable_series" in members and members["disable_series"].flag()
    orders = _items(members, "orders", limits.orders)
    spec = QuerySpec(
        dataset=_read_dataset(members, limits),
        time=time,
        granularity=read_granularity(members, time.seconds, limits.points),
        calculations=calculations,
        filters=read_filters(members, "filters", limits),
        breakdowns=breakdowns,
        orders=tuple(_read_order(part, calculations, formulas, breakdowns, limits) for part in orders),
        havings=tuple(_read_having(part, calculations, formulas, limits) for part in _items(members, "havings", limits.havings)),
        limit=_read_limit(members, limits, disable_series),
        disable_series=disable_series,
        calculated_fields=_read_calculated_fields(members, limits),
        formulas=formulas,
        compare_offset=_read_offset(members, time.seconds, limits),
        granularity_min_events=_read_min_events(members),
        with_total=_is_asked_for(members, "disable_total_by_aggregate"),
        with_other=_is_asked_for(members, "disable_other_by_aggregate"),
    )
    _refuse_unsorted(spec)
    return spec


def _is_asked_for(members: dict[str, Part], key: str) -> bool:
    return key in members and not members[key].flag()


def _read_min_events(members: dict[str, Part]) -> int:
    asked = members.get("granularity_min_events")
    least = asked.whole(0, _MOST_IN_POINT) if asked else 0
    if least and asked and "granularity" in members and members["granularity"].value:
        raise asked.error("granularity_min_events is for an automatic granularity: leave one of the two out.")
    return least


def _read_offset(members: dict[str, Part], seconds: int, limits: SpecLimits) -> int:
    key = "compare_time_offset_seconds"
    return members[key].whole(seconds, limits.longest_seconds) if key in members else 0


def _read_expression(part: Part, limits: SpecLimits) -> dict[str, Any]:
    members = part.members(("name", "expression"))
    for key in ("name", "expression"):
        if key not in members:
            raise Part(None, f"{part.path}.{key}").error(f"It needs {key}.")
    text = members["expression"]
    expression = parse_expression(text, limits.expression_characters)
    return {"name": members["name"].text(limits.name_characters), "expression": expression, "part": text}


def _read_calculated_fields(members: dict[str, Part], limits: SpecLimits) -> tuple[CalculatedField, ...]:
    fields: list[CalculatedField] = []
    for part in _items(members, "calculated_fields", limits.calculated_fields):
        field = CalculatedField(**_read_expression(part, limits))
        refuse_known(field.name, Part(None, f"{part.path}.name"))
        if any(other.name == field.name for other in fields):
            raise Part(None, f"{part.path}.name").error(f"“{shorten(field.name)}” is there twice; give one another name.")
        fields.append(field)
    return tuple(fields)


def _read_formulas(members: dict[str, Part], calculations: Sequence[Calculation], limits: SpecLimits) -> tuple[Formula, ...]:
    keys = [one.key for one in calculations if not operation(one.op).is_special]
    formulas = []
    for part in _items(members, "formulas", limits.formulas):
        formula = Formula(**_read_expression(part, limits))
        for name, path in formula.names():
            if name not in keys:
                text = f"{shorten(name)} is not among the calculations that a formula may use ({shorten(', '.join(keys))})."
                raise Part(None, path).error(text + nearest(shorten(name), keys))
        formulas.append(formula)
    return tuple(formulas)


def _refuse_unsorted(spec: QuerySpec) -> None:
    """Refuse to sort or to keep groups by what is no number of a group."""
    used: dict[str, list[int | None]] = {
        "orders": [order.calculation for order in spec.orders],
        "havings": [having.calculation for having in spec.havings],
    }
    for key, numbers in used.items():
        for index, number in enumerate(numbers):
            if number is not None and number < len(spec.calculations) and operation(spec.calculations[number].op).is_special:
                op = spec.calculations[number].op
                raise Part(None, f"{key}[{index}]").error(f"{op} has no single number for a group; use another calculation here.")


def parse_events(document: Any, limits: SpecLimits = DEFAULT_LIMITS) -> EventsSpec:
    """Read a question for single events. Raises QueryError."""
    members = Part(document).members(_EVENTS)
    orders = (part.members(("column", "order")) for part in _items(members, "orders", limits.orders))
    return EventsSpec(
        dataset=_read_dataset(members, limits),
        time=read_time_range(members, limits.default_seconds, limits.longest_seconds),
        filters=read_filters(members, "filters", limits),
        columns=_read_names(members, "columns", limits.events, limits),
        orders=tuple(_read_event_order(index, order, limits) for index, order in enumerate(orders)),
        limit=members["limit"].whole(1, limits.events) if "limit" in members else limits.default_events,
        cursor=members["cursor"].text(limits.cursor_characters) if "cursor" in members else "",
    )


def _items(members: dict[str, Part], key: str, most: int) -> list[Part]:
    return members[key].items(most) if key in members else []


def _read_dataset(members: dict[str, Part], limits: SpecLimits) -> str:
    if "dataset" not in members:
        raise Part(None, "dataset").error("The query needs a dataset: the name of what a site key writes to.")
    return members["dataset"].text(limits.name_characters)


def _read_limit(members: dict[str, Part], limits: SpecLimits, disable_series: bool) -> int:
    if "limit" not in members:
        return limits.default_groups
    asked = members["limit"].whole(1, limits.groups_without_series)
    if asked > limits.groups and not disable_series:
        raise members["limit"].error(f'A limit of more than {limits.groups} needs "disable_series": true.')
    return asked


def _read_names(members: dict[str, Part], key: str, most: int, limits: SpecLimits) -> tuple[str, ...]:
    names: list[str] = []
    for part in _items(members, key, most):
        name = part.text(limits.name_characters)
        if name in names:
            raise part.error(f"“{shorten(name)}” is there twice; leave one out.")
        names.append(name)
    return tuple(names)


def read_filters(members: dict[str, Part], path: str, limits: SpecLimits) -> FilterGroup:
    """Read `filters` and `filter_combination`. A filter may be a group of filters itself. Raises QueryError."""
    # Counted before anything is read: reading ten thousand takes a tenth of a second.
    if "filters" in members and _count(members["filters"].value) > limits.filters:
        members["filters"].items(limits.filters)
        raise Part(None, path).error(f"{path} has more than {limits.filters} conditions in its groups together.")
    return _read_group(members, path, limits, limits.filter_depth)


def _count(filters: Any, depth: int = 10) -> int:
    """Return how many conditions there are in groups of them, whatever they look like."""
    if not isinstance(filters, list):
        return 0
    nested = (one.get("filters") if depth and isinstance(one, dict) else None for one in filters)
    return sum(_count(one, depth - 1) if isinstance(one, list) else 1 for one in nested)


def _read_group(members: dict[str, Part], path: str, limits: SpecLimits, depth: int) -> FilterGroup:
    filters = tuple(_read_filter_or_group(part, limits, depth) for part in _items(members, "filters", limits.filters))
    combination = members["filter_combination"].choice(("AND", "OR"), "a combination") if "filter_combination" in members else ""
    return FilterGroup(filters, "OR" if combination == "OR" else "AND", path)


def _read_filter_or_group(part: Part, limits: SpecLimits, depth: int) -> Filter | FilterGroup:
    if not isinstance(part.value, dict) or "filters" not in part.value:
        return _read_filter(part, limits)
    if depth == 1:
        raise part.error(f"Groups of filters stand at most {limits.filter_depth} deep in each other.")
    members = part.members(("filters", "filter_combination", "sessions"))
    group = _read_group(members, f"{part.path}.filters", limits, depth - 1)
    if not group.filters:
        raise part.error("A group of filters needs at least one filter.")
    if "sessions" not in members:
        return group
    if _asks_for_sessions(group):
        raise members["sessions"].error("A group about sessions has none in it: one look at all sessions is enough for a question.")
    said = members["sessions"].choice(("with", "without"), "a choice")
    return replace(group, sessions="with" if said == "with" else "without")


def _asks_for_sessions(group: FilterGroup) -> bool:
    return any(one.sessions or _asks_for_sessions(one) for one in group.filters if isinstance(one, FilterGroup))


def _read_filter(part: Part, limits: SpecLimits) -> Filter:
    members = part.members(("column", "op", "value"))
    for key in ("column", "op"):
        if key not in members:
            raise Part(None, f"{part.path}.{key}").error(f"A filter needs {key}.")
    column = members["column"].text(limits.name_characters)
    op = members["op"].choice(OPERATORS, "an operator")
    value = members.get("value")
    takes = OPERATORS[op].takes
    if takes == "nothing":
        if value is not None:
            raise value.error(f"{op} takes no value.")
        return Filter(column, op)
    if value is None:
        raise Part(None, f"{part.path}.value").error(f"{op} needs a value. To ask for absent fields use does-not-exist.")
    return Filter(column, op, _read_values(value, op, limits) if takes == "values" else value.scalar(limits.value_characters))


def _read_values(value: Part, op: str, limits: SpecLimits) -> tuple[Scalar, ...]:
    if not isinstance(value.value, list) or not value.value:
        raise value.error(f"{op} needs an array of at least one value.")
    return tuple(part.scalar(limits.value_characters) for part in value.items(limits.filter_values))


def _read_calculations(members: dict[str, Part], limits: SpecLimits) -> tuple[Calculation, ...]:
    parts = _items(members, "calculations", limits.calculations)
    if sum(_count(part.value.get("filters")) for part in parts if isinstance(part.value, dict)) > limits.filters_together:
        raise Part(None, "calculations").error(f"The calculations have more than {limits.filters_together} conditions together.")
    return tuple(_read_calculation(part, limits) for part in parts) or (Calculation("COUNT"),)


def _read_calculation(part: Part, limits: SpecLimits) -> Calculation:
    members = part.members(("op", "column", "name", "filters", "filter_combination"))
    if "op" not in members:
        raise Part(None, f"{part.path}.op").error(f"A calculation needs an op: one of {', '.join(OPERATIONS)}.")
    op = _read_op(members["op"])
    takes = operation(op).takes
    if takes == "nothing" and "column" in members:
        raise members["column"].error(f"{op} takes no column. To count the events that have one, filter by exists.")
    if takes != "nothing" and "column" not in members and not operation(op).column:
        raise Part(None, f"{part.path}.column").error(f"{op} needs a column.")
    return Calculation(
        op,
        members["column"].text(limits.name_characters) if "column" in members else operation(op).column,
        members["name"].text(limits.name_characters) if "name" in members else "",
        read_filters(members, f"{part.path}.filters", limits),
    )


def _read_op(part: Part) -> str:
    """Read the name of a calculation: one of the table, or any percentile."""
    if isinstance(part.value, str) and part.value not in OPERATIONS and is_percentile(part.value):
        return part.value
    return part.choice(OPERATIONS, "a calculation")


def _refuse_shared_keys(keys: Sequence[str], breakdowns: Sequence[str], calculations: int) -> None:
    seen = set(breakdowns)
    for index, key in enumerate(keys):
        if key in seen:
            is_calculation = index < calculations
            path = f"calculations[{index}]" if is_calculation else f"formulas[{index - calculations}].name"
            what = "this calculation a name of its own" if is_calculation else "this formula another name"
            raise Part(None, path).error(f"“{shorten(key)}” is in the answer already; give {what}.")
        seen.add(key)


def _find_calculation(
    op: Part | None, column: Part | None, calculations: Sequence[Calculation], formulas: Sequence[Formula], limits: SpecLimits
) -> int:
    """Return the calculation or formula that an order or a having means: `op` with `column`, or the `name` of one as `column`."""
    wanted_op = _read_op(op) if op else ""
    wanted_column = column.text(limits.name_characters) if column else operation(wanted_op).column if wanted_op else ""
    for index, formula in enumerate(formulas):
        if not wanted_op and formula.name == wanted_column:
            return len(calculations) + index
    found = [
        index
        for index, one in enumerate(calculations)
        if ((one.op, one.column) == (wanted_op, wanted_column) if wanted_op else one.name == wanted_column)
    ]
    plain = [index for index in found if not calculations[index].name]
    if len(found) == 1 or plain:
        return (plain or found)[0]
    asked = op or column or Part(None)
    label = Calculation(wanted_op, wanted_column).label if wanted_op else wanted_column
    if found:
        raise asked.error(f"{shorten(label)} is there several times; use the name of one as column, without an op.")
    keys = [one.key for one in calculations] + [one.name for one in formulas]
    guess = nearest(shorten(label), keys)
    raise asked.error(f"{shorten(label)} is not among the calculations ({shorten(', '.join(keys))}); add it there.{guess}")


def _read_order(
    part: Part, calculations: Sequence[Calculation], formulas: Sequence[Formula], breakdowns: Sequence[str], limits: SpecLimits
) -> Order:
    members = part.members(("column", "op", "order"))
    descending = _read_direction(members)
    op, column = members.get("op"), members.get("column")
    if op is None and column is None:
        raise part.error("An order needs an op (of a calculation) or a column (a breakdown).")
    if op is None and column is not None and column.value in breakdowns:
        return Order(None, breakdowns.index(column.value), descending)
    return Order(_find_calculation(op, column, calculations, formulas, limits), None, descending)


def _read_direction(members: dict[str, Part]) -> bool:
    return "order" in members and members["order"].choice(DIRECTIONS, "a direction") == "descending"


def _read_event_order(index: int, members: dict[str, Part], limits: SpecLimits) -> EventOrder:
    if "column" not in members:
        raise Part(None, f"orders[{index}].column").error("An order of events needs a column.")
    return EventOrder(members["column"].text(limits.name_characters), _read_direction(members))


def _read_having(part: Part, calculations: Sequence[Calculation], formulas: Sequence[Formula], limits: SpecLimits) -> Having:
    members = part.members(("calculate_op", "column", "op", "value"))
    for key in ("op", "value"):
        if key not in members:
            raise Part(None, f"{part.path}.{key}").error(f"A having needs {key}.")
    if "calculate_op" not in members and "column" not in members:
        raise part.error("A having needs a calculate_op: the op of one of the calculations.")
    calculation = _find_calculation(members.get("calculate_op"), members.get("column"), calculations, formulas, limits)
    return Having(calculation, members["op"].choice(COMPARISONS, "a comparison"), members["value"].number())
