"""Durable single-event beacons per second: a whole collector on one core, against nginx that writes the same bodies to a log.

The load generator (wrk, 32 connections) has the other core. Rounds alternate, so both see the same machine; medians are printed.
"""

from __future__ import annotations

import os
import re
import secrets
import statistics
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import orjson

from bench.events import page_view
from bench.running import Running, collector, free_port, need, pinned

ROUNDS = 3
SECONDS = 10
CONNECTIONS = 32
#: A full page view, and one of about 2 KB (the names of the dictionary are long: 115 of them make 3.6 KB).
FIELDS = (115, 70)

#: The usual way to log bodies: nginx has a body in hand only when it passes the request on.
NGINX = """
daemon off; worker_processes 1; error_log stderr error; pid {folder}/nginx.pid;
events {{ worker_connections 1024; }}
http {{
  log_format bodies escape=none '$request_body';
  client_body_buffer_size 64k; client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy;
  keepalive_requests 1000000;
  server {{
    listen 127.0.0.1:{port};
    access_log {folder}/bodies.log bodies;
    location / {{ proxy_pass http://127.0.0.1:{sink}; }}
  }}
  server {{ listen 127.0.0.1:{sink}; access_log off; location / {{ return 202; }} }}
}}
"""


def body(fields: int) -> bytes:
    """Return a beacon with one page view of so many fields of the dictionary; `@@ID@@` stands for the event's id."""
    event = page_view(1)
    names = ["id", "kind", "time", *sorted(event.keys() - {"id", "kind", "time"}, key=lambda name: (len(name), name))][:fields]
    chosen = {name: event[name] for name in names} | {"id": "@@ID@@", "time": int(time.time() * 1000)}
    return orjson.dumps({"v": 1, "sent_at": chosen["time"], "events": [chosen]})


@contextmanager
def nginx() -> Iterator[str]:
    """Run nginx on core 0; it logs every body."""
    need("nginx")
    with tempfile.TemporaryDirectory(prefix="nginx-bench-") as folder:
        port = free_port()
        configuration = Path(folder) / "nginx.conf"
        configuration.write_text(NGINX.format(folder=folder, port=port, sink=free_port()))
        Path(folder).chmod(0o755)
        process = subprocess.Popen([*pinned(0), "nginx", "-p", folder, "-c", str(configuration)])
        time.sleep(0.5)
        try:
            yield f"http://127.0.0.1:{port}"
        finally:
            process.terminate()
            process.wait()


def load(url: str, path: Path) -> tuple[float, float]:
    """Send beacons for a while; return (answers per second, p99 in ms)."""
    environment = os.environ | {"BEACON_BODY": str(path), "BEACON_RUN": secrets.token_hex(4)}
    script = Path(__file__).with_name("beacons.lua")
    command = ["wrk", "-t1", f"-c{CONNECTIONS}", f"-d{SECONDS}s", "--latency", "-s", str(script), f"{url}/v1/beacon/demo"]
    text = subprocess.run([*pinned(1), *command], env=environment, capture_output=True, text=True, check=True).stdout
    if "Non-2xx" in text or "Socket errors" in text:
        raise RuntimeError(text)
    rate = re.search(r"Requests/sec:\s+([\d.]+)", text)
    p99 = re.search(r"99%\s+([\d.]+)(us|ms|s)", text)
    assert rate and p99
    return float(rate[1]), float(p99[1]) * {"us": 0.001, "ms": 1, "s": 1000}[p99[2]]


def check_all_stored(running: Running) -> None:
    """Every acknowledged beacon must be a row in the end."""
    acknowledged = running.metric("wideload_events_acknowledged_total")
    end = time.monotonic() + 120
    while running.metric("wideload_events_pending") and time.monotonic() < end:
        time.sleep(0.2)
    assert running.count() == acknowledged, (running.count(), acknowledged)


def compare(fields: int) -> None:
    """Measure one size of beacon and print."""
    ours: list[tuple[float, float]] = []
    theirs: list[tuple[float, float]] = []
    with tempfile.TemporaryDirectory() as folder, collector(core=0) as running, nginx() as peer:
        path = Path(folder) / "beacon.json"
        path.write_bytes(body(fields))
        for _ in range(ROUNDS):
            ours.append(load(running.url, path))
            check_all_stored(running)
            theirs.append(load(peer, path))
    rate, p99 = (statistics.median(r[i] for r in ours) for i in (0, 1))
    peer_rate = statistics.median(r[0] for r in theirs)
    ratio = statistics.median(a[0] / b[0] for a, b in zip(ours, theirs, strict=True))
    print(f"durable beacons of {fields} fields, {len(body(fields)):,} bytes; one core, {CONNECTIONS} connections")
    print(f"  collector {rate:>8,.0f} /s   p99 {p99:.0f} ms   (wanted: 5,000 /s, p99 50 ms)")
    print(f"  nginx log {peer_rate:>8,.0f} /s   ratio {ratio:.2f}   (wanted: 0.45)")


def main() -> None:
    """Measure and print."""
    need("wrk", "nginx")
    for fields in FIELDS:
        compare(fields)


if __name__ == "__main__":
    main()
