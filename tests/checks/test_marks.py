"""Marks: who may say that an event is a check's."""

from __future__ import annotations

import pytest

from collector.checks.marks import LIFE_SECONDS, Marks

NOW = 1_795_000_000.0
MARK = Marks("the collector's secret", lambda: NOW).sign("shop", "run1")


def marks(secret: str = "the collector's secret", later: float = 0) -> Marks:
    return Marks(secret, lambda: NOW + later)


def test_a_mark_is_good_for_its_run_until_it_expires() -> None:
    assert marks(later=LIFE_SECONDS - 1).refusal("shop", "run1", MARK.text) == ""
    assert marks(later=LIFE_SECONDS).refusal("shop", "run1", MARK.text) == "expired_mark"


@pytest.mark.parametrize(
    ("dataset", "run_id", "mark", "secret"),
    [
        pytest.param("blog", "run1", MARK.text, "the collector's secret", id="another dataset"),
        pytest.param("shop", "run2", MARK.text, "the collector's secret", id="another run"),
        pytest.param("shop", "run1", MARK.text, "somebody's secret", id="another secret"),
        pytest.param("shop", "run1", f"9{MARK.text[1:]}", "the collector's secret", id="a longer life"),
        pytest.param("shop", "run1", "junk", "the collector's secret", id="no mark"),
        pytest.param("shop", "\ud800", MARK.text, "the collector's secret", id="half a surrogate pair"),
    ],
)
def test_a_mark_is_good_for_nothing_else(dataset: str, run_id: str, mark: str, secret: str) -> None:
    assert marks(secret).refusal(dataset, run_id, mark) == "wrong_mark"


def test_while_the_secret_is_rotated_marks_of_both_are_good() -> None:
    new = Marks("the new secret", lambda: NOW, previous="the collector's secret")

    assert new.refusal("shop", "run1", MARK.text) == ""
    assert new.refusal("shop", "run1", new.sign("shop", "run1").text) == ""
    assert marks().refusal("shop", "run1", new.sign("shop", "run1").text) == "wrong_mark"


def test_no_mark_is_another_word_than_a_wrong_one() -> None:
    assert marks().refusal("shop", "run1", "") == "unsigned"
