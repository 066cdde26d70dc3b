"""Bound values of a query as text, the way ClickHouse reads `{name:Type}` parameters: in the Escaped (TSV) form."""

from __future__ import annotations

from typing import Any, Final

_ESCAPES: Final = str.maketrans(
    {
        "\\": "\\\\",
        "'": "\\'",
        "\t": "\\t",
        "\n": "\\n",
        "\r": "\\r",
        "\0": "\\0",
        "\b": "\\b",
        "\f": "\\f",
    }
)


def escaped(value: Any) -> str:
    """Return the text of one parameter: a str, int, float, bool or a list of them."""
    if isinstance(value, str):
        return value.translate(_ESCAPES)
    if isinstance(value, list | tuple):
        return f"[{','.join(_element(item) for item in value)}]"
    return _element(value)


def _element(value: Any) -> str:
    if isinstance(value, str):
        return f"'{value.translate(_ESCAPES)}'"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return repr(value)
    raise TypeError(f"A query parameter can't be a {type(value).__name__}.")
