"""What a browser says while a check runs: console, exceptions, requests, dialogs, downloads. All of it is bounded."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import urlsplit

from playwright.sync_api import BrowserContext, ConsoleMessage, Dialog, Download, Error, Frame, Page, Request, Response, WebError

MAX_LINES: Final = 1000
MAX_REQUESTS: Final = 5000
_MAX_TEXT: Final = 2000
#: What the browser says of a request that was answered with an error is counted as a failed request already.
_OF_REQUESTS: Final = "Failed to load resource"


@dataclass(slots=True)
class Line:
    """A line of the console: `kind` is as browsers have it, or `exception`; `at` in epoch milliseconds."""

    kind: str
    text: str
    url: str
    at: float = 0.0

    @property
    def is_error(self) -> bool:
        """Whether a person should look."""
        return self.kind in ("error", "exception")


@dataclass(slots=True)
class Asked:
    """A request: `status` is 0 without an answer, `failure` says why; `is_beacon` if it carries the mark of the run."""

    url: str
    method: str
    type: str
    status: int = 0
    failure: str = ""
    is_beacon: bool = False

    @property
    def is_failed(self) -> bool:
        """Whether it went wrong. A page that is left breaks off what it was waiting for."""
        return self.status >= 400 or (bool(self.failure) and "ERR_ABORTED" not in self.failure)


# Without slots: Playwright keeps its wrappers of handlers on the object.
@dataclass
class Watch:
    """Watches a context.

    Attributes:
        run_id: beacons of the run have it in them.
        is_new: a page has opened since this was last set to false.
        dropped: lines and requests that there was no room for, by what they are.
        answer: what is done with the next dialog: accept or dismiss, and the text for a prompt.
        dialogs: the texts of dialogs.
        downloads: files, the last one last.
    """

    run_id: str
    is_new: bool = False
    console: list[Line] = field(default_factory=list)
    requests: dict[int, Asked] = field(default_factory=dict)
    dropped: dict[str, int] = field(default_factory=dict)
    dialogs: deque[str] = field(default_factory=lambda: deque(maxlen=20))
    downloads: deque[Download] = field(default_factory=lambda: deque(maxlen=20))
    answer: tuple[str, str] | None = None
    _known: dict[int, Request] = field(default_factory=dict, repr=False)

    def attach(self, context: BrowserContext) -> None:
        """Begin to watch a context and all its pages."""
        context.on("console", self._on_console)
        context.on("weberror", self._on_error)
        context.on("dialog", self._on_dialog)
        context.on("request", self._on_request)
        context.on("requestfailed", self._on_failed)
        context.on("response", self._on_response)
        context.on("page", self._on_page)

    @property
    def errors(self) -> list[Line]:
        """The lines that a person should look at."""
        return [line for line in self.console if line.is_error and not line.text.startswith(_OF_REQUESTS)]

    @property
    def failed(self) -> list[Asked]:
        """The requests that went wrong."""
        return [asked for asked in self.requests.values() if asked.is_failed]

    def facts(self) -> dict[str, Any]:
        """Return what conditions may be about."""
        errors = self.errors
        return {
            "check.console_errors": sum(line.kind == "error" for line in errors),
            "check.page_errors": sum(line.kind == "exception" for line in errors),
            "check.failed_requests": len(self.failed),
            "requests": len(self.requests) + self.dropped.get("requests", 0),
        }

    def _add_line(self, line: Line) -> None:
        if len(self.console) < MAX_LINES:
            self.console.append(line)
        else:
            self.dropped["console"] = self.dropped.get("console", 0) + 1

    def _on_console(self, message: ConsoleMessage) -> None:
        location: Mapping[str, Any] = message.location
        self._add_line(Line(message.type, message.text[:_MAX_TEXT], str(location.get("url", ""))[:_MAX_TEXT], message.timestamp))

    def _on_error(self, error: WebError) -> None:
        page = error.page
        self._add_line(Line("exception", str(error.error)[:_MAX_TEXT], page.url[:_MAX_TEXT] if page else ""))

    def _on_dialog(self, dialog: Dialog) -> None:
        self.dialogs.append(dialog.message)
        answer, self.answer = self.answer, None
        # A page that asks whether it may be left shall not hold the check back.
        with suppress(Error):
            if dialog.type == "beforeunload" or (answer and answer[0] == "accept"):
                dialog.accept(answer[1] if answer and dialog.type == "prompt" else None)
            else:
                dialog.dismiss()

    def _on_page(self, page: Page) -> None:
        page.on("download", self._on_download)
        page.on("framenavigated", self._on_navigated)

    def _on_download(self, download: Download) -> None:
        self.downloads.append(download)

    def _on_navigated(self, frame: Frame) -> None:
        self.is_new = self.is_new or frame.parent_frame is None

    def _on_request(self, request: Request) -> None:
        if len(self.requests) >= MAX_REQUESTS:
            self.dropped["requests"] = self.dropped.get("requests", 0) + 1
            return
        if urlsplit(request.url).scheme in ("http", "https"):
            asked = self.requests[id(request)] = Asked(request.url[:_MAX_TEXT], request.method, request.resource_type)
            asked.is_beacon = request.method == "POST" and self.run_id.encode() in (request.post_data_buffer or b"")
            # So that no other one gets its id.
            self._known[id(request)] = request

    def _on_failed(self, request: Request) -> None:
        if asked := self.requests.get(id(request)):
            asked.failure = request.failure or "failed"

    def _on_response(self, response: Response) -> None:
        if asked := self.requests.get(id(response.request)):
            asked.status = response.status
