"""The fields of a dataset for people and programs: what there is, what is known of it, and suggestions while somebody types."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import Any, Final

from collector.fields import BY_NAME, FIELDS
from collector.query.columns import Column
from collector.query.facts import FieldFacts
from collector.query.names import Names
from collector.query.suggest import suggest_names, suggest_values

#: What stands in the place of facts while nothing is known.
_UNKNOWN: Final = dict.fromkeys(("share", "distinct", "top_values", "low", "high", "first_seen", "last_seen", "bytes"))
_SUGGESTED: Final = ("name", "type", "unit", "meaning", "group", "origin")


class Catalogue:
    """Describes fields.

    Args:
        names: the names of each dataset.
        facts: what is known of them.
    """

    def __init__(self, names: Names, facts: FieldFacts) -> None:
        self._names, self._facts = names, facts
        self._used: dict[str, Counter[str]] = {}

    def note_use(self, dataset: str, columns: Iterable[Column]) -> None:
        """Count the fields that a question has named."""
        self._used.setdefault(dataset, Counter()).update(column.name for column in columns if column.computed is None)

    def forget(self, dataset: str) -> None:
        """Forget the values and everything else that is known of a dataset's events."""
        self._facts.forget(dataset)

    def close(self) -> None:
        """Wait until the store is not asked any more."""
        self._facts.close()

    def fields(self, dataset: str, wait_seconds: float = 0) -> dict[str, Any]:
        """Return the names that questions about the dataset may use, and what is known of each. Raises StoreError."""
        facts = self._facts.facts(dataset, wait_seconds)
        nothing = _UNKNOWN | {"share": 0.0, "distinct": 0, "top_values": []} if facts else _UNKNOWN
        known = facts.fields if facts else {}
        fields = [{**one, **nothing, **known.get(one["name"], {})} for one in self._described(dataset)]
        return {"fields": fields, "meta": {"facts": facts.sample.as_json() if facts else None}}

    def suggest(self, dataset: str, typed: str, limit: int) -> dict[str, Any]:
        """Return the fields whose names fit what was typed, the likeliest first. Raises StoreError."""
        facts, used = self._facts.facts(dataset), self._used.get(dataset, Counter[str]())
        shares = {name: one["share"] for name, one in facts.fields.items()} if facts else {}
        found = suggest_names(self._described(dataset), typed, used.__getitem__, shares, limit)
        return {"fields": [{key: one[key] for key in _SUGGESTED} | {"share": shares.get(one["name"])} for one in found]}

    def values(self, dataset: str, name: str, typed: str, limit: int) -> dict[str, Any]:
        """Return the values of a field that fit what was typed, the most frequent first. Raises QueryError, StoreError."""
        column = self._names.resolve(dataset, [(name, "name")])[name]
        known = BY_NAME.get(name)
        if known and (known.holds == "id" or known.type == "time"):
            return {"values": [], "complete": False, "meta": {"facts": None}}
        values = self._facts.values(dataset, column)
        found = suggest_values(values.shares, typed, limit + 1)
        shown = [{"value": value, "share": share} for value, share in found[:limit]]
        return {"values": shown, "complete": values.is_complete and len(found) <= limit, "meta": {"facts": values.sample.as_json()}}

    def _described(self, dataset: str) -> list[dict[str, Any]]:
        attributes = sorted(self._names.attributes(dataset).values(), key=lambda column: column.name)
        return [*_DICTIONARY, *map(_attribute, attributes)]


_DICTIONARY: Final[list[dict[str, Any]]] = [
    {
        "name": one.name,
        "type": one.type,
        "unit": one.unit,
        "meaning": one.meaning,
        "group": one.group,
        "source": one.source,
        "privacy": one.privacy,
        "origin": "dictionary",
    }
    for one in FIELDS
]


def _attribute(column: Column) -> dict[str, Any]:
    empty = dict.fromkeys(("unit", "meaning", "source", "privacy"), "")
    return {"name": column.name, "type": column.types[0], "group": "Attributes", "origin": "attribute", **empty}
