"""The status page as an RSS feed, and as badges."""

from __future__ import annotations

from datetime import UTC, datetime
from email.utils import format_datetime
from typing import Final
from xml.etree.ElementTree import Element, SubElement, tostring

from collector.status.page import NOTICE_WORDS, WORDS, Page, clock_text, duration
from collector.status.spans import State

_COLOURS: Final = {State.UP: "#0b7243", State.DEGRADED: "#8f5200", State.DOWN: "#c0272d", State.UNKNOWN: "#5d6675"}
_MOST_ITEMS: Final = 100


def render_feed(page: Page) -> bytes:
    """Return what the operator has said, and outages, the newest first."""
    rss = Element("rss", version="2.0")
    channel = SubElement(rss, "channel")
    _text(channel, "title", page.file.title)
    _text(channel, "link", page.file.url or "https://localhost/")
    _text(channel, "description", page.file.description or page.file.title)
    _text(channel, "lastBuildDate", _date(page.made_at))
    items: list[tuple[float, str, str, str]] = []
    for notice in page.file.notices:
        for update in notice.updates:
            words = f"{NOTICE_WORDS[notice.state]}: {notice.title}"
            items.append((update.at, words, update.text, f"notice {notice.title} {update.at:.0f}"))
    for one in page.components:
        for number, span in enumerate(one.outages):
            is_on = not number and one.state is State.DOWN
            title = f"{one.component.title} is down" if is_on else f"{one.component.title} was down"
            lasted = f"From {clock_text(span.start)}, for {duration(span.end - span.start)}."
            text = f"Since {clock_text(span.start)}." if is_on else lasted
            items.append((span.start, title, text, f"outage {one.component.slug} {span.start:.0f}"))
    for at, title, text, id_ in sorted(items, reverse=True)[:_MOST_ITEMS]:
        item = SubElement(channel, "item")
        _text(item, "title", title)
        _text(item, "description", text)
        _text(item, "pubDate", _date(at))
        _text(item, "guid", id_).set("isPermaLink", "false")
        if page.file.url:
            _text(item, "link", page.file.url + "/")
    return bytes(tostring(rss, encoding="utf-8", xml_declaration=True))


def render_badge(label: str, state: State) -> bytes:
    """Return a small picture with a label and the word of a state."""
    word = WORDS[state].lower()
    left, right = _width(label), _width(word)
    svg = Element("svg", {"xmlns": "http://www.w3.org/2000/svg", "width": str(left + right), "height": "20", "role": "img",
                          "aria-label": f"{label}: {word}"})  # fmt: skip
    _text(svg, "title", f"{label}: {word}")
    for x, width, colour, text in ((0, left, "#434b58", label), (left, right, _COLOURS[state], word)):
        SubElement(svg, "rect", x=str(x), width=str(width), height="20", fill=colour)
        place = {"x": str(x + width / 2), "y": "14", "fill": "#fff", "text-anchor": "middle", "font-size": "11",
                 "font-family": "Verdana, DejaVu Sans, sans-serif", "textLength": str(width - 12)}  # fmt: skip
        SubElement(svg, "text", place).text = text
    return bytes(tostring(svg, encoding="utf-8"))


def _width(text: str) -> int:
    """Return how wide a text is about: `textLength` makes it so."""
    return 12 + round(6.6 * len(text))


def _date(moment: float) -> str:
    return format_datetime(datetime.fromtimestamp(moment, UTC), usegmt=True)


def _text(parent: Element, tag: str, text: str) -> Element:
    element = SubElement(parent, tag)
    # XML has no characters for these, escaped or not.
    element.text = "".join(c for c in text if c in "\n\t" or c >= " ")
    return element
