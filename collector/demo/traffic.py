"""Days of believable page views of a shop, from a seed. Pure: the same seed and hour give the same views with the same ids.

Traffic is made hour by hour, so that seeding again fills in only what has passed since; the store keeps one row an id.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from random import Random
from typing import Any, Final, TypeVar
from uuid import UUID

from collector.demo import shop
from collector.demo.conditions import Conditions, Fields
from collector.demo.errors import errors
from collector.demo.shop import DAY, HEAVY_SHARE, HOST, HOUR, PAGES, Page, Releases, path_of
from collector.demo.timings import change_route, load_page, restore_page
from collector.demo.visitors import AGENTS, COUNTRIES, Agent, Country

#: Ingest moves events that are older than seven days; the rest is room for slow clocks and long runs.
MAX_DAYS: Final = 6.9
#: How busy each hour of a visitor's day is.
_RHYTHM: Final = (14, 8, 5, 4, 4, 7, 16, 32, 48, 60, 68, 72, 76, 70, 66, 66, 70, 78, 88, 100, 104, 92, 62, 32)
#: How busy each day is, from Thursday, as the epoch began on one.
_WEEK: Final = (1.0, 0.95, 1.15, 1.3, 1.05, 1.0, 0.95)
_MEAN: Final = sum(_RHYTHM) / 24 * sum(_WEEK) / 7
_PHONES: Final = [agent for agent in AGENTS if agent.mobile]
_COMPUTERS: Final = [agent for agent in AGENTS if not agent.mobile]
#: A visitor looks at so many more pages, on average; `views` are divided by it. Fewer do who have to wait: so many less a second.
_MORE_PAGES: Final = 0.62
_LOST_A_SECOND: Final = 0.06
_MEAN_PAGES: Final = 2.08
#: Where those go who have something in mind, so many of them.
_NEXT: Final = {"/product/:id": ("/cart", 0.22), "/cart": ("/checkout", 0.6)}
#: Of the pages that were loaded to the end, so many show another route afterwards without loading another page.
_SOFT_SHARE: Final = 0.12
_PLANS: Final = ("free", "plus", "business")
T = TypeVar("T", Page, Agent)


@dataclass(frozen=True, slots=True)
class View:
    """One page view: the event as a sender makes it, and the browser whose headers go with it.

    Args:
        agent: the browser.
        event: the page view.
        others: what came of it: its errors, and the views that the page made of itself.
    """

    agent: Agent
    event: dict[str, Any]
    others: tuple[dict[str, Any], ...] = ()


def traffic(now: int, days: float, views: int, seed: int) -> Iterator[View]:
    """Yield about so many page views of the last days, in the order of their hours.

    Args:
        now: epoch ms; no view ends later.
        days: how far back, at most `MAX_DAYS`.
        views: how many, over a week's ups and downs.
        seed: another one is another week.
    """
    days = min(days, MAX_DAYS)
    start = now - int(days * DAY)
    releases = shop.plan_releases(now, days)
    per_hour = views / (days * 24) / _MEAN_PAGES
    for hour in range(start // HOUR, now // HOUR + 1):
        random = Random(f"{seed}/{hour}")
        busy = [country.share * _busy(country, hour) for country in COUNTRIES]
        count = int(per_hour * sum(busy) / _MEAN + random.random())
        cumulative = list(itertools.accumulate(busy))
        for _ in range(count):
            for view in _session(Random(random.getrandbits(64)), hour, cumulative, releases):
                last = view.others[-1] if view.others else view.event
                if start <= view.event["time"] and last["time"] + last.get("page.age", 0) <= now:
                    yield view


def _busy(country: Country, hour: int) -> float:
    local = hour + country.hours_ahead
    return _RHYTHM[local % 24] * _WEEK[local // 24 % 7]


def _session(random: Random, hour: int, countries: Sequence[float], releases: Releases) -> Iterator[View]:
    """Yield what a visitor looks at, one page after the other: the slower the pages, the sooner it ends."""
    country = random.choices(COUNTRIES, cum_weights=countries)[0]
    evening = (hour + country.hours_ahead) % 24 >= 18
    mobile = random.random() < (0.66 if evening else 0.52)
    agent = _pick(random, _PHONES if mobile else _COMPUTERS)
    choice = random.randrange(len(agent.slowness))
    visitor = _Visitor(random, country, agent, mobile, choice, f"{random.getrandbits(128):032x}")
    page, at, number = _pick(random, PAGES), hour * HOUR + random.randrange(HOUR), 1
    fields: Fields = {}
    while True:
        view, fields = _view(visitor, page, at, number, releases.at(at), fields)
        yield view
        waited = view.event.get("lcp.value", 1500) / 1000
        if not agent.interacts or random.random() > max(0.1, _MORE_PAGES - _LOST_A_SECOND * waited):
            return
        after = [view.event, *(one for one in view.others if one["kind"] == "page_view")][-1]
        at, number = int(after["time"] + after.get("page.age", 0)) + 1, after["view.number"] + 1
        page = _next_page(random, page)


def _next_page(random: Random, page: Page) -> Page:
    route, share = _NEXT.get(page.route, ("", 0.0))
    if random.random() < share:
        return next(one for one in PAGES if one.route == route)
    return _pick(random, PAGES)


@dataclass(frozen=True, slots=True)
class _Visitor:
    random: Random
    country: Country
    agent: Agent
    mobile: bool
    choice: int
    session: str


def _view(visitor: _Visitor, page: Page, at: int, number: int, release: str, known: Fields) -> tuple[View, Fields]:
    """Return a page view, and what stays the same in the visitor's next ones; `known` is that of the one before."""
    random, country, agent, mobile, choice = visitor.random, visitor.country, visitor.agent, visitor.mobile, visitor.choice
    inside = number > 1 or random.random() < 0.2
    conditions = Conditions(
        random, page, agent, country,
        slowness=agent.slowness[choice],
        round_trip=country.round_trip * random.lognormvariate(0.5 if mobile else 0.1, 0.35),
        megabits=country.megabits * random.lognormvariate(-0.6 if mobile else 0.0, 0.6),
        reused=inside and random.random() < 0.8,
        bad_release=release == shop.BAD_RELEASE,
        heavy_tag=page.route == "/product/:id" and random.random() < HEAVY_SHARE,
        stay=_stay(random),
    )  # fmt: skip
    kind = _navigation_type(random, inside)
    timings = restore_page(conditions) if kind == "back-forward-cache" else load_page(conditions)
    same = known or {"session.id": visitor.session, **_device(random, conditions, choice), **_custom(random)}
    sender = {"service.name": "shop", "service.version": release, **same}
    event = {
        **_identity(random, at, number),
        "navigation.type": kind,
        **_page(random, page, conditions, inside, kind),
        **timings,
        **sender,
        **_beacon(random, conditions),
    }
    others, counts = errors(conditions, event)
    if "navigation.duration" in timings and agent.interacts and random.random() < _SOFT_SHARE:
        others.append(_soft_view(conditions, event, sender))
    return View(agent, event | counts, tuple(others)), same


