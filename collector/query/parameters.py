"""Reads the query string of a GET: what is wrong becomes a sentence that names the parameter."""

from __future__ import annotations

from collections.abc import Collection

from collector.query.filters import as_time
from collector.query.reading import Part


def read_moment(text: str | None, name: str) -> int | None:
    """Return epoch seconds or an ISO 8601 time as epoch ms; None where it was not given. Raises QueryError."""
    if not text:
        return None
    try:
        value: str | float = float(text)
    except ValueError:
        # In a query string a plus sign means a space.
        value = text.replace(" ", "+")
    moment = as_time(value)
    if moment is None:
        raise Part(text, name).error(f"{name} must be a time: epoch seconds, or a text such as 2026-11-23T08:00:00Z.")
    return moment


def read_words(text: str | None, name: str, options: Collection[str]) -> tuple[str, ...]:
    """Return words that stand with commas between them. Raises QueryError."""
    return tuple(Part(word.strip(), name).choice(options, "known here") for word in text.split(",")) if text else ()


def read_whole(text: str | None, name: str, default: int, low: int, high: int) -> int:
    """Return a whole number within a range. Raises QueryError."""
    if not text:
        return default
    return Part(int(text) if text.isascii() and text.isdigit() and len(text) < 20 else text, name).whole(low, high)
