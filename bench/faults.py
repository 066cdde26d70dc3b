"""The promise under fire: `kill -9` a few hundred times, and a store that is away for ten minutes.

`python -m bench.faults [kills|outage] [--kills 200] [--events 1000000] [--seconds 600] [--rate 2000]`; about 25 minutes.
"""

from __future__ import annotations

import argparse
import random
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bench.fault_proxy import FaultProxy
from bench.process import CollectorProcess, wait_until
from bench.traffic import Traffic

_ROOT = Path(__file__).parent.parent


def kills(count: int, events: int) -> None:
    """Kill a collector with its embedded store at random moments under load, then look for every acknowledged event."""
    with tempfile.TemporaryDirectory(prefix="wideload-faults-") as folder:
        collector = CollectorProcess(Path(folder) / "data").start()
        acknowledged: set[str] = set()
        for number in range(count):
            # As many as bring the sum there, whatever the machine can do.
            share = (events - len(acknowledged)) / (count - number)
            with Traffic(collector.url, size=100) as traffic:
                end = time.monotonic() + random.uniform(0.05, 0.4)
                while time.monotonic() < end or len(traffic.acknowledged) < share:
                    time.sleep(0.01)
                collector.kill()
            acknowledged |= traffic.acknowledged
            collector.start()
            if number % 20 == 19:
                print(f"  {number + 1} kills, {len(acknowledged):,} acknowledged", flush=True)
        books = collector.settle(600)
        rows = collector.rows()
        collector.kill()
    lost = len(acknowledged - rows.keys())
    doubles = sum(count > 1 for count in rows.values())
    print(f"{count} kills: {len(acknowledged):,} events acknowledged, {lost} lost, {doubles} counted twice   (wanted: 0, 0)")
    print(f"  the books: {books}")


def outage(seconds: float, rate: float) -> None:
    """Let the store be away under load, and compare with the time before."""
    with tempfile.TemporaryDirectory(prefix="wideload-faults-") as name, _server(Path(name)) as (proxy, address):
        collector = CollectorProcess(Path(name) / "data", address).start()
        time.sleep(5)
        idle = collector.memory_mb()
        with Traffic(collector.url, rate=rate) as traffic:
            time.sleep(60)
            before, loaded = _p99(traffic), collector.memory_mb()
            traffic.seconds.clear()
            proxy.set("refuse")
            most, end = 0.0, time.monotonic() + seconds
            while time.monotonic() < end:
                time.sleep(1)
                most = max(most, collector.memory_mb())
            during, waiting = _p99(traffic), collector.balance()["pending"]
            proxy.set("pass")
            start = time.monotonic()
            wait_until(lambda: collector.balance()["pending"] < 2 * rate * 1.5, 600, 0.2)
            healed = time.monotonic() - start
        collector.verify(traffic.acknowledged)
        collector.kill()
    statuses = ", ".join(f"{status}: {count:,}" for status, count in sorted(traffic.statuses.items()))
    print(f"a store that is away for {seconds:g} s at {rate:,.0f} events/s: {waiting:,} events waited; answers {statuses}")
    print(f"  back to normal after {healed:.0f} s   (wanted: 60 s)")
    print(f"  memory idle {idle:.0f} MB, under load {loaded:.0f} MB, at most {most:.0f} MB, {most / idle:.2f}x   (wanted: 1.5x)")
    print(f"  acknowledged in p99 {during:.1f} ms, {before:.1f} ms before, {during / before:.2f}x   (wanted: 1.5x)")
    print("  every acknowledged event is there once")


def _p99(traffic: Traffic) -> float:
    return statistics.quantiles(traffic.seconds, n=100)[-1] * 1000


@contextmanager
def _server(folder: Path) -> Iterator[tuple[FaultProxy, str]]:
    """Run the tests' ClickHouse server behind a proxy."""
    command = [sys.executable, "-m", "tests.native_server", "--path", str(folder / "server")]
    with subprocess.Popen(command, cwd=_ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        proxy = FaultProxy(int(process.stdout.readline()))
        yield proxy, f"clickhouse://default@127.0.0.1:{proxy.port}/faults"
        proxy.close()
        process.kill()


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="bench.faults", description=__doc__)
    parser.add_argument("parts", nargs="*", choices=["kills", "outage", []], help="both, if none is named")
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--events", type=int, default=1_000_000)
    parser.add_argument("--seconds", type=float, default=600)
    parser.add_argument("--rate", type=float, default=2000)
    chosen = parser.parse_args()
    if "kills" in chosen.parts or not chosen.parts:
        kills(chosen.kills, chosen.events)
    if "outage" in chosen.parts or not chosen.parts:
        outage(chosen.seconds, chosen.rate)


if __name__ == "__main__":
    main()
