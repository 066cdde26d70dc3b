"""A dataset of its own for every test that asks questions."""

from __future__ import annotations

from typing import Any

from collector.fields import ATTRIBUTE_COLUMNS
from collector.query.engine import QueryEngine
from collector.query.limits import EngineLimits
from collector.query.parse import parse_events, parse_query
from collector.store.base import Attribute, Store

#: 2026-11-16 10:00 UTC.
NOW = 1_794_823_200


class Dataset:
    """A dataset with events and questions; the clock of its engine stands at `NOW`."""

    def __init__(self, name: str, store: Store) -> None:
        self.name, self._store = name, store
        self.engine = QueryEngine(store, now=lambda: NOW)
        self._added = 0

    def add(self, *events: dict[str, Any]) -> None:
        """Store page views, a minute old unless they say `ts`, and catalogue their attributes."""
        rows = []
        for event in events:
            self._added += 1
            ts = (NOW - 60) * 1000
            rows.append({"id": f"e{self._added:05}", "kind": "page_view", "revision": 1, "sample_rate": 1, "ts": ts, **event})
        self._store.insert([{"dataset": self.name, "time": row["ts"], "received_at": row["ts"], **row} for row in rows])
        named = {(name, type_) for row in rows for type_, column in ATTRIBUTE_COLUMNS.items() for name in row.get(column, {})}
        self._store.add_attributes([Attribute(self.name, name, type_) for name, type_ in sorted(named)])

    def limited(self, **limits: Any) -> Dataset:
        """Return the same dataset under other limits."""
        other = Dataset(self.name, self._store)
        other.engine = QueryEngine(self._store, EngineLimits(**limits), now=lambda: NOW)
        return other

    def ask(self, **query: Any) -> dict[str, Any]:
        """Return the whole answer to a query."""
        return self.engine.run(parse_query({"dataset": self.name, **query}))

    def rows(self, **query: Any) -> list[dict[str, Any]]:
        """Return the data of the results."""
        return [row["data"] for row in self.ask(disable_series=True, **query)["results"]]

    def one(self, op: str, column: str | None = None, **query: Any) -> Any:
        """Return the value of one calculation over everything."""
        calculation = {"op": op, "name": "it"} | ({"column": column} if column else {})
        return self.rows(calculations=[calculation], **query)[0]["it"]

    def matching(self, column: str, op: str, *value: Any) -> set[str]:
        """Return the ids of the events that a filter lets through."""
        condition = {"column": column, "op": op} | ({"value": value[0]} if value else {})
        return {event["id"] for event in self.events(filters=[condition], columns=["id"], limit=1000)}

    def events(self, **question: Any) -> list[dict[str, Any]]:
        """Return single events."""
        found: list[dict[str, Any]] = self.engine.events(parse_events({"dataset": self.name, **question}))["events"]
        return found
