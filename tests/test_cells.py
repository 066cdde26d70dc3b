"""What leaves is obeyed by no terminal and computed by no spreadsheet."""

from __future__ import annotations

import json

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from collector.cells import csv_cell, json_text, plain_text
from collector.cli import main
from collector.commands.answers import render
from collector.errors import WideloadError


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "＝1"])
def test_a_text_that_looks_like_a_formula_begins_with_an_apostrophe(text: str) -> None:
    assert csv_cell(text).startswith("'")


@pytest.mark.parametrize("value", [-1.5, 0, True, None, "a=1", "/a", ""])
def test_other_cells_stay(value: object) -> None:
    assert csv_cell(value) == value


def test_a_list_is_one_cell() -> None:
    assert csv_cell(["=a", None, 1]) == "'=a; ; 1"


@given(st.text())
def test_json_means_the_same_and_holds_nothing_that_a_terminal_obeys(text: str) -> None:
    written = json_text(json.dumps(text, ensure_ascii=False))

    assert json.loads(written) == text
    assert plain_text(written) == written


def test_a_terminal_obeys_no_text() -> None:
    assert plain_text("a\x1b[31m\x9b1m\u202eb\x07\x7f\nc\td") == "a�[31m�1m�b��\nc\td"


EVIL = "=1+1\x1b]0;owned\x07\x9b31m\u202e<script>"


@pytest.mark.parametrize("form", [None, "csv", "json"], ids=["table", "csv", "json"])
def test_an_answer_is_printed_without_anything_that_a_terminal_obeys(form: str | None) -> None:
    spec = {"breakdowns": [EVIL], "calculations": [{"op": "COUNT"}]}
    answer = {"results": [{"data": {EVIL: EVIL, "COUNT": 1}}], "meta": {}}

    printed = render(spec, answer, form)

    assert not {"\x1b", "\x07", "\x9b", "\u202e"} & set(printed)
    assert form != "csv" or all(row.startswith("'=") for row in printed.splitlines())


def test_an_error_that_quotes_a_stranger_is_printed_so_too(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise WideloadError(f"There is no field “{EVIL}”.")

    monkeypatch.setattr("collector.cli.settings_of", refuse)

    assert not {"\x1b", "\x07", "\x9b", "\u202e"} & set(CliRunner().invoke(main, ["query"]).stderr)
