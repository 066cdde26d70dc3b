"""`Server-Timing` of an answer: how long it waited for its turn and how long the store worked, for who looks at the network.

https://www.w3.org/TR/server-timing/
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

#: Of the request that is being answered, in its tasks and threads: seconds by name.
_PARTS: ContextVar[dict[str, float] | None] = ContextVar("parts", default=None)


@contextmanager
def timed() -> Iterator[dict[str, float]]:
    """Gather what is noted within."""
    parts: dict[str, float] = {}
    token = _PARTS.set(parts)
    try:
        yield parts
    finally:
        _PARTS.reset(token)


def note(name: str, seconds: float) -> None:
    """Add to a part, such as `store`, of the answer that is being made."""
    parts = _PARTS.get()
    if parts is not None:
        parts[name] = parts.get(name, 0.0) + seconds


def header(parts: dict[str, float]) -> str:
    """Return the header's value; empty where nothing was noted."""
    return ", ".join(f"{name};dur={seconds * 1000:.1f}" for name, seconds in parts.items())
