"""A Chromium driven over its DevTools pipe, with nothing emulated.

Under Playwright every tab counts as visible and nothing is prerendered. Here a tab that another one covers is hidden, and
speculation rules work, as in a visitor's browser. https://chromedevtools.github.io/devtools-protocol/
"""

from __future__ import annotations

import itertools
import json
import os
import subprocess
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

Message = dict[str, Any]
Answer = TypeVar("Answer")

CHROMIUM_ARGS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
    # A host that is not loopback, so that its plain HTTP is not a secure context.
    "--host-resolver-rules=MAP shop.test 127.0.0.1",
]  # fmt: skip


def chromium() -> str:
    """Return the browser's path."""
    return os.environ.get("WIDELOAD_TEST_CHROMIUM", "/usr/bin/chromium")


#: How long a browser on a busy machine may take for anything.
PATIENCE_SECONDS = 45.0


class DevToolsError(Exception):
    """The browser refused a command, or a page threw in one."""


def wait_for(get: Callable[[], Answer], what: str, seconds: float = PATIENCE_SECONDS) -> Answer:
    """Return the first true answer of `get`."""
    until = time.monotonic() + seconds
    while not (answer := get()):
        assert time.monotonic() < until, f"gave up waiting for {what}"
        time.sleep(0.015)
    return answer


