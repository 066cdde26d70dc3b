"""`/api/checks/coverage`: where people go and checks do not."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from starlette.requests import Request

from collector.access.identity import Role
from collector.access.private import PrivateRoute, on_dataset
from collector.config import Dataset
from collector.query.answering import answering, gone
from collector.query.coverage import Coverage
from collector.query.desk import Desk
from collector.query.parameters import read_whole
from collector.query.visible import known_dataset
from collector.store.base import Limits

_WEEK: Final = 7 * 86400
_LONGEST: Final = 366 * 86400


def coverage_routes(coverage: Coverage, datasets: Mapping[str, Dataset], desk: Desk, limits: Limits) -> list[PrivateRoute]:
    """Return the endpoint.

    Args:
        coverage: finds routes.
        datasets: by name; others are unknown.
        desk: where questions wait for their turn.
        limits: of its statements, for errors.
    """

    async def find(request: Request) -> bytes:
        dataset = known_dataset(request, request.query_params.get("dataset"), datasets)
        seconds = read_whole(request.query_params.get("time_range"), "time_range", _WEEK, 60, _LONGEST)
        views = read_whole(request.query_params.get("min_views"), "min_views", 1, 1, 1 << 31)
        return await desk.ask(lambda stop: coverage.find(dataset, seconds, views, stop), lambda: gone(request), "coverage")

    return [PrivateRoute("/api/checks/coverage", answering(find, limits), on_dataset(Role.VIEWER))]
