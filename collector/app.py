"""Builds everything from settings; the only place that does.

Two surfaces: the beacon endpoint and the files that pages load are public; the viewer, the API and the metrics are private.
"""

from __future__ import annotations

import asyncio
import functools
import logging
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from typing import Any, Final

import orjson
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute
from starlette.types import Receive, Scope, Send

from collector import __version__, show, web
from collector.access.account import describer
from collector.access.credentials import Access
from collector.access.private import PrivateRoute, declared
from collector.access.routes import access_routes, open_access
from collector.access.surface import PrivateSurface
from collector.access.visitors import Visitors
from collector.alerts.room import Alerts, open_alerts
from collector.alerts.routes import alert_routes
from collector.api_page import api_page_routes
from collector.checks.marks import Marks
from collector.checks.routes import check_routes
from collector.checks.secret import check_secret
from collector.config import Dataset, Settings
from collector.connections import ConnectionGuard, GuardedProtocol
from collector.dashboards.definition import DefinitionReader, prebuilt
from collector.dashboards.file import DashboardFile
from collector.dashboards.links import Links
from collector.dashboards.own import OwnDashboards
from collector.dashboards.routes import Dashboards
from collector.dashboards.shares import Shares
from collector.dashboards.sharing import Sharing
from collector.doctor.routes import doctor_routes
from collector.errors import RequestError
from collector.health import Health
from collector.ingest.attributes import NAMES_FILE, AttributeNames
from collector.ingest.country import Countries
from collector.ingest.routes import BeaconEndpoint
from collector.openapi import openapi_routes
from collector.pipeline.dead_letters import DEAD_LETTERS_FILE, DeadLetters
from collector.pipeline.ledger import Ledger
from collector.pipeline.letter_routes import dead_letter_routes
from collector.pipeline.loader import Loader
from collector.pipeline.promoter import Promoter
from collector.pipeline.recorder import OWN_DATASET, Recorder
from collector.pipeline.replays import BROKEN_PARTS_FILE, Replays
from collector.pipeline.roller import Roller
from collector.pipeline.spool import SPOOL_FOLDER, Spool
from collector.privacy.erase import Eraser
from collector.privacy.export import Exporter
from collector.privacy.routes import privacy_routes
from collector.privacy.tombstones import TOMBSTONES_FILE, Tombstones
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
from collector.reload import Configuration, LiveDatasets
from collector.status.publisher import Publisher
from collector.status.record import Record
from collector.status.routes import public_app, status_routes
from collector.status.server import StatusServer
from collector.store import open_store
from collector.store.base import Limits, Store
from collector.telemetry import Counters, Telemetry
from collector.viewer import viewer_routes

log = logging.getLogger(__name__)

#: How long a start waits for the store before it serves without it, and a stop for the batch in hand.
STORE_START_SECONDS: Final = 10.0
DRAIN_SECONDS: Final = 10.0
#: How many questions of those who hold links run and wait; people who are signed in do not wait for them.
_LINK_LIMITS: Final = DeskLimits(running=2, waiting=32)


