"""What a browser says about itself becomes browser, system and device. Client hints first, the user agent string else."""

from __future__ import annotations

import functools
import re
from typing import Final, NamedTuple

from ua_parser import parse

from collector.events import Event

#: https://wicg.github.io/ua-client-hints/ : brands that a browser adds to keep parsers honest, or that only name the engine.
_NOT_A_BRAND: Final = re.compile(r"not.?a.?brand|^chromium$", re.IGNORECASE)
_BRAND: Final = re.compile(r'"((?:[^"\\]|\\.)*)"\s*;\s*v="(\d+)')
_BRAND_NAMES: Final = {"Google Chrome": "Chrome", "Microsoft Edge": "Edge"}
_SYSTEM_NAMES: Final = {"Mac OS X": "macOS"}
#: ua-parser tells the mobile edition apart by family; ours is told by device.type.
_EDITION: Final = re.compile(r"^Mobile |(?: Mobile| Mobile WebView| iOS| WebView)$")
_BOT: Final = re.compile(
    r"bot\b|bots?[/;]|crawl|spider|slurp|mediapartners|facebookexternalhit|lighthouse|pagespeed", re.IGNORECASE
)
_TV: Final = re.compile(r"smart-?tv|smarttv|hbbtv|appletv|googletv|bravia|\btv\b|web0s|tizen.*tv|aft[a-z]\b", re.IGNORECASE)
_TABLET: Final = re.compile(r"ipad|tablet|kindle|silk(?!.*mobile)|android(?!.*mobile)", re.IGNORECASE)
_MOBILE: Final = re.compile(r"mobi|iphone|ipod|android|windows phone", re.IGNORECASE)


class Hints(NamedTuple):
    """The headers that say what sent the beacon; a missing one is empty."""

    user_agent: str = ""
    brands: str = ""
    mobile: str = ""
    platform: str = ""
    platform_version: str = ""
    model: str = ""


@functools.lru_cache(maxsize=4096)
def describe(hints: Hints) -> Event:
    """Return the fields that follow from the headers. The caller must not change the result: it is cached."""
    facts: Event = {}
    text = hints.user_agent[:1024]
    parsed = parse(text) if text else None
    if parsed and parsed.user_agent:
        facts["browser.name"] = _EDITION.sub("", parsed.user_agent.family)
        facts["browser.version"] = parsed.user_agent.major
    if parsed and parsed.os:
        facts["os.name"] = _SYSTEM_NAMES.get(parsed.os.family, parsed.os.family)
        facts["os.version"] = parsed.os.major
    if parsed and parsed.device and parsed.device.family not in ("Other", "Spider"):
        facts["device.manufacturer"], facts["device.model.name"] = parsed.device.brand, parsed.device.model
    facts |= _from_hints(hints)
    facts["device.type"] = _device_type(text, hints.mobile)
    is_spider = bool(parsed and parsed.device and parsed.device.family == "Spider")
    facts["user_agent.is_bot"] = is_spider or bool(_BOT.search(text))
    return {name: value for name, value in facts.items() if value not in (None, "")}


def _from_hints(hints: Hints) -> Event:
    facts: Event = {}
    brands = [(name, version) for name, version in _BRAND.findall(hints.brands[:512]) if not _NOT_A_BRAND.search(name)]
    if brands:
        name, facts["browser.version"] = brands[-1]
        facts["browser.name"] = _BRAND_NAMES.get(name, name[:64])
    platform = hints.platform.strip('"')[:64]
    if platform and platform != "Unknown":
        # The user agent string's version is frozen where the hint exists, so only the hint's own version counts.
        facts["os.name"] = platform
        facts["os.version"] = hints.platform_version.strip('"').partition(".")[0][:16]
    if model := hints.model.strip('"')[:64]:
        facts["device.model.name"] = model
    return facts


def _device_type(text: str, mobile: str) -> str:
    if _TV.search(text):
        return "tv"
    if _TABLET.search(text):
        return "tablet"
    if mobile == "?1" or _MOBILE.search(text):
        return "mobile"
    return "desktop" if text else "other"
