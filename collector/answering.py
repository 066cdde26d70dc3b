"""The half of a collector that answers: questions, dashboards, the viewer and everything else that people see. Built by `app`.

It has no part in taking beacons: a collector with the role `ingest` has none of this, and its memory.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Final

import orjson
from starlette.requests import Request
from starlette.routing import BaseRoute

from collector import __version__, web
from collector.access.account import describer
from collector.access.credentials import Access
from collector.access.private import PrivateRoute, declared
from collector.access.routes import access_routes
from collector.access.visitors import Visitors
from collector.alerts.room import open_alerts
from collector.alerts.routes import alert_routes
from collector.api_page import api_page_routes
from collector.config import Settings
from collector.connections import ConnectionGuard
from collector.dashboards.definition import DefinitionReader, prebuilt
from collector.dashboards.file import DashboardFile
from collector.dashboards.links import Links
from collector.dashboards.own import OwnDashboards
from collector.dashboards.routes import Dashboards
from collector.dashboards.shares import Shares
from collector.dashboards.sharing import Sharing
from collector.openapi import openapi_routes
from collector.pipeline.dead_letters import DeadLetters
from collector.pipeline.intake import Intake
from collector.pipeline.promoter import Promoter
from collector.pipeline.recorder import OWN_DATASET
from collector.pipeline.roller import Roller
from collector.privacy.erase import Eraser
from collector.privacy.export import Exporter
from collector.privacy.hearing import Hearing
from collector.privacy.routes import privacy_routes
from collector.privacy.tombstones import Tombstones
from collector.query.cache import AnswerCache, Freshness
from collector.query.desk import Desk, DeskLimits
from collector.query.engine import QueryEngine
from collector.query.limits import EngineLimits
from collector.query.marker_routes import marker_routes
from collector.query.markers import Markers
from collector.query.releases import ReleaseWatch
from collector.query.routes import query_routes
from collector.query.saved import SavedQueries
from collector.query.visible import known_dataset
from collector.status.publisher import Publisher
from collector.status.record import Record
from collector.status.routes import public_app, status_routes
from collector.status.server import StatusServer
from collector.store.base import Limits, Store
from collector.telemetry import Counters
from collector.tracing import Tracing
from collector.viewer import viewer_routes

#: How many questions of those who hold links run and wait; people who are signed in do not wait for them.
_LINK_LIMITS: Final = DeskLimits(running=2, waiting=32)


class Answering:
    """What answers, and what works on the store for it.

    Args:
        settings: all of them, with datasets that may change.
        store: what is asked.
        counters: count what is answered and refused.
        is_ready: whether the store takes work now.
        tracing: of questions.
        behind: for how many seconds the oldest event waits to be stored.
    """

    def __init__(
        self,
        settings: Settings,
        store: Store,
        counters: Counters,
        is_ready: Callable[[], bool],
        tracing: Tracing,
        behind: Callable[[], float],
    ) -> None:
        self._settings, self._store, self._counters = settings, store, counters
        query = settings.query
        limits = DeskLimits(query.query_running, query.query_waiting)
        self.desk = Desk(limits, AnswerCache(query.query_cache_bytes), Freshness(store), counters, tracing)
        self.engine, self._markers = QueryEngine(store, _engine_limits(settings)), Markers(settings.data_dir)
        self._releases = ReleaseWatch(store, self._markers, settings.datasets)
        promoter = Promoter(store, settings.datasets, self.engine.popularity.popular)
        self._roller = Roller(store, counters, is_ready, promoter.look)
        folders, url = (settings.alerts_dir, settings.data_dir), web.people_url(settings)
        self.alerts = open_alerts(*folders, settings.datasets, self.engine, store, self._markers,
                                  lambda: behind() if is_ready() else None, counters, url)  # fmt: skip
        record = Record(store, settings.data_dir, self.engine.now)
        self._publisher = Publisher(settings.status_file, record, self._kept_days, is_ready)
        self._page = StatusServer(public_app(self._publisher), settings.status_listen) if settings.status_listen else None

    def _kept_days(self, dataset: str) -> int | None:
        datasets = self._settings.datasets
        return datasets[dataset].retention_days if dataset in datasets else None

    def start(self, connections: ConnectionGuard) -> None:
        """Begin to look after releases, rollups, alerts and the status page, whose connections are guarded."""
        self._releases.start()
        self._roller.start()
        self.alerts.start()
        self._publisher.start()
        if self._page:
            self._page.start(connections)

    async def stop(self, seconds: float) -> None:
        """Finish what is in hand, at most so many seconds."""
        parts = (self._releases, self._roller, self.alerts, self._publisher)
        page = [self._page.stop()] if self._page else []
        await asyncio.gather(*(asyncio.to_thread(part.stop, seconds) for part in parts), *page)

    def close(self) -> None:
        """Release everything."""
        self.engine.close()

    def routes(
        self,
        access: Access,
        spool: Intake,
        dead_letters: DeadLetters,
        tombstones: Tombstones,
        wait: Callable[[float], bool],
        hearing: Hearing | None,
    ) -> list[BaseRoute]:
        """Return the routes of the viewer and the API, those for signing in and those of links among them.

        Args:
            access: who may do what.
            spool, dead_letters, tombstones: of the intake, for erasures.
            wait: returns when what other processes were inserting has arrived.
            hearing: how collectors elsewhere hear of an erasure.
        """
        settings, datasets = self._settings, self._settings.datasets
        public, private = access_routes(settings, access, self._counters, web.people_url(settings), __version__)
        links, dashboards = self._dashboards(access)
        forget = self.desk.cache.clear
        eraser = Eraser(self._store, spool, dead_letters, tombstones, self.engine, forget=forget, wait=wait, hearing=hearing)
        return [
            *public,
            *links,
            *declared(private),
            *declared(query_routes(self.engine, datasets, SavedQueries(settings.data_dir), own=OWN_DATASET, desk=self.desk)),
            *declared(openapi_routes()),
            *declared(api_page_routes()),
            *declared(dashboards),
            *declared(marker_routes(self._markers, datasets, OWN_DATASET)),
            *declared(alert_routes(self.alerts, datasets)),
            *declared(status_routes(self._publisher)),
            *declared(privacy_routes(eraser, Exporter(self._store, self.engine), datasets)),
        ]

    def _dashboards(self, access: Access) -> tuple[list[BaseRoute], list[PrivateRoute]]:
        """Return the public routes, which are those of links, and the private ones."""
        settings, desk = self._settings, self.desk

        def known(request: Request, dataset: str) -> str:
            return known_dataset(request, dataset, settings.datasets, OWN_DATASET)

        definitions, reader = prebuilt(web.DEFINITIONS), DefinitionReader(orjson.loads(web.DASHBOARD_SCHEMA.read_bytes()))
        file = DashboardFile(settings.data_dir)
        shares = Shares(file)
        dashboards = Dashboards(definitions, OwnDashboards(file, definitions), reader, known)
        sharing = Sharing(dashboards, shares, known, web.people_url(settings), settings.sharing.share_max_days)
        page, visitors = web.share_page(settings.sharing.frame_ancestors), Visitors(access.clients, access.log)
        own_desk = Desk(_LINK_LIMITS, desk.cache, desk.freshness, self._counters, desk.tracing)
        names = lambda: [*settings.datasets, OWN_DATASET.name]  # noqa: E731
        links = Links(shares, self.engine, own_desk, names, page, visitors, self._counters)
        describe = describer(settings.datasets, {"version": __version__, "demo": settings.is_demo})
        return links.routes(), [
            *dashboards.routes(),
            *sharing.routes(),
            *viewer_routes(describe, dashboards, settings.viewer_key, __version__),
        ]


def _engine_limits(settings: Settings) -> EngineLimits:
    query = settings.query
    return EngineLimits(statement=Limits(query.query_seconds, query.query_memory_bytes, query.query_result_rows))
