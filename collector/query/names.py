"""Looks names up: known fields in the dictionary, all others in the dataset's catalogue of attributes."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping
from typing import Final, cast

from collector.errors import QueryError
from collector.fields import BY_NAME, ItemType
from collector.fields.promoted import promoted_column
from collector.query.columns import Column
from collector.query.reading import nearest, shorten
from collector.store.base import Param, Reader

#: Of an attribute with several types the first one here leads.
_TYPES: Final[tuple[ItemType, ...]] = ("string", "number", "boolean")
_CATALOGUE_SQL: Final = "SELECT DISTINCT name, type FROM attribute_keys WHERE dataset = {dataset:String}"
#: Names with a colon are those of promoted attributes.
_PROMOTED_SQL: Final = """SELECT name FROM system.columns
WHERE database = currentDatabase() AND table = 'events' AND position(name, ':') > 0"""

_KNOWN: Final = {field.name: Column.known(field) for field in BY_NAME.values()}

Catalogue = Mapping[str, Column]


class Names:
    """The names that a dataset has.

    Args:
        reader: the store.
        fresh_seconds: for how long a catalogue is used before it is read again.
        clock: seconds that never go back.
    """

    def __init__(self, reader: Reader, fresh_seconds: float = 5, clock: Callable[[], float] = time.monotonic) -> None:
        self._reader, self._fresh_seconds, self._clock = reader, fresh_seconds, clock
        self._catalogues: dict[str, tuple[float, Catalogue]] = {}

    def attributes(self, dataset: str) -> Catalogue:
        """Return the dataset's attributes."""
        read_at, catalogue = self._catalogues.get(dataset, (-self._fresh_seconds, {}))
        return catalogue if self._clock() - read_at < self._fresh_seconds else self._read(dataset)

    def resolve(self, dataset: str, names: Iterable[tuple[str, str]]) -> dict[str, Column]:
        """Return the columns of names, each given with the path where it stands. Raises QueryError for an unknown one."""
        columns: dict[str, Column] = {}
        for name, path in names:
            # What is missing may have been sent a moment ago: read again before saying so.
            column = _KNOWN.get(name) or self.attributes(dataset).get(name) or self._read(dataset).get(name)
            if column is None:
                raise QueryError(path, self._unknown(dataset, name))
            columns[name] = column
        return columns

    def _read(self, dataset: str) -> Catalogue:
        types: dict[str, set[str]] = {}
        for name, type_ in self._reader.query(_CATALOGUE_SQL, {"dataset": Param("String", dataset)}).rows:
            types.setdefault(name, set()).add(type_)
        columns = {column for (column,) in self._reader.query(_PROMOTED_SQL).rows} if types else set()
        catalogue = {
            name: Column(
                name,
                cast(tuple[ItemType, ...], tuple(type_ for type_ in _TYPES if type_ in found)),
                promoted=frozenset(type_ for type_ in _TYPES if promoted_column(name, type_) in columns),
            )
            for name, found in types.items()
            if name not in _KNOWN and not found.isdisjoint(_TYPES)
        }
        self._catalogues[dataset] = (self._clock(), catalogue)
        return catalogue

    def _unknown(self, dataset: str, name: str) -> str:
        options = [*_KNOWN, *self.attributes(dataset)]
        return f"The dataset {dataset} has no field “{shorten(name)}”.{nearest(shorten(name), options)}"
