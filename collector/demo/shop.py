"""What the demo shop consists of: pages, releases, third parties. Three of them are planted troubles for newcomers to find."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

HOST: Final = "shop.example"
IMAGES: Final = "img.shop.example"
#: The planted heavy third party, on product pages of visitors who allow advertising.
HEAVY_HOST: Final = "tags.adloom.example"
HEAVY_SCRIPT: Final = f"https://{HEAVY_HOST}/v3/tag.js"
HEAVY_SHARE: Final = 0.45
OTHER_HOSTS: Final = ("fonts.letterbox.example", "stats.tally.example", "pay.kontor.example")
#: The planted bad release.
BAD_RELEASE: Final = "2.8.0"

HOUR: Final = 3_600_000
DAY: Final = 24 * HOUR


@dataclass(frozen=True, slots=True)
class Page:
    """One sort of page.

    Args:
        route: the template of its path; `{}` in `path` is filled with one of `instances`.
        share: of all views.
        hero_kb: the size of the image that is the largest element; 0 where that is text.
        element: the largest element.
        server: time the server takes, in ms.
        work: how much script and style it has, beside a usual page.
        resources: how many files it loads.
        shift_chance, shift: how often something moves, and by how much then.
        interaction: what an interaction usually costs on a good laptop, in ms.
        targets: what people interact with; `input` means keyboard.
    """

    route: str
    path: str
    instances: int
    share: float
    hero_kb: float
    element: str
    server: float
    work: float
    resources: int
    shift_chance: float
    shift: float
    interaction: float
    targets: tuple[str, ...]


PAGES: Final = (
    Page("/", "/", 1, 0.18, 310, "section.hero>img", 120, 1.0, 46, 0.55, 0.05, 62, ("a.category-tile", "button.carousel-next")),
    Page("/category/:name", "/category/{}", 12, 0.27, 150, "li:nth-child(1)>a>img", 190, 1.1, 64, 0.6, 0.045, 92,
         ("label.filter", "select#sort", "a.product-card")),
    Page("/product/:id", "/product/{}", 60, 0.33, 240, "div.gallery>img.main", 160, 1.05, 52, 0.45, 0.035, 72,
         ("button#add-to-cart", "div.gallery>button", "select#size")),
    Page("/search", "/search", 1, 0.09, 60, "ul.results>li>a>img", 390, 1.2, 41, 0.5, 0.05, 118,
         ("form.search>input", "label.filter")),
    Page("/cart", "/cart", 1, 0.06, 0, "h1", 150, 0.8, 28, 0.3, 0.03, 80, ("button.quantity-plus", "a.checkout")),
    Page("/checkout", "/checkout", 1, 0.04, 0, "form.address>h2", 240, 0.9, 26, 0.2, 0.02, 88,
         ("input#street", "button#pay", "select#country")),
    Page("/help/:topic", "/help/{}", 8, 0.03, 0, "article>p", 70, 0.6, 16, 0.15, 0.02, 40, ("summary", "a.topic")),
)  # fmt: skip
CATEGORIES: Final = ("shoes", "jackets", "bags", "watches", "hats", "shirts", "denim", "kids", "sport", "home", "gifts", "sale")
TOPICS: Final = ("delivery", "returns", "sizes", "payment", "gift-cards", "account", "repairs", "contact")


def path_of(page: Page, instance: int) -> str:
    """Return the path of one of a page's instances."""
    if page.route == "/category/:name":
        return page.path.format(CATEGORIES[instance])
    if page.route == "/help/:topic":
        return page.path.format(TOPICS[instance])
    return page.path.format(1001 + 7 * instance)


@dataclass(frozen=True, slots=True)
class Releases:
    """When which release was live; times in epoch ms, in order."""

    starts: tuple[tuple[int, str], ...]

    def at(self, time: int) -> str:
        """Return the release that was live."""
        return next(version for start, version in reversed(self.starts) if start <= time)

    @property
    def bad(self) -> tuple[int, int]:
        """Start and end of the planted bad release."""
        index = [version for _, version in self.starts].index(BAD_RELEASE)
        return self.starts[index][0], self.starts[index + 1][0]


def plan_releases(now: int, days: float) -> Releases:
    """Return the shop's releases of the last `days`; the bad one was live for 30 hours, about two days ago."""
    if days >= 4:
        # Counted from midnight, so that seeding again on the same day changes nothing.
        today = now - now % DAY
        begin, end = today - 60 * HOUR, today - 30 * HOUR
    else:
        hour = now - now % HOUR
        begin, end = hour - int(days * 0.6 * DAY), hour - int(days * 0.3 * DAY)
    return Releases(((0, "2.7.1"), (begin - int(days * 0.3 * DAY), "2.7.2"), (begin, BAD_RELEASE), (end, "2.8.1")))
