"""What a collector that answers has to do with checks: it schedules them, and tells of them. Built by `app`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from starlette.routing import BaseRoute

from collector.access.credentials import Access
from collector.access.private import declared
from collector.checks.baseline_routes import baseline_routes
from collector.checks.drafts import draft
from collector.checks.evidence import Rooms
from collector.checks.evidence_routes import evidence_routes
from collector.checks.lease_routes import lease_routes
from collector.checks.marks import Marks
from collector.checks.push_routes import push_routes
from collector.checks.routes import check_routes
from collector.checks.schedule.service import open_service
from collector.config import Settings
from collector.query.check_routes import check_read_routes
from collector.query.coverage import Coverage
from collector.query.coverage_routes import coverage_routes
from collector.query.desk import Desk
from collector.query.engine import QueryEngine
from collector.query.parse import parse_query
from collector.telemetry import Counters


class Checking:
    """The scheduler, if there are checks to schedule, the evidence of runs, and the routes of both.

    Args:
        settings: all of them, with datasets that may change.
        marks: sign runs.
        access: who may do what; makes the token with which checks ask what has arrived.
        engine: answers what budgets ask of real users.
        counters: count what is dropped.

    Raises:
        SettingsError: the checks' secrets cannot be used.
    """

    def __init__(self, settings: Settings, marks: Marks, access: Access, engine: QueryEngine, counters: Counters) -> None:
        self._settings, self._marks = settings, marks
        self._rooms = Rooms(settings.data_dir, settings.checks.evidence_days, settings.checks.evidence_passed_days)
        self._service = open_service(
            settings, settings.datasets, marks, self._rooms, counters, access.tokens.for_checks, _asking(engine)
        )

    @property
    def pending(self) -> int:
        """How many runs wait to be sent."""
        return self._service.pending if self._service else 0

    def facts(self) -> dict[str, Any] | None:
        """Return what `wideload doctor` judges; None where no checks are scheduled."""
        return self._service.facts() if self._service else None

    def start(self) -> None:
        """Begin to schedule."""
        if self._service:
            self._service.start()

    def stop(self) -> None:
        """Stop at once; a run that is going on gave no data."""
        if self._service:
            self._service.stop()
        self._rooms.close()

    def public(self) -> list[BaseRoute]:
        """Return what anyone may ask: where heartbeats go."""
        return [*push_routes(self._service.scheduler.pushes if self._service else None)]

    def private(self, engine: QueryEngine, desk: Desk) -> list[BaseRoute]:
        """Return the routes of viewers and runners.

        Args:
            engine: answers what is stored.
            desk: where questions wait for their turn.
        """
        datasets, service = self._settings.datasets, self._service
        return [
            *declared(check_routes(self._marks, datasets)),
            *declared(lease_routes(service)),
            *declared(evidence_routes(self._rooms, self._marks, datasets)),
            *declared(baseline_routes(self._rooms, datasets)),
            *declared(coverage_routes(Coverage(engine, draft), datasets, desk, engine.limits.statement)),
            *declared(check_read_routes(engine, datasets, desk, service.described if service else _nothing, self._rooms.of_run)),
        ]


def _nothing(_: str) -> list[dict[str, object]]:
    return []


def _asking(engine: QueryEngine) -> Callable[[dict[str, Any]], list[dict[str, Any]]]:
    """Return what answers questions with the data of their rows."""

    def ask(question: dict[str, Any]) -> list[dict[str, Any]]:
        return [row["data"] for row in engine.run(parse_query(question, engine.limits.spec))["results"]]

    return ask
