"""ClickHouse's error codes -> the collector's errors.

What is not named here is held and tried again: a batch is only ever given up for an error that is known to be the data's.
"""

from __future__ import annotations

import re
from typing import Final

from collector.errors import StoreDataError, StoreError, StoreQueryError, StoreUnavailable

#: The data can't be stored as it is.
DATA_CODES: Final = {
    6: "CANNOT_PARSE_TEXT",
    26: "CANNOT_PARSE_QUOTED_STRING",
    27: "CANNOT_PARSE_INPUT_ASSERTION_FAILED",
    38: "CANNOT_PARSE_DATE",
    41: "CANNOT_PARSE_DATETIME",
    53: "TYPE_MISMATCH",
    69: "ARGUMENT_OUT_OF_BOUND",
    72: "CANNOT_PARSE_NUMBER",
    117: "INCORRECT_DATA",
    190: "SIZES_OF_ARRAYS_DONT_MATCH",
    321: "VALUE_IS_OUT_OF_RANGE_OF_DATA_TYPE",
    349: "CANNOT_INSERT_NULL_IN_ORDINARY_COLUMN",
    441: "CANNOT_PARSE_DOMAIN_VALUE_FROM_STRING",
}

#: The query is wrong or asks too much.
QUERY_CODES: Final = {
    **DATA_CODES,
    36: "BAD_ARGUMENTS",
    42: "NUMBER_OF_ARGUMENTS_DOESNT_MATCH",
    43: "ILLEGAL_TYPE_OF_ARGUMENT",
    44: "ILLEGAL_COLUMN",
    46: "UNKNOWN_FUNCTION",
    47: "UNKNOWN_IDENTIFIER",
    50: "UNKNOWN_TYPE",
    62: "SYNTAX_ERROR",
    63: "UNKNOWN_AGGREGATE_FUNCTION",
    70: "CANNOT_CONVERT_TYPE",
    153: "ILLEGAL_DIVISION",
    158: "TOO_MANY_ROWS",
    159: "TIMEOUT_EXCEEDED",
    160: "TOO_SLOW",
    164: "READONLY",
    167: "TOO_DEEP_AST",
    168: "TOO_BIG_AST",
    179: "MULTIPLE_EXPRESSIONS_FOR_ALIAS",
    184: "ILLEGAL_AGGREGATION",
    191: "SET_SIZE_LIMIT_EXCEEDED",
    215: "NOT_AN_AGGREGATE",
    241: "MEMORY_LIMIT_EXCEEDED",
    306: "TOO_DEEP_RECURSION",
    307: "TOO_MANY_BYTES",
    352: "AMBIGUOUS_COLUMN_NAME",
    386: "NO_COMMON_TYPE",
    396: "TOO_MANY_ROWS_OR_BYTES",
    407: "DECIMAL_OVERFLOW",
    427: "CANNOT_COMPILE_REGEXP",
    456: "UNKNOWN_QUERY_PARAMETER",
    457: "BAD_QUERY_PARAMETER",
}

_CODE: Final = re.compile(r"Code: (\d+)\.")
_BEFORE_WORDS: Final = re.compile(r"\A.*?DB::Exception: ", re.DOTALL)


def code_of(message: str) -> int:
    """Return the error code in the engine's message; 0 where there is none."""
    found = _CODE.search(message)
    return int(found[1]) if found else 0


def write_error(message: str, code: int) -> StoreError:
    """Return the error of an INSERT or of a change to the schema."""
    return (StoreDataError if code in DATA_CODES else StoreUnavailable)(_words(message), code)


def read_error(message: str, code: int) -> StoreError:
    """Return the error of a SELECT."""
    return (StoreQueryError if code in QUERY_CODES else StoreUnavailable)(_words(message), code)


def _words(message: str) -> str:
    return _BEFORE_WORDS.sub("", message.partition(". Stack trace:")[0])
