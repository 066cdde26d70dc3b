"""What a page of the demo shop loads: the waterfall, its totals by type and by third-party host, and the fields of the row.

A page has some 45 resources, so most of the demo's time goes by here: resources are plain tuples, and times whole tenths of a
millisecond until they are written down.
"""

from __future__ import annotations

import functools
from collections.abc import Iterable
from random import Random
from typing import Any, Final, NamedTuple

from collector.demo import shop
from collector.demo.conditions import Conditions, Fields

#: The rows that the beacon keeps of a waterfall.
MOST: Final = 100
#: These hosts don't send `Timing-Allow-Origin`: only start and duration are known.
#: https://www.w3.org/TR/resource-timing/#sec-timing-allow-origin
_HIDDEN: Final = frozenset({shop.HEAVY_HOST, "stats.tally.example"})
_OWN: Final = frozenset({shop.HOST, shop.IMAGES})
_COLUMNS: Final = (
    "start", "duration", "host", "path", "initiator", "ttfb", "transfer_size", "status", "protocol", "blocking", "cached",
)  # fmt: skip

#: The values of `_COLUMNS` for one resource.
Item = tuple[int, int, str, str, str, int | None, int | None, int | None, str, bool, bool]


class Asset(NamedTuple):
    """One file of a page: where it is, who asks for it, its size in kB, and when it is found after the first byte, in ms."""

    host: str
    path: str
    initiator: str
    kilobytes: float
    found: float
    blocking: bool = False


_SHELL: Final = (
    Asset(shop.HOST, "/assets/shop.css", "link", 34, 8, True),
    Asset(shop.HOST, "/assets/vendor.js", "script", 148, 9),
    Asset(shop.HOST, "/assets/app.js", "script", 96, 10),
    Asset(shop.HOST, "/assets/logo.svg", "img", 3, 22),
    Asset("fonts.letterbox.example", "/v2/inter-400.woff2", "css", 24, 95),
    Asset("fonts.letterbox.example", "/v2/inter-650.woff2", "css", 25, 96),
    Asset("stats.tally.example", "/t.js", "script", 11, 180),
    Asset(shop.HOST, "/api/session", "fetch", 1, 260),
    Asset(shop.HOST, "/api/cart", "fetch", 2, 270),
)
_LATE: Final = (Asset("stats.tally.example", "/e", "beacon", 0.4, 900),)
_OF_ROUTE: Final = {
    "/search": (Asset(shop.HOST, "/assets/search.js", "script", 41, 12), Asset(shop.HOST, "/api/search", "fetch", 18, 210)),
    "/checkout": (Asset("pay.kontor.example", "/sdk/v2.js", "script", 63, 40), Asset(shop.HOST, "/api/order", "fetch", 3, 320)),
    "/product/:id": (Asset(shop.HOST, "/api/reviews", "fetch", 9, 380), Asset(shop.HOST, "/api/similar", "fetch", 6, 395)),
}


@functools.cache
def assets(page: shop.Page) -> tuple[Asset, ...]:
    """Return what a page loads on every visit, as many files as it says: the shell of the shop, its own data, and pictures."""
    fixed = (*_SHELL, *_OF_ROUTE.get(page.route, ()))
    folder = page.route.strip("/").partition("/")[0] or "home"
    pictures = range(page.resources - len(fixed) - len(_LATE))
    images = [Asset(shop.IMAGES, f"/{folder}/{n:02}.avif", "img", 6 + 3 * (n % 5), 120 + 14 * n) for n in pictures]
    return (*fixed, *images, *_LATE)


