"""What an installation needs, from a hundred thousand page views a day to a billion, and where it stops: arithmetic, no load.

`python -m bench.scale` prints the table of docs/scale.md. The measured figures are those of bench/README.md; the others are
assumed, and each can be changed: `python -m bench.scale --retention-days 90 --views 5000000`.
"""

from __future__ import annotations

import argparse
import math
from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from typing import Final

DAY: Final = 86_400
VIEWS: Final = (100_000, 1_000_000, 10_000_000, 100_000_000, 1_000_000_000)
GIB: Final = 1 << 30


@dataclass(frozen=True, slots=True)
class Figures:
    """What is measured, assumed and paid; times in seconds of one core, sizes in bytes."""

    # Measured.
    beacons_per_core: float = 4_700
    loaded_per_core: float = 23_400
    stored_bytes: float = 943
    beacon_bytes: float = 2_042
    overview_per_million: float = 0.64
    percentile_per_million: float = 0.085
    worker_bytes: float = 124e6
    # Assumed.
    beacons_per_view: float = 1.5
    peak: float = 3
    busy: float = 0.5
    retention_days: float = 30
    #: Up to so many page views a day one machine of four cores with the embedded store does.
    embedded_views: float = 1e6
    replicas: float = 2
    outage_hours: float = 6
    cores_per_server: float = 16
    disk_per_server: float = 4e12
    answer_seconds: float = 3
    core_price: float = 10
    terabyte_price: float = 40


@dataclass(frozen=True, slots=True)
class Need:
    """What a number of page views a day needs.

    Args:
        beacons: a second, at the peak.
        cores: of collectors, to take beacons and to load them.
        memory: of the workers.
        spool: what waits at the peak while the store is away for the assumed hours.
        disk: of the store, all replicas together.
        shards: so that the disk fits, and the Overview of a day is answered in time; 0 where the store is embedded.
        overview, percentile: seconds of the Overview of a day, and of one percentile by one field over 20 days.
        price: a month.
    """

    beacons: float
    cores: float
    memory: float
    spool: float
    disk: float
    shards: int
    overview: float
    percentile: float
    price: float


def need(views: float, by: Figures) -> Need:
    """Return what so many page views a day need."""
    beacons = views / DAY * by.peak * by.beacons_per_view
    cores = beacons / by.busy * (1 / by.beacons_per_core + 1 / by.loaded_per_core)
    is_embedded = views <= by.embedded_views
    replicas, server_cores = (1, 4.0) if is_embedded else (by.replicas, by.cores_per_server)
    disk = views * by.retention_days * by.stored_bytes * replicas
    overview = views / 1e6 * by.overview_per_million
    percentile = 20 * views / 1e6 * by.percentile_per_million
    by_disk = disk / replicas / (by.disk_per_server * by.busy)
    shards = max(1, math.ceil(max(by_disk, overview / server_cores / by.answer_seconds)))
    paid = server_cores if is_embedded else math.ceil(cores) + shards * replicas * server_cores
    return Need(
        beacons,
        cores,
        max(1, math.ceil(cores)) * by.worker_bytes,
        beacons * by.beacon_bytes * by.outage_hours * 3600,
        disk,
        0 if is_embedded else shards,
        overview / (shards * server_cores),
        percentile / (shards * server_cores),
        paid * by.core_price + disk / 1e12 * by.terabyte_price,
    )


def table(views: Sequence[float], by: Figures) -> str:
    """Return the needs as a table in Markdown."""
    heads = (
        "Page views a day", "Beacons/s at the peak", "Collector cores", "Spool for an outage", "Disk of the store",
        "Shards × replicas", "Overview of a day", "A percentile, 20 days", "A month",
    )  # fmt: skip
    lines = [f"| {' | '.join(heads)} |", f"|{' --- |' * len(heads)}"]
    for one in views:
        found = need(one, by)
        layout = f"{found.shards} × {by.replicas:g}" if found.shards else "embedded"
        cells = (
            f"{one:,.0f}", f"{found.beacons:,.0f}", f"{found.cores:,.1f}", f"{found.spool / GIB:,.1f} GiB",
            f"{found.disk / 1e9:,.0f} GB", layout, f"{found.overview:.2g} s",
            f"{found.percentile:.2g} s", f"{found.price:,.0f}",
        )  # fmt: skip
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(prog="bench.scale", description=__doc__)
    parser.add_argument("--views", type=float, nargs="*", default=VIEWS)
    for one in fields(Figures):
        parser.add_argument(f"--{one.name.replace('_', '-')}", type=float, default=one.default)
    given = vars(parser.parse_args())
    views = given.pop("views")
    print(table(views, replace(Figures(), **given)))


if __name__ == "__main__":
    main()
