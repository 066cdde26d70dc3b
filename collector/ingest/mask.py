"""Take out of a text what must not be collected by accident. Pure.

The beacon does the same before it sends (`beacon_js/src/lib/mask.ts`, with the same marks); this is for whoever sends something
else, and goes further where a script has no room: authorization headers, long keys, and numbers of credit cards. It is a net
for mistakes and no permission to put secrets into addresses and messages.

Every expression takes time in proportion to the text, whatever a hostile sender makes of it: repetitions are possessive or
bounded, and none begins twice in the same run of characters.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from itertools import groupby
from typing import Final

EMAIL: Final = "[email]"
TOKEN: Final = "[token]"
SECRET: Final = "[secret]"
KEY: Final = "[key]"
CARD: Final = "[card]"

#: Whether the parameter of a query may be kept, by its name.
Allowed = Callable[[str], bool]

#: An address ends at a space. `[src=` is how browsers name the source of a script's invoker.
_ADDRESS: Final = re.compile(r"((?:://|\[src=)[^\s?#]*+)([?#]\S*)?", re.ASCII)
_USER: Final = re.compile(r"://[^\s/]*@")
#: Addresses without a host lose what follows the scheme: it is content, or tells which extension a visitor uses.
_LOCAL: Final = re.compile(r"\b((?:blob|file|\w{1,20}-extension):)(\S*)", re.ASCII)
_DATA: Final = re.compile(r"\bdata:\w.*", re.ASCII | re.DOTALL)
#: What an address keeps at its end: its place in a stack (`:10:5)`).
_PLACE: Final = re.compile(r"(?::\d{1,9}){0,2}\)?$", re.ASCII)
_EMAIL: Final = re.compile(r"(?<![\w.+-])[\w.+-]++(?:@|%40)[\w-]++\.[\w.-]+")
_JWT: Final = re.compile(r"\beyJ[\w.-]+", re.ASCII)
_AUTHORIZATION: Final = re.compile(
    r"([Bb]earer|[Bb]asic|BEARER|BASIC)((?: |%20){1,4})(?=[\w.~+/-]{0,512}[\d=])[\w.~+/=-]{8,}", re.ASCII
)
_SECRET: Final = re.compile(
    r"((?:token|secret|passw\w{0,24}|api.?key|auth|session\w{0,24})[\"']?[=:]\s*+[\"']?)[^\s&\"']+", re.ASCII | re.IGNORECASE
)
#: The name of an attribute, or its last part, that says that its value is a secret.
_SECRET_NAME: Final = re.compile(
    r"(?:.*[._-])?(?:\w{0,24}token|\w{0,24}secret|passw\w{0,24}|api.?key|authorization)", re.IGNORECASE
)
#: Not of a file's name, as `9f86d081….js`: that is how builds name what never changes.
_HEX_KEY: Final = re.compile(r"(?<![^\W_])[0-9a-f]{32,}+(?![^\W_]|\.\w)", re.ASCII | re.IGNORECASE)
_LONG_RUN: Final = re.compile(r"(?<![\w+-])[\w+-]{32,}+(?!\.\w)={0,2}", re.ASCII)
_CARD: Final = re.compile(r"(?<![\d.])(?:\d{4}([ -]?)\d{4}\1\d{4}\1\d{2,7}|3[47]\d\d([ -]?)\d{6}\2\d{5})(?!\d)", re.ASCII)
#: How the numbers of the networks in use begin, and how long they are.
_CARD_KINDS: Final = re.compile(
    r"4(?:\d{15}|\d{18})|5[1-5]\d{14}|2(?:2[2-9]|[3-6]\d|7[01]|720)\d{12,13}|3[47]\d{13}|3(?:0[0-5]|[68]\d)\d{11}|35\d{14}"
    r"|6(?:011|4[4-9]\d|5\d\d)\d{12,15}|62\d{14,17}"
)

#: Without any of these characters and words a text has nothing to mask but long keys and numbers.
_SIGNS: Final = ("?", "@", "=", "%40", "eyJ", ":", "earer ", "asic ", "BEARER ", "BASIC ", "earer%20", "asic%20")
_LONG_SIGN: Final = re.compile(r"[0-9][0-9 -]{12}|[\w+-]{32}", re.ASCII)
#: Shorter texts hold neither a long key nor the number of a card.
LONG: Final = 14


def none(_: str) -> bool:
    """Allow no parameter."""
    return False


def is_suspicious(text: str) -> bool:
    """Whether there may be something to mask. Most texts pass, so this is all that masking costs them."""
    plain = text.replace("https://", "")
    return any(sign in plain for sign in _SIGNS) or ("#" in plain and "://" in text)


def is_suspicious_run(text: str) -> bool:
    """Whether there may be a long key or the number of a card; for texts of `LONG` characters and more."""
    return _LONG_SIGN.search(text) is not None


def mask(text: str, allowed: Allowed = none, keys: bool = True) -> str:
    """Return a text without user names, queries and fragments of addresses, without e-mail addresses and secrets.

    Args:
        text: any.
        allowed: which parameters of queries stay.
        keys: whether long keys and the numbers of credit cards are masked, too.
    """
    if is_suspicious(text):
        if "data:" in text:
            text = _DATA.sub("data:", text)
        if "?" in text or "#" in text:
            text = _ADDRESS.sub(lambda match: _shorten(match, allowed), text)
        if "blob:" in text or "file:" in text or "-extension:" in text:
            text = _LOCAL.sub(lambda match: match[1] + _end(match[2]), text)
        if "@" in text or "%40" in text:
            text = _EMAIL.sub(EMAIL, _USER.sub("://", text))
        text = _JWT.sub(TOKEN, text)
        text = _AUTHORIZATION.sub(rf"\1\2{TOKEN}", text)
        if "=" in text or ":" in text:
            text = _SECRET.sub(rf"\1{SECRET}", text)
    if keys and len(text) >= LONG and is_suspicious_run(text):
        # Alone it is rather the name of a build, of a trace or of an order.
        if not _HEX_KEY.fullmatch(text):
            text = _HEX_KEY.sub(KEY, text)
        text = _LONG_RUN.sub(_mask_run, text)
        text = _CARD.sub(_mask_card, text)
    return text


def mask_url(text: str, allowed: Allowed = none) -> str:
    """Return the same of a text that is an address or a path, which may have no scheme."""
    ends = [place for place in (text.find("?"), text.find("#")) if place >= 0]
    if ends:
        text = text[: min(ends)] + _query(text[min(ends) :], allowed)
    return mask(text, allowed)


def is_secret_name(name: str) -> bool:
    """Whether an attribute's name says that its value is a secret."""
    return _SECRET_NAME.fullmatch(name) is not None


