"""`/healthz`, `/readyz` and `/metrics`: is the process alive, would it keep a beacon, and what has it counted."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from collector.access.identity import Role
from collector.access.private import PrivateRoute, everywhere
from collector.pipeline.intake import Intake
from collector.pipeline.loader import Loader, NoLoader
from collector.reload import Configuration

#: What anyone may know of the state.
_PUBLIC: Final = ("status", "loader", "configuration", "pending_events", "oldest_pending_age_seconds")


class Health:
    """What operators, and the balancer in front, ask first.

    Args:
        spool, loader: what it looks at.
        metrics: returns all metrics as Prometheus text.
        configuration: the file, if there is one to watch.
    """

    def __init__(
        self,
        spool: Intake,
        loader: Loader | NoLoader,
        metrics: Callable[[], Awaitable[bytes]],
        configuration: Configuration | None = None,
    ) -> None:
        self.configuration = configuration
        self.spool, self.loader, self._metrics = spool, loader, metrics
        #: Set when the process is about to stop: it still answers, and wants no new work.
        self.is_stopping = False

    def state(self) -> dict[str, Any]:
        """Return the state: `status` is ok, degraded (beacons are kept, but look into it), unavailable or stopping."""
        loader, spool = self.loader, self.spool
        status, reason = "ok", ""
        if self.is_stopping:
            status, reason = "stopping", "The collector is about to stop."
        elif not spool.is_writable:
            status, reason = "unavailable", f"Beacons get 503: {spool.problem}."
        elif not loader.is_alive:
            status, reason = "degraded", "The loader has stopped."
        elif loader.is_holding:
            status, reason = "degraded", f"The store does not take events: {loader.hold_reason}"
        elif spool.reading_problem:
            status, reason = "degraded", f"What waits cannot be read: {spool.reading_problem}"
        elif spool.problem:
            status, reason = "degraded", f"Soon beacons will get 503: {spool.problem}."
        return {
            "status": status,
            "loader": "stopped" if not loader.is_alive else "holding" if loader.is_holding else "running",
            "reason": reason,
            # A file that is refused does not make the collector worse: it goes on as before.
            "configuration": "refused" if self.configuration and self.configuration.problems else "in force",
            "pending_events": spool.pending_events,
            "oldest_pending_age_seconds": round(spool.oldest_age_seconds, 1),
        }

    def routes(self) -> list[BaseRoute]:
        """Return the two public routes."""

        async def healthz(_: Request) -> Response:
            return JSONResponse({"status": "ok"})

        async def readyz(_: Request) -> Response:
            # The store's state does not make a collector unready: it keeps beacons while the store is away.
            state = self.state()
            public = {key: state[key] for key in _PUBLIC}
            return JSONResponse(public, 503 if state["status"] in ("unavailable", "stopping") else 200)

        return [Route("/healthz", healthz), Route("/readyz", readyz)]

    def metrics_route(self) -> PrivateRoute:
        """Return `/metrics`, which tells of all datasets."""

        async def metrics(_: Request) -> Response:
            return Response(await self._metrics(), media_type="text/plain; version=0.0.4; charset=utf-8")

        return PrivateRoute("/metrics", metrics, everywhere(Role.VIEWER))
