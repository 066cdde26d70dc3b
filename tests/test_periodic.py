from __future__ import annotations

import logging
import threading

import pytest

from collector.periodic import Periodic


class Work(Periodic):
    """Fails at its first turn."""

    def __init__(self, seconds: float = 0.001) -> None:
        super().__init__("work", seconds)
        self.turns, self.was_told_to_stop = 0, False
        self.has_gone_on = threading.Event()

    def turn(self) -> None:
        self.turns += 1
        if self.turns == 1:
            raise RuntimeError("the first turn")
        self.has_gone_on.set()
        self.was_told_to_stop = self.rest(60)


def test_an_error_is_logged_and_does_not_end_it(caplog: pytest.LogCaptureFixture) -> None:
    work = Work()
    with caplog.at_level(logging.ERROR):
        work.start()
        assert work.has_gone_on.wait(10)
        work.stop()

    assert "the first turn" in caplog.text and "'work' met an error" in caplog.text


def test_who_rests_is_told_to_stop_and_finishes_the_turn() -> None:
    work = Work()
    work.start()
    assert work.has_gone_on.wait(10)

    work.stop()

    assert work.was_told_to_stop


def test_a_turn_that_hangs_is_not_waited_for_longer_than_was_said() -> None:
    work, hangs = Work(), threading.Event()
    work.rest = lambda _: hangs.wait(60)  # type: ignore[method-assign]
    work.start()
    assert work.has_gone_on.wait(10)

    work.stop(0.01)

    hangs.set()
    work.stop()