def _soft_view(before: Conditions, event: dict[str, Any], sender: Fields) -> dict[str, Any]:
    """Return the view that the page makes of itself when the visitor goes on without loading another one."""
    random = before.random
    c = replace(before, page=_pick(random, PAGES), heavy_tag=False, reused=True, stay=_stay(random))
    return {
        **_identity(random, event["time"] + int(event["page.age"]) + 1, event["view.number"] + 1),
        "view.previous_id": event["id"],
        "navigation.type": "soft-navigation" if c.agent.engine == "chromium" else "route-change",
        **_page(random, c.page, c, True, ""),
        **change_route(c),
        **sender,
        **_beacon(random, c),
        "beacon.trigger": "route",
    }


def _identity(random: Random, at: int, number: int) -> Fields:
    id_ = str(UUID(int=random.getrandbits(128), version=4))
    return {"id": id_, "kind": "page_view", "time": at, "revision": 0, "sample_rate": 1, "view.number": number}


def _beacon(random: Random, c: Conditions) -> Fields:
    return {
        "beacon.version": "0.1.0",
        "beacon.trigger": "pagehide" if random.random() < 0.6 else "hidden",
        "beacon.transport": "fetch-later" if c.agent.engine == "chromium" else "send-beacon",
    }


def _stay(random: Random) -> int:
    """Return how long a visitor looks at a page, in tenths of a ms."""
    return max(8_000, round(random.lognormvariate(12.4, 1.1)))