def waterfall(c: Conditions, first_byte: int, hero: tuple[str, int, int] | None, initiators: Iterable[str] = ()) -> list[Item]:
    """Return what was loaded when the visitor left, by start.

    Args:
        c: the conditions.
        first_byte: of the page, in tenths of a ms.
        hero: path, start and duration (in tenths of a ms) of the largest image, as LCP has them.
        initiators: only what these ask for, and nothing of it from a cache; all where there are none.
    """
    random, items = Random(c.random.getrandbits(64)).random, list[Item]()
    chromium, status = c.agent.engine == "chromium", None if c.agent.engine == "webkit" else 200
    work, trip, line = c.slowness * c.page.work, c.round_trip, 8 / c.megabits
    if hero:
        path, start, duration = hero
        wait, size = min(duration, int(trip * 11)), int(c.page.hero_kb * 1000)
        items.append((start, duration, shop.IMAGES, path, "img", wait, size, status, "h2", False, False))
    for host, path, initiator, kilobytes, found, blocking in assets(c.page):
        if initiators and initiator not in initiators:
            continue
        start = first_byte + int(found * work * (8 + 4 * random()))
        if c.reused and not initiators and host in _OWN and initiator != "fetch" and random() < 0.8:
            item = (start, int(10 + 30 * random()), host, path, initiator, 4, 0, status, "h2", blocking and chromium, True)
        else:
            # Of the line it has a part, which what is loaded at the same time shares.
            server = c.page.server * 6 if initiator == "fetch" else 0
            duration = int(trip * (10 + 6 * random()) + kilobytes * line * (10 + 10 * random()) + server)
            known = (min(duration, int(trip * 11 + server)), int(kilobytes * 1000) + 300, status, "h2")
            facts = (None, None, None, "") if host in _HIDDEN else known
            item = (start, duration, host, path, initiator, *facts, blocking and chromium, False)
        items.append(item)
    if c.heavy_tag:
        items += _heavy(c, first_byte)
    return [item for item in sorted(items) if item[0] + item[1] <= c.stay][:MOST]


def _heavy(c: Conditions, first_byte: int) -> list[Item]:
    """Return the planted third party: a tag that loads more, one after the other."""
    at, items = first_byte + int(3000 * c.slowness), list[Item]()
    for number in range(c.random.randrange(13, 23)):
        duration = int((c.round_trip + (1500 if number == 1 else 90)) * (7 + 8 * c.random.random()))
        path, initiator = ("/v3/tag.js", "script") if not number else (f"/v3/bid/{number}", "fetch" if number % 3 else "img")
        items.append((at, duration, shop.HEAVY_HOST, path, initiator, None, None, None, "", False, False))
        at += int(400 * (1 + c.random.random()))
    return items


def describe(items: list[Item]) -> Fields:
    """Return the fields that tell of the resources: of the row, the waterfall, and totals by type and by third-party host."""
    third = [item for item in items if item[2] != shop.HOST]
    fields: Fields = {
        "resource.count": len(items),
        "resource.transfer_size": sum(item[6] or 0 for item in items),
        "resource.duration": sum(item[1] for item in items) / 10,
        "resource.cached_count": sum(item[10] for item in items),
        "resource.blocking_count": sum(item[9] for item in items),
        "resource.failed_count": 0,
        "resource.third_party_count": len(third),
        "resource.third_party_transfer_size": sum(item[6] or 0 for item in third),
    }
    if items:
        slowest = max(items, key=lambda item: item[1])
        fields |= {"resource.slowest_duration": slowest[1] / 10, "resource.slowest_host": slowest[2]}
        lists = {f"resources.{name}": list(values) for name, values in zip(_COLUMNS, zip(*items, strict=True), strict=True)}
        for name in ("resources.start", "resources.duration", "resources.ttfb"):
            lists[name] = [None if value is None else value / 10 for value in lists[name]]
        fields |= lists
    return fields | _totals("resource_types", items, 4, 20) | _totals("resource_hosts", third, 2, 30)


def _totals(name: str, items: list[Item], by: int, most: int) -> dict[str, list[Any]]:
    groups: dict[Any, list[Item]] = {}
    for item in items:
        groups.setdefault(item[by], []).append(item)
    found = sorted(((sum(item[1] for item in group), key) for key, group in groups.items()), reverse=True)[:most]
    if not found:
        return {}
    chosen = [groups[key] for _, key in found]
    return {
        f"{name}.name": [key for _, key in found],
        f"{name}.count": list(map(len, chosen)),
        f"{name}.duration": [duration / 10 for duration, _ in found],
        f"{name}.transfer_size": [_size(group) for group in chosen],
        f"{name}.cached_count": [sum(item[10] for item in group) for group in chosen],
        f"{name}.blocking_count": [sum(item[9] for item in group) for group in chosen],
        f"{name}.failed_count": [0] * len(found),
    }


def _size(items: list[Item]) -> int | None:
    """Return the bytes of those that tell; none where all are hidden."""
    sizes = [item[6] for item in items if item[6] is not None]
    return sum(sizes) if sizes else None
