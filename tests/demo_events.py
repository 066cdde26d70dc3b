"""The demo's traffic as it is stored."""

from __future__ import annotations

from collections.abc import Iterator

from asking import NOW

from collector.config import IngestLimits
from collector.demo.traffic import traffic
from collector.events import Event
from collector.ingest.decode import decode_event
from collector.ingest.enrich import enrich
from collector.ingest.user_agent import Hints, describe


def arrived(views: int) -> Iterator[Event]:
    """Yield the demo's events as ingest hands them on."""
    for view in traffic(NOW * 1000, 7, views, 1):
        hints = ("sec-ch-ua", "sec-ch-ua-mobile", "sec-ch-ua-platform")
        facts = describe(Hints(view.agent.user_agent, *(view.agent.hints.get(name, "") for name in hints)))
        event = decode_event(view.event, IngestLimits())
        enrich(event, facts, None, NOW * 1000)
        yield event
