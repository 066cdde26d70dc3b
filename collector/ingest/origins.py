"""Which pages may send to a dataset: the Origin header against its `allowed_origins`."""

from __future__ import annotations

import re
from collections.abc import Sequence


class Origins:
    """A compiled list of origins.

    Args:
        allowed: `https://shop.example`, `https://*.shop.example` (any depth below it) or `*`.
    """

    def __init__(self, allowed: Sequence[str]) -> None:
        self._any = "*" in allowed
        self._exact = {origin.lower() for origin in allowed if "*" not in origin}
        patterns = [re.escape(origin.lower()).replace(r"\*", r"[a-z0-9.-]+") for origin in allowed if "*" in origin]
        self._pattern = re.compile("|".join(patterns)) if patterns else None

    def allows(self, origin: str) -> bool:
        """Whether a page of this origin may send; a request without the header (not a browser) always may."""
        if self._any or not origin:
            return True
        origin = origin.lower()
        return origin in self._exact or bool(self._pattern and self._pattern.fullmatch(origin))
