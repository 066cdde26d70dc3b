"""What the rest of the collector may ask of a store.

Two stores implement it: `chdb.ChdbStore` (embedded) and `clickhouse.ClickHouseStore` (a server). They differ in how bytes
travel, never in SQL. All methods block; callers run them in threads. All are safe to call from several threads at once.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Final, Protocol

from collector.errors import StoreQueryStopped
from collector.events import Event

#: ClickHouse's codes for what a writer can do something about. The schema is not there, or not yet:
SCHEMA_CODES: Final = frozenset({16, 47, 60, 81})
#: The server has no memory for so much at once.
MEMORY_LIMIT_EXCEEDED: Final = 241
#: A query took longer than it may.
TIMEOUT_EXCEEDED: Final = 159
#: Inserts come faster than parts are merged, or one INSERT has too many partitions.
TOO_MANY_PARTS: Final = 252


@dataclass(frozen=True, slots=True)
class Param:
    """A bound value of a query: `{name:type}` in the SQL.

    Args:
        type: a ClickHouse type, such as `String` or `Array(Float64)`.
        value: a str, int, float, bool, or a list of them.
    """

    type: str
    value: Any


@dataclass(frozen=True, slots=True)
class Limits:
    """What one query may cost; the store refuses with StoreQueryError what goes beyond."""

    seconds: float = 30
    memory_bytes: int = 4 << 30
    result_rows: int = 100_000


class Stop:
    """Lets one thread stop the queries that another runs for it.

    Give it to `Reader.query`: after `set`, the query that runs ends within moments, and each later one at once.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._is_set = False
        self._ways: list[Callable[[], None]] = []

    def set(self) -> None:
        """Stop what runs, and return when it has stopped, or after some seconds. May be called from any thread, several times."""
        self._is_set = True
        for _ in range(_STOP_TRIES):
            with self._lock:
                if not self._ways:
                    return
                for way in self._ways:
                    way()
            time.sleep(_STOP_SECONDS)

    def check(self) -> None:
        """Raise StoreQueryStopped once it is set."""
        if self._is_set:
            raise StoreQueryStopped("The query was stopped, as nobody waits for its answer any more.")

    @contextmanager
    def by(self, way: Callable[[], None]) -> Iterator[None]:
        """Say how to stop what runs within the block.

        It is tried again and again until the block ends: a query that is only beginning can't be stopped yet.

        Raises:
            StoreQueryStopped: it is set before the block, or at its end.
        """
        self.check()
        with self._lock:
            self._ways.append(way)
        try:
            yield
        finally:
            with self._lock:
                self._ways.remove(way)
        self.check()


_STOP_TRIES: Final = 200
_STOP_SECONDS: Final = 0.05


@dataclass(frozen=True, slots=True)
class QueryResult:
    """The answer to a query.

    Args:
        columns: names in order.
        rows: one tuple a row; times as epoch ms (int), missing values as None, maps as dicts, arrays as lists.
        rows_read, bytes_read: what the store read for it.
        elapsed_ms: the store's time.
    """

    columns: list[str]
    rows: list[tuple[Any, ...]]
    rows_read: int = 0
    bytes_read: int = 0
    elapsed_ms: float = 0.0


@dataclass(frozen=True, slots=True)
class Attribute:
    """One entry of the attribute catalogue: a name outside the dictionary that a dataset has used with a type."""

    dataset: str
    name: str
    type: str


@dataclass(frozen=True, slots=True)
class Key:
    """What names an event within its dataset, and its time (epoch ms), which tells the partition."""

    kind: str
    id: str
    ts: int


@dataclass(frozen=True, slots=True)
class Erasure:
    """An erasure that a collector has told the others of.

    Args:
        at: when, by the store's clock (epoch ms).
        document: the JSON that names what went; empty where only ids are told.
        hashes: of ids that went, in hexadecimal; see `collector.privacy.tombstones`.
    """

    at: int
    document: str
    hashes: Sequence[str]


@dataclass(frozen=True, slots=True, order=True)
class Hour:
    """An hour of a dataset; `start` in epoch seconds."""

    dataset: str
    start: int


@dataclass(frozen=True, slots=True)
class StoreInfo:
    """What `wideload doctor` and `/metrics` say about a store."""

    kind: str
    version: str
    schema_version: int
    latest_schema_version: int
    details: dict[str, Any] = field(default_factory=dict)


