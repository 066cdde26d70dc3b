"""Builds everything from settings; the only place that does, with its parts `loading`, `answering` and `checking`.

Two surfaces: the beacon endpoint and the files that pages load are public; the viewer, the API and the metrics are private. Both
are served by one process, or each by its own: see the settings `role` and `private_listen`.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from typing import Any, Final, cast

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute
from starlette.types import Message, Receive, Scope, Send

from collector import __version__, show, web
from collector.access.credentials import Access
from collector.access.private import PrivateRoute, declared
from collector.access.routes import open_access
from collector.access.surface import PrivateSurface
from collector.alerts.room import NO_GAUGES
from collector.answering import Answering
from collector.backup.routes import backup_routes
from collector.backup.take import Backed
from collector.checking import Checking
from collector.checks.marks import Marks
from collector.checks.secret import check_secret
from collector.config import Settings
from collector.connections import ConnectionGuard
from collector.doctor.routes import doctor_routes
from collector.errors import RequestError
from collector.health import Health
from collector.ingest.attributes import NAMES_FILE, AttributeNames
from collector.ingest.country import Countries
from collector.ingest.routes import BeaconEndpoint
from collector.intake import open_intake
from collector.loading import Loading
from collector.otlp import open_export
from collector.pipeline.dead_letters import DEAD_LETTERS_FILE, DeadLetters
from collector.pipeline.intake import Intake
from collector.pipeline.ledger import Ledger
from collector.pipeline.letter_routes import dead_letter_routes
from collector.pipeline.loader import Loader, NoLoader
from collector.privacy.tombstones import TOMBSTONES_FILE, Tombstones
from collector.reload import Configuration, LiveDatasets
from collector.siblings import Siblings
from collector.store import open_store
from collector.store.base import Store
from collector.store.traced import traced
from collector.telemetry import Counters, Telemetry

log = logging.getLogger(__name__)

#: How long a stop waits for the batch in hand.
DRAIN_SECONDS: Final = 10.0
#: An answer of 2 MB takes 16 ms; with 9 it would take 80, for a tenth less.
GZIP_LEVEL: Final = 4


@dataclass
class Collector:
    """A whole collector: an ASGI application, and the parts that its owner may want to look at."""

    settings: Settings
    #: Who may do what; None where nothing is private.
    access: Access | None
    counters: Counters
    spool: Intake
    loader: Loader | NoLoader
    health: Health
    dead_letters: DeadLetters
    beacons: BeaconEndpoint
    configuration: Configuration | None
    connections: ConnectionGuard
    siblings: Siblings
    #: Everything, or what is private where that has a listener of its own.
    web: Starlette
    #: What pages need, for `listen` where the private surface listens elsewhere.
    public: Starlette | None = None
    #: Whether it wants its clients to go elsewhere: every answer closes its connection.
    is_leaving: bool = False

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request. Beacons take the short way: there are many of them and nothing else concerns them."""
        if self.is_leaving:
            send = _closing(send)
        if scope["type"] != "http":
            await self.web(scope, receive, send)
        elif scope["path"].startswith(self.beacons.prefixes):
            await self.beacons(scope, receive, send)
        elif self.public is None or self._is_private(scope.get("server")):
            await self.web(scope, receive, send)
        else:
            await self.public(scope, receive, send)

    def _is_private(self, server: tuple[str, int] | None) -> bool:
        """Whether a request came over the private listener: by the socket's own address, of which the sender can say nothing."""
        private = self.settings.process.private
        return private is not None and server is not None and server[1] == private[1]


