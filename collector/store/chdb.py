"""The embedded store: ClickHouse's engine in this process (chDB), with its data in one folder.

One process owns a folder, and a process can open only one. Fork before opening, never after: the child's first query hangs.
"""

from __future__ import annotations

import fcntl
import os
import re
import shutil
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, ClassVar, Final
from uuid import uuid4

from collector.errors import SettingsError, StoreError, StoreUnavailable
from collector.store.base import Limits, Param, QueryResult, Stop
from collector.store.codes import code_of, read_error, write_error
from collector.store.columns import Columns
from collector.store.native import decode, encode, memory_file
from collector.store.params import escaped
from collector.store.pool import Pool
from collector.store.sql import READ_SETTINGS, WRITE_SETTINGS, SqlStore, limit_settings, literal
from collector.store.threads import NiceThreads
from collector.store.values import plain

#: Copies are made here, within the store's folder: the engine writes nowhere else.
BACKUPS_FOLDER: Final = "backups"
#: The process may use so much, or this share of a smaller machine.
MEMORY_BYTES: Final = 2 << 30
MEMORY_SHARE: Final = 0.6

#: The engine is made for large machines: its caches would be allowed gigabytes, and 16 threads would merge at once.
_SERVER_SETTINGS: Final[dict[str, Any]] = {
    "mark_cache_size": 64 << 20,
    "index_mark_cache_size": 16 << 20,
    "query_condition_cache_size": 16 << 20,
    "compiled_expression_cache_size": 16 << 20,
    "background_pool_size": 2,
}
#: The engine uses a thread for each GiB of free memory, which the cap of a small machine would make one.
_READ_SETTINGS: Final[dict[str, Any]] = {"max_threads_min_free_memory_per_thread": 128 << 20}


