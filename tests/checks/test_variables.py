"""Variables are filled in, and those without a value are named."""

from __future__ import annotations

from pathlib import Path

import pytest

from collector.checks.files.load import load
from collector.checks.variables import UnknownVariable, fill, names_in

CHECK = "kind: http\nurl: ${base}/\nexpect:\n  - status == 200\n"


def test_variables_are_filled_in_everywhere_in_a_document() -> None:
    document = {"url": "${base}/cart?n=${ n }", "steps": ["$${base}", {"value": "${base}"}], "count": 3}

    assert fill(document, {"base": "https://shop", "n": "${base}"}) == {
        "url": "https://shop/cart?n=${base}", "steps": ["${base}", {"value": "https://shop"}], "count": 3,
    }  # fmt: skip
    assert sorted(names_in(document)) == ["base", "base", "n"]


def test_a_variable_without_a_value_is_refused_with_the_ways_out() -> None:
    with pytest.raises(UnknownVariable, match=r"\$\{user\} has no value: .* --var user=.* WIDELOAD_CHECK_SECRET_USER"):
        fill("${user}", {})


def test_a_variable_that_a_check_does_not_name_is_a_mistake(tmp_path: Path) -> None:
    path = tmp_path / "it.check.yaml"

    def problems(more: str) -> list[str]:
        path.write_text(CHECK + more)
        return [f"{one.line}: {one.message}" for one in load([path])[1]]

    assert [text[:28] for text in problems("")] == ["2: ${base} is not named unde"]
    assert problems("variables: {base: null}\n") == problems("secrets: [base]\n") == problems("data: shops.csv\n") == []


def test_variables_are_texts(tmp_path: Path) -> None:
    path = tmp_path / "it.check.yaml"
    path.write_text(CHECK + "variables: {base: https://shop, count: 3, is_open: true, user: null}\n")
    (check,), _ = load([path])

    assert check.variables == {"base": "https://shop", "count": "3", "is_open": "true", "user": None}
