"""What every event has: identity and times."""

from __future__ import annotations

from typing import Final

from collector.fields.model import Field, group, long_string, ms, number, string

EVENT: Final = group(
    "Event",
    string("id", "The event's id, made by its sender; the same id again replaces the event.", column="String", high=64, holds="id"),
    string("kind", "What the event is about: page_view, error, event, check_run, check_step, probe, …",
           column="LowCardinality(String)", high=32),
    string("dataset", "The dataset that the site key writes to.", column="LowCardinality(String)", origin="collector"),
    number("revision", "Counts the versions of an event; the highest one is kept.", column="UInt32", high=2**32 - 1, whole=True),
    number("sample_rate", "This row stands for so many events.", column="UInt32", low=1, high=1e6, whole=True),
    Field("ts", "time", "When it happened, corrected for the sender's clock and clamped to received −7 d … +5 min.",
          column="DateTime64(3, 'UTC')", codec="Delta, ZSTD(1)", origin="collector"),
    Field("time", "time", "When it happened, as the sender's clock had it.", column="DateTime64(3, 'UTC')",
          codec="Delta, ZSTD(1)", high=9.2e12, low=-2.2e12),
    Field("received_at", "time", "When the collector accepted it.", column="DateTime64(3, 'UTC')", codec="Delta, ZSTD(1)",
          origin="collector"),
    ms("clock.skew", "The collector's clock minus the sender's when the beacon was sent.", column="Nullable(Float64)",
       origin="collector"),
    string("clock.state", "ok, corrected (by clock.skew) or clamped (to the accepted range).", origin="collector"),
    long_string("view.id", "Of an error or event: the id of the page view that it happened in.", high=64, holds="id"),
    number("view.number", "Counts the views of the session; without a session, those of the document."),
    long_string("view.previous_id", "The id of the view before this one.", high=64, holds="id"),
    string("event.name", "Of an event (kind = event): what the site calls it."),
)  # fmt: skip
