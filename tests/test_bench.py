"""What the measurements send is what the collector accepts."""

from __future__ import annotations

from pathlib import Path

import orjson

from bench.events import full_event
from bench.ingest import body
from bench.scale import VIEWS, Figures, need, table
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


def test_the_page_on_scale_has_the_table_that_is_printed() -> None:
    page = (Path(__file__).parents[1] / "docs" / "scale.md").read_text()

    assert table(VIEWS, Figures()) in page


def test_what_is_needed_grows_with_the_page_views() -> None:
    needs = [need(views, Figures()) for views in VIEWS]

    assert needs == sorted(needs, key=lambda one: (one.beacons, one.cores, one.disk, one.price))
    assert [one.shards > 0 for one in needs] == [False, False, True, True, True]
