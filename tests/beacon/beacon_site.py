"""The two local servers of the browser tests: a site, and a collector that keeps the beacons."""

from __future__ import annotations

import gzip
import json
import os
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from operator import itemgetter
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

from playwright.sync_api import Page

from collector.fields import BY_NAME, MAX_ITEMS, PARALLEL, Field

ROOT = Path(__file__).parents[2]
#: The script under test; the variable names another build.
SCRIPT = Path(os.environ.get("WIDELOAD_TEST_BEACON", ROOT / "collector/static/beacon/beacon.full.js"))
#: The small one, which leaves out what `beacon_js/src/signals/more.ts` lists.
SMALL_SCRIPT = ROOT / "collector/static/beacon/beacon.js"
DEMO = ROOT / "collector/demo/site"
PAGES = Path(__file__).parent / "pages"
WEB_VITALS = ROOT / "beacon_js/node_modules/web-vitals/dist/web-vitals.attribution.iife.js"

#: One event, as it was sent.
Event = dict[str, Any]

#: Serves a page, opens it and waits: see the fixture `visit`.
Visit = Callable[..., Page]
#: Opens a path of the site in a browser that nothing drives: see the fixture `open_unwatched`.
OpenUnwatched = Callable[[str], None]

#: What JSON makes of the dictionary's types.
PYTHON_TYPES: dict[str, set[type]] = {"string": {str}, "number": {int, float}, "boolean": {bool}, "time": {int, float}}

#: What pages name themselves, so that no dictionary knows it; fields of the test pages' own begin with `shop.`.
ATTRIBUTES = ("server_timing.", "mark.", "measure.", "element.", "page.query.", "shop.")

TYPES = {"html": "text/html", "js": "text/javascript", "css": "text/css", "svg": "image/svg+xml"}


@dataclass
class Request:
    """What a server was sent."""

    method: str
    path: str
    headers: dict[str, str]
    body: str
    #: When its headers had been read, and when the answer began to be written, in seconds since 1970.
    received_at: float = 0.0
    answered_at: float = 0.0
    #: Bytes of the answer's body as they went over the wire.
    sent_bytes: int = 0


@dataclass
class Server:
    """A local server that serves some files and keeps what it is sent.

    Pages are written to `pages`; `{beacon}` in them is the script's URL. Of every URL `?ms=` delays the answer, `?hold=1` holds it
    back until `release` is set, `?hints=1` sends early hints before it, and `?drip=` is the pause in ms before the second half of
    the body, which then comes in chunks.
    """

    url: str = ""
    beacon: str = ""
    pages: dict[str, str] = field(default_factory=dict)
    headers: dict[str, str] = field(default_factory=dict)
    received: list[Request] = field(default_factory=list)
    #: Statuses that the next beacons get; the others get 202.
    refusals: list[int] = field(default_factory=list)
    release: threading.Event = field(default_factory=threading.Event)

    def handle(self, request: Request) -> tuple[int, str, bytes]:
        """Return status, type and body of the answer."""
        parts = urlsplit(request.path)
        if request.method != "GET":
            status = self.refusals.pop(0) if self.refusals and request.method == "POST" else 202
            return status, "application/json", b'{"accepted":1,"rejected":[]}'
        if parts.path in self.pages:
            return 200, "text/html", self.pages[parts.path].replace("{beacon}", self.beacon).encode()
        for path in self._files(parts.path):
            if path.is_file():
                return 200, TYPES[path.suffix[1:]], path.read_bytes()
        return 404, "text/plain", b""

    def _files(self, path: str) -> list[Path]:
        fixed = {"/beacon.js": SCRIPT, "/beacon.full.js": SCRIPT, "/beacon.small.js": SMALL_SCRIPT, "/web-vitals.js": WEB_VITALS}
        name = path.removeprefix("/demo").replace("/slow/", "/").removeprefix("/") or "index.html"
        return [fixed.get(path, PAGES / name), DEMO / name]

    def wait_for(self, path: str, seconds: float = 8) -> None:
        """Wait until a path has been asked for."""
        until = time.monotonic() + seconds
        while not any(request.path == path for request in list(self.received)):
            assert time.monotonic() < until, f"nobody asked for {path}"
            time.sleep(0.02)

    def posts(self) -> list[Request]:
        return [request for request in list(self.received) if request.method != "GET"]

    def sent(self) -> list[Event]:
        """Return all events so far, every snapshot of each, each checked against the dictionary."""
        bodies = [json.loads(request.body) for request in self.posts() if "/oracle" not in request.path and request.body]
        events = [event for body in bodies for event in body["events"]]
        for event in events:
            check_fields(event)
        return events

    def stored(self, kind: str = "page_view") -> list[Event]:
        """Return the rows that the store would hold by now, oldest first."""
        return sorted(fold(event for event in self.sent() if event["kind"] == kind), key=lambda row: row["time"])

    def rows(self, kind: str = "page_view") -> list[Event]:
        """Wait for something to arrive and return the rows that the store would hold by then."""
        self.events()
        return self.stored(kind)

    def events(self, count: int = 1, seconds: float = 8) -> list[Event]:
        """Wait for so many events and a moment longer, then return all of them."""
        until = time.monotonic() + seconds
        while len(self.posts()) < count and time.monotonic() < until:
            time.sleep(0.02)
        time.sleep(0.15)
        return self.sent()

    def event(self) -> Event:
        """Wait for the one page view and return its newest snapshot."""
        return self.row()

    def row(self, kind: str = "page_view") -> Event:
        """Wait for the one row of a kind."""
        rows = self.rows(kind)
        assert len(rows) == 1, rows
        return rows[0]

    def rows_on_leave(self, count: int = 1, seconds: float = 8) -> list[Event]:
        """Wait until so many page views have come, the last of them as it was left, and return their rows, oldest first.

        Browsers without `fetchLater` send a view before it is left as well.
        """
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            rows = fold(event for event in self.sent() if event["kind"] == "page_view")
            if len(rows) >= count and max(rows, key=itemgetter("time"))["beacon.trigger"] in ("hidden", "pagehide"):
                break
            time.sleep(0.02)
        return self.rows()


