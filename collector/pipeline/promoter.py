"""The promoter: gives attributes that are asked for often, or that the operator names, columns of their own."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Final, Protocol

from collector.config import Dataset
from collector.fields.promoted import can_be_promoted
from collector.store.base import Attribute

log = logging.getLogger(__name__)

#: So many columns are made of popular attributes; those that the operator names come on top. Each costs an insert a little.
MOST_POPULAR: Final = 20


class Promotes(Protocol):
    """The part of a store that it works on; see `collector.store.base.Promotes`."""

    def attributes(self) -> dict[Attribute, bool]: ...
    def promote(self, attributes: Sequence[tuple[str, str]]) -> None: ...


class Promoter:
    """Looks now and then at what is wanted.

    Args:
        store: where the events are.
        datasets: the settings `promote` of each.
        popular: returns dataset and name of attributes that are asked for often, the most asked first.
    """

    def __init__(
        self, store: Promotes, datasets: Mapping[str, Dataset], popular: Callable[[], Iterable[tuple[str, str]]] = tuple
    ) -> None:
        self._store, self._datasets, self._popular = store, datasets, popular

    def look(self) -> list[tuple[str, str]]:
        """Promote what is wanted and has no column; return it by name and type. Raises StoreError."""
        named = {(dataset.name, name) for dataset in self._datasets.values() for name in dataset.promote}
        popular = [one for one in self._popular() if one not in named]
        if not named and not popular:
            return []
        known = self._store.attributes()
        chosen = [one for one, has_column in known.items() if not has_column and (one.dataset, one.name) in named]
        # What has a column already may be popular, or may have been: both fill the places there are.
        places = MOST_POPULAR - sum(has_column and (one.dataset, one.name) not in named for one, has_column in known.items())
        places_left = [one for key in popular for one in _of(key, known)][: max(0, places)]
        promoted = sorted({(one.name, one.type) for one in [*chosen, *places_left] if can_be_promoted(one.name)})
        self._store.promote(promoted)
        if promoted:
            log.info("Attributes have columns of their own now: %s.", ", ".join(name for name, _ in promoted))
        return promoted


def _of(key: tuple[str, str], known: Mapping[Attribute, bool]) -> list[Attribute]:
    return [one for one, has_column in known.items() if (one.dataset, one.name) == key and not has_column]
