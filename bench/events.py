"""Believable page views for measurements, and events in which every field that a sender may fill is filled."""

from __future__ import annotations

from collections.abc import Callable
from random import Random
from typing import Any, Final
from uuid import UUID

from bench.resources import resource_lists
from collector.events import Event
from collector.fields import FIELDS

#: When the first event happens; each later one follows by a tenth of a second.
START_MS: Final = 1_790_000_000_000

_ROUTES: Final = ("/", "/search", "/product/:id", "/category/:name", "/cart", "/checkout", "/account", "/help/:topic")
_REFERRERS: Final = ("www.google.com", "duckduckgo.com", "news.example.net", "shop.example.com", "t.example.org")
_COUNTRIES: Final = ("DE", "US", "FR", "GB", "PL", "BR", "IN", "JP", "AU", "ZA")
_LANGUAGES: Final = ("de-DE", "en-US", "fr-FR", "en-GB", "pl-PL", "pt-BR", "hi-IN", "ja-JP", "en-AU", "en-ZA")
_ZONES: Final = ("Europe/Berlin", "America/New_York", "Europe/Paris", "Europe/London", "Europe/Warsaw")
_SCREENS: Final = ((1920, 1080, 1.0), (2560, 1440, 2.0), (390, 844, 3.0), (412, 915, 2.625), (1440, 900, 2.0))
_ELEMENTS: Final = ("main>section.hero>img", "article>h1.title", "div.product>picture>img.large", "header>div.banner")
_TARGETS: Final = ("button#buy", "nav>ul>li>a.menu", "form.search>input", "div.filter>label.option", "a.next")
_STATES: Final = ("loading", "dom-interactive", "dom-content-loaded", "complete")


def page_view(number: int) -> Event:
    """Return the `number`-th page view as a sender puts it into a beacon; the same number gives the same event."""
    random = Random(number)
    return {
        "id": str(UUID(int=random.getrandbits(128), version=4)),
        "kind": "page_view",
        "time": START_MS + number * 100,
        "revision": number % 3,
        "sample_rate": 1,
        **_page(random),
        **_navigation(random),
        **_vitals(random),
        **_device(random),
        "beacon.version": "0.1.0",
        "beacon.trigger": random.choice(("hidden", "pagehide")),
    }


def full_event(number: int) -> Event:
    """Return the `number`-th page view with every other field filled too, also those of errors, and with all lists."""
    random = Random(-number)
    fill = {"string": lambda: f"text-{random.randrange(40)}", "number": lambda: _ms(random, 90) % 1, "boolean": lambda: True}
    rest = {field.name: fill[field.type]() for field in FIELDS if field.origin == "sender" and field.type in fill}
    counts = {field.name: random.randrange(9) for field in FIELDS if field.origin == "sender" and field.whole}
    return {**rest, **counts, **resource_lists(random), **page_view(number)}


def stored_event(number: int, dataset: str = "bench", made: Callable[[int], Event] = full_event) -> Event:
    """Return the `number`-th event as the loader hands it to a store."""
    event = made(number)
    return {
        **event,
        "dataset": dataset,
        "ts": event["time"] + 12,
        "received_at": event["time"] + 30_000,
        "clock.skew": 12.0,
        "clock.state": "ok",
        "browser.name": ("Chrome", "Safari", "Firefox", "Edge")[number % 4],
        "browser.version": str(140 + number % 9),
        "os.name": ("Windows", "iOS", "Android", "macOS")[number % 4],
        "os.version": str(10 + number % 8),
        "device.type": ("desktop", "mobile")[number % 2],
        "device.manufacturer": ("Apple", "Samsung", "Google")[number % 3],
        "device.model.name": f"Model {number % 40}",
        "user_agent.is_bot": False,
        "attrs_string": {"plan": ("free", "pro", "team")[number % 3], "experiment": f"hero-{number % 5}"},
        "attrs_number": {"cart.value": float(number % 500)},
        "attrs_bool": {"logged_in": number % 2 == 0},
    }


def _page(random: Random) -> dict[str, Any]:
    route = random.choice(_ROUTES)
    path = route.replace(":id", str(random.randrange(5000))).replace(":name", f"shelf-{random.randrange(60)}")
    path = path.replace(":topic", f"topic-{random.randrange(30)}")
    referrer = random.choice(_REFERRERS)
    return {
        "page.url": f"https://shop.example.com{path}",
        "page.host": "shop.example.com",
        "page.path": path,
        "page.route": route,
        "page.referrer": f"https://{referrer}/",
        "page.referrer_host": referrer,
        "page.hidden_at_start": random.random() < 0.05,
        "page.visible_time": _ms(random, 40_000),
        "page.age": _ms(random, 60_000),
        "session.id": f"{random.getrandbits(64):016x}",
        "service.name": "shop",
        "service.version": f"2026.{random.randrange(1, 48)}.0",
    }


