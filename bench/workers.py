"""Several workers: how much more they take than one, what a rolling restart costs, their memory and how soon they are ready.

No store answers while beacons are counted, so the loaders wait: what is measured is the way to the disk.
wrk runs on the same cores, so the ratio is a lower bound.
"""

from __future__ import annotations

import os
import re
import secrets
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bench.ingest import body
from bench.process import CollectorProcess
from bench.running import free_port, need
from bench.traffic import Traffic

SECONDS = int(os.environ.get("BENCH_SECONDS", "10"))
RATE = 2_000
FIELDS = 70
CONNECTIONS = 64
_SCRIPT = Path(__file__).with_name("beacons.lua")


@contextmanager
def workers(folder: Path, number: int) -> Iterator[tuple[CollectorProcess, float]]:
    """Run ingest workers without a store; yield them and how many seconds they took to be ready."""
    private = f"127.0.0.1:{free_port()}"
    # Nobody listens there: the loaders wait, and cost nothing.
    store = f"clickhouse://127.0.0.1:{free_port()}/bench"
    collector = CollectorProcess(
        folder / f"data{number}{secrets.token_hex(2)}",
        store,
        role="ingest",
        workers=number,
        private_listen=private,
        log_level="info",
    )
    began = time.monotonic()
    collector.start()
    yield collector, time.monotonic() - began
    collector.terminate()


def processes(pid: int) -> list[int]:
    """Return a process's children, or itself where it has none."""
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return [int(child) for child in children] or [pid]


def memory_mb(pid: int) -> float:
    """Return a process's resident memory in MB (10⁶ bytes)."""
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 1e6


def processor_seconds(pids: list[int]) -> float:
    """Return how much processor time processes have used."""
    ticks = 0
    for pid in pids:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        ticks += int(fields[11]) + int(fields[12])
    return ticks / os.sysconf("SC_CLK_TCK")


def rate(collector: CollectorProcess, path: Path, seconds: int) -> float:
    """Return how many beacons a second are acknowledged."""
    environment = os.environ | {"BEACON_BODY": str(path), "BEACON_RUN": secrets.token_hex(4)}
    command = ["wrk", "-t2", f"-c{CONNECTIONS}", f"-d{seconds}s", "-s", str(_SCRIPT), f"{collector.url}/v1/beacon/demo"]
    text = subprocess.run(command, env=environment, capture_output=True, text=True, check=True).stdout
    found = re.search(r"Requests/sec:\s+([\d.]+)", text)
    if "Non-2xx" in text or "Socket errors" in text or not found:
        end = collector.process.poll()
        last = collector.log.read_text()[-2000:]
        raise RuntimeError(f"{text}\nThe collector {'is there' if end is None else f'ended with {end}'}, and says last:\n{last}")
    return float(found[1])


def throughput(folder: Path, path: Path) -> None:
    """Compare two workers with one, turn by turn."""
    rates: dict[int, list[float]] = {1: [], 2: []}
    costs: dict[int, list[float]] = {1: [], 2: []}
    for _ in range(2):
        for number in rates:
            with workers(folder, number) as (collector, ready):
                pids = processes(collector.process.pid)
                before = processor_seconds(pids)
                rates[number].append(rate(collector, path, SECONDS))
                each = (processor_seconds(pids) - before) / (rates[number][-1] * SECONDS) * 1e6
                costs[number].append(each)
                print(
                    f"  {number} worker(s)   {rates[number][-1]:>7,.0f} /s   {each:.0f} µs of processor each"
                    f"   {max(map(memory_mb, pids)):.0f} MB a process   ready in {ready:.1f} s"
                )
    print(f"  two take {max(rates[2]) / max(rates[1]):.2f} times what one takes   (wanted: 1.7, 150 MB, 2 s)")
    by_cost = 2 * min(costs[1]) / min(costs[2])
    print(f"  {by_cost:.2f} times by the processor time of a beacon, which is what they would take were wrk elsewhere")


def restart(folder: Path) -> None:
    """Replace two workers under traffic."""
    with workers(folder, 2) as (collector, _):
        with Traffic(collector.url, threads=16, size=1, reconnect=True, rate=RATE) as traffic:
            time.sleep(2)
            collector.process.send_signal(signal.SIGHUP)
            while "have been replaced" not in collector.log.read_text():
                time.sleep(0.1)
            time.sleep(1)
        failed = sum(count for status, count in traffic.statuses.items() if status != 202)
        seconds = sorted(traffic.seconds)
        sent = sum(traffic.statuses.values())
    slow = seconds[int(len(seconds) * 0.99)] * 1000
    print(f"  rolling restart under {RATE:,} beacons/s: {failed} of {sent:,} failed, p99 {slow:.0f} ms   (wanted: 0)")


def main() -> None:
    """Measure and print."""
    need("wrk")
    with tempfile.TemporaryDirectory(prefix="workers-bench-") as name:
        folder = Path(name)
        path = folder / "beacon.json"
        path.write_bytes(body(FIELDS))
        size, load = path.stat().st_size, os.getloadavg()[0]
        print(f"durable beacons of {FIELDS} fields, {size:,} bytes; {os.cpu_count()} cores, load {load:.0f}")
        if "restart" not in sys.argv:
            throughput(folder, path)
        restart(folder)


if __name__ == "__main__":
    main()