@dataclass
class Collector:
    """A whole collector: an ASGI application, and the parts that its owner may want to look at."""

    settings: Settings
    access: Access
    counters: Counters
    spool: Spool
    loader: Loader
    health: Health
    dead_letters: DeadLetters
    beacons: BeaconEndpoint
    configuration: Configuration | None
    connections: ConnectionGuard
    web: Starlette

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request. Beacons take the short way: there are many of them and nothing else concerns them."""
        if scope["type"] == "http" and scope["path"].startswith(self.beacons.prefixes):
            await self.beacons(scope, receive, send)
        else:
            await self.web(scope, receive, send)


def build_app(settings: Settings, store: Store | None = None, read: Callable[[], Settings] | None = None) -> Collector:
    """Return the collector; it starts and drains with the ASGI lifespan.

    Args:
        settings: all of them.
        store: an open store to use instead of the one that the settings name; it is not closed.
        read: reads the settings anew when the configuration file changes; without it, or without a file, nothing is watched.

    Raises:
        SettingsError, SpoolError, StoreUnavailable: it cannot start.
    """
    datasets = LiveDatasets(settings.datasets)
    settings = replace(settings, datasets=datasets)
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    access = open_access(settings)
    access.log.note_settings(show.flat(settings))
    counters = Counters()
    own_store = store is None
    store = store or open_store(settings.store, settings.data_dir)
    spool = Spool(settings.data_dir / SPOOL_FOLDER, settings.spool, Ledger(counters))
    dead_letters = DeadLetters(settings.data_dir / DEAD_LETTERS_FILE)
    replays = Replays(spool, store, settings.data_dir / BROKEN_PARTS_FILE)
    recorder = Recorder(spool, lambda: loader.hold_reason)
    tombstones = Tombstones(settings.data_dir / TOMBSTONES_FILE)
    prepare = _prepare(store, settings, replays)
    loader = Loader(spool, store, dead_letters, settings.loader, prepare, replays.check, recorder.store, screen=tombstones.screen)
    desk = _desk(settings, store, counters)
    countries = Countries(settings.country_database, settings.trusted_proxies)
    names = AttributeNames(settings.data_dir / NAMES_FILE, settings.datasets, counters)
    marks = Marks(check_secret(settings.check_secret, settings.data_dir))
    beacons = BeaconEndpoint(settings.datasets, spool, countries, settings.ingest, names, marks, settings.beacon_path)
    configuration = (
        _configuration(settings, read, datasets, beacons, loader, store, desk.cache) if read and settings.config else None
    )
    body_seconds = settings.ingest.body_timeout_seconds
    connections = ConnectionGuard(settings.connections, body_seconds, counters, countries.is_trusted, beacons.shed)
    engine, markers = QueryEngine(store, _engine_limits(settings)), Markers(settings.data_dir)

    def is_ready() -> bool:
        return loader.has_tried.is_set() and not loader.is_holding

    alerts = _alerts(settings, engine, store, markers, lambda: spool.oldest_age_seconds if is_ready() else None, counters)
    telemetry = Telemetry(counters, _gauges(spool, loader, dead_letters) | alerts.gauges(), __version__, spool.still)
    health = Health(spool, loader, telemetry, configuration)
    publisher = Publisher(settings.status_file, Record(store, settings.data_dir, engine.now), _kept_days(datasets), is_ready)
    page = _status_page(settings, publisher, connections)
    releases = ReleaseWatch(store, markers, datasets)
    promoter = Promoter(store, datasets, engine.popularity.popular)
    roller = Roller(store, counters, is_ready, promoter.look)

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        loader.start()
        recorder.start()
        releases.start()
        roller.start()
        alerts.start()
        publisher.start()
        if page:
            page.start()
        watching = asyncio.create_task(configuration.watch()) if configuration else None
        await asyncio.to_thread(loader.has_tried.wait, STORE_START_SECONDS)
        if loader.is_holding or not loader.has_tried.is_set():
            log.warning("The store is not ready yet; beacons are accepted and wait on disk.")
        yield
        await asyncio.to_thread(recorder.stop)
        if watching:
            watching.cancel()
        if page:
            await page.stop()
        # All at once: a store that hangs costs the deadline once.
        await asyncio.gather(
            *(asyncio.to_thread(part.stop, DRAIN_SECONDS) for part in (alerts, publisher, releases, roller, loader))
        )
        spool.close()
        dead_letters.close()
        tombstones.close()
        countries.close()
        telemetry.close()
        access.close()
        await asyncio.to_thread(engine.close)
        if own_store:
            await asyncio.to_thread(store.close)
        log.info("Stopped; %d events wait on disk.", spool.pending_events)

    public, private = access_routes(settings, access, counters, web.base_url(settings), __version__)
    links, dashboards = _dashboards(settings, engine, desk, access, counters)
    routes = [
        *_public_routes(settings),
        *public,
        *links,
        *health.routes(),
        *declared([*private, *_private_routes(settings, health, engine, store, dead_letters, desk, alerts)]),
        *declared(dashboards),
        *declared(marker_routes(markers, datasets, OWN_DATASET)),
        *declared(check_routes(marks, datasets)),
        *declared(alert_routes(alerts, datasets)),
        *declared(status_routes(publisher)),
        *declared(_privacy_routes(settings, spool, store, dead_letters, tombstones, engine, desk.cache)),
    ]
    application = Starlette(
        routes=routes,
        lifespan=lifespan,
        exception_handlers={404: _not_found, 500: _server_error},
        middleware=[
            Middleware(web.SafeHeadersMiddleware),
            Middleware(PrivateSurface, access=access, counters=counters, public=(settings.script_path.removesuffix("js"),)),
            Middleware(GZipMiddleware, minimum_size=1024),
        ],
    )
    return Collector(
        settings, access, counters, spool, loader, health, dead_letters, beacons, configuration, connections, application
    )


def _prepare(store: Store, settings: Settings, replays: Replays) -> Callable[[], None]:
    def prepare() -> None:
        for name in store.migrate():
            log.info("Applied migration %s.", name)
        store.set_retention(_retention(settings.datasets))
        replays.check()

    return prepare


def _retention(datasets: Mapping[str, Dataset]) -> dict[str, int]:
    return {name: dataset.retention_days for name, dataset in datasets.items()}


def _configuration(
    settings: Settings,
    read: Callable[[], Settings],
    datasets: LiveDatasets,
    beacons: BeaconEndpoint,
    loader: Loader,
    store: Store,
    answers: AnswerCache,
) -> Configuration:
    def apply(new: Settings) -> None:
        datasets.replace(new.datasets)
        beacons.use(datasets, new.ingest)

    def retain() -> bool:
        # Before the loader has prepared the store there is no table, and preparing it sets the retention.
        is_ready = loader.has_tried.is_set() and not loader.is_holding
        if is_ready:
            store.set_retention(_retention(datasets))
            answers.clear()
        return is_ready

    return Configuration(settings, read, apply, retain)


def _gauges(spool: Spool, loader: Loader, dead_letters: DeadLetters) -> dict[str, Callable[[], float]]:
    return {
        "wideload_events_pending": lambda: spool.pending_events,
        "wideload_events_missing": lambda: spool.ledger.balance(spool.pending_events).missing,
        "wideload_dead_letters": lambda: dead_letters.count,
        "wideload_spool_bytes": lambda: spool.pending_bytes,
        "wideload_oldest_pending_age": lambda: spool.oldest_age_seconds,
        "wideload_loader_holding": lambda: float(loader.is_holding),
        "wideload_last_insert_age": lambda: loader.seconds_since_insert,
    }


def _public_routes(settings: Settings) -> list[BaseRoute]:
    routes = [*web.beacon_routes(settings.script_path), *web.viewer_assets(), *web.schema_routes(), *web.page_routes()]
    return routes + (web.demo_routes() if settings.is_demo else [])


def _desk(settings: Settings, store: Store, counters: Counters) -> Desk:
    query = settings.query
    limits = DeskLimits(query.query_running, query.query_waiting)
    return Desk(limits, AnswerCache(query.query_cache_bytes), Freshness(store), counters)


def _engine_limits(settings: Settings) -> EngineLimits:
    query = settings.query
    return EngineLimits(statement=Limits(query.query_seconds, query.query_memory_bytes, query.query_result_rows))


def _alerts(
    settings: Settings,
    engine: QueryEngine,
    store: Store,
    markers: Markers,
    behind: Callable[[], float | None],
    counters: Counters,
) -> Alerts:
    folders, url = (settings.alerts_dir, settings.data_dir), web.base_url(settings)
    return open_alerts(*folders, settings.datasets, engine, store, markers, behind, counters, url)


def _kept_days(datasets: Mapping[str, Dataset]) -> Callable[[str], int | None]:
    return lambda name: datasets[name].retention_days if name in datasets else None


def _status_page(settings: Settings, publisher: Publisher, connections: ConnectionGuard) -> StatusServer | None:
    if settings.status_listen is None:
        return None
    # uvicorn calls it as it would call the class.
    protocol: Any = functools.partial(GuardedProtocol, connections)
    return StatusServer(public_app(publisher), settings.status_listen, protocol)


def _private_routes(
    settings: Settings, health: Health, engine: QueryEngine, store: Store, dead_letters: DeadLetters, desk: Desk, alerts: Alerts
) -> list[BaseRoute]:
    return [
        health.metrics_route(),
        *doctor_routes(settings, health, store, alerts.facts),
        *dead_letter_routes(dead_letters, health.spool),
        *query_routes(engine, settings.datasets, SavedQueries(settings.data_dir), own=OWN_DATASET, desk=desk),
        *openapi_routes(),
        *api_page_routes(),
    ]


def _dashboards(
    settings: Settings, engine: QueryEngine, desk: Desk, access: Access, counters: Counters
) -> tuple[list[BaseRoute], list[PrivateRoute]]:
    """Return the public routes, which are those of links, and the private ones."""

    def known(request: Request, dataset: str) -> str:
        return known_dataset(request, dataset, settings.datasets, OWN_DATASET)

    definitions, reader = prebuilt(web.DEFINITIONS), DefinitionReader(orjson.loads(web.DASHBOARD_SCHEMA.read_bytes()))
    file = DashboardFile(settings.data_dir)
    shares = Shares(file)
    dashboards = Dashboards(definitions, OwnDashboards(file, definitions), reader, known)
    sharing = Sharing(dashboards, shares, known, web.base_url(settings), settings.sharing.share_max_days)
    page, visitors = web.share_page(settings.sharing.frame_ancestors), Visitors(access.clients, access.log)
    own_desk = Desk(_LINK_LIMITS, desk.cache, desk.freshness, counters)
    links = Links(shares, engine, own_desk, lambda: [*settings.datasets, OWN_DATASET.name], page, visitors, counters)
    describe = describer(settings.datasets, {"version": __version__, "demo": settings.is_demo})
    return links.routes(), [
        *dashboards.routes(),
        *sharing.routes(),
        *viewer_routes(describe, dashboards, settings.viewer_key, __version__),
    ]


def _privacy_routes(
    settings: Settings,
    spool: Spool,
    store: Store,
    dead_letters: DeadLetters,
    tombstones: Tombstones,
    engine: QueryEngine,
    answers: AnswerCache,
) -> list[PrivateRoute]:
    eraser = Eraser(store, spool, dead_letters, tombstones, engine, forget=answers.clear)
    return privacy_routes(eraser, Exporter(store, engine), settings.datasets)


async def _not_found(request: Request, _: Exception) -> Response:
    error = RequestError(404, "not_found", f"There is nothing at {request.url.path}.")
    return JSONResponse(error.as_json(), 404)


async def _server_error(_: Request, __: Exception) -> Response:
    error = RequestError(500, "internal_error", "The collector met an error of its own; its log has the details.")
    return JSONResponse(error.as_json(), 500)
