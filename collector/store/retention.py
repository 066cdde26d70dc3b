"""How long each dataset's events are kept, as the one TTL expression that a table may have."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from collector.errors import SettingsError

#: Datasets that no setting names are kept so long (20 years), and none longer: the end of a row's life is a DateTime, which
#: ends in 2106, and a later one would wrap round into the past and take the row away at once.
LONGEST_DAYS: Final = 7_300
_DATASET: Final = re.compile(r"[A-Za-z0-9_.-]+")


def ttl_expression(days: Mapping[str, int]) -> str:
    """Return the TTL expression that keeps each dataset's events for so many days."""
    branches = [f"dataset = '{_checked(name)}', {min(int(count), LONGEST_DAYS)}" for name, count in sorted(days.items())]
    kept = f"multiIf({', '.join(branches)}, {LONGEST_DAYS})" if branches else str(LONGEST_DAYS)
    return f"toDateTime(ts) + toIntervalDay({kept})"


def _checked(name: str) -> str:
    if not _DATASET.fullmatch(name):
        raise SettingsError([f"The dataset name {name!r} has letters that a retention rule can't have."])
    return name
