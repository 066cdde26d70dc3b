"""`GET /api/doctor`: the facts of a running collector, for `wideload doctor`."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import asdict

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from collector import __version__
from collector.access.identity import Role
from collector.access.private import PrivateRoute, everywhere
from collector.config import Settings
from collector.doctor.facts import STORE_SECONDS, Facts, dead_letter_facts, disk_facts, store_facts
from collector.health import Health
from collector.pipeline.dead_letters import DEAD_LETTERS_FILE
from collector.pipeline.folder import damages
from collector.pipeline.spool import SPOOL_FOLDER
from collector.store.base import Store


def doctor_routes(
    settings: Settings,
    health: Health,
    store: Store,
    alerts: Callable[[], Facts] | None = None,
    checks: Callable[[], Facts | None] = lambda: None,
) -> list[PrivateRoute]:
    """Return the one route; `alerts` tells how rules are, `checks` how scheduled checks are."""

    async def doctor(_: Request) -> Response:
        state, spool = health.state(), health.spool
        about_checks = await asyncio.to_thread(checks)
        with spool.still():
            balance = spool.ledger.balance(spool.pending_events)
        return JSONResponse(
            {
                "version": __version__,
                "site_keys": {name: list(dataset.site_keys) for name, dataset in settings.datasets.items()},
                "configuration": _configuration(health),
                "disk": await asyncio.to_thread(disk_facts, settings.data_dir, settings.spool.max_bytes),
                "spool": {
                    "pending_events": spool.pending_events,
                    "pending_bytes": spool.pending_bytes,
                    "oldest_age_seconds": round(spool.oldest_age_seconds, 1),
                    "problem": spool.problem,
                    "reading_problem": spool.reading_problem,
                    "kafka": spool.details,
                    "damages": await asyncio.to_thread(damages, settings.data_dir / SPOOL_FOLDER),
                },
                "ledger": asdict(balance) | {"missing": balance.missing},
                "loader": {"state": state["loader"], "reason": health.loader.hold_reason},
                "dead_letters": await asyncio.to_thread(dead_letter_facts, settings.data_dir / DEAD_LETTERS_FILE),
                "store": await _ask_store(store),
                **({"alerts": alerts()} if alerts else {}),
                **({"checks": about_checks} if about_checks else {}),
            }
        )

    return [PrivateRoute("/api/doctor", doctor, everywhere(Role.ADMIN))]


def _configuration(health: Health) -> Facts:
    watched = health.configuration
    return {"problems": watched.problems, "postponed": watched.postponed} if watched else {"problems": [], "postponed": []}


async def _ask_store(store: Store) -> Facts:
    try:
        return await asyncio.wait_for(asyncio.to_thread(store_facts, store), STORE_SECONDS)
    except TimeoutError:
        return {"error": f"The store did not answer within {STORE_SECONDS:g} s."}
