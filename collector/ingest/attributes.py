"""Which attribute names a dataset may have, so that junk can't widen the table. What is left out is counted; its event is kept."""

from __future__ import annotations

import logging
import re
import time
from collections.abc import Callable, Iterable, Mapping, Set
from pathlib import Path
from typing import Any, Final

import orjson

from collector import fields
from collector.config import Dataset
from collector.events import Event
from collector.telemetry import Counters

log = logging.getLogger(__name__)

#: The names' file within the data folder: a line `[dataset, name, day]` for each name and day on which an event had it.
NAMES_FILE: Final = "attribute-names.jsonl"
_COLUMNS: Final = tuple(fields.ATTRIBUTE_COLUMNS.values())
_DAY_SECONDS: Final = 86_400


class AttributeNames:
    """The names of each dataset, remembered across restarts; never asks the store.

    A name that no event has had for as long as the dataset's events are kept gives its place back. Memory is bounded by the
    datasets' `max_attribute_names`, and so is what is written in a day.

    Args:
        path: the file; made when the first name comes.
        datasets: whose names are remembered.
        counters: what is left out is counted here.
        clock: epoch seconds.
    """

    def __init__(
        self, path: Path, datasets: Mapping[str, Dataset], counters: Counters, clock: Callable[[], float] = time.time
    ) -> None:
        self._path, self._counters, self._clock = path, counters, clock
        self._names = {name: _Names(dataset) for name, dataset in datasets.items()}
        self._is_writable = True
        self._load()

    def trim(self, event: Event, dataset: Dataset) -> None:
        """Leave attributes out of an event whose names the dataset does not take."""
        names = self._names.get(dataset.name)
        if names is None or names.dataset is not dataset:
            names = self._names[dataset.name] = _Names(dataset, names.last_day if names else {})
        today = int(self._clock()) // _DAY_SECONDS
        if today != names.day:
            names.begin(today)
        for column in _COLUMNS:
            values = event.get(column)
            if values and not values.keys() <= names.seen:
                self._sort_out(event, column, values, names)

    def _sort_out(self, event: Event, column: str, values: dict[str, Any], names: _Names) -> None:
        taken, refused = names.sort_out(values)
        if taken:
            self._remember(names, taken)
        for reason, bad in refused.items():
            self._counters.add("wideload_attributes_dropped", len(bad), reason, names.dataset.name)
            values = {name: value for name, value in values.items() if name not in bad} if len(bad) < len(values) else {}
        event[column] = values
        if not values:
            del event[column]

    def _remember(self, names: _Names, new: Iterable[str]) -> None:
        lines = [orjson.dumps((names.dataset.name, name, names.day)) + b"\n" for name in new]
        try:
            with self._path.open("ab") as file:
                file.write(b"".join(lines))
        except OSError as error:
            if self._is_writable:
                log.warning("The attribute names cannot be written to %s, so a restart forgets new ones: %s.", self._path, error)
            self._is_writable = False
        else:
            self._is_writable = True

    def _load(self) -> None:
        """Read the file and write it anew without what it need not say."""
        try:
            lines = self._path.read_bytes().splitlines()
        except OSError:
            return
        for line in lines:
            try:
                dataset, name, day = orjson.loads(line)
                last_day = self._names[dataset].last_day
                last_day[name] = max(int(day), last_day.get(name, 0))
            except (ValueError, TypeError, KeyError):
                # Cut short by a crash, or of a dataset that is gone.
                continue
        today = int(self._clock()) // _DAY_SECONDS
        for names in self._names.values():
            names.begin(today)
        kept = [(names.dataset.name, *one) for names in self._names.values() for one in names.last_day.items()]
        temporary = self._path.with_name(self._path.name + ".new")
        try:
            temporary.write_bytes(b"".join(orjson.dumps(line) + b"\n" for line in kept))
            temporary.replace(self._path)
        except OSError as error:
            log.warning("The attribute names cannot be written to %s: %s.", self._path, error)


class _Names:
    """Of one dataset: the last day on which each name was seen, and which have been seen today."""

    __slots__ = ("_allowed", "dataset", "day", "last_day", "seen")

    def __init__(self, dataset: Dataset, last_day: dict[str, int] | None = None) -> None:
        self.dataset, self.day = dataset, 0
        self.last_day = last_day if last_day is not None else {}
        self.seen: set[str] = set()
        patterns = [re.escape(pattern).replace(r"\*", ".*") for pattern in dataset.attributes]
        self._allowed = None if "*" in dataset.attributes else re.compile("|".join(patterns) or "(?!)", re.DOTALL)

    def begin(self, day: int) -> None:
        """Begin a day: forget who was here, and the names that no stored event can have any more."""
        self.day = day
        self.seen.clear()
        oldest = day - self.dataset.retention_days
        for name in [name for name, last in self.last_day.items() if last < oldest]:
            del self.last_day[name]

    def sort_out(self, values: Mapping[str, Any]) -> tuple[Set[str], dict[str, Set[str]]]:
        """Return the names that are new today and taken, and the others by the reason to refuse them. In sets: junk is cheap."""
        new = values.keys() - self.seen
        refused: dict[str, Set[str]] = {}
        if self._allowed is not None:
            unlisted = {name for name in new if not self._allowed.fullmatch(name)}
            new -= unlisted
            if unlisted:
                refused["not_listed"] = unlisted
        room = max(0, self.dataset.limits.max_attribute_names - len(self.last_day))
        unknown = new - self.last_day.keys()
        if len(unknown) > room:
            # The first ones of the event are the lucky ones.
            over = set([name for name in values if name in unknown][room:]) if room else unknown
            new -= over
            refused["budget"] = over
        self.last_day.update(dict.fromkeys(new, self.day))
        self.seen |= new
        return new, refused
