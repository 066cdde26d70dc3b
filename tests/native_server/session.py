"""One client's connection: packets in, packets out."""

from __future__ import annotations

import re
import socket
from concurrent.futures import ThreadPoolExecutor, wait
from select import select
from typing import Any
from uuid import uuid4

from clickhouse_driver import defines
from clickhouse_driver.bufferedreader import BufferedSocketReader
from clickhouse_driver.bufferedwriter import BufferedSocketWriter
from clickhouse_driver.protocol import ClientPacketTypes, Compression, ServerPacketTypes
from clickhouse_driver.reader import read_binary_str, read_binary_uint8, read_binary_uint64
from clickhouse_driver.varint import read_varint, write_varint
from clickhouse_driver.writer import write_binary_int32, write_binary_str, write_binary_uint8, write_binary_uint64

from .blocks import Block, read_block, write_block
from .engine import Answer, Engine, Query, ServerError

_UNESCAPED = {"b": "\b", "f": "\f", "r": "\r", "n": "\n", "t": "\t", "0": "\0", "a": "\a", "v": "\v"}


class Session:
    """Speaks with one client until it goes away."""

    def __init__(self, connection: socket.socket, engine: Engine, password: str) -> None:
        self._in = BufferedSocketReader(connection, defines.BUFFER_SIZE)
        self._out = BufferedSocketWriter(connection, defines.BUFFER_SIZE)
        self._connection, self._engine, self._password = connection, engine, password
        self._database, self._user = "", ""

    def run(self) -> None:
        """Greet, then answer packet by packet; raises EOFError or OSError when the client goes away."""
        try:
            self._greet()
        except ServerError as error:
            self._send_exception(error)
            return
        while True:
            packet = read_varint(self._in)
            if packet == ClientPacketTypes.PING:
                write_varint(ServerPacketTypes.PONG, self._out)
                self._out.flush()
            elif packet == ClientPacketTypes.QUERY:
                try:
                    self._answer(self._read_query())
                except ServerError as error:
                    self._send_exception(error)
            elif packet != ClientPacketTypes.CANCEL:
                raise EOFError(f"unexpected packet {packet}")

    def _greet(self) -> None:
        if read_varint(self._in) != ClientPacketTypes.HELLO:
            raise EOFError("no hello")
        read_binary_str(self._in)  # the client's name
        for _ in range(3):
            read_varint(self._in)  # its version and protocol revision
        self._database, self._user, password = (read_binary_str(self._in) for _ in range(3))
        if password != self._password:
            raise ServerError(516, f"{self._user}: Authentication failed: password is incorrect, or there is no such user.")
        if not self._engine.has(self._database):
            raise ServerError(81, f"Database {self._database} does not exist.")
        write_varint(ServerPacketTypes.HELLO, self._out)
        write_binary_str("ClickHouse", self._out)
        for number in (26, 9, defines.CLIENT_REVISION):
            write_varint(number, self._out)
        write_binary_str("UTC", self._out)
        write_binary_str("test", self._out)
        write_varint(2, self._out)  # the patch version
        write_varint(0, self._out)  # rules for passwords
        write_binary_uint64(0, self._out)  # a nonce
        self._out.flush()
        read_binary_str(self._in)  # the addendum: a quota key

    def _read_query(self) -> Query:
        read_binary_str(self._in)  # the query's id
        self._skip_client_info()
        settings = self._read_settings()
        read_binary_str(self._in)  # a secret between servers
        read_varint(self._in)  # the stage
        compression = read_varint(self._in)
        sql = read_binary_str(self._in)
        params = {name: _unquoted(value) for name, value in self._read_settings().items()}
        while self._read_data().spec:
            pass  # External tables, of which the collector sends none.
        if compression != Compression.DISABLED:
            raise ServerError(48, "The test server doesn't compress.")
        return Query(sql, settings, params, readonly=self._user == "reader")

    def _skip_client_info(self) -> None:
        read_binary_uint8(self._in)  # the kind of query
        for _ in range(3):
            read_binary_str(self._in)  # the first user, query id and address
        read_binary_uint64(self._in)  # the start
        read_binary_uint8(self._in)  # the interface
        for _ in range(3):
            read_binary_str(self._in)  # the user, host and name of the client
        for _ in range(3):
            read_varint(self._in)  # its version and protocol revision
        read_binary_str(self._in)  # a quota key
        for _ in range(2):
            read_varint(self._in)  # the depth, the patch version
        if read_binary_uint8(self._in):
            raise EOFError("OpenTelemetry headers are not read")
        for _ in range(3):
            read_varint(self._in)  # parallel replicas

    def _read_settings(self) -> dict[str, str]:
        settings = {}
        while name := read_binary_str(self._in):
            read_binary_uint8(self._in)  # flags
            settings[name] = read_binary_str(self._in)
        return settings

    def _read_data(self) -> Block:
        if read_varint(self._in) != ClientPacketTypes.DATA:
            raise EOFError("no data")
        read_binary_str(self._in)  # an external table's name
        return read_block(self._in, wire=True)

    def _answer(self, query: Query) -> None:
        if query.insert:
            self._receive_rows(query)
        else:
            if zone := query.settings.get("session_timezone"):
                write_varint(ServerPacketTypes.TIMEZONE_UPDATE, self._out)
                write_binary_str(zone, self._out)
            self._send_answer(self._run(query))
        write_varint(ServerPacketTypes.END_OF_STREAM, self._out)
        self._out.flush()

    def _run(self, query: Query) -> Answer:
        """Run a query; stop it if the client cancels it or goes away, as a server does."""
        name = uuid4().hex
        with ThreadPoolExecutor(1) as pool:
            running = pool.submit(self._engine.run, query, self._database, name)
            while not wait([running], 0.02).done:
                if select([self._connection], [], [], 0)[0]:
                    self._engine.kill(name)
        return running.result()

    def _receive_rows(self, query: Query) -> None:
        self._send_block(self._engine.insert_header(query, self._database))
        self._out.flush()
        blocks = []
        while (block := self._read_data()).spec:
            blocks.append(block)
            self._send_block(Block(), ServerPacketTypes.PROFILE_EVENTS)
            self._out.flush()
        self._engine.insert(query, self._database, blocks)
        self._send_block(Block(), ServerPacketTypes.PROFILE_EVENTS)

    def _send_answer(self, answer: Answer) -> None:
        if answer.header is None:
            return
        self._send_block(answer.header)
        for block in answer.blocks:
            self._send_block(block)
        rows = sum(block.rows for block in answer.blocks)
        self._send_numbers(ServerPacketTypes.PROFILE_INFO, rows, len(answer.blocks), 0, 0, rows, 1)
        self._send_numbers(ServerPacketTypes.PROGRESS, answer.rows_read, answer.bytes_read, 0, 0, 0, 0, 0)

    def _send_block(self, block: Block, packet: int = ServerPacketTypes.DATA) -> None:
        write_varint(packet, self._out)
        write_binary_str("", self._out)
        write_block(block, self._out, wire=True)

    def _send_numbers(self, packet: int, *numbers: int) -> None:
        for number in (packet, *numbers):
            write_varint(number, self._out)

    def _send_exception(self, error: ServerError) -> None:
        write_varint(ServerPacketTypes.EXCEPTION, self._out)
        write_binary_int32(error.code, self._out)
        for text in ("DB::Exception", f"DB::Exception: {error.message}", "no stack trace in tests"):
            write_binary_str(text, self._out)
        write_binary_uint8(0, self._out)  # no nested one
        self._out.flush()


def _unquoted(dump: Any) -> str:
    """Return the text of a parameter, which comes as a quoted literal."""
    return re.sub(r"\\(.)", lambda match: _UNESCAPED.get(match[1], match[1]), dump[1:-1], flags=re.DOTALL)
