"""Events for the store's tests."""

from __future__ import annotations

from typing import Any

from collector.store.base import Param, QueryResult
from collector.store.sql import SqlStore

#: 2026-11-16 10:00 UTC.
NOW = 1_794_823_200_000
DAY = 86_400_000


def event(dataset: str, **fields: Any) -> dict[str, Any]:
    """Return the least that a store takes, and more."""
    return {"dataset": dataset, "id": "a", "kind": "page_view", "ts": NOW, **fields}


def ask(store: SqlStore, columns: str, dataset: str, rest: str = "ORDER BY id") -> QueryResult:
    """Select from a dataset's events, each in its latest version."""
    sql = f"SELECT {columns} FROM events FINAL WHERE dataset = {{dataset:String}} {rest}"
    return store.query(sql, {"dataset": Param("String", dataset)})
