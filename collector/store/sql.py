"""What both stores have in common: everything that is SQL. A store adds how bytes travel."""

from __future__ import annotations

import time
from abc import ABC, abstractmethod
from collections.abc import Hashable, Iterable, Mapping, Sequence
from typing import Any, ClassVar, Final

from collector.errors import StoreError, StoreUnavailable
from collector.events import Event
from collector.fields.promoted import promoted_column, promoted_definition
from collector.store import erasing, rollups
from collector.store.base import TOO_MANY_PARTS, Attribute, Erasure, Hour, Key, Limits, Param, QueryResult, Stop, StoreInfo
from collector.store.changes import Changes, hours_of
from collector.store.columns import Columns, event_blocks, split_by_days
from collector.store.migrate import latest_version, migrate
from collector.store.retention import ttl_expression

#: How long the engine may take to remove rows.
MUTATION_SECONDS: Final = 600.0
_ATTRIBUTE_SPEC: Final = (("dataset", "LowCardinality(String)"), ("name", "String"), ("type", "LowCardinality(String)"))

#: Of every SELECT. `ts` decides the partition, and the sort key holds the event's hour, so that versions of an event can't
#: be in two partitions: FINAL may work on each alone, and may leave out those that a time range rules out.
READ_SETTINGS: Final[dict[str, Any]] = {
    "session_timezone": "UTC",
    "do_not_merge_across_partitions_select_final": 1,
    # Conditions on the sort key (an id, a dataset) are checked before the other 130 columns are read: one event out of a
    # million is found in 0.1 s instead of 1.5 s. The engine leaves conditions on other columns until after FINAL.
    "optimize_move_to_prewhere_if_final": 1,
}

#: Of every INSERT. An insert returns when its rows are in the table (ClickHouse 26.3 began to answer before that), and leaves
#: it to merges and to FINAL to replace what has the same key: that takes 5 µs an event instead of 15.
WRITE_SETTINGS: Final[dict[str, Any]] = {"async_insert": 0, "optimize_on_insert": 0}

#: Of the table `events`, where the server knows them.
TABLE_SETTINGS: Final[dict[str, Any]] = {
    # Attributes are kept in buckets by name, so that a query for one of them reads a part of the map (since ClickHouse 26.3).
    "map_serialization_version": "with_buckets",
    "map_buckets_min_avg_size": 8,
    # What one INSERT brings stays one file, and not 500 with an fsync each: 47 µs of processor time an event instead of 80.
    "min_bytes_for_wide_part": 64 << 20,
    # A day that has got no events for six hours becomes one part, in which nothing is left for FINAL to do: questions about it take
    # a quarter less time. Days beyond the engine's limit for one part (150 GiB) stay as they are.
    "min_age_to_force_merge_seconds": 6 * 3600,
    "min_age_to_force_merge_on_partition_only": 1,
}


def limit_settings(limits: Limits) -> dict[str, Any]:
    """Return the settings that make the engine enforce the limits."""
    return {
        "max_execution_time": limits.seconds,
        "timeout_overflow_mode": "throw",
        "max_memory_usage": limits.memory_bytes,
        "max_result_rows": limits.result_rows,
        "result_overflow_mode": "throw",
    }


def literal(value: float | str) -> str:
    """Return a setting's value as SQL."""
    return f"'{value}'" if isinstance(value, str) else repr(value)


