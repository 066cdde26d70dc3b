"""Who sent a request, where proxies stand between; one rule for beacons and for the private surface."""

from __future__ import annotations

import functools
import ipaddress
from collections.abc import Sequence
from typing import Final

#: Longer chains are nobody's; a header has room for thousands.
_MAX_PROXIES: Final = 16
Address = ipaddress.IPv4Address | ipaddress.IPv6Address


class Senders:
    """Finds the sender's address.

    Args:
        trusted_proxies: addresses or networks whose `X-Forwarded-For` is believed.
    """

    def __init__(self, trusted_proxies: Sequence[str] = ()) -> None:
        self._trusted = [ipaddress.ip_network(proxy) for proxy in trusted_proxies]
        # Nearly always the answer to this is about the same few proxies, and parsing an address takes microseconds.
        self.is_trusted = functools.lru_cache(256)(self._is_trusted)

    def sender(self, peer: str, forwarded_for: str) -> str:
        """Return the last address that no trusted proxy vouches for: what stands before it, anyone could have written.

        Only if there is nothing but trusted proxies it is one of them.

        Args:
            peer: the address of the connection.
            forwarded_for: the `X-Forwarded-For` header, or empty.
        """
        sender = peer
        for address in reversed(forwarded_for.rsplit(",", _MAX_PROXIES) if forwarded_for else []):
            if not self.is_trusted(sender):
                break
            sender = address.strip()
        return sender

    def _is_trusted(self, text: str) -> bool:
        """Whether it is the address of a proxy that is believed."""
        address = parse(text)
        return address is not None and any(address in network for network in self._trusted)


def parse(text: str) -> Address | None:
    """Return an address, an IPv4 one that is written as IPv6 as what it is; None if it is none."""
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return None
    return getattr(address, "ipv4_mapped", None) or address
