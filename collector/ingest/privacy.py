"""What a visitor's wishes and a dataset's settings make of an event, whatever its sender does. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache
from typing import Any, Final

from collector import fields
from collector.config import Dataset
from collector.events import Event
from collector.ingest.mask import (
    LONG,
    SECRET,
    is_card,
    is_secret_name,
    is_suspicious,
    is_suspicious_run,
    mask,
    mask_url,
    none,
)

_ADDRESSES: Final = frozenset(field.name for field in fields.FIELDS if field.holds == "address")
#: Long and random is what these are meant to be.
_IDS: Final = frozenset(field.name for field in fields.FIELDS if field.holds == "id")
_NAMES: Final = frozenset(field.name for field in fields.FIELDS if field.holds == "name")
_RANDOM: Final = _IDS | _NAMES
_LISTS: Final = frozenset(field.name for field in fields.FIELDS if field.type == "strings")
_TEXTS: Final = fields.ATTRIBUTE_COLUMNS["string"]
_NUMBERS: Final = fields.ATTRIBUTE_COLUMNS["number"]
_MAPS: Final = tuple(fields.ATTRIBUTE_COLUMNS.values())
_ADDRESS_NAME: Final = re.compile(r"(?:.*[._-])?(?:url|uri|href|path|referr?er|location)", re.IGNORECASE)
#: What tells that two page views are of one visitor.
_SESSION: Final = ("session.id", "view.number", "view.previous_id")
#: So many characters of a beacon are looked through for what to mask: that takes 0.1 µs a character, and a hostile body is full of
#: what looks like secrets. An honest one has some stacks and addresses. What goes beyond is masked as a whole.
MOST_MASKED: Final = 64 << 10
MASKED: Final = "[masked]"
#: Longer texts are looked at anew each time: they differ, and would fill the memory.
_MOST_CACHED: Final = 256


class Budget:
    """How many characters of one beacon may still be looked through."""

    __slots__ = ("left",)

    def __init__(self, left: int = MOST_MASKED) -> None:
        self.left = left

    def allows(self, text: str) -> bool:
        """Take a text's length off, and return whether there was so much left."""
        self.left -= len(text)
        return self.left >= 0


class Privacy:
    """The rules of one dataset.

    Args:
        dataset: its settings.
    """

    def __init__(self, dataset: Dataset) -> None:
        self._allowed = _allow(dataset.allowed_query) if dataset.allowed_query else none
        self._wishes = (("privacy.gpc", "gpc", dataset.gpc), ("privacy.dnt", "dnt", dataset.dnt))

    def refuses(self, event: Event, wishes: Event) -> str:
        """Return for which wish (gpc or dnt) the event must not be kept; empty if it may.

        Args:
            event: as decoded.
            wishes: what the request's headers say, in fields of an event: `Sec-GPC` and `DNT`.
        """
        for name, reason, rule in self._wishes:
            if rule == "drop" and (name in wishes or event.get(name) is True):
                return reason
        return ""

    def clean(self, event: Event, wishes: Event, budget: Budget | None = None) -> None:
        """Mask an event in place, and take its session away where the visitor wishes so.

        Args:
            event: as decoded.
            wishes: what the request's headers say.
            budget: what masking may still cost the beacon that the event is in.
        """
        event.update(wishes)
        if any(rule == "no_session" and event.get(name) is True for name, _, rule in self._wishes) and "session.id" in event:
            for name in _SESSION:
                event.pop(name, None)
        if _may_need_masking(event):
            _mask_event(event, _Masker(self._allowed, budget or Budget()))


def wishes(gpc: bytes | None, dnt: bytes | None) -> Event:
    """Return what the headers `Sec-GPC` and `DNT` say, in fields of an event."""
    told: Event = {}
    if gpc == b"1":
        told["privacy.gpc"] = True
    if dnt == b"1":
        told["privacy.dnt"] = True
    return told


