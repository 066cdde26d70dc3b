"""WebKit (MiniBrowser of WebKitGTK), driven through WebDriver. https://www.w3.org/TR/webdriver2/"""

from __future__ import annotations

import json
import os
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx2

PROGRAM = "WebKitWebDriver"
DISPLAY = "Xvfb"
#: How WebDriver names a reference to an element in JSON.
ELEMENT = "element-6066-11e4-a52e-4f735466cecf"


class WebKitTab:
    """One window, because MiniBrowser doesn't show a tab that a driver has opened; `handle` is what WebDriver calls it by."""

    def __init__(self, webkit: WebKit, handle: str) -> None:
        self._webkit = webkit
        self._handle = handle

    def _call(self, method: str, path: str, **body: Any) -> Any:
        self._webkit.call("POST", "/window", handle=self._handle)
        return self._webkit.call(method, path, **body)

    def goto(self, url: str) -> None:
        """Open a URL and wait until it has loaded."""
        self._call("POST", "/url", url=url)

    def evaluate(self, expression: str) -> Any:
        """Return the value of an expression in the page, or of the promise that it is, as JSON makes it."""
        script = f"return (async () => JSON.stringify(await ({expression})))()"
        return json.loads(self._call("POST", "/execute/sync", script=script, args=[]) or "null")

    def click(self, selector: str) -> None:
        """Click on an element as a visitor does."""
        element = self._call("POST", "/element", using="css selector", value=selector)[ELEMENT]
        self._call("POST", f"/element/{element}/click")

    def hide(self) -> None:
        """Minimize the window."""
        self._call("POST", "/window/minimize")

    def close(self) -> None:
        """Close the window."""
        self._call("DELETE", "/window")


class WebKit:
    """A session of a running driver."""

    def __init__(self, client: httpx2.Client) -> None:
        self._client = client
        self._session = ""
        self._session = "/" + self.call("POST", "", capabilities={})["sessionId"]
        self._first = self.call("GET", "/window")

    def call(self, method: str, path: str, **body: Any) -> Any:
        """Send a command of the session and return its result."""
        content = body if method == "POST" else None
        answer = self._client.request(method, f"/session{self._session}{path}", json=content)
        assert answer.status_code == 200, (method, path, answer.text)
        return answer.json()["value"]

    def open_tab(self) -> WebKitTab:
        """Open a window, from the first one: the current one may be closed."""
        self.call("POST", "/window", handle=self._first)
        return WebKitTab(self, self.call("POST", "/window/new", type="window")["handle"])


@contextmanager
def _run(*command: str, **options: Any) -> Iterator[subprocess.Popen[bytes]]:
    with subprocess.Popen(command, stderr=subprocess.DEVNULL, **options) as process:
        try:
            yield process
        finally:
            process.terminate()


@contextmanager
def _run_display() -> Iterator[str]:
    """Run an X server and yield the number of its display."""
    reader, writer = os.pipe()
    with _run(DISPLAY, "-displayfd", str(writer), "-nolisten", "tcp", pass_fds=[writer]), os.fdopen(reader) as numbers:
        os.close(writer)
        yield ":" + numbers.readline().strip()


def _find_free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


def _wait_until_ready(client: httpx2.Client, process: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + 60
    while True:
        try:
            assert client.get("/status").json()["value"]["ready"]
            return
        except httpx2.TransportError:
            assert process.poll() is None, f"{PROGRAM} ended with {process.returncode}"
            assert time.monotonic() < until, f"{PROGRAM} does not listen"
            time.sleep(0.05)


@contextmanager
def run_webkit(_: Path) -> Iterator[WebKit]:
    """Run a WebKit on a display of its own that nobody sees. It keeps no profile."""
    port = _find_free_port()
    with _run_display() as display:
        environment = {**os.environ, "DISPLAY": display, "GDK_BACKEND": "x11"}
        with (
            _run(PROGRAM, f"--port={port}", "--host=127.0.0.1", env=environment, stdout=subprocess.DEVNULL) as driver,
            httpx2.Client(base_url=f"http://127.0.0.1:{port}", timeout=60, trust_env=False) as client,
        ):
            _wait_until_ready(client, driver)
            webkit = WebKit(client)
            yield webkit
            webkit.call("DELETE", "")