def is_card(number: float) -> bool:
    """Whether a number is one of a credit card."""
    return 1e13 <= number < 1e19 and number == int(number) and _is_card(str(int(number)))


def _shorten(match: re.Match[str], allowed: Allowed) -> str:
    address, rest = match.groups()
    return address + _query(rest, allowed) + _end(rest) if rest else str(address)


def _end(text: str) -> str:
    """Return the part of an address's tail that is none of it: the end of an invoker's name, or its place in a stack."""
    bracket = text.find("].")
    if bracket >= 0:
        return text[bracket:]
    place = _PLACE.search(text, max(0, len(text) - 24))
    return place[0] if place else ""


def _query(text: str, allowed: Allowed) -> str:
    """Return the allowed parameters of what begins with `?` or `#`."""
    if allowed is none or text[0] != "?":
        return ""
    kept = [pair for pair in text[1:].partition("#")[0].split("&") if allowed(pair.partition("=")[0])]
    return f"?{'&'.join(kept)}" if kept else ""


def _mask_run(match: re.Match[str]) -> str:
    """Return a mark for what looks drawn by lot: capitals, small letters and digits take turns. Names and slugs stay."""
    text = match[0]
    kinds = ["digit" if c.isdigit() else "upper" if c.isupper() else "lower" for c in text if c.isalnum()]
    runs = [kind for kind, _ in groupby(kinds)]
    return KEY if runs.count("digit") >= 3 and {"upper", "lower"} <= {*runs} and len(runs) * 4 > len(text) else text


def _mask_card(match: re.Match[str]) -> str:
    return CARD if _is_card(re.sub("[ -]", "", match[0])) else match[0]


def _is_card(digits: str) -> bool:
    return _CARD_KINDS.fullmatch(digits) is not None and _luhn(digits) % 10 == 0


def _luhn(digits: str) -> int:
    """Return the sum of ISO/IEC 7812-1, which is a multiple of ten for a number without a mistake."""
    doubled = [int(digit) * 2 for digit in digits[-2::-2]]
    return sum(int(digit) for digit in digits[-1::-2]) + sum(value - 9 if value > 9 else value for value in doubled)