def _navigation(random: Random) -> dict[str, Any]:
    marks = (
        "redirect_start", "redirect_end", "worker_start", "fetch_start", "domain_lookup_start", "domain_lookup_end",
        "connect_start", "secure_connection_start", "connect_end", "request_start", "first_interim_response_start",
        "final_response_headers_start", "response_start", "unload_event_start", "unload_event_end", "response_end",
        "dom_interactive", "dom_content_loaded_event_start", "dom_content_loaded_event_end", "dom_complete",
        "load_event_start", "load_event_end",
    )  # fmt: skip
    at, event = 0.0, {}
    for mark in marks:
        at += _ms(random, 90)
        event[f"navigation.{mark}"] = round(at, 1)
    size = random.randrange(8_000, 90_000)
    return {
        **event,
        "navigation.type": random.choice(("navigate", "reload", "back-forward")),
        "navigation.activation_start": _ms(random, 20),
        "navigation.duration": round(at, 1),
        "navigation.redirect_count": random.randrange(2),
        "navigation.transfer_size": size + 300,
        "navigation.encoded_body_size": size,
        "navigation.decoded_body_size": size * 4,
        "navigation.response_status": 200,
        "navigation.next_hop_protocol": random.choice(("h2", "h3", "http/1.1")),
        "navigation.content_encoding": random.choice(("br", "gzip")),
        "navigation.delivery_type": random.choice(("cache", "navigational-prefetch")),
        "navigation.confidence": "high",
    }


def _vitals(random: Random) -> dict[str, Any]:
    ttfb, fcp = _ms(random, 600), _ms(random, 900)
    parts = [_ms(random, 300) for _ in range(6)]
    return {
        "ttfb.value": ttfb,
        "ttfb.waiting_duration": parts[0],
        "ttfb.cache_duration": parts[1],
        "ttfb.dns_duration": parts[2],
        "ttfb.connection_duration": parts[3],
        "ttfb.request_duration": parts[4],
        "fp.value": round(ttfb + fcp * 0.95, 1),
        "fcp.value": round(ttfb + fcp, 1),
        "fcp.time_to_first_byte": ttfb,
        "fcp.time_since_first_byte": fcp,
        "fcp.load_state": random.choice(_STATES),
        "lcp.value": round(ttfb + fcp + sum(parts[:3]), 1),
        "lcp.element": random.choice(_ELEMENTS),
        "lcp.url": f"https://cdn.example.com/img/{random.randrange(900)}.avif",
        "lcp.time_to_first_byte": ttfb,
        "lcp.resource_load_delay": parts[0],
        "lcp.resource_load_duration": parts[1],
        "lcp.element_render_delay": parts[2],
        "cls.value": round(random.expovariate(12), 4),
        "cls.largest_shift_target": random.choice(_ELEMENTS),
        "cls.largest_shift_time": _ms(random, 2_000),
        "cls.largest_shift_value": round(random.expovariate(20), 4),
        "cls.load_state": random.choice(_STATES),
        "inp.value": round(sum(parts[3:]), 1),
        "inp.interaction_target": random.choice(_TARGETS),
        "inp.interaction_type": random.choice(("pointer", "keyboard")),
        "inp.interaction_time": _ms(random, 9_000),
        "inp.next_paint_time": _ms(random, 9_000),
        "inp.input_delay": parts[3],
        "inp.processing_duration": parts[4],
        "inp.presentation_delay": parts[5],
        "inp.load_state": random.choice(_STATES),
        "inp.script.url": f"https://shop.example.com/assets/app.{random.randrange(20):08x}.js",
        "inp.script.function": random.choice(("onClick", "update", "render", "dispatch")),
        "inp.script.invoker": random.choice(("BUTTON#buy.onclick", "DOMWindow.onkeydown", "A.next.onclick")),
        "inp.script.duration": parts[4],
        "inp.script.subpart": random.choice(("input-delay", "processing-duration", "presentation-delay")),
        "inp.total_script_duration": parts[4],
        "inp.total_style_and_layout_duration": _ms(random, 20),
        "inp.total_paint_duration": _ms(random, 9),
        "inp.total_unattributed_duration": _ms(random, 6),
        "resource.count": random.randrange(12, 140),
        "resource.transfer_size": random.randrange(90_000, 4_000_000),
        "resource.third_party_count": random.randrange(30),
        "resource.third_party_transfer_size": random.randrange(900_000),
        "resource.slowest_duration": _ms(random, 900),
        "resource.slowest_host": random.choice(("cdn.example.com", "ads.example.net", "shop.example.com")),
    }


def _device(random: Random) -> dict[str, Any]:
    place = random.randrange(len(_COUNTRIES))
    width, height, ratio = random.choice(_SCREENS)
    return {
        "geo.country.iso_code": _COUNTRIES[place],
        "browser.webdriver": False,
        "browser.language": _LANGUAGES[place],
        "browser.time_zone": random.choice(_ZONES),
        "browser.width": width,
        "browser.height": height - 120,
        "browser.color_scheme": random.choice(("light", "dark")),
        "browser.reduced_motion": random.random() < 0.04,
        "screen.width": width,
        "screen.height": height,
        "screen.pixel_ratio": ratio,
        "screen.orientation": "portrait-primary" if width < height else "landscape-primary",
        "device.memory": random.choice((2, 4, 8)),
        "device.cores": random.choice((2, 4, 8, 12)),
        "network.effective_type": random.choice(("3g", "4g")),
        "network.type": random.choice(("wifi", "cellular")),
        "network.rtt": 50.0 * random.randrange(1, 8),
        "network.downlink": random.choice((1.4, 5.2, 10.0)),
        "network.save_data": random.random() < 0.03,
    }


def _ms(random: Random, mean: float) -> float:
    return round(random.expovariate(1 / mean), 1)
