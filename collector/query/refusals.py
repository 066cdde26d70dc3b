"""What the store says when it refuses a query -> what a person can do about it. Pure."""

from __future__ import annotations

import re
from typing import Final

from collector.errors import RequestError, StoreQueryError, StoreUnavailable

_NARROW: Final = "Narrow the time range, add filters, or break down by fewer fields."
#: ClickHouse's codes for queries that ask too much.
_TOO_HEAVY: Final = {
    158: f"The query reads too many rows. {_NARROW}",
    159: f"The query took too long. {_NARROW}",
    160: f"The query would take too long. {_NARROW}",
    191: f"The query keeps too many values. {_NARROW}",
    241: f"The query needs more memory than it may use. {_NARROW}",
    307: f"The query reads too many bytes. {_NARROW}",
    396: f"The answer has too many rows. {_NARROW}",
}
_BAD_EXPRESSION: Final = 427
_WHAT_IS_WRONG: Final = re.compile(r"error: (.*?)\. Look at", re.DOTALL)
_NOISE: Final = re.compile(r"^Code: \d+\. DB::Exception: |\s*\(version .*|\s*Stack trace:.*", re.DOTALL)
_LONGEST: Final = 300


def refusal(error: StoreQueryError) -> RequestError:
    """Return the caller's error: 422 for a query that asks too much, 400 for one that the store does not understand."""
    if error.code in _TOO_HEAVY:
        return RequestError(422, "query_too_heavy", _TOO_HEAVY[error.code])
    if error.code == _BAD_EXPRESSION:
        found = _WHAT_IS_WRONG.search(error.message)
        text = f"A regular expression is not understood: {found[1] if found else _cause(error.message)}. It must be one of RE2."
        return RequestError(400, "bad_query", text, "calculated_fields")
    return RequestError(400, "query_refused", f"The store refused the query: {_cause(error.message)}")


def unavailable(error: StoreUnavailable) -> RequestError:
    """Return the caller's error while the store can't be asked."""
    message = f"The store can't be asked right now, try again in a moment: {_cause(error.message)}"
    return RequestError(503, "store_unavailable", message)


def _cause(message: str) -> str:
    cause = _NOISE.sub("", message).strip()
    return cause if len(cause) <= _LONGEST else cause[:_LONGEST] + "…"
