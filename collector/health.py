"""`/healthz`, `/readyz` and `/metrics`: is the process alive, would it keep a beacon, and what has it counted."""

from __future__ import annotations

from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from collector.pipeline.loader import Loader
from collector.pipeline.spool import Spool
from collector.telemetry import Telemetry


def pipeline_state(spool: Spool, loader: Loader) -> dict[str, Any]:
    """Return what operators ask first: `status` is ok, degraded (beacons are kept, the store lags) or unavailable."""
    healthy = loader.is_alive and not loader.is_holding
    return {
        "status": "unavailable" if not spool.is_writable else "ok" if healthy else "degraded",
        "loader": "stopped" if not loader.is_alive else "holding" if loader.is_holding else "running",
        "reason": loader.hold_reason,
        "pending_events": spool.pending_events,
        "oldest_pending_age_seconds": round(spool.oldest_age_seconds, 1),
    }


def health_routes(spool: Spool, loader: Loader, telemetry: Telemetry) -> list[BaseRoute]:
    """Return the three routes."""

    async def healthz(_: Request) -> Response:
        return JSONResponse({"status": "ok"})

    async def readyz(_: Request) -> Response:
        # The store's state does not make a collector unready: it keeps beacons while the store is away.
        state = pipeline_state(spool, loader)
        public = {key: state[key] for key in ("status", "loader", "pending_events", "oldest_pending_age_seconds")}
        return JSONResponse(public, 503 if state["status"] == "unavailable" else 200)

    async def metrics(_: Request) -> Response:
        return Response(telemetry.render(), media_type="text/plain; version=0.0.4; charset=utf-8")

    return [Route("/healthz", healthz), Route("/readyz", readyz), Route("/metrics", metrics)]
