"""The requests of one load of a page, as the browser's network saw them: every site's, with sizes and times."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import urlsplit

from playwright.sync_api import CDPSession

MAX_REQUESTS: Final = 2000
#: What the browser calls a type, and what we do.
_TYPES: Final = {
    "Document": "html", "Script": "script", "Stylesheet": "css", "Image": "image", "Font": "font", "Media": "media", "XHR": "xhr",
    "Fetch": "xhr",
}  # fmt: skip


@dataclass(slots=True)
class Row:
    """A line of the waterfall; times in milliseconds since the first request, `size` in bytes as they travelled.

    Attributes:
        url: without its query.
        type: html, script, css, image, font, media, xhr or other.
        start, wait, duration: when it began, until the first byte, until the last one; None for what did not end.
        status: 0 without an answer; `failure` says why.
        is_blocking: the page was not painted before it was there.
        is_third_party: of another site.
    """

    url: str
    type: str
    start: float
    method: str = "GET"
    wait: float | None = None
    duration: float | None = None
    size: int = 0
    status: int = 0
    protocol: str = ""
    mime: str = ""
    failure: str = ""
    is_cached: bool = False
    is_blocking: bool = False
    is_third_party: bool = False


@dataclass
class Network:
    """Listens to a page's network.

    Args:
        session: of the page.
        host: whose requests are the page's own.
    """

    session: CDPSession
    host: str
    rows: dict[str, Row] = field(default_factory=dict)
    dropped: int = 0
    _redirects: int = 0
    _begin: float | None = None
    _open: set[str] = field(default_factory=set)
    _changed: float = field(default_factory=time.monotonic)

    def __post_init__(self) -> None:
        self.session.on("Network.requestWillBeSent", self._on_request)
        self.session.on("Network.responseReceived", self._on_response)
        self.session.on("Network.loadingFinished", self._on_finished)
        self.session.on("Network.loadingFailed", self._on_failed)
        self.session.send("Network.enable")

    def quiet_seconds(self) -> float:
        """Return for how long nothing has been asked for or answered; 0 while something is awaited."""
        return 0.0 if self._open else time.monotonic() - self._changed

    def facts(self) -> dict[str, float]:
        """Return bytes and requests, in all and by type, for conditions."""
        facts: dict[str, float] = {"bytes.total": 0, "requests.total": len(self.rows) + self.dropped}
        for row in self.rows.values():
            facts["bytes.total"] += row.size
            for name, amount in ((f"bytes.{row.type}", row.size), (f"requests.{row.type}", 1)):
                facts[name] = facts.get(name, 0) + amount
            if row.is_third_party:
                for name, amount in (("bytes.third_party", row.size), ("requests.third_party", 1)):
                    facts[name] = facts.get(name, 0) + amount
        return facts

    def _on_request(self, event: dict[str, Any]) -> None:
        request, key = event["request"], event["requestId"]
        url = urlsplit(request["url"])
        if url.scheme not in ("http", "https"):
            return
        self._changed = time.monotonic()
        if self._begin is None:
            self._begin = event["timestamp"]
        if "redirectResponse" in event and key in self.rows:
            # Each redirect keeps its row; the target gets a new one under the same id.
            self._answer(self.rows[key], event["redirectResponse"])
            self._end(self.rows[key], event["timestamp"])
            self._redirects += 1
            self.rows[f"{key}#{self._redirects}"] = self.rows.pop(key)
        if len(self.rows) >= MAX_REQUESTS:
            self.dropped += 1
            return
        self._open.add(key)
        self.rows[key] = Row(
            url=url._replace(netloc=url.netloc.rpartition("@")[2], query="", fragment="").geturl()[:1024],
            type=_TYPES.get(event.get("type", ""), "other"),
            start=self._since(event["timestamp"]),
            method=request["method"],
            is_blocking=event.get("renderBlockingBehavior") == "Blocking",
            is_third_party=_site(url.hostname or "") != _site(self.host),
        )

    def _on_response(self, event: dict[str, Any]) -> None:
        if row := self.rows.get(event["requestId"]):
            self._changed = time.monotonic()
            row.type = _TYPES.get(event.get("type", ""), "other")
            row.wait = round(self._since(event["timestamp"]) - row.start, 1)
            self._answer(row, event["response"])

    def _answer(self, row: Row, response: dict[str, Any]) -> None:
        row.status, row.protocol, row.mime = response["status"], response.get("protocol", ""), response.get("mimeType", "")
        row.is_cached = bool(response.get("fromDiskCache") or response.get("fromServiceWorker"))
        row.size = int(response.get("encodedDataLength", 0))

    def _on_finished(self, event: dict[str, Any]) -> None:
        if row := self.rows.get(event["requestId"]):
            row.size = int(event["encodedDataLength"])
            self._end(row, event["timestamp"])
        self._open.discard(event["requestId"])

    def _on_failed(self, event: dict[str, Any]) -> None:
        if row := self.rows.get(event["requestId"]):
            row.failure = event.get("errorText", "failed")
            self._end(row, event["timestamp"])
        self._open.discard(event["requestId"])

    def _end(self, row: Row, timestamp: float) -> None:
        self._changed = time.monotonic()
        row.duration = round(self._since(timestamp) - row.start, 1)

    def _since(self, timestamp: float) -> float:
        return round((timestamp - (self._begin or timestamp)) * 1000, 1)


def _site(host: str) -> str:
    """Return the last two parts of a name: the list of public suffixes would be needed to do better, as in the beacon."""
    return host if host.replace(".", "").isdigit() or ":" in host else ".".join(host.split(".")[-2:])
