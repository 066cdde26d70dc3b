"""Who visits the demo shop: countries with their clocks and networks, browsers with their headers and habits."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, Literal

#: What each engine can measure decides which fields a view has. https://web.dev/articles/vitals-tools
Engine = Literal["chromium", "webkit", "gecko"]


@dataclass(frozen=True, slots=True)
class Country:
    """Where visitors come from.

    Args:
        code: ISO 3166.
        share: of all visitors.
        hours_ahead: of UTC.
        time_zone, language: what their browsers say.
        round_trip: to the shop's servers, in ms.
        megabits: of a usual line, each second.
        connect_factor: how many times longer than a round trip it takes to connect.
    """

    code: str
    share: float
    hours_ahead: int
    time_zone: str
    language: str
    round_trip: float
    megabits: float
    connect_factor: float = 1.0


#: The planted slow country: far from the servers, and its networks lose packets while they connect.
SLOW_COUNTRY: Final = Country("BR", 0.08, -3, "America/Sao_Paulo", "pt-BR", 235, 7, connect_factor=1.6)
COUNTRIES: Final = (
    Country("DE", 0.26, 1, "Europe/Berlin", "de-DE", 28, 22),
    Country("US", 0.20, -5, "America/New_York", "en-US", 62, 26),
    Country("GB", 0.13, 0, "Europe/London", "en-GB", 32, 20),
    Country("FR", 0.11, 1, "Europe/Paris", "fr-FR", 30, 22),
    Country("PL", 0.08, 1, "Europe/Warsaw", "pl-PL", 38, 16),
    Country("NL", 0.06, 1, "Europe/Amsterdam", "nl-NL", 24, 28),
    Country("JP", 0.05, 9, "Asia/Tokyo", "ja-JP", 88, 30),
    Country("AU", 0.03, 10, "Australia/Sydney", "en-AU", 105, 18),
    SLOW_COUNTRY,
)


@dataclass(frozen=True, slots=True)
class Screen:
    """A screen, the viewport in it, and its pixel ratio."""

    width: int
    height: int
    viewport_height: int
    ratio: float


@dataclass(frozen=True, slots=True)
class Agent:
    """One browser on one sort of device.

    Args:
        name: for people.
        share: among its kind.
        engine: what decides which fields it can fill.
        user_agent: the header.
        hints: the client-hint headers.
        mobile: by kind of device.
        slowness: how much longer than on a good laptop a script takes; one is drawn for each view.
        screens: one is drawn for each view.
        memory: GiB, beside each `slowness`, where the browser tells.
        cores: logical processors.
        interacts: people use it.
    """

    name: str
    share: float
    engine: Engine
    user_agent: str
    mobile: bool
    slowness: tuple[float, ...]
    screens: tuple[Screen, ...]
    cores: int
    memory: tuple[int, ...] = ()
    hints: Mapping[str, str] = field(default_factory=dict, hash=False)
    interacts: bool = True


def _hints(brand: str, version: int, platform: str, *, mobile: bool = False) -> dict[str, str]:
    return {
        "sec-ch-ua": f'"Not=A?Brand";v="24", "Chromium";v="{version}", "{brand}";v="{version}"',
        "sec-ch-ua-mobile": "?1" if mobile else "?0",
        "sec-ch-ua-platform": f'"{platform}"',
    }


_LAPTOPS: Final = (Screen(1920, 1080, 945, 1), Screen(1536, 864, 730, 1.25), Screen(2560, 1440, 1305, 1), Screen(1366, 768, 641, 1))
_MACS: Final = (Screen(1440, 900, 789, 2), Screen(1728, 1117, 992, 2), Screen(2560, 1440, 1298, 1))
_IPHONES: Final = (Screen(390, 844, 664, 3), Screen(393, 852, 659, 3), Screen(430, 932, 740, 3))
_ANDROIDS: Final = (Screen(412, 915, 785, 2.625), Screen(360, 800, 664, 3), Screen(384, 854, 712, 2.8125))
_KHTML: Final = "AppleWebKit/537.36 (KHTML, like Gecko) Chrome"

AGENTS: Final = (
    Agent("Chrome on Windows", 0.46, "chromium", f"Mozilla/5.0 (Windows NT 10.0; Win64; x64) {_KHTML}/143.0.0.0 Safari/537.36",
          False, (0.9, 1.0, 1.3, 2.1), _LAPTOPS, 8, (16, 8, 8, 4), _hints("Google Chrome", 143, "Windows")),
    Agent("Edge on Windows", 0.16, "chromium",
          f"Mozilla/5.0 (Windows NT 10.0; Win64; x64) {_KHTML}/143.0.0.0 Safari/537.36 Edg/143.0.0.0",
          False, (1.0, 1.2, 1.6), _LAPTOPS, 8, (16, 8, 8), _hints("Microsoft Edge", 143, "Windows")),
    Agent("Chrome on macOS", 0.16, "chromium", f"Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) {_KHTML}/142.0.0.0 Safari/537.36",
          False, (0.7, 0.8), _MACS, 10, (16, 16), _hints("Google Chrome", 142, "macOS")),
    Agent("Safari on macOS", 0.12, "webkit",
          "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/26.2 Safari/605.1.15",
          False, (0.7, 0.8), _MACS, 8),
    Agent("Firefox on Windows", 0.08, "gecko", "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:146.0) Gecko/20100101 Firefox/146.0",
          False, (1.0, 1.3), _LAPTOPS, 8),
    Agent("a robot", 0.02, "chromium", "Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko; compatible; Googlebot/2.1; "
          "+http://www.google.com/bot.html) Chrome/143.0.0.0 Safari/537.36",
          False, (0.8,), (Screen(1024, 768, 768, 1),), 4, interacts=False),
    Agent("Chrome on Android", 0.45, "chromium", f"Mozilla/5.0 (Linux; Android 10; K) {_KHTML}/143.0.0.0 Mobile Safari/537.36",
          True, (1.3, 1.7, 2.3, 3.4), _ANDROIDS, 8, (8, 8, 4, 2), _hints("Google Chrome", 143, "Android", mobile=True)),
    Agent("Safari on iPhone", 0.40, "webkit", "Mozilla/5.0 (iPhone; CPU iPhone OS 18_7 like Mac OS X) AppleWebKit/605.1.15 "
          "(KHTML, like Gecko) Version/26.2 Mobile/15E148 Safari/604.1", True, (0.9, 1.1, 1.5), _IPHONES, 6),
    Agent("Samsung Internet", 0.10, "chromium",
          "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) SamsungBrowser/29.0 Chrome/136.0.0.0 "
          "Mobile Safari/537.36", True, (1.5, 2.2), _ANDROIDS, 8, (8, 4), _hints("Samsung Internet", 29, "Android", mobile=True)),
    Agent("Chrome on an Android tablet", 0.05, "chromium", f"Mozilla/5.0 (Linux; Android 10; K) {_KHTML}/143.0.0.0 Safari/537.36",
          True, (1.6, 2.4), (Screen(800, 1280, 1150, 2),), 8, (4, 4), _hints("Google Chrome", 143, "Android")),
)  # fmt: skip
