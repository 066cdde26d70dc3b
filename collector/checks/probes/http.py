"""The probe `http`: a request to a URL, with every redirect as an entry of its own."""

from __future__ import annotations

import http.client
import json
import time
from typing import Any, Final
from urllib.parse import SplitResult, urljoin, urlsplit

from collector.checks.files.load import Check
from collector.checks.probes.connect import Phases, Way, connected, encrypt
from collector.checks.probes.model import Found, ProbeError

#: Of a body; the rest is not read.
MAX_BODY_BYTES: Final = 4 << 20
_CHUNK_BYTES: Final = 1 << 16
_REDIRECTS: Final = frozenset({301, 302, 303, 307, 308})
_PORTS: Final = {"http": 80, "https": 443}
#: What another origin must not see.
_PRIVATE_HEADERS: Final = frozenset({"authorization", "cookie", "proxy-authorization"})
_USER_AGENT: Final = "Wideload check"


def probe(check: Check, way: Way, found: Found) -> None:
    """Ask for a check's URL, and follow redirects. Raises ProbeError."""
    options = check.options
    url, method, body = options["url"], options["method"], options.get("body", "").encode()
    headers = {"user-agent": _USER_AGENT, **{name.lower(): value for name, value in options.get("headers", {}).items()}}
    begin = time.perf_counter()
    for count in range(options["max_redirects"] + 1):
        parts = _split(url)
        status, answer, raw = _request(parts, method, headers, body, way, _entry(found, parts, method, count))
        target = answer.get("location")
        found.facts |= {"redirects": count, "probe.duration": round((time.perf_counter() - begin) * 1000, 3)}
        if status not in _REDIRECTS or target is None or options["max_redirects"] == 0:
            _note(found, url, status, answer, raw)
            return
        url = urljoin(url, target)
        if status == 303 or (status in (301, 302) and method == "POST"):
            method, body = "HEAD" if method == "HEAD" else "GET", b""
        if _origin(_split(url)) != _origin(parts):
            headers = {name: value for name, value in headers.items() if name not in _PRIVATE_HEADERS}
    raise ProbeError(
        "redirect_error", f"There were more than {options['max_redirects']} redirects; the last one leads to {_bare(url)}."
    )


def _request(
    url: SplitResult, method: str, headers: dict[str, str], body: bytes, way: Way, entry: dict[str, Any]
) -> tuple[int, http.client.HTTPMessage, bytes]:
    phases = Phases(entry)
    host, port = _origin(url)[1:]
    begin = time.perf_counter()
    with connected(host, port, way, phases) as connection:
        client = http.client.HTTPConnection(host, port)
        client.sock = encrypt(connection, host, way, phases) if url.scheme == "https" else connection
        # The server must not choose how large the body becomes: no compression.
        sent = {
            "host": url.netloc.rpartition("@")[2],
            "accept": "*/*",
            "accept-encoding": "identity",
            "connection": "close",
            **headers,
        }
        try:
            client.request(method, (url.path or "/") + (f"?{url.query}" if url.query else ""), body or None, sent)
            phases.end("send")
            response = client.getresponse()
            phases.end("wait")
            raw = b""
            while len(raw) < MAX_BODY_BYTES and (part := response.read1(_CHUNK_BYTES)):
                raw += part
            if response.length and len(raw) < MAX_BODY_BYTES:
                raise http.client.IncompleteRead(raw, response.length)
        except (http.client.HTTPException, ValueError) as error:
            way.left()
            raise ProbeError("http_error", f"{_bare(url.geturl())} does not answer as HTTP does: {error!r}.") from None
        finally:
            client.close()
        way.left()
        phases.end("receive")
    entry |= {
        "probe.duration": round((time.perf_counter() - begin) * 1000, 3),
        "http.response.status_code": response.status,
        "http.response.body.size": len(raw),
        "network.protocol.version": "1.0" if response.version == 10 else "1.1",
    }
    return response.status, response.headers, raw


def _entry(found: Found, url: SplitResult, method: str, count: int) -> dict[str, Any]:
    _, host, port = _origin(url)
    entry = {
        "url.full": _bare(url.geturl()), "server.address": host, "server.port": port, "http.request.method": method,
        "http.request.resend_count": count,
    }  # fmt: skip
    found.entries.append(entry)
    return entry


def _note(found: Found, url: str, status: int, answer: http.client.HTTPMessage, raw: bytes) -> None:
    text = raw.decode(answer.get_content_charset("utf-8"), "replace") if _is_known(answer) else raw.decode("utf-8", "replace")
    found.facts = {**found.entries[-1], **found.facts, "status": status, "url": url, "body": text}
    found.facts |= {f"header.{name.lower()}": ", ".join(answer.get_all(name, [])) for name in answer}
    try:
        found.facts["json"] = json.loads(text)
    except (ValueError, RecursionError):
        return


def _is_known(answer: http.client.HTTPMessage) -> bool:
    try:
        b"".decode(answer.get_content_charset("utf-8"))
    except (LookupError, ValueError):
        return False
    return True


def _split(url: str) -> SplitResult:
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise ProbeError("redirect_error", f"{url[:200]!r} is no URL.") from None
    if parts.scheme not in _PORTS or not parts.hostname or port == 0:
        raise ProbeError("refused_address", f"{_bare(url)[:200]!r} is not asked for: only http and https are.")
    return parts


def _origin(url: SplitResult) -> tuple[str, str, int]:
    return url.scheme, url.hostname or "", url.port or _PORTS[url.scheme]


def _bare(url: str) -> str:
    """Return a URL without what may be secret: user, query and fragment."""
    parts = urlsplit(url)
    return parts._replace(netloc=parts.netloc.rpartition("@")[2], query="", fragment="").geturl()
