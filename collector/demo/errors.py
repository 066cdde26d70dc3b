"""The errors of the demo shop: events of their own (kind = error), and their counts on the page view."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID
from zlib import crc32

from collector.demo import shop
from collector.demo.conditions import Conditions, Fields

_APP: Final = f"https://{shop.HOST}/assets/app.js"
#: What an error event has of its page view.
_SHARED: Final = ("page.url", "page.host", "page.path", "page.route", "service.name", "service.version", "beacon.version")


@dataclass(frozen=True, slots=True)
class Trouble:
    """One kind of error.

    Args:
        count: the field of the page view that counts it, beside `also`.
        source: its `error.source`.
        chance: of a page view that can have it.
        fields: what the browser tells of it.
        route: only on this route.
        also: another field that counts it.
    """

    count: str
    source: str
    chance: float
    fields: Fields
    route: str = ""
    also: str = ""

    @property
    def fingerprint(self) -> str:
        """The same for errors that look the same."""
        text = "".join(str(self.fields.get(name)) for name in ("exception.type", "exception.message", "error.url"))
        return f"{crc32((self.source + text).encode()):08x}"


def _thrown(type_: str, message: str, function: str, line: int, column: int, url: str = _APP) -> Fields:
    return {
        "exception.type": type_,
        "exception.message": message,
        "exception.stacktrace": f"{type_}: {message}\n    at {function} ({url}:{line}:{column})\n    at flush ({url}:1:48211)",
        "error.url": url,
        "error.line": line,
        "error.column": column,
    }


#: The bad release throws on product pages.
_PRICE: Final = Trouble(
    "error.count", "exception", 0.11,
    _thrown("TypeError", "Cannot read properties of undefined (reading 'price')", "renderPrice", 1, 20483), "/product/:id",
)  # fmt: skip
_BLOCKED: Final = Trouble(
    "error.csp_count", "csp-violation", 0.04,
    {"exception.message": "script-src-elem", "error.url": f"https://cdn.{shop.HEAVY_HOST}/pixel.js"}, "/product/:id",
)  # fmt: skip
_ANYWHERE: Final = (
    Trouble("error.count", "unhandled-rejection", 0.012, _thrown("TypeError", "Failed to fetch", "loadCart", 1, 9127),
            also="error.rejection_count"),
    Trouble("error.count", "exception", 0.006, _thrown("RangeError", "Invalid time value", "formatDate", 1, 15202)),
    Trouble("error.resource_count", "resource", 0.01, {"error.url": f"https://{shop.IMAGES}/product/missing.avif",
            "error.element": "ul.similar>li>img"}, "/product/:id"),
    Trouble("error.extension_count", "exception", 0.008,
            {**_thrown("ReferenceError", "chromeRuntime is not defined", "inject", 12, 7, "chrome-extension://abcdefgh/inject.js"),
             "error.from_extension": True}),
)  # fmt: skip


def errors(c: Conditions, view: dict[str, Any]) -> tuple[list[dict[str, Any]], Fields]:
    """Return the errors of a page view as events, and what its row counts of them."""
    events, counts = list[dict[str, Any]](), dict.fromkeys(("error.count", "error.rejection_count", "error.resource_count"), 0)
    for trouble in _possible(c):
        if c.random.random() < trouble.chance and trouble.route in ("", c.page.route):
            times = 1 + int(c.random.expovariate(1.2))
            events.append(_event(c, view, trouble, times))
            for name in filter(None, (trouble.count, trouble.also)):
                counts[name] = counts.get(name, 0) + times
    return events, counts


def _possible(c: Conditions) -> list[Trouble]:
    return [*([_PRICE] if c.bad_release else ()), *([_BLOCKED] if c.heavy_tag else ()), *_ANYWHERE]


def _event(c: Conditions, view: dict[str, Any], trouble: Trouble, times: int) -> dict[str, Any]:
    return {
        "id": str(UUID(int=c.random.getrandbits(128), version=4)),
        "kind": "error",
        "time": view["time"] + int(view["page.age"] * c.random.uniform(0.1, 0.9)),
        "revision": times - 1,
        "sample_rate": 1,
        "view.id": view["id"],
        **{name: view[name] for name in _SHARED},
        "error.source": trouble.source,
        "error.fingerprint": trouble.fingerprint,
        "error.occurrences": times,
        **trouble.fields,
    }
