"""A context for one attempt: clean, watched, marked, and closed before the browser is."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import urljoin, urlsplit

from playwright.sync_api import BrowserContext, CDPSession, Error, Frame, Page, Route
from playwright.sync_api import TimeoutError as Late

from collector.checks.attempt import Setting
from collector.checks.browser.chromium import Chromium
from collector.checks.browser.guard import Gate
from collector.checks.browser.scripts import init_script, mark_fields
from collector.checks.browser.settings import context_options, set_up_page, takes_files
from collector.checks.browser.watch import Watch
from collector.checks.files.load import Check
from collector.checks.probes.model import ProbeError

#: After the attempt's time, until the browser is killed: time to take a picture, and to close.
GRACE_SECONDS: Final = 10
#: What the browser says, in our words. Names and addresses are the guard's.
_REASONS: Final = {
    "ERR_CERT_": "tls_error", "ERR_SSL_": "tls_error", "ERR_BAD_SSL": "tls_error", "ERR_TOO_MANY_REDIRECTS": "redirect_error",
    "ERR_NAME_NOT_RESOLVED": "dns_error", "ERR_CONNECTION_": "connection_error", "ERR_ADDRESS_UNREACHABLE": "connection_error",
    "ERR_TIMED_OUT": "timeout", "ERR_EMPTY_RESPONSE": "http_error", "ERR_INVALID_": "http_error", "ERR_HTTP": "http_error",
    "ERR_UNSAFE_PORT": "refused_address", "ERR_UNKNOWN_URL_SCHEME": "refused_address",
    "ERR_INTERNET_DISCONNECTED": "connection_error",
}  # fmt: skip
_GUARDED: Final = ("ERR_SOCKS_CONNECTION", "ERR_PROXY_CONNECTION", "ERR_TUNNEL_CONNECTION")


@dataclass(slots=True)
class Session:
    """An attempt's context.

    Attributes:
        context: what all its pages are in.
        watch: what they say.
        gate: what they connect through.
        deadline: when the attempt is over, by `time.monotonic`.
        fields: what pages are given.
        base: what URLs without a host belong to.
        page: where steps are done.
        browser: the check's options.
    """

    context: BrowserContext
    watch: Watch
    gate: Gate
    deadline: float
    fields: dict[str, str | int]
    base: str
    page: Page
    browser: Mapping[str, Any]
    _devtools: dict[Page, CDPSession] = field(default_factory=dict)

    def devtools(self) -> CDPSession:
        """Return a connection to the page's DevTools. Raises Error."""
        if self.page not in self._devtools:
            self._devtools[self.page] = self.context.new_cdp_session(self.page)
        return self._devtools[self.page]

    def left(self) -> float:
        """Return the seconds left. Raises ProbeError: `timeout`."""
        seconds = self.deadline - time.monotonic()
        if seconds <= 0:
            raise ProbeError("timeout", "The time is up: raise the check's `timeout`, or look why it takes so long.")
        return seconds

    def url(self, text: str) -> str:
        """Return a whole URL. Raises ProbeError: `refused_address` for what is neither http nor https."""
        url = urljoin(self.base, text) if self.base else text
        if urlsplit(url).scheme not in ("http", "https"):
            reason = "only http and https are" if urlsplit(url).scheme else "it has no host, and the check has no `url`"
            raise ProbeError("refused_address", f"{text[:200]!r} is not opened: {reason}.")
        return url

    def go(self, text: str, seconds: float, until: str = "load") -> int:
        """Open a URL, and return the status of the answer. Raises ProbeError."""
        url = self.url(text)
        try:
            response = self.page.goto(url, timeout=seconds * 1000, wait_until=until)  # type: ignore[arg-type]
        except Error as error:
            raise self.reason(error, url) from None
        return response.status if response else 0

    def reason(self, error: Error, url: str) -> ProbeError:
        """Return why a page could not be opened."""
        shown = _bare(url)
        if isinstance(error, Late):
            return ProbeError("timeout", f"{shown} was not loaded in time.")
        message = error.message.splitlines()[0]
        if any(word in message for word in _GUARDED):
            # A redirect may have led elsewhere; the last host that was refused is the one.
            host = urlsplit(url).hostname or ""
            if found := self.gate.errors.get(host) or next(reversed(self.gate.errors.values()), None):
                return found
            return ProbeError("connection_error", f"{shown} cannot be reached.")
        word = next((word for word in _REASONS if word in message), "")
        if word:
            what = message.partition("net::")[2].split()[0] or word
            return ProbeError(_REASONS[word], f"{shown} cannot be opened: the browser says {what}.")
        if self.is_gone(error):
            return ProbeError("browser_error", f"The browser broke off at {shown}.")
        return ProbeError("http_error", f"{shown} cannot be opened: {message}")

    def leave_closed(self) -> bool:
        """Go on in the last page that is open, if this one was closed; return whether there is one."""
        if self.page.is_closed() and self.context.pages:
            self.page = self.context.pages[-1]
        return not self.page.is_closed()

    def is_gone(self, error: Exception) -> bool:
        """Whether an error comes from a browser or a page that broke down."""
        browser = self.context.browser
        return not (browser and browser.is_connected()) or "crashed" in str(error)

    def frame(self, path: Any, seconds: float) -> Frame:
        """Return a frame of the page: by selectors, or by places counted from 0. Raises Error: there is none in time."""
        frame = self.page.main_frame
        for part in () if path is None else [path] if isinstance(path, str) else path:
            end = time.monotonic() + seconds
            if isinstance(part, str):
                handle = frame.locator(part).first.element_handle(timeout=seconds * 1000)
                inner = handle.content_frame()
                if not inner:
                    raise Error(f"{part} is no frame.")
                frame = inner
                continue
            while len(frame.child_frames) <= part:
                if time.monotonic() > end:
                    raise Late(f"There is no frame {part}: there are {len(frame.child_frames)}.")
                self.page.wait_for_timeout(50)
            frame = frame.child_frames[part]
        return frame

    def turn_to(self, which: int | str, seconds: float) -> None:
        """Go on in another page: by its place, or by a part of its URL. Raises Late: there is none in time."""
        end = time.monotonic() + seconds
        while True:
            pages = self.context.pages
            if isinstance(which, int):
                found = pages[which] if -len(pages) <= which < len(pages) else None
                # The last one is a pop-up only if there is one.
                found = None if which == -1 and len(pages) == 1 and time.monotonic() < end else found
            else:
                found = next((page for page in reversed(pages) if which in page.url), None)
            if found:
                self.page = found
                found.wait_for_load_state("domcontentloaded", timeout=max(1.0, (end - time.monotonic()) * 1000))
                return
            if time.monotonic() > end:
                urls = ", ".join(_bare(page.url) for page in pages)
                raise Late(f"There is no page {which}: there are {urls}.")
            self.page.wait_for_timeout(50)


