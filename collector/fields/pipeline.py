"""What the collector says about itself: events of kind `pipeline`, in the dataset `wideload`."""

from __future__ import annotations

from typing import Any, Final

from collector.fields.model import boolean, group, ms, number, size, string


def _events(name: str, meaning: str) -> Any:
    return number(name, meaning, origin="collector", column="Nullable(Float64)")


PIPELINE: Final = group(
    "Pipeline",
    _events("pipeline.received", "Events that arrived since the sample before: those rejected and those acknowledged."),
    _events("pipeline.rejected", "Events refused since the sample before."),
    _events("pipeline.acknowledged", "Events kept on disk since the sample before."),
    _events("pipeline.stored", "Events that the store has confirmed since the sample before."),
    _events("pipeline.dead_lettered", "Events put with the dead letters since the sample before."),
    _events("pipeline.pending", "Events that wait on disk for the store."),
    _events("pipeline.missing", "Acknowledged events that nobody has: anything but 0 is a loss."),
    ms("pipeline.oldest_age", "How long the oldest of them has waited.", origin="collector", column="Nullable(Float64)"),
    size("pipeline.spool_bytes", "The disk that waiting events take.", origin="collector"),
    number("pipeline.spool_share", "The share of the spool's cap that is used, 0 to 1.", origin="collector"),
    boolean("pipeline.is_holding", "The store does not take events.", origin="collector"),
    string("pipeline.hold_reason", "Why not.", origin="collector"),
    number("pipeline.insert_failures", "Inserts that failed since the sample before, to be tried again.", origin="collector"),
    size("pipeline.memory", "The collector's resident memory.", origin="collector"),
    string("pipeline.collector", "Which collector: host and process.", origin="collector"),
    string("pipeline.refused_what", "Of a refusal (kind = refusal): event, beacon, attribute or connection.", origin="collector"),
    string("pipeline.refused_reason", "Of a refusal: why.", origin="collector"),
    string("pipeline.refused_dataset", "Of a refusal: the dataset that was written to, where it is known.", origin="collector"),
    _events("pipeline.refused", "Of a refusal: how many since the sample before."),
)  # fmt: skip
