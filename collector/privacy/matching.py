"""Whether an event that is not in the store satisfies filters: what their SQL says of a stored one. Pure."""

from __future__ import annotations

import operator
import struct
from collections.abc import Callable, Iterator
from typing import Any, Final

from collector.events import Event
from collector.fields import ATTRIBUTE_COLUMNS, BY_NAME, ItemType
from collector.query.columns import Column
from collector.query.filters import LARGEST_FLOAT32, OPERATORS, as_text, convert
from collector.query.spec import Filter, FilterGroup

#: What the table makes of these where an event has none.
_DEFAULTS: Final = {"revision": 0, "sample_rate": 1}
#: How filters compare, without the negation.
_COMPARE: Final[dict[str, Callable[[Any, Any], bool]]] = {
    "=": operator.eq,
    ">": operator.gt,
    ">=": operator.ge,
    "<": operator.lt,
    "<=": operator.le,
    "starts-with": str.startswith,
    "ends-with": str.endswith,
    "contains": operator.contains,
}
_POSITIVE: Final = {
    "!=": "=",
    "does-not-start-with": "starts-with",
    "does-not-end-with": "ends-with",
    "does-not-contain": "contains",
}


def matches(group: FilterGroup, event: Event) -> bool:
    """Whether an event, as the spool keeps it, satisfies the filters. Fields that are lists or computed can't be asked for."""
    if not group.filters:
        return True
    held = (matches(one, event) if isinstance(one, FilterGroup) else _satisfies(one, event) for one in group.filters)
    return (any if group.combination == "OR" else all)(held)


def _satisfies(one: Filter, event: Event) -> bool:
    rule = OPERATORS[one.op]
    if rule.takes == "nothing":
        found = any(True for _ in _values(one.column, event))
    else:
        wanted = one.value if isinstance(one.value, tuple) else (one.value,)
        found = any(_compares(one, type_, value, target) for type_, value in _values(one.column, event) for target in wanted)
    return found != rule.negates


def _values(name: str, event: Event) -> Iterator[tuple[ItemType, Any]]:
    """Yield the values of a name with their types: one of a known field, one of each type of an attribute."""
    if field := BY_NAME.get(name):
        value = event.get(name, _DEFAULTS.get(name))
        if value is not None:
            is_float32 = field.item_type == "number" and Column.known(field).is_float32
            yield field.item_type, _float32(value) if is_float32 else value
        return
    for type_, column in ATTRIBUTE_COLUMNS.items():
        if name in event.get(column, ()):
            yield type_, event[column][name]  # type: ignore[misc]


def _compares(one: Filter, type_: ItemType, value: Any, target: Any) -> bool:
    rule = OPERATORS[one.op]
    if type_ not in rule.types:
        return False
    seen_as: ItemType = "string" if rule.as_text else type_
    wanted = convert(target, seen_as)
    if wanted is None:
        return False
    if seen_as != type_:
        value = _shortest(value) if type_ == "number" and one.column in BY_NAME else as_text(value)
    elif type_ == "number" and one.column in BY_NAME and value == _float32(value) and abs(float(wanted)) < LARGEST_FLOAT32:
        # A field of Float32 equals a decimal only as a Float32.
        wanted = _float32(wanted) if Column.known(BY_NAME[one.column]).is_float32 else wanted
    return _COMPARE["=" if rule.takes == "values" else _POSITIVE.get(one.op, one.op)](value, wanted)


def _shortest(value: float) -> str:
    """Return a number as text, a Float32 in the fewest digits that mean it."""
    texts = (f"{value:.{digits}g}" for digits in range(1, 10))
    exact = next((text for text in texts if _float32(float(text)) == value), None)
    return as_text(value if exact is None else float(exact))


def _float32(value: Any) -> float:
    return float(struct.unpack("f", struct.pack("f", value))[0]) if abs(value) < LARGEST_FLOAT32 else float(value)
