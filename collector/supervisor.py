"""`wideload serve --workers n`: keeps the sockets, and as many processes as are wanted at work on them.

The supervisor opens neither spool nor store. It starts each process anew from what is installed now, so SIGHUP after an upgrade
replaces them by new ones: a worker's successor listens on the same socket before the worker stops, and no request fails.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import signal
import socket
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from collector import web
from collector.access.bootstrap import admin_token
from collector.checks.secret import check_secret
from collector.config import Settings
from collector.errors import SettingsError, WideloadError
from collector.logs import setup_logging
from collector.pipeline.dead_letters import DEAD_LETTERS_FILE, DeadLetters
from collector.privacy.tombstones import TOMBSTONES_FILE, Tombstones
from collector.server import BACKLOG, bind, welcome
from collector.worker import Order

log = logging.getLogger(__name__)

#: How long a process may take to be ready, and to stop.
START_SECONDS: Final = 60.0
STOP_SECONDS: Final = 40.0
#: A process that dies is started again at once, and then later and later; one that has lived so long is believed to be well.
FIRST_BACKOFF_SECONDS: Final = 0.5
MOST_BACKOFF_SECONDS: Final = 30.0
WELL_SECONDS: Final = 60.0
#: Tells a worker to take no new connections, to finish and to end.
DRAIN: Final = signal.SIGUSR1


@dataclass(eq=False)
class _Place:
    """What one process does, whichever does it at the moment."""

    name: str
    flags: dict[str, Any]
    #: (host, port, setting, whether others listen there, too) of each of its listeners.
    addresses: list[tuple[str, int, str, bool]]
    is_worker: bool
    sockets: list[socket.socket] = field(default_factory=list)
    process: asyncio.subprocess.Process | None = None
    started: float = 0.0
    failures: int = 0
    restarts: int = 0

    def listen(self) -> None:
        """Open its sockets, unless they are. Raises SettingsError."""
        if not self.sockets:
            for host, port, variable, is_shared in self.addresses:
                listener = bind(host, port, variable, is_shared=is_shared)
                listener.listen(BACKLOG)
                self.sockets.append(listener)

    def close(self) -> None:
        """Close its sockets: who comes now goes to the others, or is refused, and does not wait."""
        while self.sockets:
            self.sockets.pop().close()


class Supervisor:
    """Keeps processes at work.

    Args:
        settings: all of them.
        flags: those of the command line.
        read: reads all of them anew.
    """

    def __init__(self, settings: Settings, flags: Mapping[str, Any], read: Callable[[], Settings]) -> None:
        self._settings, self._read = settings, read
        self._flags = {name: value for name, value in flags.items() if value is not None}
        self._places: list[_Place] = []
        self._watches: set[asyncio.Task[None]] = set()
        self._is_stopping = False
        self._stopped = asyncio.Event()
        self._rolling = asyncio.Lock()

    async def run(self) -> None:
        """Work until SIGTERM or SIGINT. Raises WideloadError: it cannot start."""
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self._stopped.set)
        loop.add_signal_handler(signal.SIGHUP, lambda: self._keep(asyncio.create_task(self.roll())))
        self._places = [self._place(number) for number in range(self._settings.process.workers)]
        if self._settings.process.role == "all":
            self._places.append(self._answering_place())
        try:
            await asyncio.gather(*map(self._start, self._places))
            log.info("%d workers take beacons.", self._settings.process.workers)
            await self._stopped.wait()
        finally:
            self._is_stopping = True
            await asyncio.gather(*(self._stop(place, signal.SIGTERM) for place in self._places))

    async def roll(self) -> None:
        """Replace every process by a new one, one after the other; first add or remove workers, if the settings say so."""
        async with self._rolling:
            try:
                settings = self._read()
            except SettingsError as error:
                log.error("The workers go on as they are: %s", " ".join(error.problems))
                return
            old, surplus = list(self._places), await self._resize(settings.process.workers)
            for place in old:
                if self._is_stopping:
                    return
                if place in surplus:
                    continue
                try:
                    await (self._succeed(place) if place.is_worker else self._replace(place))
                except WideloadError as error:
                    log.error("%s The others go on as they are.", error)
                    return
            await asyncio.gather(*(self._stop(place, DRAIN) for place in surplus))
            log.info("All processes have been replaced; %d workers take beacons.", settings.process.workers)

    async def _resize(self, workers: int) -> list[_Place]:
        """Add workers, or return those that are too many, when others have their sockets, in which connections may wait."""
        now = sum(place.is_worker for place in self._places)
        for number in range(now, workers):
            place = self._place(number)
            self._places.insert(number, place)
            await self._start(place)
        surplus = self._places[workers:now]
        for place in surplus:
            self._places.remove(place)
            self._places[0].sockets += place.sockets
            place.sockets = []
        return surplus

    async def _succeed(self, place: _Place) -> None:
        """Start a worker's successor on the same sockets; when that is ready, let the worker finish."""
        old, place.process = place.process, None
        try:
            await self._start(place)
        except WideloadError:
            place.process = old
            raise
        if old:
            await _end(old, DRAIN)

    async def _replace(self, place: _Place) -> None:
        """Start a process when the one before has ended, as there can be one only: who comes meanwhile waits."""
        old, place.process = place.process, None
        if old:
            await _end(old, DRAIN)
        await self._start(place)

    # --- One process -----------------------------------------------------------------------------------------------

    async def _start(self, place: _Place) -> None:
        """Start a process and return when it is ready. Raises WideloadError."""
        place.listen()
        told, ready = os.pipe()
        order = Order(place.flags, [one.fileno() for one in place.sockets], ready, place.restarts, place.is_worker)
        try:
            # In a session of its own: Ctrl-C is for the supervisor.
            process = await asyncio.create_subprocess_exec(
                sys.executable, "-m", "collector.worker",
                stdin=asyncio.subprocess.PIPE, pass_fds=[*order.sockets, ready], start_new_session=True,
            )  # fmt: skip
        finally:
            os.close(ready)
        assert process.stdin
        process.stdin.write(order.as_line())
        is_ready = await _is_told(told, START_SECONDS)
        if not is_ready:
            with contextlib.suppress(ProcessLookupError):
                process.kill()
            raise WideloadError(f"The {place.name} did not start (exit code {await process.wait()}); its log says why.")
        place.process, place.started = process, time.monotonic()
        self._keep(asyncio.create_task(self._watch(place, process)))

    async def _watch(self, place: _Place, process: asyncio.subprocess.Process) -> None:
        """Start a process again that has ended and should not have."""
        code = await process.wait()
        while place.process is process and place in self._places and not self._is_stopping:
            if time.monotonic() - place.started > WELL_SECONDS:
                place.failures = 0
            delay = min(MOST_BACKOFF_SECONDS, FIRST_BACKOFF_SECONDS * 2 ** (place.failures - 1)) if place.failures else 0.0
            log.error("The %s has died (exit code %d); another one is started %s.", place.name, code,
                      f"in {delay:g} s" if delay else "at once")  # fmt: skip
            place.failures += 1
            place.restarts += 1
            place.started = time.monotonic()
            if delay:
                place.close()
                await asyncio.sleep(delay)
            try:
                await self._start(place)
            except WideloadError as error:
                log.error("%s", error)

    async def _stop(self, place: _Place, number: signal.Signals) -> None:
        process, place.process = place.process, None
        if process:
            await _end(process, number)
        place.close()

    def _keep(self, task: asyncio.Task[None]) -> None:
        self._watches.add(task)
        task.add_done_callback(self._watches.discard)

    # --- What there is to do ---------------------------------------------------------------------------------------

    def _place(self, number: int) -> _Place:
        settings = self._settings
        private = settings.process.private if settings.process.role == "ingest" else None
        flags = {"role": "ingest", "workers": 1, "private_listen": settings.process.private_listen if private else ""}
        addresses = [(settings.host, settings.port, "WIDELOAD_LISTEN", True)]
        if private:
            addresses.append((*private, "WIDELOAD_PRIVATE_LISTEN", True))
        return _Place(f"worker {number + 1}", {**self._flags, **flags}, addresses, is_worker=True)

    def _answering_place(self) -> _Place:
        settings = self._settings
        assert settings.process.private
        flags = {
            "role": "query",
            "workers": 1,
            "listen": settings.process.private_listen,
            "private_listen": "",
            "public_url": web.base_url(settings),
            "private_url": web.people_url(settings),
        }
        addresses = [(*settings.process.private, "WIDELOAD_PRIVATE_LISTEN", False)]
        return _Place("process that answers questions", {**self._flags, **flags}, addresses, is_worker=False)


