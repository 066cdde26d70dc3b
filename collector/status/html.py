"""The status page as HTML. Built as a tree, so a text can never become markup; no script, and no style but one file."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final
from xml.etree.ElementTree import Element, SubElement, tostring

from collector.status.file import Notice
from collector.status.page import (
    DAYS,
    NOTICE_WORDS,
    WORDS,
    ComponentView,
    Page,
    clock_text,
    coverage,
    duration,
    moment_text,
    percent,
)
from collector.status.spans import Span, State

_CLASSES: Final = {State.UP: "up", State.DEGRADED: "degraded", State.DOWN: "down", State.UNKNOWN: "none"}
#: A shape beside each word, for who sees fewer colours: a disc, a square, a triangle, a ring.
_SHAPES: Final = {
    State.UP: "M6 1a5 5 0 1 1 0 10A5 5 0 0 1 6 1Z",
    State.DEGRADED: "M1.6 1.6h8.8v8.8H1.6Z",
    State.DOWN: "M6 .9 11.6 11H.4Z",
    State.UNKNOWN: "M6 1a5 5 0 1 1 0 10A5 5 0 0 1 6 1Zm0 2a3 3 0 1 0 0 6a3 3 0 0 0 0-6Z",
}
#: Of one bar, in units of the drawing.
_BAR, _GAP, _HEIGHT = 7, 3, 34
#: Where a bar begins and how high it is, by the state of the day.
_BARS: Final = {"down": (0, _HEIGHT + 6), "none": (_HEIGHT - 8, 8), "little": (_HEIGHT - 17, 17)}


def render_html(page: Page) -> bytes:
    """Return the page."""
    html = Element("html", lang="en")
    head = SubElement(html, "head")
    SubElement(head, "meta", charset="utf-8")
    SubElement(head, "meta", name="viewport", content="width=device-width, initial-scale=1")
    if page.file.description:
        SubElement(head, "meta", name="description", content=page.file.description)
    _text(head, "title", f"{page.headline} – {page.file.title}")
    SubElement(head, "link", rel="stylesheet", href="status.css")
    SubElement(head, "link", {"rel": "alternate", "type": "application/rss+xml", "title": page.file.title, "href": "feed.xml"})
    main = SubElement(SubElement(html, "body"), "main")
    _text(main, "h1", page.file.title)
    if page.file.description:
        _text(main, "p", page.file.description, "lead")
    banner = SubElement(main, "p", {"class": f"banner {_CLASSES[page.state]}", "role": "status"})
    _judged(banner, page.headline, page.state)
    for notice in page.open_notices:
        _notice(main, notice, is_open=True)
    section = _section(main, "Components")
    for one in page.components:
        _component(section, one)
    if page.past_notices:
        section = _section(main, f"Notices of the last {DAYS} days")
        for notice in page.past_notices:
            _notice(section, notice, is_open=False)
    _footer(main, page)
    text = tostring(html, encoding="unicode", method="html")
    return f"<!doctype html>\n{text}\n".encode()


def _component(parent: Element, one: ComponentView) -> None:
    article = SubElement(parent, "article", {"class": "component", "id": one.component.slug})
    head = SubElement(article, "header")
    _text(head, "h3", one.component.title)
    _judged(SubElement(head, "p", {"class": f"state {_CLASSES[one.state]}"}), WORDS[one.state], one.state)
    if one.component.description:
        _text(article, "p", one.component.description, "note")
    _bars(article, one)
    foot = SubElement(article, "p", {"class": "scale"})
    _text(foot, "span", f"{DAYS} days ago")
    _text(foot, "span", _uptime(one), "uptime")
    _text(foot, "span", "today")
    if one.outages:
        _outages(article, one.outages, one.state is State.DOWN)


def _uptime(one: ComponentView) -> str:
    if not one.summary.measured:
        return "not measured yet"
    known = "" if one.summary.measured >= one.summary.total else f", {coverage(one.summary)} of the time measured"
    return f"{percent(one.summary)} uptime{known}"


def _bars(parent: Element, one: ComponentView) -> None:
    width = len(one.days) * (_BAR + _GAP) - _GAP
    bad = sum(day.state == "down" for day in one.days)
    label = f"{one.component.title}: {_uptime(one)}; {bad} {'day' if bad == 1 else 'days'} with an outage in {DAYS} days"
    box = {"viewBox": f"0 0 {width} {_HEIGHT + 6}", "preserveAspectRatio": "none"}
    svg = SubElement(parent, "svg", box | {"role": "img", "aria-label": label, "class": "bars"})
    for number, day in enumerate(one.days):
        # What was down reaches below the line, and what is not known does not reach its height.
        top, height = _BARS.get(day.state, (0, _HEIGHT))
        place = {"x": str(number * (_BAR + _GAP)), "y": str(top), "width": str(_BAR), "height": str(height), "rx": "2"}
        _text(SubElement(svg, "rect", place | {"class": f"day {day.state}"}), "title", day.text)


def _outages(parent: Element, outages: Sequence[Span], is_down: bool) -> None:
    details = SubElement(parent, "details")
    _text(details, "summary", "Outages of the last 14 days")
    items = SubElement(details, "ul")
    for number, span in enumerate(outages):
        lasts = f"since {clock_text(span.start)}" if is_down and not number else f"for {duration(span.end - span.start)}"
        item = SubElement(items, "li")
        _time(item, span.start)
        item[-1].tail = f": down {lasts}"


def _notice(parent: Element, notice: Notice, *, is_open: bool) -> None:
    article = SubElement(parent, "article", {"class": "notice open" if is_open else "notice"})
    about = f" · {', '.join(notice.components)}" if notice.components else ""
    _text(article, "h2" if is_open else "h3", notice.title)
    _text(article, "p", NOTICE_WORDS[notice.state] + about, "note")
    for update in notice.updates:
        paragraph = SubElement(article, "p")
        _time(paragraph, update.at)
        paragraph[-1].tail = f" – {update.text}"


def _footer(parent: Element, page: Page) -> None:
    footer = SubElement(parent, "footer")
    line = SubElement(footer, "p")
    line.text = "As of "
    _time(line, page.made_at)
    line[-1].tail = ". Days begin at midnight UTC. A day of which less than half was measured has a short bar, and says so."
    links = SubElement(footer, "p")
    for number, (name, title) in enumerate((("feed.xml", "RSS feed"), ("status.json", "JSON"), ("badge.svg", "Badge"))):
        if number:
            links[-1].tail = " · "
        _text(links, "a", title).set("href", name)


def _section(parent: Element, title: str) -> Element:
    section = SubElement(parent, "section")
    _text(section, "h2", title)
    return section


def _judged(parent: Element, word: str, state: State) -> None:
    svg = SubElement(parent, "svg", {"viewBox": "0 0 12 12", "class": "shape", "aria-hidden": "true"})
    SubElement(svg, "path", {"d": _SHAPES[state], "fill-rule": "evenodd"})
    _text(parent, "span", word)


def _time(parent: Element, moment: float) -> None:
    _text(parent, "time", clock_text(moment)).set("datetime", moment_text(moment))


def _text(parent: Element, tag: str, text: str, class_: str = "") -> Element:
    element = SubElement(parent, tag, {"class": class_} if class_ else {})
    element.text = text
    return element
