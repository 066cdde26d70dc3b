"""What the store says when it refuses a query -> what a person can do about it. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Final

from collector.casts import size_text
from collector.errors import QueryError, RequestError, StoreError, StoreQueryError
from collector.query.expressions.parse import literals_in
from collector.query.reading import shorten
from collector.query.spec import CalculatedField
from collector.store.base import Limits

_NARROW: Final = "Narrow the time range, add filters, or break down by fewer fields."
_FEWER: Final = 'Break down by fewer fields or by ones with fewer values, use a larger granularity, or "disable_series": true.'
#: ClickHouse's codes for queries that ask too much, by the limit that they have met.
_TIME, _MEMORY, _ROWS, _OTHER = (159, 160), (241,), (396,), (158, 191, 307)
#: What the engine says when not the query but the whole process has no memory left.
_SHARED: Final = re.compile(r"\(total\)|User memory limit")
_BAD_EXPRESSION: Final = 427
_WHAT_IS_WRONG: Final = re.compile(r"cannot compile re2: (.*), error: (.*?)\. Look at", re.DOTALL)
_NOISE: Final = re.compile(r"^Code: \d+\. DB::Exception: |\s*\(version .*|\s*Stack trace:.*", re.DOTALL)
_LONGEST: Final = 300
_SHOWN: Final = 90


def refusal(error: StoreQueryError, limits: Limits | None = None) -> RequestError:
    """Return the caller's error: 422 for a query that asks too much, 503 where others do, 400 for one that is not understood.

    Args:
        error: what the store said.
        limits: those of the query, where they come from the settings.
    """
    if error.code in _MEMORY and _SHARED.search(error.message):
        text = f"All that the store does at the moment needs more memory than it has. Ask again in a moment. {_NARROW}"
        return RequestError(503, "store_out_of_memory", text)
    if text := _too_heavy(error, limits):
        return RequestError(422, "query_too_heavy", text)
    if error.code == _BAD_EXPRESSION:
        return QueryError("calculated_fields", _bad_expression(error.message))
    return RequestError(400, "query_refused", f"The store refused the query: {_cause(error.message)}")


@contextmanager
def naming_expressions(fields: Iterable[CalculatedField], place: str = "") -> Iterator[None]:
    """Within the block, what the store says of a regular expression becomes the caller's error, which names the one.

    Args:
        fields: the calculated fields of the question.
        place: what stands before their paths.

    Raises:
        QueryError: as said.
    """
    try:
        yield
    except StoreQueryError as error:
        found = _WHAT_IS_WRONG.search(error.message) if error.code == _BAD_EXPRESSION else None
        path = next((field.part.path for field in fields if found and _holds(field, found[1])), "")
        if not path:
            raise
        raise QueryError(place + path, _bad_expression(error.message)) from error


def _holds(field: CalculatedField, pattern: str) -> bool:
    """Whether an expression has the pattern, of which the store shows only the beginning if it is long."""
    texts = [value for value in literals_in(field.expression) if isinstance(value, str)]
    return pattern in texts or (len(pattern) > _SHOWN and any(text.startswith(pattern[:_SHOWN]) for text in texts))


def _bad_expression(message: str) -> str:
    found = _WHAT_IS_WRONG.search(message)
    return f"A regular expression is not understood: {shorten(found[2] if found else _cause(message))}. It must be one of RE2."


def _too_heavy(error: StoreQueryError, limits: Limits | None) -> str:
    """Return which limit a query has met, and what to narrow; empty for another error."""
    if error.code in _TIME:
        return f"The query takes {f'longer than {limits.seconds:g} s (query_seconds)' if limits else 'too long'}. {_NARROW}"
    if error.code in _MEMORY:
        most = f"than {size_text(limits.memory_bytes)} of memory (query_memory_bytes)" if limits else "memory than it may use"
        return f"The query needs more {most}. {_NARROW}"
    if error.code in _ROWS:
        most = f"more than {limits.result_rows:,} rows (query_result_rows)" if limits else "too many rows"
        return f"The answer has {most}. {_FEWER}"
    return f"The query asks for more than the store allows: {_cause(error.message)} {_NARROW}" if error.code in _OTHER else ""


def unavailable(error: StoreError) -> RequestError:
    """Return the caller's error while the store can't be asked."""
    message = f"The store can't be asked right now, try again in a moment: {_cause(error.message)}"
    return RequestError(503, "store_unavailable", message)


def _cause(message: str) -> str:
    cause = _NOISE.sub("", message).strip()
    return cause if len(cause) <= _LONGEST else cause[:_LONGEST] + "…"