def _pick(random: Random, among: Sequence[T]) -> T:
    return random.choices(among, weights=[one.share for one in among])[0]


def _navigation_type(random: Random, inside: bool) -> str:
    chance = random.random()
    if chance < 0.04:
        return "reload"
    if inside and chance < 0.14:
        return "back-forward-cache"
    return "back-forward" if chance < 0.18 else "navigate"


def _page(random: Random, page: Page, c: Conditions, inside: bool, kind: str) -> Fields:
    # Some pages are far more popular than others.
    instance = int(page.instances * random.random() ** 2)
    path = path_of(page, instance)
    fields: Fields = {
        "page.url": f"https://{HOST}{path}",
        "page.host": HOST,
        "page.path": path,
        "page.route": page.route,
        "page.age": c.stay / 10,
    }
    if kind != "back-forward-cache":
        fields["page.hidden_at_start"] = False
    host = HOST if inside else random.choice(("", "www.google.com", "www.google.com", "news.letterbox.example"))
    if host:
        fields |= {"page.referrer": f"https://{host}/", "page.referrer_host": host}
    if host == "news.letterbox.example":
        fields |= {"campaign.source": "letterbox", "campaign.medium": "email", "campaign.name": f"week-{random.randrange(40, 44)}"}
    return fields


def _device(random: Random, c: Conditions, choice: int) -> Fields:
    screen = random.choice(c.agent.screens)
    mobile = c.agent.mobile
    fields: Fields = {
        "geo.country.iso_code": c.country.code,
        "browser.webdriver": False,
        "browser.language": c.country.language if random.random() < 0.85 else "en-US",
        "browser.time_zone": c.country.time_zone,
        "browser.width": screen.width,
        "browser.height": screen.viewport_height,
        "browser.color_scheme": "dark" if random.random() < 0.3 else "light",
        "browser.reduced_motion": random.random() < 0.03,
        "screen.width": screen.width,
        "screen.height": screen.height,
        "screen.pixel_ratio": screen.ratio,
        "screen.orientation": "portrait-primary" if mobile else "landscape-primary",
        "device.cores": c.agent.cores,
    }
    if c.agent.engine == "chromium":
        fields |= _connection(random, c)
        if c.agent.memory:
            fields["device.memory"] = c.agent.memory[choice]
    return fields


def _connection(random: Random, c: Conditions) -> Fields:
    slow = c.megabits < 1.5 or c.round_trip > 450
    fields: Fields = {
        "network.effective_type": "3g" if slow else "4g",
        # Rounded as browsers do, so that nobody is told apart by it.
        "network.rtt": min(3000, 50 * max(1, round(c.round_trip / 50))),
        "network.downlink": min(10, round(c.megabits * 20) / 20),
        "network.save_data": random.random() < (0.06 if c.agent.mobile else 0.005),
    }
    if c.agent.mobile:
        fields["network.type"] = "wifi" if random.random() < 0.6 else "cellular"
    return fields


def _custom(random: Random) -> Fields:
    """Return attributes of the site's own."""
    logged_in = random.random() < 0.42
    fields: Fields = {"logged_in": logged_in, "experiment": random.choice(("control", "one-page-checkout"))}
    fields["cart.items"] = int(random.expovariate(1.2))
    fields["plan"] = random.choices(_PLANS, (70, 24, 6))[0] if logged_in else "guest"
    return fields
