"""Shapes that steps are made of: JSON Schemas with what they mean."""

from __future__ import annotations

from typing import Any, Final

Shape = dict[str, Any]

_TEXT: Final = {"type": "string", "maxLength": 65_536}
_SELECTOR: Final = {"type": "string", "minLength": 1, "maxLength": 4096}


def text(meaning: str, **more: Any) -> Shape:
    """Return the shape of a text; `${name}` in it is filled in."""
    return {**_TEXT, "description": meaning, **more}


def number(meaning: str, low: float, high: float, **more: Any) -> Shape:
    """Return the shape of a number."""
    return {"type": "number", "minimum": low, "maximum": high, "description": meaning, **more}


def word(meaning: str, *words: str, default: str | None = None) -> Shape:
    """Return the shape of one of some words."""
    return {"enum": list(words), "description": meaning, **({"default": default} if default else {})}


def flag(meaning: str, default: bool = False) -> Shape:
    """Return the shape of a choice."""
    return {"type": "boolean", "default": default, "description": meaning}


def pair(meaning: str, low: float, high: float) -> Shape:
    """Return the shape of two numbers."""
    return {"type": "array", "minItems": 2, "maxItems": 2, "items": {"type": "number", "minimum": low, "maximum": high},
            "description": meaning}  # fmt: skip


def target(meaning: str = "The element: a selector, or several, of which the first that finds something counts.") -> Shape:
    """Return the shape of one selector, or of an ordered list of fallbacks."""
    return {"anyOf": [_SELECTOR, {"type": "array", "minItems": 1, "maxItems": 20, "items": _SELECTOR}], "description": meaning}


def texts(meaning: str, high: int = 50) -> Shape:
    """Return the shape of a list of texts."""
    return {"type": "array", "minItems": 1, "maxItems": high, "items": _SELECTOR, "description": meaning}


def nothing() -> Shape:
    """Return the shape of what takes no value: nothing, or true."""
    return {"enum": [None, True], "description": "Takes nothing."}


def variable(meaning: str) -> Shape:
    """Return the shape of a variable's name."""
    return {"type": "string", "pattern": "^[a-z][a-z0-9_]{0,63}$", "description": meaning}


def values(meaning: str, *types: str) -> Shape:
    """Return the shape of values by the names of variables."""
    return {"type": "object", "propertyNames": {"pattern": "^[a-z][a-z0-9_]{0,63}$"}, "additionalProperties": {"type": list(types)},
            "description": meaning}  # fmt: skip


def size(meaning: str) -> Shape:
    """Return the shape of a viewport."""
    return {"type": "array", "minItems": 2, "maxItems": 2, "items": {"type": "integer", "minimum": 16, "maximum": 8192},
            "description": meaning}  # fmt: skip


def network(meaning: str) -> Shape:
    """Return the shape of an emulated network."""
    return {
        "anyOf": [
            {"enum": ["offline", "none", *NETWORKS]},
            {
                "type": "object",
                "properties": {
                    "download": number("kbit/s.", 1, 10_000_000),
                    "upload": number("kbit/s.", 1, 10_000_000),
                    "latency": number("Milliseconds to and fro.", 0, 60_000),
                },
                "required": ["download", "upload", "latency"],
                "additionalProperties": False,
            },
        ],
        "description": meaning,
    }


#: kbit/s down and up, milliseconds to and fro, as browsertime has them. The browser slows each request down, not packets.
NETWORKS: Final = {
    "3g": (1600, 768, 150), "3gfast": (1600, 768, 75), "3gslow": (400, 400, 200), "4g": (9000, 9000, 85),
    "cable": (5000, 1000, 14), "lte": (12_000, 12_000, 35),
}  # fmt: skip

#: How a browser is set up, for journeys and pages.
BROWSER: Final[Shape] = {
    "type": "object",
    "description": "How the browser is set up.",
    "properties": {
        "viewport": size("Width and height in CSS pixels; by default 1280 and 800."),
        "scale": number("Device pixels for a CSS pixel.", 0.5, 4, default=1),
        "mobile": flag("Whether the page is shown as on a phone: the meta tag `viewport` counts."),
        "touch": flag("Whether there is a touch screen."),
        "user_agent": text("The user agent, in place of the browser's own.", maxLength=1024),
        "locale": text("The language, such as `de-DE`.", maxLength=64),
        "timezone": text("The time zone, such as `Europe/Berlin`.", maxLength=64),
        "geolocation": pair("Latitude and longitude; pages may ask for them.", -180, 180),
        "color_scheme": word("Which colours pages shall prefer.", "light", "dark", default="light"),
        "headers": {"type": "object", "additionalProperties": _TEXT,
                    "description": "Headers of requests to the site of `url` (without it, of the first page), and to no other."},
        "auth": {"type": "object", "properties": {"user": _TEXT, "password": _TEXT}, "required": ["user", "password"],
                 "additionalProperties": False, "description": "For HTTP authentication at the site of `url`."},
        "insecure": flag("Whether certificates that are not good are taken."),
        "javascript": flag("Whether scripts run.", True),
        "block": texts("Requests that are not made: URLs with `*` for anything.", 200),
        "network": network("An emulated network: a profile, or numbers."),
        "cpu": number("How many times slower the processor shall seem.", 1, 20, default=1),
    },
    "additionalProperties": False,
}  # fmt: skip
