"""From an address to a country, and from a request to the sender's address; the address goes no further than here."""

from __future__ import annotations

import functools
import ipaddress
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import maxminddb

#: Longer chains are nobody's; a header has room for thousands.
_MAX_PROXIES: Final = 16


class Countries:
    """A country database, or nothing.

    Args:
        path: an `.mmdb` file, or None.
        trusted_proxies: addresses or networks whose `X-Forwarded-For` is believed.
    """

    def __init__(self, path: Path | None, trusted_proxies: Sequence[str]) -> None:
        self._reader = maxminddb.open_database(path) if path else None
        self._trusted = [ipaddress.ip_network(proxy) for proxy in trusted_proxies]
        # Nearly always the answer to this is about the same few proxies, and parsing an address takes microseconds.
        self.is_trusted = functools.lru_cache(256)(self._is_trusted)

    def country(self, peer: str, forwarded_for: str) -> str | None:
        """Return the ISO code of the sender's country; None where there is no database, or it does not know.

        Args:
            peer: the address of the connection.
            forwarded_for: the `X-Forwarded-For` header, or empty.
        """
        if self._reader is None:
            return None
        try:
            record = self._reader.get(self.sender(peer, forwarded_for))
        except ValueError:
            return None
        if not isinstance(record, dict):
            return None
        country = record.get("country")
        # MaxMind and DB-IP nest the code, the "ip-location-db" files have it at the top.
        code = country.get("iso_code") if isinstance(country, dict) else record.get("country_code")
        return code if isinstance(code, str) and len(code) == 2 else None

    def sender(self, peer: str, forwarded_for: str) -> str:
        """Return the last address that no trusted proxy vouches for: what stands before it, anyone could have written.

        Only if there is nothing but trusted proxies it is one of them.
        """
        sender = peer
        for address in reversed(forwarded_for.rsplit(",", _MAX_PROXIES) if forwarded_for else []):
            if not self.is_trusted(sender):
                break
            sender = address.strip()
        return sender

    def _is_trusted(self, address: str) -> bool:
        """Whether it is the address of a proxy that is believed."""
        try:
            ip = ipaddress.ip_address(address)
        except ValueError:
            return False
        return any(ip in network for network in self._trusted)

    def close(self) -> None:
        """Close the database."""
        if self._reader is not None:
            self._reader.close()
