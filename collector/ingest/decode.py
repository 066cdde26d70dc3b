"""Bytes become events or rejections. Pure: no clock, no disk, no network."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

import orjson

from collector import fields
from collector.config import IngestLimits
from collector.errors import RequestError
from collector.events import Event

VERSION: Final = 1
#: Longest name and longest text of an attribute, in characters.
MAX_ATTRIBUTE_NAME: Final = 128
MAX_ATTRIBUTE_TEXT: Final = 4096
#: The most fields of one beacon that are not in the dictionary: a megabyte has room for a hundred thousand.
MAX_BEACON_ATTRIBUTES: Final = 10_000
_ID: Final = re.compile(r"[A-Za-z0-9_.:-]{1,64}")
_KIND: Final = re.compile(r"[a-z][a-z0-9_]{0,31}")
_CONTROL: Final = re.compile(r"[\x00-\x1f\x7f]")
#: Where attributes go.
_RESERVED: Final = frozenset(fields.ATTRIBUTE_COLUMNS.values())


@dataclass(frozen=True, slots=True)
class Rejection:
    """An event that was not accepted: its index in the beacon, the field at fault, a word for counters and a sentence."""

    index: int
    field: str
    reason: str
    error: str


@dataclass(frozen=True, slots=True)
class Beacon:
    """A decoded beacon: the sender's clock when it was sent (epoch ms), the good events, and the others."""

    sent_at: float | None
    events: list[Event]
    rejected: list[Rejection]


class _Bad(Exception):
    """A field that makes its event unusable."""

    def __init__(self, reason: str, field: str, error: str) -> None:
        super().__init__(error)
        self.reason, self.field, self.error = reason, field, error


def decode_beacon(body: bytes, limits: IngestLimits) -> Beacon:
    """Return the events of a beacon.

    Args:
        body: JSON `{"v": 1, "sent_at": <epoch ms>, "events": [{"id", "kind", "time", …}, …]}`, already inflated.
        limits: what it may carry.

    Raises:
        RequestError: the beacon as a whole is unusable.
    """
    try:
        message = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise RequestError(400, "not_json", f"The body is not JSON: {error}.") from None
    if not isinstance(message, dict):
        raise RequestError(400, "bad_shape", 'The body must be an object: {"v": 1, "sent_at": …, "events": […]}.')
    if message.get("v") != VERSION:
        raise RequestError(400, "bad_version", f"v must be {VERSION}; this collector speaks no other version.", "v")
    sent_at = message.get("sent_at")
    if sent_at is not None and (type(sent_at) not in (int, float) or not abs(sent_at) < 1e14):
        raise RequestError(400, "bad_shape", "sent_at must be a number: the sender's clock in epoch milliseconds.", "sent_at")
    raw_events = message.get("events")
    if not isinstance(raw_events, list) or not raw_events:
        raise RequestError(400, "bad_shape", "events must be a list with at least one event.", "events")
    if len(raw_events) > limits.max_events:
        message_text = f"A beacon may carry {limits.max_events} events, this one has {len(raw_events)}: send several."
        raise RequestError(400, "too_many_events", message_text, "events")
    return _decode_events(sent_at, raw_events, limits)


def _decode_events(sent_at: float | None, raw_events: list[Any], limits: IngestLimits) -> Beacon:
    events: list[Event] = []
    rejected: list[Rejection] = []
    seen: set[tuple[str, int]] = set()
    attributes = 0
    for index, raw in enumerate(raw_events):
        try:
            event = decode_event(raw, limits)
            identity = (event["id"], event.get("revision", 0))
            if identity in seen:
                raise _Bad("duplicate_id", "id", f"{event['id']!r} stands twice in this beacon; the first one was taken.")
        except _Bad as bad:
            rejected.append(Rejection(index, bad.field, bad.reason, bad.error))
        else:
            seen.add(identity)
            events.append(event)
            attributes += sum(len(event[column]) for column in _RESERVED if column in event)
            if attributes > MAX_BEACON_ATTRIBUTES:
                text = f"A beacon may have {MAX_BEACON_ATTRIBUTES:,} fields outside the dictionary: send several beacons."
                raise RequestError(400, "too_many_fields", text, "events")
    return Beacon(sent_at, events, rejected)