def wish(request: Request, name: str) -> int:
    """Return a number that a URL's query asks for, or 0."""
    return int(parse_qs(urlsplit(request.path).query).get(name, ["0"])[0])


def fold(events: Iterable[Event]) -> list[Event]:
    """Return the newest snapshot of every event, as the store keeps it: of one id the highest revision wins."""
    newest: dict[str, Event] = {}
    for event in events:
        if event["id"] not in newest or newest[event["id"]]["revision"] <= event["revision"]:
            newest[event["id"]] = event
    return list(newest.values())


def check_fields(event: Event) -> None:
    """Fail unless the collector would take every field as a known one."""
    for name, value in event.items():
        if name.startswith(ATTRIBUTES):
            continue
        known = BY_NAME.get(name)
        assert known, f"{name} is not in the dictionary"
        assert known.origin == "sender", name
        if known.is_list:
            check_list(event, known)
        else:
            assert known.type != "string" or value != "", name
            check_value(known, value)


def check_list(event: dict[str, Any], known: Field) -> None:
    """Fail unless it is a list of such values, and as long as the lists that belong to it."""
    items = event[known.name]
    assert type(items) is list, known.name
    assert 0 < len(items) <= MAX_ITEMS, (known.name, len(items))
    for other in PARALLEL[known.parallel]:
        assert len(event.get(other.name, items)) == len(items), (known.name, other.name)
    for item in items:
        if item is not None or known.type != "numbers":
            check_value(known, item)


def check_value(known: Field, value: Any) -> None:
    """Fail unless a value has the field's type and is within its range."""
    assert type(value) in PYTHON_TYPES[known.item_type], (known.name, value)
    if known.item_type == "string":
        assert len(value) <= known.high, (known.name, value)
    elif known.item_type != "boolean":
        assert known.low <= value <= known.high, (known.name, value)
        assert not known.whole or value == int(value), (known.name, value)


def _handler(server: Server) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            body = self.rfile.read(int(self.headers.get("content-length") or 0)).decode()
            headers = {k.lower(): v for k, v in self.headers.items()}
            request = Request(self.command, self.path, headers, body, received_at=time.time())
            server.received.append(request)
            if wish(request, "hints"):
                self.send_response_only(103)
                self.send_header("link", "</slow.js>; rel=preload; as=script")
                self.end_headers()
            time.sleep(wish(request, "ms") / 1000)
            if wish(request, "hold"):
                server.release.wait(30)
            if self.path.startswith("/redirect"):  # "/redirect/page" goes to "/page"
                self._answer(request, 302, {"location": self.path.removeprefix("/redirect")}, b"")
                return
            status, kind, content = server.handle(request)
            if kind == "text/html":
                packed = {"content-type": kind, "content-encoding": "gzip", **server.headers}
                self._answer(request, status, packed, gzip.compress(content))
            else:
                self._answer(request, status, {"content-type": kind, **server.headers}, content)

        do_POST = do_OPTIONS = do_GET

        def _answer(self, request: Request, status: int, headers: dict[str, str], content: bytes) -> None:
            pause = wish(request, "drip") / 1000
            length = {"transfer-encoding": "chunked"} if pause else {"content-length": str(len(content))}
            self.send_response(status)
            for name, value in {**headers, **length}.items():
                self.send_header(name, value)
            request.answered_at, request.sent_bytes = time.time(), len(content)
            self.end_headers()
            if not pause:
                self.wfile.write(content)
                return
            half = len(content) // 2
            for part in (content[:half], content[half:], b""):
                self.wfile.write(b"%x\r\n%b\r\n" % (len(part), part))
                time.sleep(pause if part == content[:half] else 0)

        def log_message(self, *_: Any) -> None:
            """Keep the test output quiet."""

    return Handler


class _QuietServer(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, *_: Any) -> None:
        """A page that is left closes its connections; that is no error here."""


def serve(server: Server) -> Iterator[Server]:
    """Run a server on a free port of the loopback interface."""
    with _QuietServer(("127.0.0.1", 0), _handler(server)) as listener:
        server.url = f"http://127.0.0.1:{listener.server_port}"
        thread = threading.Thread(target=listener.serve_forever, args=(0.02,))
        thread.start()
        try:
            yield server
        finally:
            listener.shutdown()
            thread.join()


def rest(page: Page) -> None:
    """Wait until the browser has told the page's observers of an interaction, which it does when it has time."""
    page.wait_for_timeout(200)
    page.evaluate("() => new Promise((done) => requestIdleCallback(() => setTimeout(done, 100), {timeout: 1000}))")


def leave(page: Page) -> None:
    """Go somewhere else."""
    page.goto("about:blank")