def build_app(settings: Settings, store: Store | None = None, read: Callable[[], Settings] | None = None) -> Collector:
    """Return the collector; it starts and drains with the ASGI lifespan.

    Args:
        settings: all of them.
        store: an open store to use instead of the one that the settings name; it is not closed.
        read: reads the settings anew when the configuration file changes; without it, or without a file, nothing is watched.

    Raises:
        SettingsError, SpoolError, StoreUnavailable: it cannot start.
    """
    process = settings.process
    datasets = LiveDatasets(settings.datasets)
    settings = replace(settings, datasets=datasets)
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    access = open_access(settings) if process.answers or process.private else None
    if access:
        access.log.note_settings(show.flat(settings))
    counters = Counters()
    own_store = store is None
    export = open_export(settings.export, __version__, counters)
    opened = store or _open_store(settings)
    store = traced(opened, export.tracing) if opened else None
    spool, home = open_intake(settings, Ledger(counters))
    dead_letters = DeadLetters(settings.data_dir / DEAD_LETTERS_FILE)
    tombstones = Tombstones(settings.data_dir / TOMBSTONES_FILE)

    loading = Loading(settings, spool, home, store, dead_letters, tombstones, export.tracing)
    answering = None
    if store and process.answers:
        answering = Answering(settings, store, counters, loading.is_ready, export.tracing, lambda: spool.oldest_age_seconds)
    countries = Countries(settings.country_database, settings.trusted_proxies)
    names = AttributeNames(home / NAMES_FILE, settings.datasets, counters)
    marks = Marks(check_secret(settings.check_secret, settings.data_dir), previous=settings.previous_check_secret)
    checking = Checking(settings, marks, access, answering.engine, counters) if answering and access else None
    beacons = BeaconEndpoint(settings.datasets, spool, countries, settings.ingest, names, marks, settings.beacon_path,
                             tracing=export.tracing)  # fmt: skip

    def apply(new: Settings) -> None:
        datasets.replace(new.datasets)
        beacons.use(datasets, new.ingest)

    def retain() -> bool:
        # Preparing the store sets the retention.
        if ready := loading.is_ready():
            loading.set_retention()
            if answering:
                answering.desk.cache.clear()
        return ready

    configuration = Configuration(settings, read, apply, retain) if read and settings.config else None
    alerting = answering.alerts.gauges() if answering else NO_GAUGES
    gauges = {**_gauges(spool, dead_letters, configuration), **loading.gauges(), **alerting}
    gauges["wideload_check_posts_pending"] = lambda: checking.pending if checking else 0
    telemetry = Telemetry(counters, gauges, __version__, spool.still, export.readers)
    body_seconds = settings.ingest.body_timeout_seconds
    connections = ConnectionGuard(settings.connections, body_seconds, counters, countries.is_trusted, beacons.shed)
    siblings = Siblings(settings.data_dir, telemetry.render, None if process.answers else home)
    health = Health(spool, loading.loader, siblings.metrics, configuration)

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        loading.start()
        await siblings.start()
        if answering:
            answering.start(connections)
        watching = asyncio.create_task(configuration.watch()) if configuration else None
        await loading.wait_for_store()
        if checking:
            checking.start()
        yield
        if checking:
            await asyncio.to_thread(checking.stop)
        siblings.stop()
        if watching:
            watching.cancel()
        await asyncio.gather(loading.stop(DRAIN_SECONDS), *([answering.stop(DRAIN_SECONDS)] if answering else []))
        pending = spool.pending_events
        await asyncio.to_thread(spool.close)
        dead_letters.close()
        tombstones.close()
        countries.close()
        await asyncio.gather(*(asyncio.to_thread(close) for close in (telemetry.close, export.close)))
        if access:
            access.close()
        if answering:
            await asyncio.to_thread(answering.close)
        if own_store:
            await asyncio.to_thread((opened or loading.writer).close)
        log.info("Stopped; %d events wait.", pending, extra={"pending_events": pending})

    public: list[BaseRoute] = [*_page_routes(settings), *health.routes(), *(checking.public() if checking else [])]
    private: list[BaseRoute] = [
        *declared([health.metrics_route()]),
        *(declared(_doctor_routes(settings, health, store, answering, checking)) if store else []),
        *declared(dead_letter_routes(dead_letters, spool)),
    ]
    if answering and access:
        private += [*web.viewer_assets(), *web.schema_routes(), *web.page_routes()]
        private += declared(_backup_routes(settings, spool, opened))
        private += answering.routes(access, spool, dead_letters, tombstones, loading.wait_for_others, loading.hearing)
        private += checking.private(answering.engine, answering.desk) if checking else []
    whole = _web(public, lifespan)
    if access:
        surface = Middleware(PrivateSurface, access=access, counters=counters, public=(settings.script_path.removesuffix("js"),))
        whole = _web([*public, *private], lifespan, [surface])
    return Collector(
        settings, access, counters, spool, loading.loader, health, dead_letters, beacons, configuration, connections, siblings,
        whole, _web(public) if process.private else None,
    )  # fmt: skip


