"""Which fields are compared, and what part each can play. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final, Literal

from collector.fields import BY_NAME, FIELDS, ItemType
from collector.query.columns import Column
from collector.query.spec import Filter, FilterGroup

#: A circumstance can be a cause: who, where, with what, which release. A measure is what the page view took: it shows where the
#: time went, and differs whenever anything is slow.
Role = Literal["circumstance", "measure"]

#: What says something about the event as a record only.
_BOOKKEEPING: Final = frozenset(("id", "dataset", "revision", "sample_rate", "time", "received_at", "clock.skew"))
_CIRCUMSTANCES: Final = "Browser and device"
_MEASURED_WORDS: Final = (".rating", ".load_state", "_before_fcp", "_before_lcp", "_before_load")
_MEASURED_GROUPS: Final = ("Interaction", "Errors")
_MEASURES: Final = frozenset(("cls.value", "cls.largest_shift_value", "loaf.count"))


@dataclass(frozen=True, slots=True)
class Candidate:
    """A field that is compared.

    Args:
        column: what its name stands for.
        type: of its values. An attribute that was sent with several types is one candidate for each.
        role: see `Role`.
    """

    column: Column
    type: ItemType
    role: Role

    @property
    def is_number(self) -> bool:
        """Whether its values have an order: numbers, and the time."""
        return self.type in ("number", "time")


def candidates(attributes: Iterable[Column]) -> list[Candidate]:
    """Return the fields to compare: known ones in the order of the dictionary, then the attributes by name."""
    known = [
        Candidate(Column.known(field), field.item_type, _role(field.name))
        for field in FIELDS
        if field.name not in _BOOKKEEPING and not field.is_list
    ]
    own = sorted(attributes, key=lambda column: column.name)
    return [*known, *(Candidate(column, type_, "circumstance") for column in own for type_ in column.types)]


def _role(name: str) -> Role:
    field = BY_NAME[name]
    is_measured = (
        name in _MEASURES or name.endswith(_MEASURED_WORDS) or (field.type == "number" and field.group in _MEASURED_GROUPS)
    )
    is_duration = field.unit == "ms" and field.group != _CIRCUMSTANCES
    return "measure" if is_measured or is_duration else "circumstance"


def selected_by(names: Iterable[str]) -> set[str]:
    """Return the fields that say the same as those that the selection is made with: of a vital its value and its rating."""
    chosen = set(names)
    for name in list(chosen):
        stem, _, last = name.rpartition(".")
        if last in ("value", "rating"):
            chosen |= {f"{stem}.value", f"{stem}.rating"}
    return chosen


def fixed_by(group: FilterGroup) -> Sequence[str]:
    """Return the fields that all events share because the filters say so."""
    if group.combination == "OR" and len(group.filters) > 1:
        return ()
    return [one.column for one in group.filters if isinstance(one, Filter) and one.op == "="]