class Chromium:
    """One browser; `open` gives tabs."""

    def __init__(self, executable: str, arguments: list[str], profile: Path) -> None:
        commands, self._commands = os.pipe()
        self._answers, answers = os.pipe()
        flags = ["--headless", "--remote-debugging-pipe", "--window-size=1280,900", f"--user-data-dir={profile}"]
        # Chromium reads commands from descriptor 3 and answers on 4. Other shells take descriptors of one digit only.
        shell = ["bash", "-c", f'exec "$@" 3<&{commands} 4>&{answers}', "bash"]
        self._process = subprocess.Popen(
            [*shell, executable, *arguments, *flags, "about:blank"],
            pass_fds=(commands, answers),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        os.close(commands)
        os.close(answers)
        self._numbers = itertools.count(1)
        self._results: dict[int, Message] = {}
        self._gone: set[str] = set()
        self._changed = threading.Condition()
        #: Every event of the browser and its pages, oldest first.
        self.events: list[Message] = []
        threading.Thread(target=self._listen, daemon=True).start()

    def _listen(self) -> None:
        rest = b""
        while chunk := os.read(self._answers, 1 << 20):
            *messages, rest = (rest + chunk).split(b"\0")
            with self._changed:
                for message in map(json.loads, messages):
                    if "id" in message:
                        self._results[message["id"]] = message
                    else:
                        self.events.append(message)
                        if message["method"] == "Target.detachedFromTarget":
                            self._gone.add(message["params"]["sessionId"])
                self._changed.notify_all()

    def send(self, method: str, session: str = "", **parameters: Any) -> Any:
        """Send a command to the browser, or in the session of a tab or page, and return its result."""
        number = next(self._numbers)
        message: Message = {"id": number, "method": method, "params": parameters}
        if session:
            message["sessionId"] = session
        os.write(self._commands, json.dumps(message).encode() + b"\0")
        with self._changed:
            # Of a page that goes meanwhile there is never an answer.
            is_done = self._changed.wait_for(lambda: number in self._results or session in self._gone, PATIENCE_SECONDS)
            assert is_done, f"no answer to {method}"
            result = self._results.pop(number, {"error": {"message": "the page is gone"}})
        if "error" in result:
            raise DevToolsError(f"{method}: {result['error']['message']}")
        return result["result"]

    def events_of(self, method: str, session: str = "") -> list[Message]:
        """Return the parameters of all events so far of a name, of a session if it is given."""
        return [
            event["params"] for event in list(self.events) if event["method"] == method and event.get("sessionId", "") == session
        ]

    def open(self, url: str = "about:blank", background: bool = False) -> Tab:
        """Open a tab in front of the others, or behind them."""
        target = self.send("Target.createTarget", url="about:blank", background=background, forTab=True)["targetId"]
        session = self.send("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        # A page that is attached to directly, not through its tab, is never replaced by one that was prerendered.
        self.send("Target.setAutoAttach", session, autoAttach=True, waitForDebuggerOnStart=False, flatten=True)
        tab = Tab(self, target, session)
        if url != "about:blank":
            tab.go(url)
        return tab

    def close(self) -> None:
        """End the browser and wait until it is gone."""
        self.send("Browser.close")
        self._process.wait(PATIENCE_SECONDS)
        os.close(self._commands)


class Tab:
    """One tab, and whatever page it shows at the time."""

    def __init__(self, browser: Chromium, target: str, session: str) -> None:
        self.browser = browser
        self._target = target
        self._session = session
        self._page = ""
        #: The sessions of all pages that it has shown.
        self._pages: list[str] = []

    def _attached(self) -> list[Message]:
        """Return what is known of the pages in this tab now, the shown one and those that are prerendered."""
        gone = {event["sessionId"] for event in self.browser.events_of("Target.detachedFromTarget", self._session)}
        attached = self.browser.events_of("Target.attachedToTarget", self._session)
        return [event for event in attached if event["sessionId"] not in gone]

    def _find_page(self) -> str:
        for event in self._attached():
            info = self.browser.send("Target.getTargetInfo", targetId=event["targetInfo"]["targetId"])["targetInfo"]
            if info["type"] == "page" and "subtype" not in info:
                return str(event["sessionId"])
        return ""

    def send(self, method: str, **parameters: Any) -> Any:
        """Send a command to the page that is shown."""
        if self._page not in {event["sessionId"] for event in self._attached()}:
            self._page = wait_for(self._find_page, "the tab's page")
            self._pages.append(self._page)
            # From now on, and for what happened before, the browser tells of what the page throws.
            self.browser.send("Runtime.enable", self._page)
        return self.browser.send(method, self._page, **parameters)

    def evaluate(self, expression: str) -> Any:
        """Return an expression's value, of a promise what it comes to."""
        answer = self.send("Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True, userGesture=False)
        if "exceptionDetails" in answer:
            raise DevToolsError(f"{expression}: {answer['exceptionDetails']}")
        return answer["result"].get("value")

    def wait_until(self, expression: str, seconds: float = PATIENCE_SECONDS) -> Any:
        """Wait until an expression is true, in whatever page the tab shows by then; one that throws is not true."""

        def get() -> Any:
            try:
                return self.evaluate(expression)
            except DevToolsError:
                return None

        return wait_for(get, expression, seconds)

    def go(self, url: str) -> None:
        """Go to a page, and return when it has taken the other one's place."""
        self.send("Page.navigate", url=url)

    def show(self) -> None:
        """Bring the tab to the front, which hides the one that was there."""
        self.browser.send("Target.activateTarget", targetId=self._target)

    def click(self, selector: str) -> None:
        """Click at the middle of an element, as a visitor does, and return when the page has handled it."""
        x, y, is_there = self.evaluate(
            f"""(() => {{
              const element = document.querySelector({json.dumps(selector)});
              const box = element.getBoundingClientRect();
              const [x, y] = [box.x + box.width / 2, box.y + box.height / 2];
              return [x, y, element.contains(document.elementFromPoint(x, y))];
            }})()"""
        )
        assert is_there, f"{selector} is not at {x}, {y} of what the window shows"
        for kind in ("mouseMoved", "mousePressed", "mouseReleased"):
            self.send("Input.dispatchMouseEvent", type=kind, x=x, y=y, button="left", clickCount=1)

    def press(self, key: str) -> None:
        """Press and release a letter's key, and return when the page has handled it."""
        names = {"key": key, "code": f"Key{key.upper()}", "windowsVirtualKeyCode": ord(key.upper())}
        self.send("Input.dispatchKeyEvent", type="keyDown", text=key, **names)
        self.send("Input.dispatchKeyEvent", type="keyUp", **names)

    def rest(self) -> None:
        """Wait until the page has painted what it had to paint; a hidden page never does.

        Not for idle time: after a click Chromium grants none for a second.
        """
        self.evaluate(
            """new Promise((done) => document.hidden ? done()
              : requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(done))))"""
        )

    def errors(self) -> list[str]:
        """Return what the pages of this tab have thrown and nobody caught."""
        thrown = [event for page in self._pages for event in self.browser.events_of("Runtime.exceptionThrown", page)]
        return [json.dumps(event["exceptionDetails"]) for event in thrown]

    def close(self) -> None:
        """Close the tab, and return when it is gone."""
        self.browser.send("Target.closeTarget", targetId=self._target)
        tabs = {"filter": [{"type": "tab"}]}
        wait_for(
            lambda: self._target not in {tab["targetId"] for tab in self.browser.send("Target.getTargets", **tabs)["targetInfos"]},
            "the tab to close",
        )
