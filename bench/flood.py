"""One site key is flooded with ten times its limit: what happens to the beacons of another one, in the same run.

The collector has one core, the two senders the other one. Rounds alternate between calm and flood. The other key's pages send a
beacon every 10 ms, whether the last one was answered or not, so that a pause of the collector is seen by all that it keeps waiting.
"""

from __future__ import annotations

import asyncio
import multiprocessing
import os
import statistics
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import Final

import orjson

from bench.events import page_view
from bench.running import collector
from collector.config import DatasetLimits

ROUNDS: Final = 4
SECONDS: Final = 8.0
#: Beacons a second: of the other key, and the flooded key's limit.
CALM_RATE: Final = 100
LIMIT: Final = DatasetLimits().key_beacons_per_second
TIMES: Final = 10
CONNECTIONS: Final = 64
WANTED_RATIO: Final = 2.0


def request(key: str, number: int) -> bytes:
    """Return one beacon with one page view."""
    event = page_view(number) | {"id": f"{key}-{number}-{time.time_ns()}", "time": int(time.time() * 1000)}
    body = orjson.dumps({"v": 1, "events": [event]})
    head = f"POST /v1/beacon/{key} HTTP/1.1\r\nhost: x\r\ncontent-type: text/plain\r\ncontent-length: {len(body)}\r\n\r\n"
    return head.encode() + body


async def post(connection: tuple[asyncio.StreamReader, asyncio.StreamWriter], content: bytes) -> int:
    """Send a request and return the status of the answer."""
    reader, writer = connection
    writer.write(content)
    head = await reader.readuntil(b"\r\n\r\n")
    length = next(int(line.split(b":")[1]) for line in head.split(b"\r\n") if line.lower().startswith(b"content-length"))
    await reader.readexactly(length)
    return int(head.split(b" ", 2)[1])


async def calm(port: int, seconds: float, key: str = "calm") -> list[float]:
    """Send a key's beacons at their times; return how long each took, in ms."""
    idle = [await asyncio.open_connection("127.0.0.1", port) for _ in range(CONNECTIONS)]
    taken: list[float] = []

    async def one(number: int, due: float) -> None:
        connection = idle.pop() if idle else await asyncio.open_connection("127.0.0.1", port)
        assert await post(connection, request(key, number)) == 202
        taken.append((time.monotonic() - due) * 1000)
        idle.append(connection)

    start, tasks = time.monotonic(), []
    for number in range(int(seconds * CALM_RATE)):
        due = start + number / CALM_RATE
        await asyncio.sleep(max(0.0, due - time.monotonic()))
        tasks.append(asyncio.create_task(one(number, due)))
    await asyncio.gather(*tasks)
    return taken


async def flood(port: int, seconds: float) -> Counter[int]:
    """Send as much to the flooded key as ten times its limit; return the answers by status."""
    statuses: Counter[int] = Counter()
    content, start = request("noisy", 1), time.monotonic()

    async def sender(number: int) -> None:
        connection = await asyncio.open_connection("127.0.0.1", port)
        due = start + number / (LIMIT * TIMES)
        while due < start + seconds:
            await asyncio.sleep(max(0.0, due - time.monotonic()))
            statuses[await post(connection, content)] += 1
            due = max(due + CONNECTIONS / (LIMIT * TIMES), time.monotonic() - 0.1)

    await asyncio.gather(*(sender(number) for number in range(CONNECTIONS)))
    return statuses


def flood_beside(port: int, seconds: float, core: int, told: multiprocessing.Queue[Counter[int]]) -> None:
    """Flood from a process of its own, after whatever else has work to do: what is measured is the collector."""
    os.nice(10)
    os.sched_setaffinity(0, {core % (os.cpu_count() or 1)})
    told.put(asyncio.run(flood(port, seconds)))


def percentiles(taken: list[float]) -> tuple[float, float]:
    """Return the median and the 99th percentile."""
    cuts = statistics.quantiles(taken, n=100)
    return cuts[49], cuts[98]


def main() -> None:
    """Measure and print."""
    spawn, quiet, loud = multiprocessing.get_context("spawn"), [], []
    statuses: Counter[int] = Counter()
    with tempfile.TemporaryDirectory() as folder:
        configuration = Path(folder) / "wideload.toml"
        configuration.write_text('[datasets.calm]\nsite_keys = ["calm"]\n[datasets.noisy]\nsite_keys = ["noisy"]\n')
        limit = {"WIDELOAD_CONFIG": str(configuration), "WIDELOAD_KEY_BEACONS_PER_SECOND": str(LIMIT)}
        with collector(core=0, environment=limit) as running:
            port = int(running.url.rpartition(":")[2])
            os.sched_setaffinity(0, {1 % (os.cpu_count() or 1)})
            asyncio.run(calm(port, 2))
            for _ in range(ROUNDS):
                quiet.append(percentiles(asyncio.run(calm(port, SECONDS))))
                told: multiprocessing.Queue[Counter[int]] = spawn.Queue()
                process = spawn.Process(target=flood_beside, args=(port, SECONDS + 4, 1, told))
                process.start()
                # Until the burst that a key may send is used up.
                time.sleep(3)
                loud.append(percentiles(asyncio.run(calm(port, SECONDS))))
                statuses += told.get()
                process.join()
    print(f"a key flooded with {TIMES}x its limit of {LIMIT:g} beacons/s; {CALM_RATE}/s of another key; one core, {ROUNDS} rounds")
    print(
        f"  flood: {statuses[202]:,} accepted, {statuses[429]:,} refused, {statuses.total() - statuses[202] - statuses[429]} other"
    )
    for index, name in enumerate(("median", "p99")):
        without, beside = (statistics.median(one[index] for one in rounds) for rounds in (quiet, loud))
        ratio = statistics.median(b[index] / a[index] for a, b in zip(quiet, loud, strict=True))
        wanted = f"   (wanted: at most {WANTED_RATIO:g})" if name == "p99" else ""
        print(f"  {name} of the other key   {without:.1f} ms without, {beside:.1f} ms with   ratio {ratio:.2f}{wanted}")


if __name__ == "__main__":
    main()
