"""Firefox, driven through WebDriver BiDi. https://w3c.github.io/webdriver-bidi/"""

from __future__ import annotations

import itertools
import json
import os
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from websockets.sync.client import ClientConnection, connect

PROGRAM = "firefox-esr"


class FirefoxTab:
    """One tab; `context` is what BiDi calls it by."""

    def __init__(self, firefox: Firefox, context: str) -> None:
        self._firefox = firefox
        self._context = context

    def goto(self, url: str) -> None:
        """Open a URL and wait until it has loaded."""
        self._firefox.call("browsingContext.navigate", context=self._context, url=url, wait="complete")

    def evaluate(self, expression: str) -> Any:
        """Return the value of an expression in the page, or of the promise that it is, as JSON makes it."""
        expression = f"(async () => JSON.stringify(await ({expression})))()"
        result = self._firefox.call(
            "script.evaluate", expression=expression, target={"context": self._context}, awaitPromise=True, userActivation=True
        )
        assert result["type"] == "success", result
        return json.loads(result["result"].get("value", "null"))

    def click(self, selector: str) -> None:
        """Click on an element as a visitor does."""
        found = self._firefox.call(
            "browsingContext.locateNodes", context=self._context, locator={"type": "css", "value": selector}, maxNodeCount=1
        )
        element = {"type": "element", "element": {"sharedId": found["nodes"][0]["sharedId"]}}
        actions = [
            {"type": "pointerMove", "x": 0, "y": 0, "origin": element},
            {"type": "pointerDown", "button": 0},
            {"type": "pointerUp", "button": 0},
        ]
        source = {"type": "pointer", "id": "mouse", "parameters": {"pointerType": "mouse"}, "actions": actions}
        self._firefox.call("input.performActions", context=self._context, actions=[source])

    def show(self) -> None:
        """Bring the tab to the front."""
        self._firefox.call("browsingContext.activate", context=self._context)

    def hide(self) -> None:
        """Bring another tab to the front."""
        self._firefox.first_tab.show()

    def close(self) -> None:
        """Close the tab."""
        self._firefox.call("browsingContext.close", context=self._context)


class Firefox:
    """A connection to a running Firefox."""

    def __init__(self, socket: ClientConnection) -> None:
        self._socket = socket
        self._ids = itertools.count(1)
        self.call("session.new", capabilities={})
        tree = self.call("browsingContext.getTree", maxDepth=0)
        self.first_tab = FirefoxTab(self, tree["contexts"][0]["context"])

    def call(self, method: str, **params: Any) -> Any:
        """Send a command and return its result."""
        command = next(self._ids)
        self._socket.send(json.dumps({"id": command, "method": method, "params": params}))
        while True:
            message = json.loads(self._socket.recv(timeout=30))
            if message.get("id") == command:
                assert message["type"] == "success", message
                return message["result"]

    def open_tab(self) -> FirefoxTab:
        """Open a tab in front of the others."""
        return FirefoxTab(self, self.call("browsingContext.create", type="tab")["context"])


def _read_port(profile: Path, process: subprocess.Popen[bytes]) -> int:
    until = time.monotonic() + 60
    while True:
        try:
            return int(json.loads((profile / "WebDriverBiDiServer.json").read_text())["ws_port"])
        except (OSError, ValueError):
            assert process.poll() is None, f"{PROGRAM} ended with {process.returncode}"
            assert time.monotonic() < until, f"{PROGRAM} does not listen"
            time.sleep(0.05)


@contextmanager
def run_firefox(folder: Path) -> Iterator[Firefox]:
    """Run a Firefox without a window, with a profile of its own in `folder`."""
    command = [PROGRAM, "--headless", "--no-remote", "--remote-debugging-port=0", "--profile", str(folder)]
    environment = {**os.environ, "MOZ_CRASHREPORTER_DISABLE": "1"}
    with subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        try:
            with connect(f"ws://127.0.0.1:{_read_port(folder, process)}/session", max_size=None, proxy=None) as socket:
                yield Firefox(socket)
        finally:
            process.terminate()
