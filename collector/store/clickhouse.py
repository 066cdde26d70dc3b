"""A ClickHouse server as the store, over the native protocol with clickhouse-driver."""

from __future__ import annotations

import logging
from collections.abc import Callable, Hashable, Iterable, Mapping
from contextlib import nullcontext, suppress
from datetime import UTC, datetime
from pathlib import Path
from socket import SHUT_RDWR
from typing import Any, ClassVar, Final, TypeVar

from clickhouse_driver.errors import Error, ServerException
from clickhouse_driver.util.helpers import parse_url

from collector.config import ServerSettings
from collector.errors import SettingsError, StoreError, StoreUnavailable
from collector.store.base import Limits, Param, QueryResult, Stop
from collector.store.client import StoreClient
from collector.store.codes import read_error, write_error
from collector.store.columns import Columns
from collector.store.native import ENCODING_ERRORS, encode
from collector.store.pool import Pool
from collector.store.sql import READ_SETTINGS, WRITE_SETTINGS, SqlStore, limit_settings
from collector.store.values import plain

T = TypeVar("T")
_NOTHING_MORE: Final = ServerSettings()

# It would log a traceback for every try while a server is away. The errors say the same, and the loader tells them.
logging.getLogger("clickhouse_driver").setLevel(logging.ERROR)

#: What a URL's query string may change; the driver's names.
_CONNECTION: Final[dict[str, Any]] = {
    "database": "wideload",
    "client_name": "wideload",
    "connect_timeout": 5,
    "send_receive_timeout": 30,
    "sync_request_timeout": 5,
    "tcp_keepalive": True,
}
_VERSION_SQL: Final = """SELECT
  (
    SELECT engine LIKE '%MergeTree' FROM system.tables WHERE database = currentDatabase() AND name = 'events'
  ) AS is_known,
  (
    SELECT sum(cityHash64(name)) FROM system.parts
    WHERE database = currentDatabase() AND table = 'events' AND active AND partition BETWEEN {first:String} AND {last:String}
  ) AS parts,
  (
    SELECT sum(told) FROM (
      SELECT cityHash64(hour, max(changed)) AS told FROM rollup_hours
      WHERE dataset = {dataset:String} AND toDate(hour) BETWEEN toDate({first:String}) AND toDate({last:String})
      GROUP BY hour
    )
  ) AS told"""
#: Older servers lack settings that the queries need, or answer otherwise.
MIN_VERSION: Final = (25, 3)
#: What the profile of the user for questions says of what each query sends.
_RULES_SQL: Final = "SELECT name, value, max FROM system.settings WHERE name IN ({names})"
#: How long a ping may take.
_PING_SECONDS: Final = 5


