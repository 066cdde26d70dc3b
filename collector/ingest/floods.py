"""What is said to a sender that is told to wait; and, while a site key is flooded, said at once.

Refusing a beacon the usual way costs as much as serving a small request, 60 µs, so a flood of refused beacons would keep everybody
else waiting. So once a site key is over its limit, its beacons are answered by their path alone for a few milliseconds, at a fifth
of the cost. Its bucket fills up meanwhile: as many pass as before.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Sequence
from typing import Final

import orjson

from collector.errors import RequestError
from collector.telemetry import Counters

#: How long a key is refused without a look at its bucket.
CLOSED_SECONDS: Final = 0.01
#: What a moment is, in 429 and 503. A page on another origin may read the header only if it is told so.
RETRY: Final = [(b"retry-after", b"2"), (b"access-control-expose-headers", b"retry-after")]
#: What may stand in an origin that is told back (RFC 6454, 7.1).
_ORIGIN: Final = re.compile(rb"[\x21-\x7e]{1,512}")
Headers = list[tuple[bytes, bytes]]


def cors_headers(origin: bytes | None) -> Headers:
    """Return the headers that let a page of this origin read an answer."""
    if not origin or not _ORIGIN.fullmatch(origin):
        return []
    return [(b"access-control-allow-origin", origin), (b"vary", b"origin")]


class Floods:
    """The paths that are closed for a moment.

    Args:
        counters: where their beacons are counted.
        clock: seconds that never go back.
    """

    def __init__(self, counters: Counters, clock: Callable[[], float] = time.monotonic) -> None:
        self._counters, self._clock = counters, clock
        #: Path -> (until, dataset, reason, answer's body). As many as there are site keys and paths to the endpoint.
        self._closed: dict[bytes, tuple[float, str, str, bytes]] = {}

    def add(self, path: bytes, dataset: str, error: RequestError) -> None:
        """Close a path, because of this refusal."""
        self._closed[path] = (self._clock() + CLOSED_SECONDS, dataset, error.reason, orjson.dumps(error.as_json()))

    def answer(self, path: bytes, headers: Sequence[tuple[bytes, bytes]]) -> bytes | None:
        """Return a whole HTTP/1.1 response to a beacon if its path is closed, and count it; else None."""
        if not self._closed:
            return None
        found = self._closed.get(path)
        if found is None:
            return None
        until, dataset, reason, body = found
        if self._clock() >= until:
            del self._closed[path]
            return None
        self._counters.add("wideload_beacons_received")
        self._counters.add("wideload_beacons_rejected", 1, reason, dataset)
        origin = next((value for name, value in headers if name == b"origin"), None)
        lines = b"".join(b"%b: %b\r\n" % line for line in (*cors_headers(origin), *RETRY))
        return b"HTTP/1.1 429 Too Many Requests\r\ncontent-type: application/json\r\n%bcontent-length: %d\r\n\r\n%b" % (
            lines,
            len(body),
            body,
        )