@contextmanager
def opened(check: Check, setting: Setting, options: Mapping[str, Any], browser: Chromium, deadline: float) -> Iterator[Session]:
    """Yield a session with one page.

    Args:
        check: what is run.
        setting: where and for what.
        options: of the check, filled in.
        browser: what it runs in.
        deadline: when the attempt is over, by `time.monotonic`.

    Raises:
        ProbeError: `browser_error`.
    """
    chosen, base = options.get("browser", {}), options.get("url", "")
    about = {"check.name": check.name, "check.kind": check.kind, "check.location": setting.location}
    fields = mark_fields(setting.mark, about, setting.number)
    with browser.attempt(setting.allow_private, max(0.0, deadline - time.monotonic()) + GRACE_SECONDS) as (running, gate):
        try:
            context = running.new_context(**context_options(chosen, base, gate.port, takes_files(options)))
        except Error as error:
            raise ProbeError("browser_error", f"The browser opens no window: {error.message.splitlines()[0]}") from None
        try:
            watch = Watch(setting.mark.run_id)
            watch.attach(context)
            context.add_init_script(init_script(fields))
            for pattern in chosen.get("block", ()):
                context.route(glob(pattern), _block)
            page = context.new_page()
            set_up_page(page, chosen, base)
            context.on("page", lambda page: _set_up_popup(page, chosen, base))
            yield Session(context, watch, gate, deadline, fields, base, page, chosen)
        finally:
            # Closed before the browser is: with `browser.close()` alone, pages lose their last beacon. The gate is still open.
            with suppress(Error):
                context.close()


def _set_up_popup(page: Page, browser: Mapping[str, Any], url: str) -> None:
    # It may be closed again already.
    with suppress(Error):
        set_up_page(page, browser, url)


def _block(route: Route) -> None:
    with suppress(Error):
        route.abort("blockedbyclient")


def glob(pattern: str) -> re.Pattern[str]:
    """Return what a text with `*` for anything stands for, as a whole."""
    # Also in the words of JavaScript: the browser's driver reads it.
    return re.compile(f"^{'.*'.join(map(re.escape, pattern.split('*')))}$")


def _bare(url: str) -> str:
    """Return a URL without what may be secret."""
    parts = urlsplit(url)
    return parts._replace(netloc=parts.netloc.rpartition("@")[2], query="", fragment="").geturl()
