"""Acked beacons per second with the events in Kafka, beside the same collector with its spool of files, in turn.

Each collector has core 0 and loads its store meanwhile; wrk has core 1. It needs brokers, `--brokers HOST:PORT`, and makes topics
there; what they take of the machine is theirs.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
import time
from pathlib import Path
from typing import Final

from confluent_kafka.admin import AdminClient
from confluent_kafka.cimpl import NewTopic

from bench.ingest import CONNECTIONS, FIELDS, ROUNDS, body, load
from bench.running import Running, collector, need

PARTITIONS: Final = 6


def make_topic(address: str) -> str:
    """Make a topic for this run, without replicas, and return its name."""
    name = f"bench-{time.time_ns()}"
    client = AdminClient({"bootstrap.servers": address})
    client.create_topics([NewTopic(name, PARTITIONS, 1)])[name].result(20)
    return name


def check_all_stored(running: Running) -> None:
    """Every acknowledged beacon must be a row in the end."""
    end = time.monotonic() + 120
    while running.count() < running.metric("wideload_events_acknowledged_total") and time.monotonic() < end:
        time.sleep(0.5)
    assert running.count() == running.metric("wideload_events_acknowledged_total")


def compare(address: str, fields: int) -> None:
    """Measure one size of beacon and print."""
    rates: dict[str, list[tuple[float, float]]] = {"files": [], "Kafka": []}
    spool = {"WIDELOAD_SPOOL": f"kafka://{address}/{make_topic(address)}"}
    with tempfile.TemporaryDirectory() as folder, collector(core=0) as files, collector(core=0, environment=spool) as kafka:
        path = Path(folder) / "beacon.json"
        path.write_bytes(body(fields))
        for _ in range(ROUNDS):
            for name, running in (("files", files), ("Kafka", kafka)):
                rates[name].append(load(running.url, path))
                check_all_stored(running)
    print(f"acknowledged beacons of {fields} fields, {len(body(fields)):,} bytes; one core, {CONNECTIONS} connections")
    for name, found in rates.items():
        rate, p99 = (statistics.median(one[i] for one in found) for i in (0, 1))
        print(f"  {name:<6} {rate:>8,.0f} /s   p99 {p99:.0f} ms")
    ratio = statistics.median(b[0] / a[0] for a, b in zip(rates["files"], rates["Kafka"], strict=True))
    print(f"  ratio  {ratio:>8.2f}")


def main() -> None:
    """Measure and print."""
    need("wrk")
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--brokers", required=True, help="HOST:PORT of one of them")
    brokers = parser.parse_args().brokers
    for fields in FIELDS:
        compare(brokers, fields)


if __name__ == "__main__":
    main()
