from __future__ import annotations

import pytest

from collector.errors import StoreUnavailable
from collector.store.pool import Pool


class Connections:
    """Opens numbered connections and remembers which were closed."""

    def __init__(self) -> None:
        self.opened, self.closed = 0, list[int]()
        self.pool = Pool(self.open, self.closed.append)

    def open(self) -> int:
        self.opened += 1
        return self.opened


def test_a_connection_is_used_again() -> None:
    connections = Connections()

    for _ in range(3):
        with connections.pool.one() as connection:
            assert connection == 1
    assert connections.closed == []


def test_two_at_once_have_one_each() -> None:
    connections = Connections()

    with connections.pool.one() as first, connections.pool.one() as second:
        assert (first, second) == (1, 2)


def test_a_connection_is_not_lent_again_after_an_error() -> None:
    connections = Connections()

    with pytest.raises(ZeroDivisionError), connections.pool.one():
        raise ZeroDivisionError
    with connections.pool.one() as connection:
        assert connection == 2
    assert connections.closed == [1]


def test_closing_closes_what_is_idle_now_and_what_is_lent_later() -> None:
    connections = Connections()

    with connections.pool.one():
        with connections.pool.one():
            pass
        connections.pool.close()
        assert connections.closed == [2]
    assert connections.closed == [2, 1]
    with pytest.raises(StoreUnavailable), connections.pool.one():
        pass
