from __future__ import annotations

import pytest

from collector.errors import StoreDataError, StoreQueryError, StoreUnavailable
from collector.store.codes import DATA_CODES, QUERY_CODES, code_of, read_error, write_error
from collector.store.sql import SqlStore


@pytest.mark.parametrize("code", [0, 16, 60, 81, 159, 202, 209, 210, 225, 241, 242, 243, 252, 319, 999, 12345])
def test_a_write_error_that_is_not_the_datas_is_held(code: int) -> None:
    assert type(write_error("no", code)) is StoreUnavailable


@pytest.mark.parametrize("code", [6, 26, 27, 38, 41, 53, 69, 72, 117, 349, 441])
def test_a_write_error_of_the_data_is_named_so(code: int) -> None:
    assert type(write_error("no", code)) is StoreDataError


@pytest.mark.parametrize(
    ("code", "error"), [(62, StoreQueryError), (159, StoreQueryError), (210, StoreUnavailable), (0, StoreUnavailable)]
)
def test_a_read_error_blames_the_query_or_the_store(code: int, error: type[Exception]) -> None:
    assert type(read_error("no", code)) is error


def test_an_error_keeps_the_engines_words_and_code() -> None:
    message = "Streaming insert finish failed: Code: 117. DB::Exception: Unknown field. (INCORRECT_DATA). Stack trace:\n\n0. main"

    error = write_error(message, code_of(message))

    assert (error.code, error.message) == (117, "Unknown field. (INCORRECT_DATA)")


def test_the_codes_have_the_engines_names(store: SqlStore) -> None:
    for code, name in (DATA_CODES | QUERY_CODES).items():
        assert store.query(f"SELECT errorCodeToName({code})").rows == [(name,)]
