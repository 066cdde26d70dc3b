"""Tables and numbers for people in front of a terminal."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

#: Longer texts are cut, so that a table stays a table.
MAX_WIDTH: Final = 60
MISSING: Final = "–"
_SIZES: Final = (("TiB", 1 << 40), ("GiB", 1 << 30), ("MiB", 1 << 20), ("KiB", 1 << 10))


def lines(headings: Sequence[str], rows: Sequence[Sequence[Any]]) -> list[str]:
    """Return the lines of an aligned table; columns of numbers stand on the right."""
    # A heading may be the name of an attribute, which strangers choose.
    headings = [cell(heading) for heading in headings]
    cells = [[cell(value) for value in row] for row in rows]
    widths = [max(map(len, column)) for column in zip(headings, *cells, strict=True)]
    on_right = [any(_is_number(v) for v in column) and all(v is None or _is_number(v) for v in column)
                for column in zip(*rows, strict=True)] or [False] * len(headings)  # fmt: skip

    def line(texts: Sequence[str]) -> str:
        parts = zip(texts, widths, on_right, strict=True)
        return "  ".join(text.rjust(width) if right else text.ljust(width) for text, width, right in parts).rstrip()

    return [line(headings), line(["─" * width for width in widths]), *map(line, cells)]


def cell(value: Any) -> str:
    """Return a value as a cell: numbers rounded for reading, texts without what a terminal would obey."""
    if value is None:
        return MISSING
    if isinstance(value, bool):
        return "true" if value else "false"
    if _is_number(value):
        return number(value)
    text = "".join(c if c.isprintable() else "�" for c in str(value))
    return text if len(text) <= MAX_WIDTH else text[: MAX_WIDTH - 1] + "…"


def number(value: float) -> str:
    """Return a number with about three digits that matter."""
    if value == int(value):
        return f"{int(value):,}"
    if abs(value) >= 100:
        return f"{value:,.1f}"
    return f"{value:.3g}"


def size(count: int) -> str:
    """Return bytes in the largest unit that leaves at least one, such as 10 GiB."""
    for unit, factor in _SIZES:
        if count >= factor:
            return f"{count / factor:.0f} {unit}" if count >= 100 * factor else f"{count / factor:.3g} {unit}"
    return f"{count} B"


def duration(seconds: float) -> str:
    """Return a time span as people say it, such as 3.2 s or 5 h."""
    for unit, factor in (("d", 86_400), ("h", 3600), ("min", 60)):
        if seconds >= 2 * factor:
            return f"{seconds / factor:.0f} {unit}"
    return f"{seconds:.3g} s"


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
