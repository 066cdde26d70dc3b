"""Add what the collector knows to an event: when it really was, what sent it, from which country, on which route. Pure."""

from __future__ import annotations

from typing import Final

from collector.events import Event
from collector.ingest.shapes import fingerprint, shape_route

#: A sender's clock is believed up to here, in ms: less is network delay as much as skew, and an amended page view has to keep
#: its `ts`, which is part of its place in the table.
BELIEVED_SKEW: Final = 60_000
#: Corrections are whole minutes for the same reason: two beacons of one page view measure slightly different skews.
SKEW_STEP: Final = 60_000
#: One insert may touch at most 100 daily partitions, so one broken clock must not spread over the centuries.
OLDEST: Final = 7 * 86_400_000
NEWEST: Final = 5 * 60_000
#: Times are clamped to whole hours, so that a retry of the event, which arrives later, gets the same one.
CLAMP_STEP: Final = 3_600_000


def enrich(event: Event, facts: Event, sent_at: float | None, received_at: int) -> None:
    """Complete an event in place.

    Args:
        event: as decoded.
        facts: dataset, browser, device, country: the same for every event of a beacon.
        sent_at: the sender's clock when it sent, in epoch ms.
        received_at: ours when it arrived, in epoch ms.
    """
    event.update(facts)
    path = event.get("page.path")
    if path is not None and "page.route" not in event:
        event["page.route"] = shape_route(path)
    if event.get("kind") == "error" and "error.fingerprint" not in event:
        event["error.fingerprint"] = fingerprint(event)
    claimed = event.get("time")
    event["received_at"] = received_at
    event["time"] = int(claimed) if claimed is not None else received_at
    state = "ok"
    ts = event["time"]
    if sent_at is not None:
        skew = received_at - sent_at
        event["clock.skew"] = round(skew)
        if abs(skew) > BELIEVED_SKEW and claimed is not None:
            ts += round(skew / SKEW_STEP) * SKEW_STEP
            state = "corrected"
    if not received_at - OLDEST <= ts <= received_at + NEWEST:
        oldest = -((OLDEST - received_at) // CLAMP_STEP) * CLAMP_STEP
        newest = (received_at + NEWEST) // CLAMP_STEP * CLAMP_STEP
        ts = oldest if ts < oldest else newest
        state = "clamped"
    event["ts"] = ts
    event["clock.state"] = state