class Writer(Protocol):
    """The half that the loader uses."""

    def insert(self, events: Sequence[Event]) -> None:
        """Store all of the events or raise; when it returns they are durable.

        Inserting an event again (same dataset, id, kind and ts) replaces it; the highest revision is kept.

        Raises:
            StoreDataError: some event can never be stored as it is (the caller bisects).
            StoreUnavailable: anything else (the caller holds the batch and tries again).
        """

    def add_attributes(self, attributes: Sequence[Attribute]) -> None:
        """Add to the attribute catalogue; known ones stay. Raises as `insert`."""

    def ping(self) -> None:
        """Return if the store answers, within seconds. Raises StoreUnavailable."""

    def broken_parts(self) -> list[str]:
        """Return the names of parts of the table that the store has found broken and put aside. Raises StoreUnavailable."""


class Reader(Protocol):
    """The half that questions use."""

    def query(
        self,
        sql: str,
        params: Mapping[str, Param] | None = None,
        limits: Limits | None = None,
        stop: Stop | None = None,
    ) -> QueryResult:
        """Run one SELECT.

        Raises:
            StoreQueryError: it was refused, ran too long or needed too much.
            StoreQueryStopped: `stop` was set.
            StoreUnavailable: the store could not be asked.
        """


class Versioned(Protocol):
    """Tells whether an answer is outdated."""

    def version(self, dataset: str, start: int, end: int) -> Hashable:
        """Return what differs once events of a dataset from `start` to `end` (epoch seconds) were stored or removed.

        It may differ without that; None where the store cannot know. Raises StoreUnavailable.
        """


class RolledUp(Protocol):
    """Keeps rollups of hours beside the events. What changes events makes the rollup of their hour stale by itself."""

    def stale_hours(self, most: int) -> list[Hour]:
        """Return hours that have settled and whose rollup is missing or stale, the latest first. Raises StoreUnavailable."""

    def roll_up(self, hour: Hour) -> None:
        """Build the rollup of an hour. Raises StoreUnavailable."""

    def tidy_rollups(self) -> None:
        """Begin to remove what newer builds have replaced. Raises StoreUnavailable."""


class Promotes(Protocol):
    """Keeps attributes that are asked for often in columns of their own; see `collector.fields.promoted`."""

    def attributes(self) -> dict[Attribute, bool]:
        """Return the catalogue of attributes, and of each whether it has a column. Raises StoreUnavailable."""

    def promote(self, attributes: Sequence[tuple[str, str]]) -> None:
        """Give attributes, each by name and type, a column; what is stored already is rewritten in the background.

        Raises:
            StoreUnavailable: it could not be done; asking again does no harm.
        """


class Tells(Protocol):
    """Passes on erasures among collectors that write to one store."""

    def tell_erasure(self, document: str, hashes: Sequence[str]) -> None:
        """Tell of an erasure. Raises StoreUnavailable."""

    def told_erasures(self, since: int, late: int) -> list[Erasure]:
        """Return what was told after a time (epoch ms), and within the last `late` ms, in order. Raises StoreUnavailable."""


class Store(Writer, Reader, Versioned, RolledUp, Promotes, Tells, Protocol):
    """A whole store."""

    def migrate(self) -> list[str]:
        """Bring the schema up to date; return the names of the migrations that were applied. Raises StoreUnavailable."""

    def set_retention(self, days: Mapping[str, int]) -> None:
        """Keep each dataset's events for so many days. Raises StoreUnavailable."""

    def erase(self, dataset: str, keys: Sequence[Key]) -> None:
        """Remove these events, in every version that is stored. When it returns no question finds them.

        The engine deletes the files that held them some minutes later, when no question can be reading them any more.

        Raises:
            StoreUnavailable: it did not do so in time; asking again does no harm.
        """

    def erase_before(self, dataset: str, ts: int) -> None:
        """Remove all events of a dataset before this time (epoch ms), in the same way. Raises StoreUnavailable."""

    def info(self) -> StoreInfo:
        """Return version and schema state. Raises StoreUnavailable."""

    def close(self) -> None:
        """Finish and release everything; the store can't be used afterwards."""
