"""Values as clickhouse-driver reads them -> the plain values of a `QueryResult`."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final
from uuid import UUID

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MS: Final = timedelta(milliseconds=1)
#: Types whose values need a look; all others are plain already.
_SPECIAL: Final = ("Date", "UUID", "Tuple")


def plain(type_: str, values: Sequence[Any]) -> Sequence[Any]:
    """Return a column's values with times as epoch ms, ids as text and tuples as lists."""
    if any(word in type_ for word in _SPECIAL):
        return [_plain(value) for value in values]
    return values


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        # A time without a zone is UTC: both stores ask for `session_timezone = 'UTC'`.
        aware = value if value.tzinfo else value.replace(tzinfo=UTC)
        return round((aware - _EPOCH) / _MS)
    if isinstance(value, date):
        return _plain(datetime(value.year, value.month, value.day, tzinfo=UTC))
    if isinstance(value, UUID):
        return str(value)
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    if isinstance(value, dict):
        return {_plain(key): _plain(item) for key, item in value.items()}
    return value
