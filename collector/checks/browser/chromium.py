"""A Chromium that stays warm between attempts."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from playwright.sync_api import Browser, Error, Playwright, sync_playwright

from collector.checks.browser.guard import Gate, Guard
from collector.checks.browser.program import find_program
from collector.checks.probes.model import ProbeError
from collector.config.model import BROWSER_VARIABLE

#: Then it is started anew: browsers grow, and a long-lived one keeps what it should have forgotten.
MAX_ATTEMPTS: Final = 50
MAX_AGE_SECONDS: Final = 3600
#: Only connections through the proxy are made, and to loopback none beside it.
_ARGS: Final = (
    "--proxy-bypass-list=<-loopback>", "--force-webrtc-ip-handling-policy=disable_non_proxied_udp", "--disable-quic",
    "--no-pings", "--disable-features=NetworkTimeServiceQuerying",
)  # fmt: skip
#: What the browser's driver has them started with, and nothing else.
_STARTED_WITH: Final = b"--remote-debugging-pipe"


class Chromium:
    """Starts the browser when it is first needed. For one thread; `close()` ends it.

    Args:
        program: its path; by default what the environment names or the machine has, else Playwright's own.
    """

    def __init__(self, program: str | None = None) -> None:
        self.program = program or find_program()
        self._guard = Guard()
        self._playwright: Playwright | None = None
        self._browser: Browser | None = None
        self._count, self._began = 0, 0.0

    def close(self) -> None:
        """End the browser."""
        self._end()
        self._stop_driver()
        self._guard.close()

    @property
    def version(self) -> str:
        """The version of the browser that runs."""
        return self._browser.version if self._browser else ""

    @contextmanager
    def attempt(self, allow_private: bool, seconds: float) -> Iterator[tuple[Browser, Gate]]:
        """Yield the browser and the gate that a context has to go out by.

        Args:
            allow_private: whether private addresses may be connected to.
            seconds: when they are over the browser is killed: nothing else helps against a page that never stops to compute.

        Raises:
            ProbeError: `browser_error`; it cannot be started.
        """
        browser = self._ready()
        self._count += 1
        with self._guard.gate(allow_private) as gate:
            timer = threading.Timer(seconds, kill_browsers)
            timer.daemon = True
            timer.start()
            try:
                yield browser, gate
            finally:
                timer.cancel()
                timer.join()

    def _ready(self) -> Browser:
        is_old = self._count >= MAX_ATTEMPTS or time.monotonic() - self._began > MAX_AGE_SECONDS
        if self._browser and (is_old or not self._browser.is_connected()):
            self._end()
            self._stop_driver()
        if not self._browser:
            try:
                self._playwright = self._playwright or sync_playwright().start()
                self._browser = self._playwright.chromium.launch(**self._options())
            except Error as error:
                text = f"The browser {self.program or 'of Playwright'} cannot be started: {error.message.splitlines()[0]}"
                raise ProbeError("browser_error", f"{text} Install Chromium, or name it in {BROWSER_VARIABLE}.") from None
            self._count, self._began = 0, time.monotonic()
        return self._browser

    def _options(self) -> dict[str, Any]:
        # Chromium's own sandbox does not work for root.
        is_root = hasattr(os, "geteuid") and os.geteuid() == 0
        args = [*_ARGS, *(["--no-sandbox"] if is_root else [])]
        return {
            "executable_path": self.program,
            "args": args,
            # A context without a proxy of its own gets nowhere.
            "proxy": {"server": "socks5://127.0.0.1:9"},
            "handle_sigint": False, "handle_sigterm": False, "handle_sighup": False,
            "chromium_sandbox": not is_root,
        }  # fmt: skip

    def _stop_driver(self) -> None:
        if self._playwright:
            self._playwright.stop()
            self._playwright = None

    def _end(self) -> None:
        if self._browser:
            try:
                self._browser.close()
            except Error:
                kill_browsers()
            self._browser = None


def kill_browsers() -> None:
    """Kill the browsers that this process has started. Linux only."""
    for pid in processes_below(os.getpid()):
        try:
            if _STARTED_WITH in Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0"):
                os.kill(pid, signal.SIGKILL)
        except OSError:
            continue


def processes_below(pid: int) -> list[int]:
    """Return the processes that a process has started, and those that they have."""
    parents: dict[int, list[int]] = {}
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            # The name before it may have spaces and brackets.
            parents.setdefault(int(path.read_text().rpartition(")")[2].split()[1]), []).append(int(path.parent.name))
        except OSError:
            continue
    found = list(parents.get(pid, ()))
    for one in found:
        found += parents.get(one, ())
    return found
