"""Memory of the collector: idle, and after a million events through the public endpoint."""

from __future__ import annotations

import time

import httpx2
import orjson

from bench.events import page_view
from bench.running import collector

EVENTS = 1_000_000
PER_BEACON = 50


def main() -> None:
    """Measure and print."""
    with collector() as running:
        time.sleep(5)
        idle = running.memory_mb()
        peak = 0.0
        with httpx2.Client(timeout=60) as client:
            for start in range(0, EVENTS, PER_BEACON):
                events = [page_view(n) | {"time": int(time.time() * 1000) - n} for n in range(start, start + PER_BEACON)]
                body = orjson.dumps({"v": 1, "events": events})
                client.post(f"{running.url}/v1/beacon/demo", content=body).raise_for_status()
                if start % 20_000 == 0:
                    peak = max(peak, running.memory_mb())
        while running.metric("wideload_events_pending"):
            time.sleep(0.5)
        assert running.count() == EVENTS
        time.sleep(5)
        after = running.memory_mb()
    print(f"memory: idle {idle:,.0f} MB (wanted: 600)")
    print(f"memory after {EVENTS:,} events: {after:,.0f} MB (wanted: 1,200), most seen {peak:,.0f} MB")


if __name__ == "__main__":
    main()