def _web(routes: list[BaseRoute], lifespan: Any = None, middleware: list[Middleware] | None = None) -> Starlette:
    return Starlette(
        routes=routes,
        lifespan=lifespan,
        exception_handlers={404: _not_found, 500: _server_error},
        middleware=[
            Middleware(web.SafeHeadersMiddleware),
            *(middleware or []),
            Middleware(GZipMiddleware, minimum_size=1024, compresslevel=GZIP_LEVEL),
        ],
    )


def _open_store(settings: Settings) -> Store | None:
    """Return the store; None where another process owns it, or writes to it."""
    is_elsewhere = settings.store == "embedded" and not settings.process.answers
    return None if is_elsewhere or not settings.loads else open_store(settings.store, settings.data_dir, settings.server)


def _gauges(spool: Intake, dead_letters: DeadLetters, configuration: Configuration | None) -> dict[str, Callable[[], float]]:
    return {
        "wideload_events_pending": lambda: spool.pending_events,
        "wideload_events_missing": lambda: spool.ledger.balance(spool.pending_events).missing,
        "wideload_dead_letters": lambda: dead_letters.count,
        "wideload_kafka_group_lag": lambda: spool.details.get("group_lag", 0),
        "wideload_kafka_partitions": lambda: spool.details.get("partitions", 0),
        "wideload_spool_bytes": lambda: spool.pending_bytes,
        "wideload_spool_max_bytes": lambda: spool.max_bytes,
        "wideload_spool_writable": lambda: float(spool.is_writable),
        "wideload_oldest_pending_age": lambda: spool.oldest_age_seconds,
        "wideload_configuration_refused": lambda: float(bool(configuration and configuration.problems)),
    }


def _doctor_routes(
    settings: Settings, health: Health, store: Store, answering: Answering | None, checking: Checking | None
) -> list[PrivateRoute]:
    alerts = answering.alerts.facts if answering else None
    return doctor_routes(settings, health, store, alerts, checking.facts if checking else lambda: None)


def _backup_routes(settings: Settings, spool: Intake, store: Store | None) -> list[PrivateRoute]:
    is_here = settings.store == "embedded" and store is not None
    return backup_routes(settings, spool, cast(Backed, store) if is_here else None, show.masked_url(settings.store), __version__)


def _page_routes(settings: Settings) -> list[BaseRoute]:
    """Return what pages load, and the demo's pages."""
    return web.beacon_routes(settings.script_path) + (web.demo_routes() if settings.is_demo else [])


def _closing(send: Send) -> Send:
    """Return a `send` that tells clients to come over another connection next time."""

    async def closing(message: Message) -> None:
        if message["type"] == "http.response.start":
            message["headers"] = [*message.get("headers", ()), (b"connection", b"close")]
        await send(message)

    return closing


async def _not_found(request: Request, _: Exception) -> Response:
    error = RequestError(404, "not_found", f"There is nothing at {request.url.path}.")
    return JSONResponse(error.as_json(), 404)


async def _server_error(_: Request, __: Exception) -> Response:
    error = RequestError(500, "internal_error", "The collector met an error of its own; its log has the details.")
    return JSONResponse(error.as_json(), 500)
