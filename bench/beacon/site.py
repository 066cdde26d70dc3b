"""The two origins of a measurement: the site with the measured page, and the host that has the beacons and takes what they send."""

from __future__ import annotations

import asyncio
import re
import socket
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs

import orjson
import uvicorn

from bench.beacon import page
from bench.beacon.subjects import INGEST, NONE, Subject

Headers = Sequence[tuple[bytes, bytes]]

PIXEL = bytes.fromhex("47494638396101000100800000000000ffffff21f90401000000002c00000000010001000002024401003b")

#: The label of a visit, which stands in the path of all that it sends.
VISIT = re.compile(r"/(visit-[\w-]+)")


@dataclass(frozen=True)
class Request:
    """What a beacon sent."""

    method: str
    path: str
    query: str
    body: bytes

    @property
    def visit(self) -> str:
        """The label of the visit that it comes from."""
        found = VISIT.search(self.path)
        return found[1] if found else ""

    @property
    def events(self) -> list[dict[str, Any]]:
        """The events, if this is a beacon of ours."""
        is_ours = self.method == "POST" and self.path.startswith("/v1/beacon/")
        return list(orjson.loads(self.body)["events"]) if is_ours else []


@dataclass
class Site:
    """Serves `/page/NAME?visit=LABEL` with that subject's script.

    The `load` of `/slow/NAME` never comes, `/bf/NAME` may be cached, and `/tab/NAME?visit=LABEL&more=N` opens N more tabs, each
    over the one before, and then `/covered?LABEL`; the visits of the tabs are LABEL-N to LABEL-0.
    """

    subjects: dict[str, Subject]
    url: str = ""
    ingest: str = ""
    received: list[Request] = field(default_factory=list)
    #: The queries of `/covered`.
    covered: list[str] = field(default_factory=list)
    #: The labels of the visits that were begun.
    opened: list[str] = field(default_factory=list)

    def tag(self, name: str, visit: str) -> str:
        """Begin a visit and return the subject's script tag. Its key and the address that it reports to name the visit."""
        self.opened.append(visit)
        if name == NONE:
            return ""
        return f'<script async src="{self.ingest}/sdk/{name}.js?visit={visit}" data-key="{visit}"></script>'

    async def serve_site(self, scope: Any, receive: Any, send: Any) -> None:
        """Answer as the site."""
        await _read(receive)
        path, query = str(scope["path"]), scope["query_string"].decode()
        if path == "/hang.png":
            while (await receive())["type"] != "http.disconnect":
                pass
            return
        kind, _, name = path[1:].partition("/")
        if kind in ("page", "slow", "bf", "tab"):
            await _answer(send, "text/html", self._page(kind, name, query), () if kind == "bf" else _FRESH, 0.03)
        elif kind in _PARTS:
            await _answer(send, *_PARTS[kind](name.partition(".")[0]))
        else:
            self.covered += [query] if kind == "covered" else []
            await _answer(send, "text/html", b'<!doctype html><title>Other</title><link rel="icon" href="data:,">other')

    def _page(self, kind: str, name: str, query: str) -> bytes:
        asked = parse_qs(query)
        name, visit = name.partition("/")[0], asked["visit"][0]
        if kind == "tab":
            more = int(asked["more"][0])
            return page.html(self.tag(name, f"{visit}-{more}"), _open_next(name, visit, more))
        return page.html(self.tag(name, visit), '<img src="/hang.png">' if kind == "slow" else "")

    async def serve_ingest(self, scope: Any, receive: Any, send: Any) -> None:
        """Answer as the host of the beacons."""
        body = await _read(receive)
        method, path, query = str(scope["method"]), str(scope["path"]), scope["query_string"].decode()
        allowed = {b"origin": b"*"} | dict(scope["headers"])
        headers = [
            (b"access-control-allow-origin", allowed[b"origin"]),
            (b"access-control-allow-credentials", b"true"),
            (b"access-control-allow-headers", allowed.get(b"access-control-request-headers", b"*")),
        ]
        if path.startswith("/sdk/"):
            visit = parse_qs(query)["visit"][0]
            script = self.subjects[path[5:].removesuffix(".js")].script
            reports_to = f"{self.ingest}/{visit}".encode()
            await _answer(send, "text/javascript", script.replace(INGEST.encode(), reports_to), headers + _FRESH)
            return
        if body is not None:
            self.received.append(Request(method, path, query, body))
        await _answer(send, *(("image/gif", PIXEL, headers) if method == "GET" else ("application/json", b"{}", headers)))


_FRESH = [
    (b"cache-control", b"no-store"),
    (b"server-timing", b'db;dur=12.3, cache;desc="hit"'),
    (b"timing-allow-origin", b"*"),
]

#: What a page loads: type, content, headers and delay in seconds by the first part of the path.
_PARTS: dict[str, Callable[[str], tuple[str, bytes, Headers, float]]] = {
    "js": lambda name: ("text/javascript", page.script(name), _FRESH, 0.005),
    "css": lambda name: ("text/css", page.style(name), _FRESH, 0.005),
    "img": lambda name: ("image/png", page.HERO if name == "hero" else page.ICON, _FRESH, 0.04 if name == "hero" else 0.005),
    "api": lambda name: ("application/json", b'{"ok":true,"items":[1,2,3]}', _FRESH, 0.02),
}


def _open_next(name: str, visit: str, more: int) -> str:
    path = f"/tab/{name}?visit={visit}&more={more - 1}" if more else f"/covered?{visit}"
    return f"<script>addEventListener('load', () => setTimeout(() => open('{path}', '_blank', 'noopener'), 400))</script>"


async def _read(receive: Any) -> bytes | None:
    """Return the body, or nothing if its sender died before its end."""
    body, more = b"", True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            return None
        body += message["body"]
        more = message["more_body"]
    return body


async def _answer(send: Any, kind: str, body: bytes, headers: Headers = (), delay: float = 0) -> None:
    await asyncio.sleep(delay)
    headers = [(b"content-type", kind.encode()), (b"content-length", str(len(body)).encode()), *headers]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": body})


@contextmanager
def serving(subjects: Sequence[Subject]) -> Iterator[Site]:
    """Run both origins on free ports, in a thread of their own."""
    site = Site({subject.name: subject for subject in subjects})
    listening = [socket.create_server(("127.0.0.1", 0), backlog=512) for _ in range(2)]
    site.url, site.ingest = (f"http://127.0.0.1:{listener.getsockname()[1]}" for listener in listening)
    options: dict[str, Any] = {"interface": "asgi3", "lifespan": "off", "ws": "none", "log_level": "error", "access_log": False}
    servers = [uvicorn.Server(uvicorn.Config(app, **options)) for app in (site.serve_site, site.serve_ingest)]

    async def run() -> None:
        await asyncio.gather(*(server.serve([listener]) for server, listener in zip(servers, listening, strict=True)))

    thread = threading.Thread(target=lambda: asyncio.run(run()))
    thread.start()
    try:
        yield site
    finally:
        for server in servers:
            # Pages that hang are not waited for.
            server.should_exit = server.force_exit = True
        thread.join()