class ClickHouseStore(SqlStore):
    """A store on a ClickHouse server. It is first connected to when it is first asked.

    Args:
        url: `clickhouse://user:password@host:9000/database`, or `clickhouses://` for TLS. The query string takes
            clickhouse-driver's options, such as `secure=1`, `ca_certs=…` or `alt_hosts=host2:9000,host3:9000`: the next host is
            tried when one does not answer, or does not take what it gets.
        server: what the address does not say.

    Raises:
        SettingsError: the URL can't be used. Its text is never repeated, for the password in it.
    """

    kind: ClassVar[str] = "clickhouse"

    def __init__(self, url: str, server: ServerSettings = _NOTHING_MORE) -> None:
        super().__init__()
        self._host, self._arguments = _parse(url)
        self._server = server
        #: Of every INSERT.
        self.write_settings: dict[str, Any] = dict(WRITE_SETTINGS)
        #: How many hosts have been given up; the next one is tried first.
        self._turns = 0
        #: Of the user for questions: its `readonly`, and the most that it may ask for, by setting.
        self._readonly, self._most = 0, dict[str, float]()
        self._clients: Pool[StoreClient] = Pool(self._open, lambda client: client.disconnect())
        self._readers = Pool(self._open_reader, lambda client: client.disconnect()) if server.store_read_user else self._clients

    def migrate(self) -> list[str]:
        """Bring the schema up to date; make the database first where it is missing."""
        database = self._arguments["database"]
        # A connection that names a missing database is refused.
        client = _asked(lambda: self._open(database=""), write_error)
        try:
            if not _asked(lambda: client.execute(f"EXISTS DATABASE `{database}`"), write_error)[0][0]:
                _asked(lambda: self._make_database(client, database), write_error)
        finally:
            client.disconnect()
        return super().migrate()

    def _make_database(self, client: StoreClient, database: str) -> None:
        client.execute(f"CREATE DATABASE IF NOT EXISTS `{database}`")

    def query(
        self,
        sql: str,
        params: Mapping[str, Param] | None = None,
        limits: Limits | None = None,
        stop: Stop | None = None,
    ) -> QueryResult:
        """Run one SELECT."""
        values = {name: param.value for name, param in (params or {}).items()}

        def ask() -> QueryResult:
            with self._readers.one() as client, stop.by(lambda: _break_off(client)) if stop else nullcontext():
                settings = {**READ_SETTINGS, **self._limits(limits or Limits()), "server_side_params": True}
                data, spec = client.execute(sql, values, with_column_types=True, columnar=True, settings=settings)
                columns = [plain(type_, values) for (_, type_), values in zip(spec, data, strict=False)]
                asked = client.last_query
                return QueryResult(
                    [name for name, _ in spec],
                    list(zip(*columns, strict=True)),
                    rows_read=asked.progress.rows if asked.progress else 0,
                    bytes_read=asked.progress.bytes if asked.progress else 0,
                    elapsed_ms=asked.elapsed * 1000,
                )

        try:
            return _asked(ask, read_error)
        except StoreError:
            if stop:
                stop.check()
            raise

    def version(self, dataset: str, start: int, end: int) -> Hashable:
        """Return what differs once anybody has stored or removed events of these days, of whichever dataset.

        A part of the table never changes: what is written, merged or erased makes parts of other names. Which rollups no longer
        hold is told after that, and counts, too. Of a table that lives elsewhere, such as a `Distributed` one, nothing is known.
        """
        days = {"first": Param("String", _day(start)), "last": Param("String", _day(end)), "dataset": Param("String", dataset)}
        ((is_known, parts, told),) = self.query(_VERSION_SQL, days).rows
        return (parts, told) if is_known else None

    def ping(self) -> None:
        """Return if the server answers. It gets less time for this than for an insert."""
        client = _asked(lambda: self._open(send_receive_timeout=_PING_SECONDS), read_error)
        try:
            _asked(lambda: client.execute("SELECT 1"), read_error)
        finally:
            client.disconnect()

    def close(self) -> None:
        """Finish and release everything."""
        self._clients.close()
        self._readers.close()

    def _limits(self, limits: Limits) -> dict[str, Any]:
        """Return the settings of a query that make it cheap and harmless, as far as its user may change them."""
        wanted = limit_settings(limits)
        wanted |= {name: min(wanted[name], most) for name, most in self._most.items()}
        # A user who can only read may not say so.
        return wanted if self._readonly else {**wanted, "readonly": 2}

    def _command(self, sql: str) -> None:
        def run() -> None:
            with self._clients.one() as client:
                client.execute(sql)

        self._try(run)

    def _try(self, write: Callable[[], None]) -> None:
        """Write; where a host does not take it, the next connection goes to another one."""
        try:
            _asked(write, write_error)
        except StoreUnavailable:
            self._turns += 1
            raise

    def _write(self, table: str, blocks: Iterable[Columns]) -> None:
        parts = _used(blocks)

        def send() -> None:
            with self._clients.one() as client:
                client.insert(table, parts, self.write_settings)

        try:
            self._try(send)
        except StoreUnavailable as error:
            # A value that doesn't fit and a connection that broke can look the same: only what can't be encoded without
            # any connection either is the data's fault.
            if isinstance(error.__cause__, ENCODING_ERRORS):
                for part in parts:
                    encode(part)
            raise

    def _connect(self, **changes: Any) -> StoreClient:
        # Nothing is sent yet: the driver connects with the first statement, and again where a ping fails.
        user, password = _text(self._server.store_user_file), _text(self._server.store_password_file)
        given = {name: value for name, value in (("user", user), ("password", password)) if value is not None}
        client = StoreClient(self._host, **self._arguments | given | changes)
        client.connection.hosts.rotate(-self._turns)
        return client

    def _open(self, **changes: Any) -> StoreClient:
        """Return a connection to a server that is new enough. Raises what the driver raises, and StoreUnavailable."""
        client = self._connect(**changes)
        try:
            client.connection.connect()
        except BaseException:
            client.disconnect()
            raise
        found = client.connection.server_info.version_tuple()
        if found[:2] < MIN_VERSION:
            client.disconnect()
            version, needed = (".".join(map(str, numbers)) for numbers in (found, MIN_VERSION))
            raise StoreUnavailable(
                f"The ClickHouse server at {client.connection.host} has version {version}, and Wideload needs {needed} or newer:"
                " upgrade the server"
            )
        return client

    def _open_reader(self) -> StoreClient:
        password = _text(self._server.store_read_password_file) or ""
        client = self._open(user=self._server.store_read_user, password=password)
        names = ("readonly", *limit_settings(Limits()))
        rules = client.execute(_RULES_SQL.format(names=", ".join(f"'{name}'" for name in names)))
        self._readonly = next((int(value) for name, value, _ in rules if name == "readonly"), 0)
        self._most = {name: float(most) for name, _, most in rules if most and most.replace(".", "").isdecimal()}
        if self._readonly == 1:
            client.disconnect()
            raise StoreUnavailable(
                f"The ClickHouse user {self._server.store_read_user} may not set limits for its own queries: give its profile"
                " `readonly = 2` instead of 1"
            )
        return client


