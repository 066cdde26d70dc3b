"""Everything about one session, or whatever else is selected: event by event, in one of three formats."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from typing import Any, Final

import orjson

from collector import cells
from collector.privacy.selection import Selection
from collector.query.columns import Column
from collector.query.engine import QueryEngine
from collector.store.base import Limits, Reader

#: Events that are read at once.
CHUNK: Final = 500
_LIMITS: Final = Limits(seconds=300)


class Exporter:
    """Reads whole events.

    Args:
        store: where they are.
        engine: knows names and fetches events.
    """

    def __init__(self, store: Reader, engine: QueryEngine) -> None:
        self._store, self._engine = store, engine

    def export(self, selection: Selection, form: str) -> Iterator[bytes]:
        """Yield the selected events by time, each with all of its fields.

        Args:
            selection: which events.
            form: one of `FORMATS`.

        Raises:
            QueryError, StoreError: at the first step or a later one.
        """
        columns = self._engine.columns(selection.dataset, selection.names())
        return FORMATS[form](self._events(selection, columns), self._names(selection.dataset))

    def _names(self, dataset: str) -> list[str]:
        return [one["name"] for one in self._engine.fields(dataset)["fields"]]

    def _events(self, selection: Selection, columns: dict[str, Column]) -> Iterator[list[dict[str, Any]]]:
        after: tuple[int, str] | None = None
        while True:
            statement = selection.keys(columns, CHUNK, after)
            keys = self._store.query(statement.sql, statement.params, _LIMITS).rows
            if keys:
                yield self._engine.whole(selection.dataset, [(id_, kind, ts, hour) for kind, id_, ts, hour in keys])
                after = (keys[-1][2], keys[-1][1])
            if len(keys) < CHUNK:
                return


def _ndjson(chunks: Iterator[list[dict[str, Any]]], _: Sequence[str]) -> Iterator[bytes]:
    for events in chunks:
        yield "".join(_json(event) + "\n" for event in events).encode()


def _json_array(chunks: Iterator[list[dict[str, Any]]], _: Sequence[str]) -> Iterator[bytes]:
    before = "["
    for events in chunks:
        yield (before + ",\n".join(map(_json, events))).encode()
        before = ",\n"
    yield b"[]\n" if before == "[" else b"]\n"


def _csv(chunks: Iterator[list[dict[str, Any]]], names: Sequence[str]) -> Iterator[bytes]:
    yield _row(map(cells.csv_cell, names))
    for events in chunks:
        yield b"".join(_row(cells.csv_cell(event.get(name)) for name in names) for event in events)


def _row(values: Any) -> bytes:
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerow(values)
    return out.getvalue().encode()


def _json(event: dict[str, Any]) -> str:
    return cells.json_text(orjson.dumps(event).decode())


#: How events are written, by the name of the format.
FORMATS: Final = {"ndjson": _ndjson, "json": _json_array, "csv": _csv}
#: The media type of each.
MEDIA_TYPES: Final = {"ndjson": "application/x-ndjson", "json": "application/json", "csv": "text/csv; charset=utf-8"}
