"""What the status page says, before it is HTML, JSON, a feed or a badge. Pure."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from collector.status.file import Component, Notice, StatusFile
from collector.status.record import DAY
from collector.status.record import Day as Spans
from collector.status.spans import Span, State, Summary, across_checks, at, outages, summarize

DAYS: Final = 90
WORDS: Final = {State.UP: "Operational", State.DEGRADED: "Degraded", State.DOWN: "Down", State.UNKNOWN: "No data"}
NOTICE_WORDS: Final = {
    "investigating": "Investigating", "identified": "Identified", "monitoring": "Monitoring", "maintenance": "Maintenance",
    "resolved": "Resolved",
}  # fmt: skip
#: Outages that are told one by one; shorter ones count all the same.
_TOLD_SECONDS: Final = 60.0
_TOLD_DAYS: Final = 14


@dataclass(frozen=True, slots=True)
class DayView:
    """One day of a component.

    Attributes:
        day: its first second in UTC.
        summary: how much of it was what.
        state: `down`, `degraded`, `up`, `little` (too little data) or `none` (no data).
    """

    day: int
    summary: Summary
    state: str

    @property
    def text(self) -> str:
        """Return it as a sentence."""
        date, summary = day_text(self.day), self.summary
        if not summary.measured:
            return f"{date}: no data"
        known = f"{duration(summary.measured)} of {duration(summary.total)} measured"
        fact = f"down for {duration(summary.down)}" if summary.down else "no outage"
        if not summary.has_enough:
            return f"{date}: too little data ({known}), {fact}"
        degraded = f", degraded for {duration(summary.degraded)}" if summary.degraded else ""
        return f"{date}: {fact}{degraded}, {percent(summary)}"


@dataclass(frozen=True, slots=True)
class ComponentView:
    """A component as the page shows it; `outages` are those of the last days that are worth a line, the newest first."""

    component: Component
    state: State
    days: tuple[DayView, ...]
    summary: Summary
    outages: tuple[Span, ...]


@dataclass(frozen=True, slots=True)
class Page:
    """The page; `made_at` in epoch seconds."""

    file: StatusFile
    made_at: float
    components: tuple[ComponentView, ...]

    @property
    def state(self) -> State:
        """Return the worst state of all."""
        return max(one.state for one in self.components)

    @property
    def headline(self) -> str:
        """Return how all of it is."""
        down = [one.component.title for one in self.components if one.state is State.DOWN]
        if down:
            return f"{down[0]} is down" if len(down) == 1 else f"{len(down)} of {len(self.components)} components are down"
        if self.state is State.DEGRADED:
            return "Some components are degraded"
        if any(one.state is State.UNKNOWN for one in self.components):
            return "Nothing is measured now" if self.state is State.UNKNOWN else "What is measured now works"
        return "Everything works"

    @property
    def open_notices(self) -> list[Notice]:
        """Return what is not over."""
        return [one for one in self.file.notices if one.state != "resolved"]

    @property
    def past_notices(self) -> list[Notice]:
        """Return what is over and not too long ago."""
        since = self.made_at - DAYS * DAY
        return [one for one in self.file.notices if one.state == "resolved" and one.updates[0].at >= since]


def build_page(file: StatusFile, day_of: Callable[[int], Spans], now: float) -> Page:
    """Return the page.

    Args:
        file: what the operator has named.
        day_of: returns the spans of all checks on a day, given as its first second.
        now: epoch seconds.
    """
    today = int(now // DAY) * DAY
    days = [today - number * DAY for number in range(DAYS - 1, -1, -1)]
    return Page(file, now, tuple(_component(one, days, day_of, now) for one in file.components))


def _component(component: Component, days: Sequence[int], day_of: Callable[[int], Spans], now: float) -> ComponentView:
    views, told, spans = [], list[Span](), list[Span]()
    for day in days:
        spans = across_checks(found for name, found in day_of(day).items() if component.has(name))
        summary = summarize(spans, day, min(day + DAY, now))
        views.append(DayView(day, summary, _judge(summary)))
        if day > now - _TOLD_DAYS * DAY:
            told = _joined([*told, *outages(spans)])
    # The days before the first that anything is known of are not held against it.
    first = next((number for number, view in enumerate(views) if view.summary.measured), len(views))
    summary = sum((view.summary for view in views[first:]), Summary())
    worth = tuple(span for span in reversed(told) if span.end - span.start >= _TOLD_SECONDS)
    return ComponentView(component, at(spans, now - 1), tuple(views), summary, worth)


def _judge(summary: Summary) -> str:
    if not summary.measured:
        return "none"
    # An outage is an outage, however little is known besides.
    if summary.down:
        return "down"
    if not summary.has_enough:
        return "little"
    return "degraded" if summary.degraded else "up"


def _joined(spans: list[Span]) -> list[Span]:
    """Return outages, with one over midnight as one."""
    joined: list[Span] = []
    for span in spans:
        if joined and joined[-1].end == span.start:
            joined[-1] = Span(joined[-1].start, span.end, span.state)
        else:
            joined.append(span)
    return joined


def as_json(page: Page) -> dict[str, Any]:
    """Return the page for programs."""
    return {
        "title": page.file.title,
        "made_at": moment_text(page.made_at),
        "state": page.state.name.lower(),
        "headline": page.headline,
        "components": [_component_json(one) for one in page.components],
        "notices": [
            {"title": one.title, "state": one.state, "components": list(one.components),
             "updates": [{"at": moment_text(update.at), "text": update.text} for update in one.updates]}
            for one in page.file.notices
        ],
    }  # fmt: skip


def _component_json(one: ComponentView) -> dict[str, Any]:
    return {
        "title": one.component.title,
        "state": one.state.name.lower(),
        "uptime_percent": one.summary.percent,
        "measured_seconds": round(one.summary.measured),
        "total_seconds": round(one.summary.total),
        "days": [
            {"day": datetime.fromtimestamp(day.day, UTC).date().isoformat(), "state": day.state,
             "uptime_percent": day.summary.percent, "down_seconds": round(day.summary.down),
             "degraded_seconds": round(day.summary.degraded),
             "measured_seconds": round(day.summary.measured)}
            for day in one.days
        ],
    }  # fmt: skip


def percent(summary: Summary) -> str:
    """Write an uptime: `99.98 %`, and `100 %` only where nothing was down."""
    value = summary.percent
    return "–" if value is None else "100 %" if value == 100 else f"{value:.2f} %"


def coverage(summary: Summary) -> str:
    """Write how much of the time was measured, never rounded up."""
    share = int(1000 * summary.measured / summary.total) / 10 if summary.total else 0
    return f"{share:g} %"


def duration(seconds: float) -> str:
    """Write a span: `40 s`, `12 min`, `2 h 5 min`, `24 h`."""
    if seconds < 60:
        return f"{max(1, round(seconds))} s"
    minutes = int(seconds // 60)
    if minutes < 60:
        return f"{minutes} min"
    return f"{minutes // 60} h" + (f" {minutes % 60} min" if minutes % 60 else "")


def day_text(day: float) -> str:
    """Write a day: `20 Nov 2026`."""
    date = datetime.fromtimestamp(day, UTC)
    return f"{date.day} {date:%b %Y}"


def clock_text(moment: float) -> str:
    """Write a moment: `20 Nov 2026, 10:05 UTC`."""
    return f"{day_text(moment)}, {datetime.fromtimestamp(moment, UTC):%H:%M} UTC"


def moment_text(moment: float) -> str:
    """Write a moment for programs."""
    return datetime.fromtimestamp(moment, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
