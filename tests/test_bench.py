"""What the measurements send is what the collector accepts."""

from __future__ import annotations

import orjson

from bench.events import full_event
from bench.ingest import body
from collector.config import IngestLimits
from collector.fields import FIELDS
from collector.ingest.decode import decode_beacon


def test_full_events_are_accepted_and_full() -> None:
    events = [full_event(number) for number in range(100)]
    decoded = decode_beacon(orjson.dumps({"v": 1, "events": events}), IngestLimits())

    assert decoded.rejected == []
    assert set(events[0]) == {field.name for field in FIELDS if field.origin == "sender"}


def test_the_measured_beacon_has_as_many_fields_as_it_says() -> None:
    (event,) = orjson.loads(body(115))["events"]

    assert len(event) == 115
    assert event["id"] == "@@ID@@"
