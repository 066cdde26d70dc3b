"""A signed POST of JSON, as https://www.standardwebhooks.com describes it: there are libraries that verify it."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import http.client
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final
from urllib.parse import urlsplit

import orjson

from collector.alerts.channels.model import SEND_SECONDS, ChannelError, Kept, Message
from collector.checks.probes.connect import Phases, Way, connected, encrypt
from collector.checks.probes.model import ProbeError

_PREFIX: Final = "whsec_"
_LEAST, _MOST = 24, 64


@dataclass(frozen=True, slots=True)
class Webhook:
    """Posts to a URL; redirects are not followed.

    Attributes:
        url, secret: where to, and what it is signed with.
        allow_private: whether the address may be a private one.
        trust: a file of certificates to trust instead of the system's.
        now: the wall clock in epoch seconds.
    """

    url: Kept
    secret: Kept
    allow_private: bool = False
    trust: str | None = None
    now: Callable[[], float] = time.time

    def send(self, message: Message) -> None:
        """See `Channel`."""
        body, moment = payload(message), int(self.now())
        headers = {
            "content-type": "application/json",
            "user-agent": "Wideload",
            "webhook-id": message.id,
            "webhook-timestamp": str(moment),
            "webhook-signature": sign(self.secret.read(), message.id, moment, body),
            "connection": "close",
        }
        try:
            status = self._post(body, headers)
        except ProbeError as error:
            raise ChannelError(str(error)) from None
        except (http.client.HTTPException, ValueError) as error:
            raise ChannelError(f"The answer could not be read: {type(error).__name__}.") from None
        if not 200 <= status < 300:
            raise ChannelError(f"The receiver answered with status {status}.")

    def _post(self, body: bytes, headers: dict[str, str]) -> int:
        url = urlsplit(self.url.read())
        if url.scheme not in ("http", "https") or not url.hostname:
            raise ChannelError("The url must be an address that begins with https:// or http://.")
        port = url.port or (443 if url.scheme == "https" else 80)
        way, phases = Way(time.monotonic() + SEND_SECONDS, self.allow_private, self.trust), Phases()
        with connected(url.hostname, port, way, phases) as connection:
            request = http.client.HTTPConnection(url.hostname, port)
            request.sock = encrypt(connection, url.hostname, way, phases) if url.scheme == "https" else connection
            try:
                request.request("POST", (url.path or "/") + (f"?{url.query}" if url.query else ""), body, headers)
                return request.getresponse().status
            finally:
                request.close()


def payload(message: Message) -> bytes:
    """Return the body."""
    moment = datetime.fromtimestamp(message.created_at, UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
    data = {"incident": dict(message.incident), "title": message.title, "text": message.text, "url": message.url}
    return orjson.dumps({"type": f"incident.{message.event}", "timestamp": moment, "data": data})


def sign(secret: str, id_: str, moment: int, body: bytes) -> str:
    """Return the header `webhook-signature`: HMAC-SHA256 of id, timestamp and body. Raises ChannelError: the secret is none."""
    try:
        key = base64.b64decode(secret.removeprefix(_PREFIX), validate=True) if secret.startswith(_PREFIX) else b""
    except binascii.Error:
        key = b""
    if not _LEAST <= len(key) <= _MOST:
        raise ChannelError(
            f"The secret must be {_PREFIX} and {_LEAST} to {_MOST} bytes in base64: echo whsec_$(openssl rand -base64 32)"
        )
    signature = hmac.new(key, f"{id_}.{moment}.".encode() + body, hashlib.sha256).digest()
    return f"v1,{base64.b64encode(signature).decode()}"
