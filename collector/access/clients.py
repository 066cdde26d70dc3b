"""Where a request comes from, as far as it is remembered: the first part of an address, never the whole."""

from __future__ import annotations

import ipaddress
from collections.abc import Sequence
from typing import Final

from starlette.datastructures import Headers
from starlette.types import Scope

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
        self._trusted = [ipaddress.ip_network(proxy) for proxy in trusted_proxies]

    def prefix(self, scope: Scope) -> str:
        """Return the network of the last address that no trusted proxy vouches for, such as `203.0.113.0/24`."""
        claims = Headers(scope=scope).get("x-forwarded-for", "")
        address = _parse((scope.get("client") or ("", 0))[0])
        for claim in reversed(claims.split(",") if claims else []):
            if address is None or not any(address in network for network in self._trusted):
                break
            address = _parse(claim.strip())
        if address is None:
            return UNKNOWN
        bits = _IPV4_BITS if address.version == 4 else _IPV6_BITS
        return str(ipaddress.ip_network((address, bits), strict=False))


def _parse(text: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return None
    return getattr(address, "ipv4_mapped", None) or address
