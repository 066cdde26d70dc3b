"""Where a page of single events ended, as a text that the question for the next page brings back. Pure.

A page begins behind the last event of the one before it, by what the events are sorted by, their time, id and kind, and not at
a number of events: what is stored or erased meanwhile moves nothing. A cursor is no secret and not signed: whoever makes one up
gets what a filter would get. The checksum finds those that were cut, mistyped or made for another question.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
from collections.abc import Mapping
from dataclasses import astuple, dataclass
from typing import Any, Final

from collector.errors import RequestError
from collector.fields import ItemType
from collector.query.columns import Column
from collector.query.reading import Scalar
from collector.query.spec import EventsSpec

_CHECKSUM_BYTES: Final = 8
_PYTHON_TYPES: Final[dict[ItemType, type | tuple[type, ...]]] = {
    "string": str,
    "number": (int, float),
    "boolean": bool,
    "time": int,
}


@dataclass(frozen=True, slots=True)
class Cursor:
    """The end of a page.

    Args:
        start, end: the range of the first page, in epoch seconds: a relative one does not move on.
        until: when the first page was asked for, in epoch ms.
        values: what the last event was sorted by; None for null.
        ts: its time in epoch ms.
        id, kind: its names.
    """

    start: int
    end: int
    until: int
    values: tuple[Scalar | None, ...]
    ts: int
    id: str
    kind: str


def sort_type(column: Column) -> ItemType:
    """Return the type that events are sorted by: an attribute that was sent with several types counts as a number if it is one."""
    if "number" in column.types:
        return "number"
    return column.types[0] if len(column.types) == 1 else "string"


def write_cursor(cursor: Cursor, spec: EventsSpec) -> str:
    """Return the cursor as letters, digits, `-` and `_`."""
    text = json.dumps(astuple(cursor), separators=(",", ":")).encode()
    return base64.urlsafe_b64encode(_checksum(text, spec) + text).decode().rstrip("=")


def read_cursor(spec: EventsSpec, columns: Mapping[str, Column]) -> Cursor:
    """Return the cursor that a question brings. Raises RequestError (400) for one that was not made for this question."""
    try:
        data = base64.b64decode(spec.cursor + "=" * (-len(spec.cursor) % 4), altchars=b"-_", validate=True)
        text = data[_CHECKSUM_BYTES:]
        if data[:_CHECKSUM_BYTES] != _checksum(text, spec):
            raise _refused()
        start, end, until, values, ts, id_, kind = json.loads(text)
        cursor = Cursor(start, end, until, tuple(values), ts, id_, kind)
    except (ValueError, TypeError, binascii.Error, RecursionError):
        raise _refused() from None
    if not _fits(cursor, [sort_type(columns[order.column]) for order in spec.orders]):
        raise _refused()
    return cursor


def _fits(cursor: Cursor, types: list[ItemType]) -> bool:
    """Whether every part has the type that the statement binds it as: a checksum is easily made up."""
    numbers = (cursor.start, cursor.end, cursor.until, cursor.ts)
    return (
        all(_is(one, "time") and 0 <= one < 1 << 53 for one in numbers)
        and _is(cursor.id, "string")
        and _is(cursor.kind, "string")
        and len(cursor.values) == len(types)
        and all(value is None or _is(value, type_) for value, type_ in zip(cursor.values, types, strict=True))
    )


def _is(value: Any, type_: ItemType) -> bool:
    if not isinstance(value, _PYTHON_TYPES[type_]) or isinstance(value, bool) is not (type_ == "boolean"):
        return False
    if isinstance(value, str):
        # Half of a surrogate pair is no text.
        return value.isascii() or not any("\ud800" <= character <= "\udfff" for character in value)
    return not isinstance(value, int) or abs(value) < 1 << 63


def _checksum(text: bytes, spec: EventsSpec) -> bytes:
    # All but the columns and the limit, which may be others on each page.
    question = repr((spec.dataset, spec.time, spec.filters, spec.orders)).encode("utf-8", "backslashreplace")
    return hashlib.blake2b(text, key=hashlib.blake2b(question).digest(), digest_size=_CHECKSUM_BYTES).digest()


def _refused() -> RequestError:
    message = (
        "The cursor does not belong to this question: it was cut or changed, or the dataset, time, filters or orders are others"
        " than those of the page that gave it. Ask without a cursor for the first page."
    )
    return RequestError(400, "bad_cursor", message, "cursor")
