"""`GET /api/checks` and below: what is known of synthetic checks, and of their runs."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from anyio import to_thread
from starlette.requests import Request

from collector.access.identity import Role
from collector.access.private import PrivateRoute, identity_of, on_dataset
from collector.config import Dataset
from collector.errors import RequestError
from collector.query.answering import answering, gone
from collector.query.check_runs import COLUMNS, STATUSES, details
from collector.query.desk import Desk
from collector.query.engine import QueryEngine
from collector.query.parameters import read_moment, read_whole, read_words
from collector.query.parse import parse_events
from collector.query.visible import known_dataset
from collector.store.base import Stop

Json = dict[str, Any]
#: What the scheduler says of its checks, by dataset; and what is kept of a run, by dataset and run.
Scheduled = Callable[[str], Sequence[Mapping[str, Any]]]
EvidenceOf = Callable[[str, str], Sequence[Mapping[str, Any]]]
_RUN_ID: Final = re.compile(r"[A-Za-z0-9_-]{1,64}")
_DAY: Final = 86_400
#: A run's events are looked for in the retention of most; its id has an index.
_LONG: Final = 400 * _DAY
_MAX_POINTS: Final = 400
#: For editors only.
_SECRET: Final = "push_path"


def check_read_routes(
    engine: QueryEngine, datasets: Mapping[str, Dataset], desk: Desk, scheduled: Scheduled, evidence: EvidenceOf
) -> list[PrivateRoute]:
    """Return the endpoints.

    Args:
        engine: answers.
        datasets: by name; others are unknown.
        desk: where questions wait for their turn.
        scheduled, evidence: see there.
    """
    api, cost, viewer = _Api(engine, datasets, desk, scheduled, evidence), engine.limits.statement, on_dataset(Role.VIEWER)
    return [
        PrivateRoute("/api/checks", answering(api.checks, cost), viewer),
        PrivateRoute("/api/checks/runs", answering(api.runs, cost), viewer),
        PrivateRoute("/api/checks/runs/{id}", answering(api.run, cost), viewer),
    ]


class _Api:
    def __init__(
        self, engine: QueryEngine, datasets: Mapping[str, Dataset], desk: Desk, scheduled: Scheduled, evidence: EvidenceOf
    ) -> None:
        self._engine, self._datasets, self._desk, self._scheduled, self._evidence = engine, datasets, desk, scheduled, evidence

    async def checks(self, request: Request) -> bytes:
        dataset, asked = self._dataset(request), request.query_params
        time = parse_events({"dataset": dataset, **_times(request)}).time
        points = read_whole(asked.get("points"), "points", 48, 1, _MAX_POINTS)
        scheduled = [dict(one) for one in await to_thread.run_sync(self._scheduled, dataset)]
        if not identity_of(request).may(Role.EDITOR, dataset):
            for one in scheduled:
                one.pop(_SECRET, None)
        return await self._ask(request, lambda stop: self._engine.checks(dataset, time, points, scheduled, stop))

    async def runs(self, request: Request) -> bytes:
        dataset, asked = self._dataset(request), request.query_params
        given = [(name, asked[name]) for name in ("name", "location", "trigger") if asked.get(name)]
        filters: list[Json] = [{"column": "kind", "op": "=", "value": "check_run"},
                               {"column": "check.is_final", "op": "=", "value": True}]  # fmt: skip
        filters += [{"column": f"check.{name}", "op": "=", "value": value} for name, value in given]
        if statuses := read_words(asked.get("status"), "status", STATUSES):
            filters.append({"column": "check.status", "op": "in", "value": list(statuses)})
        spec = parse_events({
            "dataset": dataset, "filters": filters, "columns": list(COLUMNS), **_times(request),
            "limit": read_whole(asked.get("limit"), "limit", 50, 1, 1000),
            **({"cursor": asked["cursor"]} if asked.get("cursor") else {}),
        })  # fmt: skip

        def work(stop: Stop) -> Json:
            found = self._engine.events(spec, stop)
            return {"runs": found["events"], "next_cursor": found["next_cursor"], "meta": found["meta"]}

        return await self._ask(request, work)

    async def run(self, request: Request) -> bytes:
        dataset, run_id = self._dataset(request), request.path_params["id"]
        if not _RUN_ID.fullmatch(run_id):
            raise RequestError(404, "unknown_run", "That is no run's id.")
        filters = [{"column": "check.run_id", "op": "=", "value": run_id}]
        spec = parse_events({"dataset": dataset, "time_range": _LONG, "filters": filters, "limit": 1000})

        def work(stop: Stop) -> Json:
            found = self._engine.events(spec, stop)
            return details(run_id, found["events"], self._evidence(dataset, run_id)) | {"meta": found["meta"]}

        return await self._ask(request, work)

    def _dataset(self, request: Request) -> str:
        return known_dataset(request, request.query_params.get("dataset"), self._datasets)

    async def _ask(self, request: Request, work: Callable[[Stop], Json]) -> bytes:
        return await self._desk.ask(work, lambda: gone(request), "checks")


def _times(request: Request) -> Json:
    """Return the range of a request as a question has it; without any, the last day."""
    asked = request.query_params
    given = {key: read_moment(asked.get(key), key) for key in ("start_time", "end_time")}
    found: Json = {key: value // 1000 for key, value in given.items() if value is not None}
    if asked.get("time_range") or len(found) < 2:
        found["time_range"] = read_whole(asked.get("time_range"), "time_range", _DAY, 1, _LONG)
    return found