def _break_off(client: StoreClient) -> None:
    """End a query by ending its connection, from another thread: the server notices within a tenth of a second."""
    connection = client.connection
    if connection and connection.socket:
        with suppress(OSError):
            connection.socket.shutdown(SHUT_RDWR)


def _text(file: Path | None) -> str | None:
    """Return what is in a file; None where there is none. Raises StoreUnavailable."""
    try:
        return file.read_text("utf-8").strip() if file else None
    except (OSError, UnicodeDecodeError) as error:
        raise StoreUnavailable(f"The file {file} can't be read: {error}") from None


def _day(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%d")


def _parse(url: str) -> tuple[str, dict[str, Any]]:
    try:
        host, arguments = parse_url(url)
    except (ValueError, AttributeError, IndexError):
        host, arguments = "", {}
    if not host or not url.startswith(("clickhouse://", "clickhouses://")):
        raise SettingsError(["The store's address must look like clickhouse://user:password@host:9000/database."])
    return host, _CONNECTION | arguments | {"settings_is_important": True}


def _used(blocks: Iterable[Columns]) -> list[Columns]:
    """Return the blocks without the columns that none of them uses: an event has fewer fields than the table, and each column
    costs both sides time."""
    parts = list(blocks)
    used = frozenset().union(*(part.used for part in parts))
    places = [place for place, (name, _) in enumerate(parts[0].spec) if not used or name in used]
    return [Columns([part.spec[place] for place in places], [part.data[place] for place in places]) for part in parts]


def _asked(ask: Callable[[], T], named: Callable[[str, int], StoreError]) -> T:
    """Return what `ask` returns; what the driver raises becomes an error of ours."""
    try:
        return ask()
    except ServerException as error:
        raise named(str(error.message), error.code) from error
    except (Error, OSError, EOFError, *ENCODING_ERRORS) as error:
        raise StoreUnavailable(f"The ClickHouse server can't be reached: {type(error).__name__}: {error}") from error
