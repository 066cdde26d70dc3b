"""Where a request comes from, as far as it is remembered: the first part of an address, never the whole."""

from __future__ import annotations

import ipaddress
from collections.abc import Sequence
from typing import Final

from starlette.datastructures import Headers
from starlette.types import Scope

from collector.senders import Senders, parse

#: What a provider gives to one customer at least: about so many bits tell one from another.
_IPV4_BITS: Final = 24
_IPV6_BITS: Final = 56
UNKNOWN: Final = "unknown"


class Clients:
    """Finds out where requests come from.

    Args:
        trusted_proxies: addresses or networks whose `X-Forwarded-For` is believed.
    """

    def __init__(self, trusted_proxies: Sequence[str] = ()) -> None:
        self._senders = Senders(trusted_proxies)

    def prefix(self, scope: Scope) -> str:
        """Return the network of the last address that no trusted proxy vouches for, such as `203.0.113.0/24`."""
        forwarded_for = Headers(scope=scope).get("x-forwarded-for", "")
        address = parse(self._senders.sender((scope.get("client") or ("", 0))[0], forwarded_for))
        if address is None:
            return UNKNOWN
        bits = _IPV4_BITS if address.version == 4 else _IPV6_BITS
        return str(ipaddress.ip_network((address, bits), strict=False))