class SqlStore(ABC):
    """A store that speaks ClickHouse's SQL; see `base.Store` for what the methods promise."""

    kind: ClassVar[str]
    #: Settings of the table `events` beyond the migrations: what depends on the server.
    table_settings: ClassVar[Mapping[str, Any]] = TABLE_SETTINGS
    #: Whether it keeps narrow copies of settled hours.
    has_narrow: ClassVar[bool] = True
    #: The table that holds the rows of `events`.
    events_table: ClassVar[str] = "events"

    def __init__(self) -> None:
        #: What this process has written.
        self.changes = Changes()
        #: Hours that have not settled, and are known to have changed.
        self._told: set[Hour] = set()

    @abstractmethod
    def _command(self, sql: str) -> None:
        """Run a statement that changes something."""

    @abstractmethod
    def _write(self, table: str, blocks: Iterable[Columns]) -> None:
        """Insert the rows of all blocks, which have the same columns, in one INSERT; they are durable when it returns."""

    @abstractmethod
    def query(
        self,
        sql: str,
        params: Mapping[str, Param] | None = None,
        limits: Limits | None = None,
        stop: Stop | None = None,
    ) -> QueryResult:
        """Run one SELECT."""

    @abstractmethod
    def version(self, dataset: str, start: int, end: int) -> Hashable:
        """Return what differs once events of a dataset were stored or removed."""

    @abstractmethod
    def close(self) -> None:
        """Finish and release everything."""

    def insert(self, events: Sequence[Event]) -> None:
        """Store all of the events or raise."""
        if not events:
            return
        try:
            self._write_events(events)
        except StoreError as error:
            # Rare: a spool that has waited for months. Looking at every event's day first would cost as much as decoding it.
            if error.code != TOO_MANY_PARTS or "partitions" not in error.message:
                raise
            for batch in split_by_days(events):
                self._write_events(batch)

    def _write_events(self, events: Sequence[Event]) -> None:
        touched: set[tuple[str, int]] = set()
        try:
            self._write("events", hours_of(event_blocks(events), touched))
            # Where it failed, it is tried again, and tells then.
            self._tell_changed({Hour(dataset, 3600 * hour) for dataset, hour in touched})
        finally:
            # Nobody knows what an INSERT that failed has left behind. Last: an answer from a stale rollup must be outdated, too.
            self.changes.add(touched)

    def add_attributes(self, attributes: Sequence[Attribute]) -> None:
        """Add to the attribute catalogue."""
        if attributes:
            rows = [(attribute.dataset, attribute.name, attribute.type) for attribute in attributes]
            data = [list(column) for column in zip(*rows, strict=True)]
            self._write("attribute_keys", [Columns(_ATTRIBUTE_SPEC, data)])

    def ping(self) -> None:
        """Return if the store answers."""
        self.query("SELECT 1")

    def broken_parts(self) -> list[str]:
        """Return the names of parts that the store has found broken and put aside."""
        broken = f"SELECT name FROM {self._of_events('detached_parts')}"
        return [str(name) for (name,) in self.query(f"{broken} AND reason LIKE 'broken%' ORDER BY name").rows]

    def migrate(self) -> list[str]:
        """Bring the schema up to date."""
        applied = migrate(self._command, self._schema_version, oldest=self._oldest_writer)
        self._set_on_events(self.table_settings)
        return applied

    def set_retention(self, days: Mapping[str, int]) -> None:
        """Keep each dataset's events for so many days."""
        wanted = ttl_expression(days)
        tables = {"events": self.events_table, **dict(zip(rollups.TABLES, rollups.TABLES, strict=True))}
        if late := [table for table, stored in tables.items() if f" TTL {wanted} SETTINGS " not in self._engine(stored)]:
            # Rows are dropped by later merges: rewriting every part at once would stall a large table.
            for table in late:
                self._command(f"ALTER TABLE {table} MODIFY TTL {wanted} SETTINGS materialize_ttl_after_modify = 0")
            self.changes.add_all()

    def tell_erasure(self, document: str, hashes: Sequence[str]) -> None:
        """Tell of an erasure."""
        self._write("erasures", [Columns(erasing.TOLD_SPEC, [[document], [list(hashes)]])])

    def told_erasures(self, since: int, late: int) -> list[Erasure]:
        """Return what was told after a time, and lately."""
        rows = self.query(erasing.TOLD_SQL, {"since": Param("Int64", since), "late": Param("Int64", late)}).rows
        return [Erasure(int(at), document, hashes) for at, document, hashes in rows]

    def erase(self, dataset: str, keys: Sequence[Key]) -> None:
        """Remove these events, in every version that is stored."""
        try:
            self._delete(erasing.conditions(dataset, keys))
            hours = {Hour(dataset, key.ts // 3_600_000 * 3600) for key in keys}
            self._tell_changed(hours)
            for statement in rollups.erase_narrow(hours):
                self._command(statement)
        finally:
            self.changes.add_all()

    def erase_before(self, dataset: str, ts: int) -> None:
        """Remove all events of a dataset before this time."""
        try:
            self._delete([erasing.condition_before(dataset, ts)])
            self._command(rollups.changed_before(dataset, ts))
            self._command(rollups.erase_narrow_before(dataset, ts))
        finally:
            self.changes.add_all()

    def stale_hours(self, most: int) -> list[Hour]:
        """Return hours that have settled and whose rollup is missing or stale, the latest first."""
        stale = rollups.stale(with_narrow=self.has_narrow)
        return [Hour(*row) for row in self.query(stale, {"most": Param("UInt32", most)}).rows]

    def roll_up(self, hour: Hour) -> None:
        """Build the rollup of an hour, and its narrow copy."""
        self._told.discard(hour)
        ((now,),) = self.query(f"SELECT {rollups.NOW}").rows
        self._command(rollups.build(hour, now))
        if self.has_narrow:
            self._command(rollups.build_narrow(hour, now))
        self._command(rollups.built(hour, now, with_narrow=self.has_narrow))

    def tidy_rollups(self) -> None:
        """Begin to remove what newer builds have replaced."""
        ((now,),) = self.query(f"SELECT {rollups.NOW}").rows
        for table in rollups.TABLES:
            self._command(rollups.tidy(table, now))

    def attributes(self) -> dict[Attribute, bool]:
        """Return the catalogue of attributes, and of each whether it has a column."""
        columns = "SELECT name FROM system.columns WHERE database = currentDatabase() AND table = 'events'"
        promoted = {name for (name,) in self.query(columns).rows}
        rows = self.query("SELECT DISTINCT dataset, name, type FROM attribute_keys").rows
        return {Attribute(*row): promoted_column(*row[1:]) in promoted for row in rows}

    def promote(self, attributes: Sequence[tuple[str, str]]) -> None:
        """Give attributes a column."""
        if not attributes:
            return
        columns = [promoted_definition(name, type_) for name, type_ in attributes]
        self._command(f"ALTER TABLE events {', '.join(f'ADD COLUMN IF NOT EXISTS {column}' for column in columns)}")
        filled = [f"MATERIALIZE COLUMN `{promoted_column(name, type_)}`" for name, type_ in attributes]
        self._command(f"ALTER TABLE events {', '.join(filled)} SETTINGS mutations_sync = 0")

    def _tell_changed(self, hours: set[Hour]) -> None:
        """Make the rollups of hours stale, unless they are known to be."""
        quiet = time.time() - 3600 - rollups.QUIET_SECONDS
        if new := {hour for hour in hours if hour.start < quiet or hour not in self._told}:
            self._command(rollups.changed(new))
        self._told = {hour for hour in self._told | new if hour.start >= quiet}

    def _delete(self, conditions: Iterable[str]) -> None:
        for condition in conditions:
            self._command(f"ALTER TABLE events DELETE {condition} SETTINGS mutations_sync = 0")
        self._wait_for_mutations()

    def _wait_for_mutations(self) -> None:
        """Wait until all that was asked for is done.

        Not by the setting mutations_sync: several mutations of one file are done at once only if none is waited for, and a server
        that works longer than the driver waits would look like one that is gone.
        """
        deadline = time.monotonic() + MUTATION_SECONDS
        waiting = f"SELECT latest_fail_reason FROM {self._of_events('mutations')} AND NOT is_done"
        while rows := self.query(waiting).rows:
            if time.monotonic() > deadline:
                raise StoreUnavailable(f"it did not finish erasing in {MUTATION_SECONDS:.0f} s. {rows[0][0]}".strip())
            time.sleep(0.05)

    def info(self) -> StoreInfo:
        """Return version and schema state."""
        version = str(self.query("SELECT version()").rows[0][0])
        return StoreInfo(self.kind, version, self._schema_version(), latest_version(), self._details())

    def _engine(self, table: str) -> str:
        """Return a table's engine with its keys, TTL and settings, as the server writes them."""
        engines = "SELECT engine_full FROM system.tables WHERE database = currentDatabase()"
        return str(self.query(f"{engines} AND name = '{table}'").rows[0][0])

    def _set_on_events(self, settings: Mapping[str, Any]) -> None:
        names = Param("Array(String)", list(settings))
        known = self.query("SELECT name FROM system.merge_tree_settings WHERE name IN {names:Array(String)}", {"names": names})
        wanted = [f"{name} = {literal(settings[name])}" for (name,) in known.rows]
        engine = self._engine(self.events_table)
        if missing := [setting for setting in wanted if setting not in engine]:
            self._command(f"ALTER TABLE events MODIFY SETTING {', '.join(missing)}")

    def _details(self) -> dict[str, Any]:
        sizes = self.query(f"SELECT sum(rows), sum(bytes_on_disk), count() FROM {self._of_events('parts')} AND active")
        rows, size, parts = sizes.rows[0]
        return {"rows": rows, "bytes_on_disk": size, "parts": parts}

    def _of_events(self, table: str) -> str:
        """Return a system table, of all servers, and the condition that its rows are about the events."""
        return f"{self._system(table)} WHERE {self._here()} AND table = '{self.events_table}'"

    def _system(self, table: str) -> str:
        return f"system.{table}"

    def _here(self) -> str:
        return "database = currentDatabase()"

    def _schema_version(self) -> int:
        exists = self.query("SELECT count() FROM system.tables WHERE database = currentDatabase() AND name = 'schema_migrations'")
        if not exists.rows[0][0]:
            return 0
        return int(self.query("SELECT max(version) FROM schema_migrations").rows[0][0])

    def _oldest_writer(self) -> int:
        return int(self.query("SELECT max(oldest) FROM schema_migrations").rows[0][0])
