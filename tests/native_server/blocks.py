"""Blocks of columns between the wire and chDB's Native format, with clickhouse-driver's own column code.

Both have the same shape; on the wire a block begins with a `BlockInfo` and a column has one more byte (custom serialization).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from io import BytesIO
from typing import Any

from clickhouse_driver.block import BlockInfo
from clickhouse_driver.bufferedreader import CompressedBufferedReader
from clickhouse_driver.bufferedwriter import CompressedBufferedWriter
from clickhouse_driver.columns.service import read_column, write_column
from clickhouse_driver.context import Context
from clickhouse_driver.reader import read_binary_str, read_binary_uint8
from clickhouse_driver.varint import read_varint, write_varint
from clickhouse_driver.writer import write_binary_str, write_binary_uint8


@dataclass
class Block:
    """Some rows, column by column."""

    spec: list[tuple[str, str]] = field(default_factory=list)
    data: list[Any] = field(default_factory=list)
    rows: int = 0


def context() -> Context:
    """Return what the column code wants to know about a client."""
    made = Context()
    made.settings = {}
    made.client_settings = {
        "strings_as_bytes": True,  # A test server passes on what it gets, valid UTF-8 or not.
        "use_numpy": False,
        "namedtuple_as_json": False,
    }
    return made


def raw(type_: str) -> str:
    """Return a type of the same bytes that the driver doesn't convert: times stay numbers, exact ones."""
    type_ = re.sub(r"DateTime64\([^)]*\)", "Int64", type_)
    return re.sub(r"DateTime(\([^)]*\))?", "UInt32", type_)


def read_block(buffer: Any, wire: bool) -> Block:
    """Read one block; raises EOFError where there is none."""
    if wire:
        BlockInfo().read(buffer)
    width, block = read_varint(buffer), Block()
    block.rows = read_varint(buffer)
    for _ in range(width):
        name, type_ = read_binary_str(buffer), read_binary_str(buffer)
        block.spec.append((name, type_))
        if wire and read_binary_uint8(buffer):
            raise ValueError("The test server doesn't read custom serializations.")
        block.data.append(list(read_column(context(), raw(type_), block.rows, buffer)) if block.rows else [])
    return block


def write_block(block: Block, buffer: Any, wire: bool) -> None:
    """Write one block."""
    if wire:
        BlockInfo().write(buffer)
    write_varint(len(block.spec), buffer)
    write_varint(block.rows, buffer)
    for (name, type_), values in zip(block.spec, block.data, strict=True):
        write_binary_str(name, buffer)
        write_binary_str(type_, buffer)
        if wire:
            write_binary_uint8(0, buffer)
        if block.rows:
            write_column(context(), name, raw(type_), list(values), buffer)


def from_native(data: bytes) -> Iterator[Block]:
    """Yield the blocks of an answer of chDB."""
    chunks = iter((data,))
    buffer = CompressedBufferedReader(lambda: next(chunks, b""), 1 << 20)
    while True:
        try:
            yield read_block(buffer, wire=False)
        except EOFError:
            return


def to_native(block: Block) -> bytes:
    """Return a block as chDB's `send_insert` takes it."""
    stream = BytesIO()
    buffer = CompressedBufferedWriter(stream, 1 << 20)
    write_block(block, buffer, wire=False)
    buffer.flush()
    return stream.getvalue()
