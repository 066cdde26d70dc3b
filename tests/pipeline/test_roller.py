from __future__ import annotations

from collector.pipeline.roller import Roller
from collector.store.base import Hour
from collector.telemetry import Counters


class Store:
    """Remembers what it was told to build."""

    def __init__(self, *stale: Hour) -> None:
        self.stale, self.built, self.tidied = list(stale), list[Hour](), 0

    def stale_hours(self, most: int) -> list[Hour]:
        return self.stale[:most]

    def roll_up(self, hour: Hour) -> None:
        self.built.append(hour)
        self.stale.remove(hour)

    def tidy_rollups(self) -> None:
        self.tidied += 1


def make(store: Store) -> tuple[Roller, Counters]:
    counters = Counters()
    # A clock that stands still: nothing is waited for.
    return Roller(store, counters, lambda: True, clock=lambda: 0.0), counters


def test_stale_hours_are_built_in_their_order_and_counted() -> None:
    store = Store(Hour("shop", 7200), Hour("shop", 3600))
    roller, counters = make(store)

    assert roller.look() == 2
    assert store.built == [Hour("shop", 7200), Hour("shop", 3600)]
    assert counters.total("wideload_rollups_built") == 2


def test_what_builds_have_replaced_is_removed_now_and_then() -> None:
    store = Store(*(Hour("shop", 3600 * hour) for hour in range(120)))
    roller, _ = make(store)

    for _ in range(4):
        roller.look()

    assert (len(store.built), store.tidied) == (120, 1)
