"""Everything about one session, or whatever else is selected: event by event, in one of three formats."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from collector.privacy.selection import Selection
from collector.query.columns import Column
from collector.query.engine import QueryEngine
from collector.query.formats import WRITERS
from collector.store.base import Limits, Reader

#: How events may be written.
FORMATS: Final = ("ndjson", "json", "csv")
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
        return WRITERS[form](self._events(selection, columns), self._engine.every_column(selection.dataset))

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
