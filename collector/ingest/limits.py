"""How much one client, one site key and one dataset may send. What is over a limit is told to come back in a moment."""

from __future__ import annotations

import socket
import time
from collections.abc import Callable
from typing import Final

from collector.config import Dataset
from collector.errors import RequestError
from collector.ingest.buckets import Buckets

#: A full bucket holds what flows in during so many seconds: visitors come in waves, and retries after an outage at once.
BURST_SECONDS: Final = 10.0
#: The most clients that are told apart at once, some 5 MB.
MAX_CLIENTS: Final = 20_000
#: Addresses of the other sort within IPv6 (RFC 4291, 2.5.5.2).
_MAPPED: Final = bytes(10) + b"\xff\xff"


class SendLimits:
    """The limits, and how far each is used up.

    Args:
        clock: seconds that never go back.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._clients, self._keys, self._datasets = Buckets(MAX_CLIENTS), Buckets(MAX_CLIENTS), Buckets(MAX_CLIENTS)

    def admit_beacon(self, dataset: Dataset, key: str, client: bytes) -> None:
        """Count a beacon against its client and its site key. Raises RequestError (429).

        Args:
            dataset: whose limits hold.
            key: the site key.
            client: see `client_prefix`; empty for one that has no limit.
        """
        now, limits = self._clock(), dataset.limits
        if client:
            rate = limits.client_beacons_per_second
            if self._clients.take((dataset.name, client), rate, rate * BURST_SECONDS, now):
                who = "Your network, or a proxy that is not in trusted_proxies,"
                raise _too_many("client_rate", f"{who} sends more than {rate:g} beacons a second")
        rate = limits.key_beacons_per_second
        if self._keys.take(key, rate, rate * BURST_SECONDS, now):
            raise _too_many("key_rate", f"This site key is used for more than {rate:g} beacons a second")

    def admit_events(self, dataset: Dataset, count: int) -> None:
        """Count events against their dataset. Raises RequestError (429)."""
        rate = dataset.limits.events_per_second
        # A beacon that has more events than the bucket holds would be refused for ever.
        burst = max(rate * BURST_SECONDS, count)
        if self._datasets.take(dataset.name, rate, burst, self._clock(), count):
            raise _too_many("dataset_rate", f"The dataset {dataset.name} gets more than {rate:g} events a second")


def _too_many(reason: str, fact: str) -> RequestError:
    return RequestError(429, reason, f"{fact}: send again in a moment. Who runs the collector can raise the limit.")


def client_prefix(address: str) -> bytes:
    """Return what stands for a client: its IPv4 /24 or its IPv6 /56, which is what one household or office has.

    A proxy may have added the port. What is no address stands for itself, cut short.
    """
    try:
        if ":" not in address:
            return socket.inet_pton(socket.AF_INET, address)[:3]
        host = address.partition("]")[0].removeprefix("[")
        if host.count(":") == 1:
            return socket.inet_pton(socket.AF_INET, host.partition(":")[0])[:3]
        packed = socket.inet_pton(socket.AF_INET6, host.partition("%")[0])
    except (OSError, ValueError):
        return address[:64].encode("utf-8", "replace")
    return packed[12:15] if packed.startswith(_MAPPED) else packed[:7]
