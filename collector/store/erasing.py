"""Which rows an erasure removes, as SQL. Pure.

Rows are named by their keys, so an event goes with all of its versions. Values stand in the text, as the engine keeps a mutation
as text and has no parameters there: what is not made of plain letters stands in hexadecimal digits, which hide nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from itertools import groupby
from typing import Final

from collector.store.base import Key

#: A statement may have 256 KiB (`max_query_size`).
MAX_CHARACTERS: Final = 200_000
_PLAIN: Final = re.compile(r"[A-Za-z0-9_.:-]+")
#: What a collector tells of an erasure; the store adds when.
TOLD_SPEC: Final = (("document", "String"), ("hashes", "Array(String)"))
TOLD_SQL: Final = """SELECT toUnixTimestamp64Milli(at), document, hashes FROM erasures
WHERE at > fromUnixTimestamp64Milli({since:Int64}, 'UTC') OR at > now64(3) - toIntervalMillisecond({late:Int64})
ORDER BY at"""


def conditions(dataset: str, keys: Sequence[Key]) -> Iterator[str]:
    """Yield the conditions that together name the events: one partition each, none too long."""
    for day, of_day in groupby(sorted(keys, key=lambda key: key.ts), key=lambda key: _day(key.ts)):
        pairs = sorted({f"({_text(key.kind)}, {_text(key.id)})" for key in of_day})
        while pairs:
            length, count = 0, 0
            while count < len(pairs) and length < MAX_CHARACTERS:
                length, count = length + len(pairs[count]) + 2, count + 1
            chosen, pairs = pairs[:count], pairs[count:]
            yield f"IN PARTITION '{day}' WHERE dataset = {_text(dataset)} AND (kind, id) IN ({', '.join(chosen)})"


def condition_before(dataset: str, ts: int) -> str:
    """Return the condition for all events of a dataset before a time (epoch ms)."""
    return f"WHERE dataset = {_text(dataset)} AND ts < fromUnixTimestamp64Milli({int(ts)}, 'UTC')"


def _text(value: str) -> str:
    if _PLAIN.fullmatch(value):
        return f"'{value}'"
    return f"unhex('{value.encode().hex()}')"


def _day(ts: int) -> str:
    return datetime.fromtimestamp(ts / 1000, UTC).strftime("%Y-%m-%d")
