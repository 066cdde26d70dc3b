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
_ENDING: Final = re.compile(r"\.[a-z]{2,5}", re.IGNORECASE)
#: The most parts of a path that are looked at; the rest stays as it is.
_MAX_PARTS: Final = 32
_HEX: Final = re.compile(r"[0-9a-f]+", re.IGNORECASE)
_DIGIT: Final = re.compile(r"\d")
#: The longest name of a function that is looked at.
_MAX_NAME: Final = 256
_NAME: Final = re.compile(r"[\w$.<>]*")
#: Long enough for a table's breakdown, and no two errors of a site share it by chance.
_FINGERPRINT_DIGITS: Final = 16
#: How much of a message or an address it is made of, in characters.
_MAX_TEXT: Final = 512


@lru_cache(4096)
def shape_route(path: str) -> str:
    """Return a path's template: `/product/4711/2026-11-24` as `/product/:id/:id`. An ending such as `.html` stays."""
    parts = path.split("/", _MAX_PARTS)
    return "/".join([*map(_shape_part, parts[:_MAX_PARTS]), *parts[_MAX_PARTS:]])[:512]


def _shape_part(part: str) -> str:
    stem, dot, ending = part.rpartition(".")
    if stem and _ENDING.fullmatch(dot + ending):
        return f":id{dot}{ending}" if _ID.fullmatch(stem) else part
    return ":id" if _ID.fullmatch(part) else part


def fingerprint(event: Event) -> str:
    """Return what errors that look the same have in common, in hexadecimal digits.

    Numbers in the message and hashes in addresses differ from one error, or from one release, to the next; lines and columns
    differ from build to build. So it is made of the source, the type, the message's shape, and the function and script on top
    of the stack (without one, the address of what failed).
    """
    message, url = str(event.get("exception.message", "")), str(event.get("error.url", ""))
    where = _top_place(str(event.get("exception.stacktrace", ""))) or url
    parts = (str(event.get("error.source", "")), str(event.get("exception.type", "")), _shape(message), _shape(where))
    return hashlib.blake2b("\0".join(parts).encode("utf-8", "replace"), digest_size=_FINGERPRINT_DIGITS // 2).hexdigest()


def _top_place(stack: str) -> str:
    """Return function and address of the first line that ends with an address, in Chromium's, Safari's or Firefox's words.

    By hand, since a pattern that may begin anywhere takes quadratic time on a text that somebody has made for it.
    """
    for line in stack.split("\n"):
        line = line.removesuffix(")")
        words = line.split()
        last = words[-1].rpartition(")")[2] if words and not line[-1].isspace() else ""
        found = [at for at in (last.find("http://"), last.find("https://")) if at >= 0]
        if found:
            address = last[min(found) :]
            before = line[: len(line) - len(address)]
            before = (before[:-1] if before.endswith(("@", "(")) else before).rstrip()
            name = _NAME.match(before[: -_MAX_NAME - 1 : -1])
            return f"{name[0][::-1] if name else ''} {_without_position(address)}"
    return ""


def _without_position(address: str) -> str:
    """Return an address without its line and column."""
    for _ in range(2):
        head, colon, digits = address.rpartition(":")
        if colon and digits.isdecimal():
            address = head
    return address


def _shape(text: str) -> str:
    return _HEX.sub(lambda match: "0" if _DIGIT.search(match[0]) else match[0], text[:_MAX_TEXT])
