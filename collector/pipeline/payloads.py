"""Spooled events on their way to the store."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import overload

import orjson

from collector.errors import StoreDataError
from collector.events import Event


class Payloads(Sequence[Event]):
    """A batch of spooled events, each decoded only while somebody looks at it.

    Ten thousand decoded events take 100 MB, and three times as long as when each one is used and forgotten at once.

    Args:
        raw: the payloads as they were spooled.
    """

    def __init__(self, raw: Sequence[bytes]) -> None:
        self.raw = raw

    def __len__(self) -> int:
        return len(self.raw)

    @overload
    def __getitem__(self, index: int) -> Event: ...
    @overload
    def __getitem__(self, index: slice) -> Payloads: ...
    def __getitem__(self, index: int | slice) -> Event | Payloads:
        return Payloads(self.raw[index]) if isinstance(index, slice) else _decode(self.raw[index])

    def __iter__(self) -> Iterator[Event]:
        return map(_decode, self.raw)

    def with_attributes(self) -> Iterator[Event]:
        """Yield the events that have attributes; what can't be decoded is left to whoever stores it."""
        for raw in self.raw:
            if b'"attrs_' in raw:
                try:
                    yield _decode(raw)
                except StoreDataError:
                    continue


def _decode(raw: bytes) -> Event:
    try:
        event: Event = orjson.loads(raw)
    except orjson.JSONDecodeError as error:
        raise StoreDataError(f"The spooled event is not JSON: {error}") from None
    # Others can write to a topic, too.
    if not isinstance(event, dict) or "id" not in event:
        raise StoreDataError("What was spooled is no event: it has no id.")
    return event
