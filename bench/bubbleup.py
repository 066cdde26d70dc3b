"""How often BubbleUp puts a planted cause first, by how strong the cause is, and how often it sees one where there is none.

    python -m bench.bubbleup [--sets 10] [--none 60]

Makes data sets of page views: log-normal LCP (σ 0.4), releases, countries, browsers, devices, attributes. In each one a cause makes
LCP a few times longer: a value of one field, values of two fields together, a number above a threshold, or a rare attribute. Beside
it are decoys that follow the cause in 70 % of the events. The slowest tenth is selected. A set counts as found if the finding names
exactly the fields of the cause. Fewer events tell less: the weaker causes are tried with five times as many, too.
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Callable
from random import Random
from typing import Any, Final

from collector.query.bubbleup.selection import parse_bubbleup
from collector.query.engine import QueryEngine
from collector.store.base import Attribute
from collector.store.chdb import ChdbStore

NOW: Final = 1_794_823_200
#: By the number of page views of a set: how many times longer the cause makes LCP.
STRENGTHS: Final = {2_000: (3.0, 2.0, 1.7, 1.5, 1.35, 1.2), 10_000: (1.5, 1.35, 1.2, 1.1)}
Event = dict[str, Any]
_RELEASES: Final = ("4.1", "4.2", "4.3", "4.4", "4.5", "4.6")
_COUNTRIES: Final = ("DE", "US", "FR", "BR", "JP", "IN", "GB", "NL")
_ATTRIBUTES: Final = tuple(f"flag.{number}" for number in range(8))

#: By kind: the fields of the cause, and whether an event has it.
CAUSES: Final[dict[str, tuple[set[str], Callable[[Event], bool]]]] = {
    "one field": ({"service.version"}, lambda event: event["service.version"] == "4.2"),
    "two fields together": (
        {"browser.name", "geo.country.iso_code"},
        lambda event: event["browser.name"] == "Safari" and event["geo.country.iso_code"] == "DE",
    ),
    "a number above a threshold": ({"cart.items"}, lambda event: event["attrs_number"]["cart.items"] >= 18),
    "a rare attribute": ({"coupon"}, lambda event: "coupon" in event["attrs_string"]),
}


def views(random: Random, rows: int, slow: Callable[[Event], bool], factor: float) -> list[Event]:
    """Return page views of which those with the cause are slower by the factor."""
    events = []
    for _ in range(rows):
        event: Event = {
            "kind": "page_view",
            "revision": 1,
            "sample_rate": 1,
            "service.version": random.choice(_RELEASES),
            "geo.country.iso_code": random.choices(_COUNTRIES, (8, 6, 3, 3, 2, 2, 2, 1))[0],
            "browser.name": random.choices(("Chrome", "Safari", "Firefox", "Edge"), (6, 4, 1, 1))[0],
            "device.memory": random.choice((2, 4, 8, 16)),
            "page.route": random.choice(("/", "/search", "/product/:id", "/cart", "/checkout")),
            "network.rtt": 50 * random.randrange(1, 12),
            "resource.transfer_size": round(random.lognormvariate(13, 0.6)),
            "attrs_string": {name: random.choice(("a", "b", "c")) for name in _ATTRIBUTES},
            "attrs_number": {"cart.items": float(random.randrange(20))},
        }
        if random.random() < 0.04:
            event["attrs_string"]["coupon"] = random.choice(("SPRING", "AUTUMN"))
        has_cause = slow(event)
        for name in ("decoy.1", "decoy.2"):
            event["attrs_string"][name] = str(has_cause if random.random() < 0.7 else random.random() < 0.2)
        event["lcp.value"] = round(1200 * random.lognormvariate(0, 0.4) * (factor if has_cause else 1), 1)
        events.append(event)
    return events


class Sets:
    """Data sets in one store, asked one after another."""

    def __init__(self, store: ChdbStore) -> None:
        self._store, self._made = store, 0
        self._engine = QueryEngine(store, now=lambda: NOW)

    def ask(self, slow: Callable[[Event], bool], factor: float, rows: int) -> dict[str, Any]:
        """Return what BubbleUp says of a new data set."""
        self._made += 1
        dataset, random = f"set {self._made}", Random(self._made)
        events = views(random, rows, slow, factor)
        for number, event in enumerate(events):
            time = (NOW - random.randrange(1, 7000)) * 1000
            event |= {"id": f"e{number}", "dataset": dataset, "ts": time, "time": time, "received_at": time}
        self._store.insert(events)
        names = {("string", name) for event in events for name in event["attrs_string"]} | {("number", "cart.items")}
        self._store.add_attributes([Attribute(dataset, name, type_) for type_, name in sorted(names)])
        question = {"query": {"dataset": dataset}, "selection": {"column": "lcp.value", "min": "P90"}}
        return self._engine.bubbleup(parse_bubbleup(question))


def found(answer: dict[str, Any], columns: set[str]) -> bool:
    """Return whether the finding is about exactly these fields."""
    finding = answer["finding"]
    return finding is not None and {condition["column"] for condition in finding["conditions"]} == columns


def main() -> None:
    """Print the share of data sets in which the cause was found, by kind and strength, and of false findings."""
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--sets", type=int, default=10, help="data sets of each kind and strength")
    arguments.add_argument("--none", type=int, default=60, help="data sets without a cause")
    options = arguments.parse_args()
    with tempfile.TemporaryDirectory(prefix="wideload-bench-") as folder:
        store = ChdbStore(folder)
        store.migrate()
        sets = Sets(store)
        for rows, strengths in STRENGTHS.items():
            print(f"{rows:,} page views; LCP longer by".ljust(36) + "".join(f"{factor:8g}x" for factor in strengths))
            for kind, (columns, slow) in CAUSES.items():
                shares = []
                for factor in strengths:
                    hits = sum(found(sets.ask(slow, factor, rows), columns) for _ in range(options.sets))
                    shares.append(f"{100 * hits / options.sets:7.0f} %")
                print(f"{kind:36}" + "".join(shares), flush=True)
            silent = sum(sets.ask(lambda _: False, 1, rows)["finding"] is None for _ in range(options.none))
            print(f"without a cause, nothing stands out in {silent} of {options.none}", flush=True)
        store.close()


if __name__ == "__main__":
    main()
