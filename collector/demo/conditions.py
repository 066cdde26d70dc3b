"""What is settled before a page of the demo shop begins to load."""

from __future__ import annotations

import math
from dataclasses import dataclass
from random import Random
from typing import Any

from collector.demo.shop import Page
from collector.demo.visitors import Agent, Country

Fields = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Conditions:
    """What is settled before a page begins to load.

    Args:
        random: where chance comes from.
        page, agent, country: what is loaded, by what, from where.
        slowness: how much longer than on a good laptop a script takes.
        round_trip: to the servers, in ms.
        megabits: of the line, each second.
        reused: the connection is open already.
        bad_release: the bad release is live.
        heavy_tag: the heavy third party is loaded.
        stay: how long the visitor stays, in tenths of a ms.
    """

    random: Random
    page: Page
    agent: Agent
    country: Country
    slowness: float
    round_trip: float
    megabits: float
    reused: bool
    bad_release: bool
    heavy_tag: bool
    stay: int

    def about(self, milliseconds: float, spread: float) -> int:
        """Return a time near this one, in tenths of a ms; `spread` is the standard deviation of its logarithm."""
        return max(1, round(10 * milliseconds * math.exp(self.random.gauss(0, spread))))

    def work(self, milliseconds: float, spread: float) -> int:
        """Return how long a piece of script, style or layout takes on this device."""
        return self.about(milliseconds * self.slowness * self.page.work, spread)

    def trip(self) -> int:
        """Return one round trip to the servers."""
        return self.about(self.round_trip, 0.15)

    def transfer(self, kilobytes: float) -> int:
        """Return how long so many kB take on the line."""
        return self.about(kilobytes * 8 / self.megabits, 0.3)
