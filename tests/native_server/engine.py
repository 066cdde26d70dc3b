"""What the test server executes on: chDB, a fresh connection for each query, so that no setting outlives it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from chdb.state.sqlitelike import Connection

from collector.store.native import memory_file

from .blocks import Block, from_native, to_native

_INSERT = re.compile(r"\s*INSERT\s+INTO\s+(\S+)\s*\((.*)\)\s*VALUES\s*", re.IGNORECASE | re.DOTALL)
_SELECT = re.compile(r"\s*(SELECT|WITH)\b", re.IGNORECASE)


class ServerError(Exception):
    """An error that the client gets as an exception packet."""

    def __init__(self, code: int, message: str) -> None:
        super().__init__(message)
        self.code, self.message = code, message


@dataclass
class Query:
    """A query as the client sent it."""

    sql: str
    settings: dict[str, str] = field(default_factory=dict)
    params: dict[str, str] = field(default_factory=dict)
    #: Whether it comes from a user who can only read.
    readonly: bool = False

    @property
    def insert(self) -> tuple[str, str] | None:
        """The table and the column list of an INSERT that brings its own data."""
        match = _INSERT.fullmatch(self.sql)
        return (match[1], match[2]) if match else None


@dataclass
class Answer:
    """The header and the rows of an answer, and what was read for it."""

    header: Block | None
    blocks: list[Block]
    rows_read: int = 0
    bytes_read: int = 0


class Engine:
    """The one chDB of the process."""

    def __init__(self, path: str, faults: str = "", clusters: str = "") -> None:
        self._address, self._faults, self._clusters = path, faults, clusters
        self._anchor = Connection(path)
        self._anchor.query("CREATE DATABASE IF NOT EXISTS `default`")

    def has(self, database: str) -> bool:
        """Return whether there is such a database."""
        found = self._anchor.query("SELECT name FROM system.databases", "TSV").bytes().decode().splitlines()
        return not database or database in found

    def run(self, query: Query, database: str, name: str = "") -> Answer:
        """Run anything but an INSERT with data; `kill` knows it by its name."""
        query = replace(query, sql=as_one_server(query.sql, self._clusters))
        with self._connection(query, database) as connection:
            connection.query(f"SET log_comment = '{name}'")
            header = self._header(connection, query.sql, query.params) if _SELECT.match(query.sql) else None
            result = connection.query(query.sql, "Native", params=query.params)
            blocks = list(from_native(result.bytes()))
            if header is None and blocks:
                header = Block(blocks[0].spec, [[] for _ in blocks[0].spec])
            return Answer(header, blocks, result.storage_rows_read(), result.storage_bytes_read())

    def kill(self, name: str) -> None:
        """Stop a query, if it runs."""
        self._anchor.query(f"KILL QUERY WHERE Settings['log_comment'] = '{name}' ASYNC")

    def insert_header(self, query: Query, database: str) -> Block:
        """Return the names and types of the columns that an INSERT names."""
        table, columns = query.insert or ("", "")
        with self._connection(query, database) as connection:
            return self._header(connection, f"SELECT {columns} FROM {table}", {})

    def insert(self, query: Query, database: str, blocks: list[Block]) -> None:
        """Insert all blocks or none; or do what the file of faults says (`tests/faults/store_faults.py`)."""
        table, columns = query.insert or ("", "")
        fault = json.loads(Path(self._faults).read_text()) if self._faults and table == "events" else {}
        fails = fault and _is_meant(fault, blocks)
        if fails and not fault["applied"]:
            _fail(fault)
        with memory_file() as file, self._connection(query, database) as connection:
            for block in blocks:
                file.write(to_native(block))
            file.flush()
            connection.query(f"INSERT INTO {table} ({columns}) SELECT * FROM file('/dev/fd/{file.fileno()}', 'Native')")
        if fails:
            _fail(fault)

    @contextmanager
    def _connection(self, query: Query, database: str) -> Iterator[Connection]:
        connection = Connection(self._address)
        try:
            connection.query(f"USE `{database or 'default'}`")
            if query.readonly:
                connection.query("SET readonly = 2")
            if query.settings:
                pairs = (f"{name} = {_quoted(value)}" for name, value in query.settings.items())
                connection.query(f"SET {', '.join(pairs)}")
            yield connection
        except RuntimeError as error:
            raise _server_error(str(error)) from error
        finally:
            connection.close()

    def _header(self, connection: Any, select: str, params: dict[str, str]) -> Block:
        result = connection.query(f"DESCRIBE TABLE ({select})", "Native", params=params)
        described = next(from_native(result.bytes()))
        spec = [(name.decode(), type_.decode()) for name, type_ in zip(described.data[0], described.data[1], strict=True)]
        return Block(spec, [[] for _ in spec])


def as_one_server(sql: str, clusters: str = "") -> str:
    """Return what a statement means to a server that is alone: chDB has neither replicas nor other servers."""
    sql = re.sub(r" ON CLUSTER `[^`]*`", "", sql)
    sql = re.sub(r"Replicated(\w*MergeTree)\('[^']*', '[^']*'(?:, )?", r"\1(", sql)
    sql = re.sub(r"Distributed\('[^']*', '[^']*', '(\w+)', [^\n]*\)", r"Merge(currentDatabase(), '^\1$')", sql)
    sql = re.sub(r"clusterAllReplicas\('[^']*', (system\.\w+)\)", r"\1", sql)
    if clusters and "system.clusters" in sql:
        rows = json.loads(Path(clusters).read_text())
        values = ", ".join(f"('{cluster}', {shard}, 1, '{host}', {port})" for cluster, shard, host, port in rows)
        columns = "cluster String, shard_num UInt32, replica_num UInt32, host_name String, port UInt16"
        sql = sql.replace("system.clusters", f"VALUES('{columns}', {values})")
    return sql


def _quoted(value: str) -> str:
    escaped = value.replace("\\", "\\\\").replace("'", "\\'")
    return f"'{escaped}'"


def _server_error(message: str) -> ServerError:
    match = re.search(r"Code: (\d+)\. DB::Exception: (.*)", message, re.DOTALL)
    return ServerError(int(match[1]), match[2]) if match else ServerError(1001, message)


def _is_meant(fault: dict[str, Any], blocks: list[Block]) -> bool:
    """Return whether an INSERT is one of those that fail."""
    if fault["poison"]:
        columns = [values for block in blocks for (name, _), values in zip(block.spec, block.data, strict=True) if name == "id"]
        return any(set(fault["poison"]) & {_text(value) for value in values} for values in columns)
    return bool(sum(block.rows for block in blocks) > fault["beyond"])


def _text(value: bytes | str) -> str:
    return value if isinstance(value, str) else value.decode()


def _fail(fault: dict[str, Any]) -> None:
    if not fault["code"]:
        raise EOFError("the server goes away")
    raise ServerError(fault["code"], fault["message"])
