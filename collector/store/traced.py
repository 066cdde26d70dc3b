"""A store whose statements are parts of the trace of who asked for them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final, cast

from opentelemetry.trace import SpanKind

from collector.events import Event
from collector.store.base import Limits, Param, QueryResult, Stop, Store
from collector.tracing import Tracing

_SYSTEM: Final = {"db.system.name": "clickhouse"}
_MOST_SQL: Final = 4096


def traced(store: Store, tracing: Tracing) -> Store:
    """Return the store, with spans where there may be any."""
    return cast(Store, _Traced(store, tracing)) if tracing.is_on else store


class _Traced:
    def __init__(self, store: Store, tracing: Tracing) -> None:
        self._store, self._tracing = store, tracing

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store, name)

    def query(
        self, sql: str, params: Mapping[str, Param] | None = None, limits: Limits | None = None, stop: Stop | None = None
    ) -> QueryResult:
        # Values are parameters, so the text holds nothing that somebody has sent.
        with self._tracing.child("store.query", _SYSTEM | {"db.query.text": sql[:_MOST_SQL]}, SpanKind.CLIENT) as span:
            result = self._store.query(sql, params, limits, stop)
            span.set_attribute("wideload.rows_read", result.rows_read)
            return result

    def insert(self, events: Sequence[Event]) -> None:
        with self._tracing.child("store.insert", _SYSTEM | {"wideload.events": len(events)}, SpanKind.CLIENT):
            self._store.insert(events)