def decode_event(raw: Any, limits: IngestLimits) -> Event:
    """Return one event with known fields checked and unknown ones sorted into the attribute maps by type.

    It is `raw` itself, changed in place: copying a hundred fields would cost as much as checking them.
    """
    if not isinstance(raw, dict):
        raise _Bad("not_an_object", "", f"An event must be an object, not {_kind_of(raw)}.")
    if len(raw) > _MAX_KNOWN + limits.max_attributes:
        raise _too_many_fields(len(raw) - _MAX_KNOWN, limits, "at least ")
    others: list[str] = []
    lists: list[_Check] = []
    measures: list[Any] = []
    names: list[str] = []
    for name, value in raw.items():
        if name in _MEASURES:
            measures.append(value)
        else:
            names.append(name)
    if not _are_measures(measures):
        names = list(raw)
    longest = _TEXTS.get
    for name in names:
        value = raw[name]
        if value.__class__ is str and len(value) <= longest(name, -1):
            continue
        check = _KNOWN.get(name)
        if value is None or (check and check.ignored):
            del raw[name]
        elif check is None:
            others.append(name)
        elif value.__class__ is list and check.parallel:
            _check_items(check, value)
            lists.append(check)
        else:
            raw[name] = _checked(check, value)
    _check_identity(raw)
    if lists:
        _check_lengths(raw, lists)
    if others:
        if len(others) > limits.max_attributes:
            raise _too_many_fields(len(others), limits)
        _check_names(others)
        _move_attributes(raw, others)
    return raw


def _too_many_fields(count: int, limits: IngestLimits, least: str = "") -> _Bad:
    text = f"An event may have {limits.max_attributes} fields outside the dictionary, this one has {least}{count}."
    return _Bad("too_many_fields", "", text)


class _Check(NamedTuple):
    name: str
    type: str
    low: float
    high: float
    whole: bool
    ignored: bool
    #: Of a list: the name that it shares with those that must have its length; its `type` and range are those of its items.
    parallel: str


#: Times travel as numbers. What the collector or the table sets, a sender can't: its value is ignored.
_KNOWN: Final = {
    f.name: _Check(f.name, "number" if f.type == "time" else f.item_type, f.low, f.high, f.whole, f.origin != "sender", f.parallel)
    for f in fields.FIELDS
}
_MAX_KNOWN: Final = len(_KNOWN)
#: Most fields of a page view are of one sort, which can be checked all at once.
_MEASURE: Final = (0.0, 1e9)
_MEASURES: Final = frozenset(
    c.name
    for c in _KNOWN.values()
    if c.type == "number" and (c.low, c.high) == _MEASURE and not c.whole and not c.ignored and not c.parallel
)

#: The next most frequent sort: texts, with the longest that is accepted.
_TEXTS: Final = {c.name: c.high for c in _KNOWN.values() if c.type == "string" and not c.ignored and not c.parallel}
#: What JSON makes of the items of a list, by their type. A number may be unknown, which is null.
_ITEM_TYPES: Final[dict[str, frozenset[type]]] = {
    "string": frozenset({str}),
    "number": frozenset({int, float, type(None)}),
    "boolean": frozenset({bool}),
}


def _are_measures(values: list[Any]) -> bool:
    low, high = _MEASURE
    return not values or (set(map(type, values)) <= {int, float} and low <= min(values) and max(values) <= high)


def _checked(check: _Check, value: Any) -> Any:
    kind = type(value)
    if check.parallel:
        raise _Bad("wrong_type", check.name, f"{check.name} must be a list of {check.type}s, not {_kind_of(value)}.")
    if kind is str:
        if check.type != "string" or len(value) > check.high:
            raise _wrong_text(check, value)
    elif kind is int or kind is float:
        return _checked_number(check, value)
    elif kind is not bool or check.type != "boolean":
        raise _Bad("wrong_type", check.name, f"{check.name} must be a {check.type}, not {_kind_of(value)}.")
    return value


def _check_identity(event: Event) -> None:
    for name, pattern, example in (("id", _ID, "a UUID"), ("kind", _KIND, "page_view")):
        value = event.get(name)
        if value is None:
            raise _Bad("missing_field", name, f"{name} is missing: every event needs one, such as {example}.")
        if not pattern.fullmatch(value):
            raise _Bad(
                "bad_value", name, f"{name} {_short(value)} has characters that are not allowed; use something like {example}."
            )