async def _is_told(descriptor: int, seconds: float) -> bool:
    """Whether a line comes over a pipe, and not its end, in time."""
    loop = asyncio.get_running_loop()
    reader = asyncio.StreamReader()
    transport, _ = await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), os.fdopen(descriptor, "rb"))
    try:
        async with asyncio.timeout(seconds):
            return bool(await reader.readline())
    except TimeoutError:
        return False
    finally:
        transport.close()


async def _end(process: asyncio.subprocess.Process, number: signal.Signals) -> None:
    with contextlib.suppress(ProcessLookupError):
        process.send_signal(number)
    try:
        async with asyncio.timeout(STOP_SECONDS):
            await process.wait()
    except TimeoutError:
        log.error("Process %d does not end, and is killed; what it has accepted is on disk.", process.pid)
        process.kill()
        await process.wait()


def supervise(settings: Settings, flags: Mapping[str, Any], read: Callable[[], Settings]) -> None:
    """Serve with several processes until SIGTERM or SIGINT; see `Supervisor`."""
    setup_logging(settings.log_level, settings.log_format)
    web.beacon_manifest()
    # What all of them share is made here, once.
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    check_secret(settings.check_secret, settings.data_dir)
    admin_token(settings.admin_token, settings.data_dir)
    DeadLetters(settings.data_dir / DEAD_LETTERS_FILE).close()
    Tombstones(settings.data_dir / TOMBSTONES_FILE).close()

    async def run() -> None:
        supervisor = Supervisor(settings, flags, read)
        if settings.process.role == "ingest":
            print(welcome(settings, ""), flush=True)
        await supervisor.run()

    asyncio.run(run())
