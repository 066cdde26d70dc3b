"""Believable lists of a page view: its resources one by one, their totals, long scripts, and when it was visible."""

from __future__ import annotations

from random import Random
from typing import Any, Final

_OWN: Final = "shop.example.com"
_HOSTS: Final = (_OWN, _OWN, _OWN, "cdn.example.com", "fonts.example.org", "ads.example.net", "tags.example.net")
_INITIATORS: Final = {"img": "avif", "script": "js", "link": "css", "fetch": "json", "css": "woff2"}


def resource_lists(random: Random, count: int = 40) -> dict[str, list[Any]]:
    """Return all lists that an event may have, with so many resources."""
    items = sorted((_resource(random) for _ in range(count)), key=lambda item: item["start"])
    waterfall = {f"resources.{name}": [item[name] for item in items] for name in items[0]}
    return {
        **waterfall,
        **_totals("resource_types", items, "initiator"),
        **_totals("resource_hosts", [item for item in items if item["host"] != _OWN], "host"),
        **_scripts(random),
        "visibility.state": ["visible", "hidden", "visible"],
        "visibility.time": [0, 4200.5, 9000],
    }


def _resource(random: Random) -> dict[str, Any]:
    host, initiator = random.choice(_HOSTS), random.choice(list(_INITIATORS))
    duration, is_hidden = round(random.expovariate(1 / 200), 1), host.startswith("ads")
    return {
        "host": host,
        "path": f"/assets/{random.randrange(400):04x}.{_INITIATORS[initiator]}",
        "initiator": initiator,
        "start": round(random.expovariate(1 / 900), 1),
        "duration": duration,
        "ttfb": None if is_hidden else round(duration * 0.7, 1),
        "transfer_size": None if is_hidden else random.randrange(800, 300_000),
        "status": None if is_hidden else 200,
        "protocol": "" if is_hidden else "h2",
        "blocking": initiator == "link",
        "cached": random.random() < 0.2,
    }


def _totals(name: str, items: list[dict[str, Any]], by: str) -> dict[str, list[Any]]:
    groups: dict[str, list[dict[str, Any]]] = {}
    for item in items:
        groups.setdefault(item[by], []).append(item)
    return {
        f"{name}.name": list(groups),
        f"{name}.count": [len(group) for group in groups.values()],
        f"{name}.duration": [round(sum(item["duration"] for item in group), 1) for group in groups.values()],
        f"{name}.transfer_size": [sum(item["transfer_size"] or 0 for item in group) for group in groups.values()],
        f"{name}.cached_count": [sum(item["cached"] for item in group) for group in groups.values()],
        f"{name}.blocking_count": [sum(item["blocking"] for item in group) for group in groups.values()],
        f"{name}.failed_count": [0 for _ in groups],
    }


def _scripts(random: Random, count: int = 4) -> dict[str, list[Any]]:
    durations = sorted((round(random.expovariate(1 / 80), 1) for _ in range(count)), reverse=True)
    return {
        "loaf_scripts.url": [f"https://{random.choice(_HOSTS)}/assets/app.{random.randrange(20):02x}.js" for _ in durations],
        "loaf_scripts.function": [random.choice(("onClick", "update", "render", "")) for _ in durations],
        "loaf_scripts.invoker": [random.choice(("BUTTON#buy.onclick", "TimerHandler:setTimeout")) for _ in durations],
        "loaf_scripts.invoker_type": [random.choice(("event-listener", "user-callback")) for _ in durations],
        "loaf_scripts.duration": durations,
        "loaf_scripts.count": [random.randrange(1, 5) for _ in durations],
        "loaf_scripts.forced_layout_duration": [round(one * 0.2, 1) for one in durations],
    }