def _checked_number(check: _Check, value: float, part: str = "") -> float:
    if check.type != "number":
        raise _Bad("wrong_type", check.name, f"{check.name} must be a {check.type}, not a number.")
    if not check.low <= value <= check.high:
        raise _Bad(
            "out_of_range", check.name, f"{part}{check.name} is {value:.6g}; it must be from {check.low:g} to {check.high:g}."
        )
    if check.whole and value != int(value):
        raise _Bad("out_of_range", check.name, f"{part}{check.name} is {value:.6g}; it must be a whole number.")
    return int(value) if check.whole else value


def _check_items(check: _Check, items: list[Any]) -> None:
    if len(items) > fields.MAX_ITEMS:
        raise _Bad("too_many_items", check.name, f"{check.name} has {len(items):,} items; it may have {fields.MAX_ITEMS}.")
    allowed, types = _ITEM_TYPES[check.type], set(map(type, items))
    if not types <= allowed:
        wrong = next(item for item in items if type(item) not in allowed)
        message = f"{check.name} must be a list of {check.type}s, but one of its items is {_kind_of(wrong)}."
        raise _Bad("wrong_type", check.name, message)
    if check.type == "string" and items and max(map(len, items)) > check.high:
        raise _wrong_text(check, max(items, key=len), "An item of ")
    if check.type == "number":
        known = [item for item in items if item is not None] if type(None) in types else items
        if known and (check.whole or not check.low <= min(known) <= max(known) <= check.high):
            for item in known:
                _checked_number(check, item, "An item of ")


def _check_lengths(event: Event, lists: list[_Check]) -> None:
    """Check that parallel lists have one length, and drop empty ones: they say no more than absent ones."""
    first: dict[str, _Check] = {}
    for check in sorted(lists):
        other = first.setdefault(check.parallel, check)
        length, others = len(event[check.name]), len(event[other.name])
        if length != others:
            lengths = f"{other.name} and {check.name} have {others} and {length} items"
            message = f"{lengths}; the lists of {check.parallel} must be equally long."
            raise _Bad("unequal_lengths", check.name, message)
    for check in lists:
        if not event[check.name]:
            del event[check.name]


def _wrong_text(check: _Check, value: str, part: str = "") -> _Bad:
    if check.type != "string":
        return _Bad("wrong_type", check.name, f"{check.name} must be a {check.type}, not a text.")
    return _Bad("too_long", check.name, f"{part}{check.name} has {len(value):,} characters; it may have {check.high:,.0f}.")


def _check_names(names: list[str]) -> None:
    # All at once: an event of junk has hundreds of them, and names are nearly always good.
    are_short = min(map(len, names)) > 0 and max(map(len, names)) <= MAX_ATTRIBUTE_NAME
    if are_short and _RESERVED.isdisjoint(names) and not _CONTROL.search("".join(names)):
        return
    for name in names:
        if not 0 < len(name) <= MAX_ATTRIBUTE_NAME or _CONTROL.search(name) or name in _RESERVED:
            text = f"A field's name must have 1 to {MAX_ATTRIBUTE_NAME} printable characters."
            raise _Bad("bad_name", name[:MAX_ATTRIBUTE_NAME], text)


def _move_attributes(raw: Event, names: list[str]) -> None:
    """Move the fields of these names into the maps, by type."""
    strings: dict[str, str] = {}
    numbers: dict[str, float] = {}
    booleans: dict[str, bool] = {}
    for name in names:
        value = raw.pop(name)
        kind = value.__class__
        if kind is str:
            if len(value) > MAX_ATTRIBUTE_TEXT:
                raise _Bad("too_long", name, f"{_short(name)} has {len(value):,} characters; it may have {MAX_ATTRIBUTE_TEXT:,}.")
            strings[name] = value
        elif kind is int or kind is float:
            if not math.isfinite(value):
                raise _Bad("out_of_range", name, f"{_short(name)} is too large a number.")
            numbers[name] = value
        elif kind is bool:
            booleans[name] = value
        else:
            raise _Bad("not_flat", name, f"{_short(name)} is {_kind_of(value)}; events are flat: use a string, number or boolean.")
    for column, found in (("attrs_string", strings), ("attrs_number", numbers), ("attrs_bool", booleans)):
        if found:
            raw[column] = found


def _short(text: str) -> str:
    return repr(text if len(text) <= 40 else text[:39] + "…")


def _kind_of(value: Any) -> str:
    names = {dict: "an object", list: "a list", str: "a text", bool: "a boolean", int: "a number", float: "a number"}
    return names.get(type(value), "null")
