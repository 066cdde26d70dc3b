"""From a request to the sender's address, and from that to a country; the address goes no further than here."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import maxminddb

from collector.senders import Senders


class Countries:
    """A country database, or nothing.

    Args:
        path: an `.mmdb` file, or None.
        trusted_proxies: addresses or networks whose `X-Forwarded-For` is believed.
    """

    def __init__(self, path: Path | None, trusted_proxies: Sequence[str]) -> None:
        self._reader = maxminddb.open_database(path) if path else None
        senders = Senders(trusted_proxies)
        self.sender, self.is_trusted = senders.sender, senders.is_trusted

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

    def close(self) -> None:
        """Close the database."""
        if self._reader is not None:
            self._reader.close()