class ChdbStore(SqlStore):
    """The store in a folder of this machine.

    Args:
        path: the folder; made if it is missing.
        memory_bytes: what the whole process may use before the engine refuses work (`MEMORY_BYTES` where it is not given).
        database: the database within the folder.

    Raises:
        SettingsError: chDB is not installed.
        StoreUnavailable: the folder can't be opened.
    """

    kind: ClassVar[str] = "embedded"

    def __init__(self, path: Path | str, memory_bytes: int | None = None, database: str = "wideload") -> None:
        super().__init__()
        connect = _connector()
        #: Where the data is.
        self.folder = Path(path).absolute()
        #: Where copies are, for a backup.
        self.copies, self._database = self.folder / BACKUPS_FOLDER, database
        paths = {"backups.allowed_path": self.copies}
        server = _SERVER_SETTINGS | paths | {"max_server_memory_usage": memory_bytes or _memory_bytes()}
        address = f"{self.folder}?{_arguments(server)}"
        # The engine stops when its last connection is closed; this one keeps it.
        try:
            self._anchor = connect(address)
            self._anchor.query(f"CREATE DATABASE IF NOT EXISTS `{database}` ENGINE = Atomic")
        except RuntimeError as error:
            raise StoreUnavailable(_why_not(self.folder, str(error))) from error
        # The folder is ours now: what is there was left by a process that was killed.
        shutil.rmtree(self.copies, ignore_errors=True)

        def pool(settings: Mapping[str, Any]) -> Pool[Any]:
            def opened() -> Any:
                connection = connect(f"{address}&{_arguments(settings)}")
                connection.query(f"USE `{database}`")
                return connection

            return Pool(opened, lambda connection: connection.close())

        self._threads = NiceThreads()
        self._writers = pool(WRITE_SETTINGS)
        self._readers = pool({**READ_SETTINGS, **_READ_SETTINGS, "readonly": 2})

    def query(
        self,
        sql: str,
        params: Mapping[str, Param] | None = None,
        limits: Limits | None = None,
        stop: Stop | None = None,
    ) -> QueryResult:
        """Run one SELECT."""
        if stop is None:
            return self._query(sql, params or {}, limits or Limits())
        name = uuid4().hex
        try:
            with stop.by(lambda: self._kill(name)):
                return self._query(sql, params or {}, limits or Limits(), name)
        except StoreError:
            stop.check()
            raise

    def version(self, dataset: str, start: int, end: int) -> int:
        """Return what differs once events of a dataset were stored or removed: nobody else writes to the folder."""
        return self.changes.version(dataset, start, end)

    def _query(self, sql: str, params: Mapping[str, Param], limits: Limits, name: str = "") -> QueryResult:
        values = {key: escaped(param.value) for key, param in params.items()}
        settings = {**limit_settings(limits), "log_comment": name}.items()
        self._threads.look()
        try:
            with self._readers.one() as connection:
                connection.query(f"SET {', '.join(f'{key} = {literal(value)}' for key, value in settings)}")
                answer = connection.query(sql, "Native", params=values)
                spec, columns = decode(answer.bytes())
                if not spec:
                    # No rows, no block: the names have to be asked for.
                    described = decode(connection.query(f"DESCRIBE TABLE ({sql})", "Native", params=values).bytes())
                    spec, columns = [(key, "") for key in described[1][0]], [[] for _ in described[1][0]]
        except RuntimeError as error:
            raise read_error(str(error), code_of(str(error))) from error
        rows = list(zip(*(plain(type_, values) for (_, type_), values in zip(spec, columns, strict=True)), strict=True))
        return QueryResult(
            [key for key, _ in spec],
            rows,
            rows_read=answer.storage_rows_read(),
            bytes_read=answer.storage_bytes_read(),
            elapsed_ms=answer.elapsed() * 1000,
        )

    def _kill(self, name: str) -> None:
        """Stop the query with this name, if it runs; the engine gives queries no id that could be known before."""
        self._command(f"KILL QUERY WHERE Settings['log_comment'] = '{name}' ASYNC")

    @contextmanager
    def backed_up(self) -> Iterator[Path]:
        """Lend a folder with a copy of everything, of one moment; it needs as much room as the store has.

        Raises:
            StoreUnavailable: it could not be made.
        """
        copy = self.copies / uuid4().hex
        try:
            self._command(f"BACKUP DATABASE `{self._database}` TO File({literal(str(copy))})")
            yield copy
        finally:
            shutil.rmtree(copy, ignore_errors=True)

    def restore(self, copy: Path) -> int:
        """Take everything over from a copy below `copies`; return how many rows of events there are now.

        Raises:
            StoreUnavailable: it could not be done; the store may have a part of it.
        """
        # Merges would replace events by their later versions before they are counted.
        self._command("SYSTEM STOP MERGES")
        try:
            self._command(f"RESTORE DATABASE `{self._database}` FROM File({literal(str(copy))})")
            return int(self.query("SELECT sum(rows) FROM system.parts WHERE database = currentDatabase() AND table = 'events'"
                                  " AND active").rows[0][0])  # fmt: skip
        finally:
            self._command("SYSTEM START MERGES")

    def close(self) -> None:
        """Finish and release everything."""
        self._readers.close()
        self._writers.close()
        self._anchor.close()

    def _command(self, sql: str) -> None:
        try:
            with self._writers.one() as connection:
                connection.query(sql)
        except RuntimeError as error:
            raise write_error(str(error), code_of(str(error))) from error

    def _write(self, table: str, blocks: Iterable[Columns]) -> None:
        # Not by chDB's own stream (`send_insert`): an error in the last block, such as one of the disk, would not be told.
        with memory_file() as file:
            names = ""
            for columns in blocks:
                names = names or ", ".join(f"`{name}`" for name, _ in columns.spec)
                file.write(encode(columns))
            file.flush()
            self._command(f"INSERT INTO {table} ({names}) SELECT * FROM file('/dev/fd/{file.fileno()}', 'Native')")


def _connector() -> Any:
    try:
        from chdb.state.sqlitelike import Connection
    except ImportError:
        raise SettingsError(
            ["The embedded store needs chDB, which is not installed: run `pip install 'wideload[embedded]'`."]
        ) from None
    return Connection


def _memory_bytes() -> int:
    machine = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    return min(MEMORY_BYTES, int(machine * MEMORY_SHARE))


def _arguments(settings: Mapping[str, Any]) -> str:
    return "&".join(f"{name}={value}" for name, value in settings.items())


def _why_not(folder: Path, message: str) -> str:
    """Return a sentence about a folder that the engine could not open; it doesn't say itself that another process has it."""
    if _is_locked(folder):
        return (
            f"The folder {folder} is in use by another process, and only one at a time can have it. Stop the other one, or"
            " choose another folder (WIDELOAD_DATA_DIR)."
        )
    if other := re.search(r"already initialized with path '([^']*)'", message):
        return f"This process has opened {other[1]} already, and can open only one folder; {folder} needs another process."
    return f"The folder {folder} can't be opened as a store: {message}"


def _is_locked(folder: Path) -> bool:
    try:
        with (folder / "status").open("rb") as status:
            fcntl.flock(status, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except OSError:
        return False
    return False