def _may_need_masking(event: Event) -> bool:
    """Look at all texts of an event: this is what masking costs most events."""
    ids: list[str] = []
    for name, value in event.items():
        if value.__class__ is str:
            if name in _RANDOM:
                ids.append(value)
            elif not _is_known_plain(value):
                return True
    # One of these is rarely another's.
    if is_suspicious("\n".join(ids)) or not all(_are_plain(event[name]) for name in _LISTS & event.keys()):
        return True
    return any(column in event and _may_be_attributes_to_mask(column, event[column]) for column in _MAPS)


def _may_be_attributes_to_mask(column: str, attributes: Event) -> bool:
    if not all(map(_is_known_plain, attributes)):
        return True
    if column == _NUMBERS:
        return bool(max(attributes.values()) >= 1e13)
    return any(map(_is_secret, attributes)) or (column == _TEXTS and not all(map(_is_known_plain, attributes.values())))


def _is_known_plain(text: str) -> bool:
    """Whether a text has nothing to mask. Most are those of the beacons before: paths, selectors, versions, languages."""
    return _is_plain_cached(text) if len(text) <= _MOST_CACHED else _are_plain((text,))


@lru_cache(16_384)
def _is_plain_cached(text: str) -> bool:
    return _are_plain((text,))


def _are_plain(texts: Sequence[str]) -> bool:
    """Whether no text has anything to mask."""
    joined = "\n".join(texts)
    # Selectors are full of #, so that sign alone says little here.
    return not (
        is_suspicious(joined.replace("#", ""))
        or is_suspicious_run("\n".join(text for text in texts if len(text) >= LONG))
        or ("#" in joined and any("#" in text and _looks_like_address(text) for text in texts))
    )


def _looks_like_address(text: str) -> bool:
    return "://" in text or text.startswith("/")


class _Masker:
    """Masks texts as long as the budget lasts."""

    def __init__(self, allowed: Callable[[str], bool], budget: Budget) -> None:
        self._allowed, self._budget = allowed, budget

    def text(self, text: str) -> str:
        """Return a text, masked."""
        if not (is_suspicious(text) or (len(text) >= LONG and is_suspicious_run(text))):
            return text
        return mask(text, self._allowed) if self._budget.allows(text) else MASKED

    def name(self, text: str) -> str:
        """Return a name, masked; long keys in it stay."""
        if not is_suspicious(text):
            return text
        return mask(text, self._allowed, keys=False) if self._budget.allows(text) else MASKED

    def address(self, text: str) -> str:
        """Return a text that is an address or a path, masked."""
        if not (is_suspicious(text) or "#" in text or (len(text) >= LONG and is_suspicious_run(text))):
            return text
        return mask_url(text, self._allowed) if self._budget.allows(text) else MASKED


def _mask_event(event: Event, masker: _Masker) -> None:
    for name, value in event.items():
        if value.__class__ is str:
            if name in _IDS:
                # What looks like an id is one.
                if is_suspicious(value):
                    event[name] = masker.text(value)
            elif name in _NAMES:
                event[name] = masker.name(value)
            elif masked := (masker.address if name in _ADDRESSES else masker.text)(value):
                event[name] = masked
        elif name in _LISTS:
            masked_item = masker.address if name in _ADDRESSES else masker.text
            event[name] = [masked_item(item) for item in value]
    for column in _MAPS:
        if column in event:
            event[column] = dict(_mask_attributes(event, column, masker))


def _mask_attributes(event: Event, column: str, masker: _Masker) -> Iterator[tuple[str, Any]]:
    for name, value in list(event[column].items()):
        shown = masker.text(name)
        if column == _TEXTS:
            yield shown, SECRET if _is_secret(name) else (masker.address if _is_address(name) else masker.text)(value)
        elif not (column == _NUMBERS and is_card(value)):
            yield shown, value


@lru_cache(4096)
def _is_secret(name: str) -> bool:
    return is_secret_name(name)


@lru_cache(4096)
def _is_address(name: str) -> bool:
    return _ADDRESS_NAME.fullmatch(name) is not None


def _allow(patterns: tuple[str, ...]) -> Callable[[str], bool]:
    expression = re.compile("|".join(re.escape(pattern).replace(r"\*", ".*") for pattern in patterns))
    return lambda name: expression.fullmatch(name) is not None
