"""Make what strangers have sent harmless in what leaves: no terminal obeys it, and no spreadsheet computes it."""

from __future__ import annotations

import re
from typing import Any, Final

#: What a terminal may obey (but tab and line break), and what makes text stand in another order than it is read.
_CONTROLS: Final = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]|[\ud800-\udfff]")
#: With one of these a spreadsheet takes a text for a formula. https://owasp.org/www-community/attacks/CSV_Injection
_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠")


def json_text(text: str) -> str:
    """Return JSON that means the same, without any character that a terminal obeys."""
    return _CONTROLS.sub(lambda match: f"\\u{ord(match[0]):04x}", text)


def plain_text(text: str) -> str:
    """Return a text, which may have several lines, with a mark in place of every character that a terminal obeys."""
    return _CONTROLS.sub("�", text)


def csv_cell(value: Any) -> Any:
    """Return a value as a cell of CSV: a text that a spreadsheet would compute begins with an apostrophe."""
    if isinstance(value, list):
        value = "; ".join("" if item is None else str(item) for item in value)
    if not isinstance(value, str):
        return value
    return plain_text("'" + value if value.startswith(_FORMULA) else value)
