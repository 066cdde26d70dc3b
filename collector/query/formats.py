"""How events leave as a file: JSON lines, a JSON array, CSV and Parquet. Each writes chunk by chunk, so that memory stays constant.

A writer takes lists of events and yields bytes. What strangers have sent is made harmless: no terminal obeys a character of the
texts, and no spreadsheet computes a cell of CSV.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any, Final

import orjson

from collector import cells
from collector.errors import RequestError
from collector.fields import ItemType
from collector.query.columns import Column

Event = dict[str, Any]
#: Events of a row group of Parquet: as many as are in memory at once.
ROW_GROUP: Final = 5_000


#: Takes chunks of events and the fields that they may have, in the order of a table's columns; yields the parts of the file.
Writer = Callable[[Iterable[list[Event]], Mapping[str, Column]], Iterator[bytes]]


def write_lines(chunks: Iterable[list[Event]], _: Mapping[str, Column]) -> Iterator[bytes]:
    """Write an object a line."""
    for events in chunks:
        yield "".join(_json(event) + "\n" for event in events).encode()


def write_array(chunks: Iterable[list[Event]], _: Mapping[str, Column]) -> Iterator[bytes]:
    """Write an array of objects."""
    before = "["
    for events in chunks:
        yield (before + ",\n".join(map(_json, events))).encode()
        before = ",\n"
    yield b"[]\n" if before == "[" else b"]\n"


def write_csv(chunks: Iterable[list[Event]], columns: Mapping[str, Column]) -> Iterator[bytes]:
    """Write a line of names and a line for each event."""
    head = _lines([map(cells.csv_cell, columns)])
    for events in chunks:
        yield head + _lines([cells.csv_cell(event.get(name)) for name in columns] for event in events)
        head = b""
    if head:
        yield head


def write_parquet(chunks: Iterable[list[Event]], columns: Mapping[str, Column]) -> Iterator[bytes]:
    """Write Parquet, compressed with Zstandard. Raises RequestError (501) where pyarrow is not installed."""
    try:
        import pyarrow
        import pyarrow.parquet
    except ImportError:
        message = "Parquet needs pyarrow, which the collector does not have: install wideload[parquet], or use another format."
        raise RequestError(501, "parquet_unavailable", message, "format") from None
    kinds = {"string": pyarrow.string(), "number": pyarrow.float64(), "boolean": pyarrow.bool_(),
             "time": pyarrow.timestamp("ms", "UTC"), "whole": pyarrow.int64()}  # fmt: skip

    def kind(column: Column) -> Any:
        item = kinds["whole" if _is_whole(column) else _type(column)]
        return pyarrow.list_(item) if column.parallel else item

    schema = pyarrow.schema([(name, kind(column)) for name, column in columns.items()])
    file = _Buffer()
    with pyarrow.parquet.ParquetWriter(pyarrow.PythonFile(file, mode="w"), schema, compression="zstd") as writer:
        for events in _regrouped(chunks, ROW_GROUP):
            data = [[_plain(event.get(name), column) for event in events] for name, column in columns.items()]
            arrays = [pyarrow.array(values, field.type) for values, field in zip(data, schema, strict=True)]
            writer.write_table(pyarrow.Table.from_arrays(arrays, schema=schema), row_group_size=ROW_GROUP)
            yield file.take()
    yield file.take()


#: The writers, and the media type of what they write, by the name of the format; a file's name ends with it.
WRITERS: Final[dict[str, Writer]] = {
    "csv": write_csv,
    "json": write_array,
    "jsonl": write_lines,
    "ndjson": write_lines,
    "parquet": write_parquet,
}
MEDIA_TYPES: Final = {
    "csv": "text/csv; charset=utf-8",
    "json": "application/json",
    "jsonl": "application/x-ndjson",
    "ndjson": "application/x-ndjson",
    "parquet": "application/vnd.apache.parquet",
}


class _Buffer(io.RawIOBase):
    """A file that only grows: keeps what was written until it is taken."""

    def __init__(self) -> None:
        self._parts: list[bytes] = []
        self._position = 0

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        part = bytes(data)
        self._parts.append(part)
        self._position += len(part)
        return len(part)

    def tell(self) -> int:
        return self._position

    def take(self) -> bytes:
        """Return what was written since it was last asked for."""
        taken, self._parts = b"".join(self._parts), []
        return taken


def _regrouped(chunks: Iterable[list[Event]], size: int) -> Iterator[list[Event]]:
    waiting: list[Event] = []
    for events in chunks:
        waiting += events
        while len(waiting) >= size:
            yield waiting[:size]
            waiting = waiting[size:]
    if waiting:
        yield waiting


def _type(column: Column) -> ItemType:
    """Return the type of a column of a table; an attribute that was sent with several types is a text."""
    return column.types[0] if len(column.types) == 1 else "string"


def _is_whole(column: Column) -> bool:
    return "UInt" in column.stored


def _plain(value: Any, column: Column) -> Any:
    if value is None or column.parallel:
        return value
    type_ = _type(column)
    if type_ == "time":
        return datetime.fromisoformat(value)
    if type_ == "string":
        return value if isinstance(value, str) else orjson.dumps(value).decode()
    # An attribute may have got another type since the file began.
    return value if isinstance(value, bool) is (type_ == "boolean") and not isinstance(value, str) else None


def _json(event: Event) -> str:
    return cells.json_text(orjson.dumps(event).decode())


def _lines(rows: Iterable[Iterable[Any]]) -> bytes:
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerows(rows)
    return out.getvalue().encode()
