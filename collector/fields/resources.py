"""What the page loaded: totals on the row, and lists by type, by third-party host, and one by one."""

from __future__ import annotations

from typing import Final

from collector.fields.model import (
    RESOURCE,
    Field,
    boolean,
    booleans,
    group,
    ms,
    number,
    numbers,
    size,
    sizes,
    string,
    strings,
)  # fmt: skip

RESOURCES: Final = group(
    "Resources",
    number("resource.count", "Resources that the page loaded until this snapshot.", source=RESOURCE),
    size("resource.transfer_size", "Their bytes over the network.", source=RESOURCE),
    ms("resource.duration", "Their durations, added up.", source=RESOURCE),
    number("resource.cached_count", "Those from the browser's cache.", source=RESOURCE),
    number("resource.blocking_count", "Those that kept the page from rendering.", source=RESOURCE),
    number("resource.failed_count", "Those that failed.", source=RESOURCE),
    number("resource.third_party_count", "Those from other hosts.", source=RESOURCE),
    size("resource.third_party_transfer_size", "Their bytes over the network, where the host allows to tell.", source=RESOURCE),
    ms("resource.slowest_duration", "The slowest resource's duration.", source=RESOURCE),
    string("resource.slowest_host", "The slowest resource's host.", high=253, source=RESOURCE),
    boolean("resource.buffer_overflow", "The browser's buffer for resource timings was full, so some are missing.",
            source=RESOURCE),
    number("resource.dropped_count", "Resources that the waterfall leaves out.", source=RESOURCE),
)  # fmt: skip

WATERFALL: Final = group(
    "Waterfall",
    strings("resources.host", "The resources, by their start: the host.", source=RESOURCE),
    strings("resources.path", "The path, without query.", source=RESOURCE, privacy="page", holds="address"),
    strings("resources.initiator", "What asked for it: script, link, img, css, fetch, …", source=RESOURCE),
    numbers("resources.start", "When its load began, since the view's start.", unit="ms", source=RESOURCE),
    numbers("resources.duration", "How long its load took.", unit="ms", source=RESOURCE),
    numbers("resources.ttfb", "From its start to its first byte; unknown where the host hides it.", unit="ms", source=RESOURCE),
    sizes("resources.transfer_size", "Bytes over the network; unknown where the host hides them.", source=RESOURCE),
    numbers("resources.status", "The HTTP status, where known.", high=999, whole=True, source=RESOURCE),
    strings("resources.protocol", "The network protocol, such as h2 or h3.", source=RESOURCE),
    booleans("resources.blocking", "It kept the page from rendering.", source=RESOURCE),
    booleans("resources.cached", "It came from the browser's cache.", source=RESOURCE),
)  # fmt: skip


def _totals(name: str, first: str) -> tuple[Field, ...]:
    return (
        strings(f"{name}.name", first, source=RESOURCE),
        numbers(f"{name}.count", "How many there were.", source=RESOURCE),
        numbers(f"{name}.duration", "Their durations, added up.", unit="ms", source=RESOURCE),
        sizes(f"{name}.transfer_size", "Their bytes over the network.", source=RESOURCE),
        numbers(f"{name}.cached_count", "Those from the browser's cache.", source=RESOURCE),
        numbers(f"{name}.blocking_count", "Those that kept the page from rendering.", source=RESOURCE),
        numbers(f"{name}.failed_count", "Those that failed.", source=RESOURCE),
    )


RESOURCE_TOTALS: Final = group(
    "Resource totals",
    *_totals("resource_types", "The resources by what asked for them: script, link, img, css, fetch, …"),
    *_totals("resource_hosts", "The resources of other hosts, by host, the one that took most time first."),
)
