"""What many events have in common: the route of a path, the fingerprint of an error. Pure."""

from __future__ import annotations

import hashlib
import re
from functools import lru_cache
from typing import Final

from collector.events import Event

#: What names one thing among many of its kind: numbers, dates, UUIDs, hashes, addresses, and long words with digits.
_ID: Final = re.compile(
    r"\d[\d.,:_-]*|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|(?=[^/]*\d)[0-9a-f]{7,}|(?=[^/]*\d)[\w~.=-]{16,}|.*(?:@|%40|\[email]).*",
    re.IGNORECASE,
)
_SEGMENT: Final = re.compile(r"([^/]+?)(\.[a-z]{2,5})?(?=/|$)", re.IGNORECASE)
_HEX: Final = re.compile(r"[0-9a-f]*\d[0-9a-f]*", re.IGNORECASE)
#: A place in a stack, in Chromium's and Safari's and Firefox's words, without its line and column.
_PLACE: Final = re.compile(r"([\w$.<>]+)?\s*[@(]?(https?://[^\s)]+?)(?::\d+){0,2}\)?$", re.MULTILINE)
#: Long enough for a table's breakdown, and no two errors of a site share it by chance.
_FINGERPRINT_DIGITS: Final = 16


@lru_cache(4096)
def shape_route(path: str) -> str:
    """Return a path's template: `/product/4711/2026-11-24` as `/product/:id/:id`. An ending such as `.html` stays."""
    return _SEGMENT.sub(lambda match: f":id{match[2] or ''}" if _ID.fullmatch(match[1]) else match[0], path)[:512]


def fingerprint(event: Event) -> str:
    """Return what errors that look the same have in common, in hexadecimal digits.

    Numbers in the message and hashes in addresses differ from one error, or from one release, to the next; lines and columns
    differ from build to build. So it is made of the source, the type, the message's shape, and the function and script on top
    of the stack (without one, the address of what failed).
    """
    message, url = str(event.get("exception.message", "")), str(event.get("error.url", ""))
    place = _PLACE.search(str(event.get("exception.stacktrace", "")))
    where = f"{place[1] or ''} {place[2]}" if place else url
    parts = (str(event.get("error.source", "")), str(event.get("exception.type", "")), _shape(message), _shape(where))
    return hashlib.blake2b("\0".join(parts).encode("utf-8", "replace"), digest_size=_FINGERPRINT_DIGITS // 2).hexdigest()


def _shape(text: str) -> str:
    return _HEX.sub("0", text)
