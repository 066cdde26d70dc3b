"""`browser` of a check file → how a context and its pages are set up."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from typing import Any, Final
from urllib.parse import urlsplit

from playwright.sync_api import CDPSession, Error, Page

from collector.checks.files.shapes import NETWORKS

VIEWPORT: Final = (1280, 800)
_PORTS: Final = {"http": 80, "https": 443}
#: Bytes per second in a kbit/s.
_KBIT: Final = 1000 / 8


def takes_files(options: Mapping[str, Any]) -> bool:
    """Whether a check looks at downloads. Any other takes none: a page could fill the disk."""
    return any("expect_download" in step or takes_files(step) for step in options.get("steps", ()))


def context_options(browser: Mapping[str, Any], url: str, gate_port: int, files: bool) -> dict[str, Any]:
    """Return the arguments of a new context.

    Args:
        browser: the options of the check.
        url: of the site that credentials are for.
        gate_port: what all connections go through.
        files: whether downloads are taken.
    """
    width, height = browser.get("viewport", VIEWPORT)
    options: dict[str, Any] = {
        "viewport": {"width": width, "height": height},
        "device_scale_factor": browser.get("scale", 1),
        "is_mobile": browser.get("mobile", False),
        "has_touch": browser.get("touch", False),
        "java_script_enabled": browser.get("javascript", True),
        "ignore_https_errors": browser.get("insecure", False),
        "color_scheme": browser.get("color_scheme", "light"),
        "user_agent": browser.get("user_agent"),
        "locale": browser.get("locale"),
        "timezone_id": browser.get("timezone"),
        "base_url": url or None,
        "accept_downloads": files,
        "proxy": {"server": f"socks5://127.0.0.1:{gate_port}"},
    }
    if "geolocation" in browser:
        latitude, longitude = browser["geolocation"]
        options |= {"geolocation": {"latitude": latitude, "longitude": longitude}, "permissions": ["geolocation"]}
    if "auth" in browser and url:
        credentials = {"username": browser["auth"]["user"], "password": browser["auth"]["password"], "origin": origin_of(url)}
        options["http_credentials"] = credentials
    return {name: value for name, value in options.items() if value is not None}


def set_up_page(page: Page, browser: Mapping[str, Any], url: str) -> None:
    """Set a new page up with what is no matter of its context."""
    if browser.keys().isdisjoint({"headers", "cpu", "network"}):
        return
    session = page.context.new_cdp_session(page)
    if browser.get("cpu", 1) != 1:
        session.send("Emulation.setCPUThrottlingRate", {"rate": browser["cpu"]})
    if "network" in browser:
        emulate_network(session, browser["network"])
    if browser.get("headers") and url:
        _send_headers(session, browser["headers"], origin_of(url))


def emulate_network(session: CDPSession, network: str | Mapping[str, float]) -> None:
    """Emulate a network: a profile, `offline`, `none`, or numbers in kbit/s and milliseconds."""
    if isinstance(network, str):
        download, upload, latency = NETWORKS.get(network, (0, 0, 0))
    else:
        download, upload, latency = network["download"], network["upload"], network["latency"]  # type: ignore[assignment]
    session.send("Network.enable")
    session.send("Network.emulateNetworkConditions", {
        "offline": network == "offline", "latency": latency,
        "downloadThroughput": download * _KBIT or -1, "uploadThroughput": upload * _KBIT or -1,
    })  # fmt: skip


def origin_of(url: str) -> str:
    """Return a URL's origin."""
    parts = urlsplit(url)
    host = f"[{parts.hostname}]" if ":" in (parts.hostname or "") else parts.hostname
    port = parts.port if parts.port and parts.port != _PORTS.get(parts.scheme) else None
    return f"{parts.scheme}://{host}{f':{port}' if port else ''}"


def _send_headers(session: CDPSession, headers: Mapping[str, str], origin: str) -> None:
    """Send headers to one origin. Each redirect is looked at anew: another site must not see them."""
    own = {name.lower(): value for name, value in headers.items()}

    def pass_on(event: dict[str, Any]) -> None:
        request = event["request"]
        kept = {name: value for name, value in request["headers"].items() if name.lower() not in own}
        more = own if origin_of(request["url"]) == origin else {}
        sent = [{"name": name, "value": value} for name, value in (kept | more).items()]
        with suppress(Error):
            session.send("Fetch.continueRequest", {"requestId": event["requestId"], "headers": sent})

    session.on("Fetch.requestPaused", pass_on)
    session.send("Fetch.enable", {"patterns": [{"urlPattern": "*"}]})
