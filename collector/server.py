"""`wideload serve`: bind, run uvicorn, and tell the person in front of the terminal where to go."""

from __future__ import annotations

import asyncio
import functools
import gc
import signal
import socket
import sys
import threading
import time
from collections.abc import Callable
from types import FrameType
from typing import Any, Final

import uvicorn

from collector import tags, web
from collector.app import Collector, build_app
from collector.config import Settings
from collector.connections import IDLE_SECONDS, GuardedProtocol, raise_file_limit
from collector.errors import SettingsError
from collector.logs import setup_logging
from collector.turns import be_quick

#: Threads that hold Python's lock (the loader) give it up after so long, so that beacons wait less; the default is 5 ms.
SWITCH_SECONDS: Final = 0.0005
#: Connections that wait to be accepted.
BACKLOG: Final = 2048
#: How long open connections may take to go to a successor. Each goes with its next answer; those that are silent are closed then.
LEAVE_SECONDS: Final = 3.0
#: Events are many small short-lived dicts; the default makes the garbage collector look through all of them again and again.
GC_THRESHOLD: Final = (50_000, 20, 100)


def welcome(settings: Settings, link: str) -> str:
    """Return what `serve` prints: the viewer with a one-time link, if it has one, the script tags, the demo page."""
    url = web.base_url(settings)
    lines = [f"Wideload is ready (data in {settings.data_dir.resolve()}).", ""]
    if link:
        lines += ["  Viewer, signed in once:", f"    {web.people_url(settings)}{link}", ""]
    for dataset in settings.datasets.values():
        if dataset.site_keys:
            lines += [f"  Script tag for the dataset {dataset.name}:", f"    {tags.plain(settings, dataset.site_keys[0])}", ""]
    lines += ["  Tags that filter lists do not know, pinned ones and a loader:", "    wideload keys tag", ""]
    if settings.is_demo:
        lines += ["  Demo page:", f"    {url}/demo/", ""]
    return "\n".join(lines)


class _Server(uvicorn.Server):
    def __init__(self, config: uvicorn.Config, collector: Collector, ready: Callable[[], None]) -> None:
        super().__init__(config)
        self._collector, self._ready = collector, ready
        self._tasks: list[asyncio.Task[None]] = []

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Stop; on SIGTERM become unready first, so that nobody is sent here any more when the listener closes."""
        health = self._collector.health
        if sig != signal.SIGTERM or health.is_stopping:
            super().handle_exit(sig, frame)
            return
        health.is_stopping = self._collector.is_leaving = True
        delay = threading.Timer(self._collector.settings.unready_seconds, super().handle_exit, (sig, frame))
        delay.daemon = True
        delay.start()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self._tasks.append(asyncio.create_task(self._collector.connections.sweep()))
        loop = asyncio.get_running_loop()
        loop.add_signal_handler(signal.SIGUSR1, lambda: self._tasks.append(asyncio.create_task(self._drain())))
        if self._collector.configuration:
            loop.add_signal_handler(signal.SIGHUP, self._collector.configuration.wake)
        if self.started:
            self._ready()

    async def _drain(self) -> None:
        """Make way for a successor that listens on the same socket: new connections are its, and those that are open go there."""
        self._collector.is_leaving = True
        for server in self.servers:
            server.close()
        deadline = time.monotonic() + LEAVE_SECONDS
        while self._collector.connections.count_open and time.monotonic() < deadline:
            await asyncio.sleep(0.02)
        self.should_exit = True


def listeners(settings: Settings) -> list[socket.socket]:
    """Return the sockets that listen where the settings say. Raises SettingsError if that is not possible."""
    found = [bind(settings.host, settings.port, "WIDELOAD_LISTEN")]
    if settings.process.private:
        found.append(bind(*settings.process.private, "WIDELOAD_PRIVATE_LISTEN"))
    return found


def bind(host: str, port: int, variable: str, *, is_shared: bool = False) -> socket.socket:
    """Return a socket for an address.

    Args:
        host, port: the address.
        variable: where it was chosen.
        is_shared: whether other sockets of this user may have the same one; each then gets a part of the connections.

    Raises:
        SettingsError: that is not possible.
    """
    listener = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    if is_shared:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    try:
        listener.bind((host, port))
    except OSError as error:
        listener.close()
        raise SettingsError([f"Cannot listen on {host}:{port}: {error.strerror}. Choose another with {variable}."]) from None
    return listener


def serve(
    settings: Settings,
    read: Callable[[], Settings] | None = None,
    sockets: list[socket.socket] | None = None,
    ready: Callable[[], None] = lambda: None,
    *,
    is_quiet: bool = False,
    restarts: int = 0,
) -> None:
    """Serve until SIGTERM or SIGINT; then finish what was accepted and return.

    Args:
        settings: all of them.
        read: reads them anew when the configuration file changes, and on SIGHUP.
        sockets: what it listens on; by default where the settings say.
        ready: is called when it takes requests.
        is_quiet: whether it prints no welcome.
        restarts: how often its like has died, for the metrics.

    Raises:
        SettingsError, SpoolError, StoreError: it cannot start.
    """
    setup_logging(settings.log_level, settings.log_format)
    sys.setswitchinterval(SWITCH_SECONDS)
    gc.set_threshold(*GC_THRESHOLD)
    raise_file_limit()
    web.beacon_manifest()
    sockets = sockets or listeners(settings)
    collector = build_app(settings, read=read)
    be_quick()
    collector.counters.add("wideload_worker_restarts", restarts)

    def tell() -> None:
        if not is_quiet:
            link = collector.access.login_link() if collector.access and settings.process.answers else ""
            print(welcome(settings, link), flush=True)
        ready()

    # uvicorn calls it as it would call the class.
    protocol: Any = functools.partial(GuardedProtocol, collector.connections)
    config = uvicorn.Config(
        collector, loop="uvloop", http=protocol, ws="none", lifespan="on", access_log=False, log_config=None,
        server_header=False, proxy_headers=False, timeout_keep_alive=int(IDLE_SECONDS), timeout_graceful_shutdown=10,
        backlog=BACKLOG,
    )  # fmt: skip
    # What lives as long as the process need not be looked at by the garbage collector.
    gc.freeze()
    _Server(config, collector, tell).run(sockets=sockets)
