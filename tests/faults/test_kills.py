"""`kill -9` at random moments under load loses nothing that was acknowledged and counts nothing twice."""

from __future__ import annotations

import contextlib
import os
import random
import time
from pathlib import Path
from typing import Any

from bench.process import CollectorProcess
from bench.running import free_port
from bench.traffic import Traffic

#: `make test` kills each store's collector so often; the long run is in bench/faults.
KILLS = int(os.environ.get("WIDELOAD_TEST_KILLS", "10"))


def test_nothing_is_lost_and_nothing_counts_twice(collector: CollectorProcess) -> None:
    with Traffic(collector.url) as traffic:
        for _ in range(KILLS):
            time.sleep(random.uniform(0.0, 0.6))
            collector.kill()
            collector.start()
    assert traffic.acknowledged
    collector.verify(traffic.acknowledged)


def test_nothing_is_lost_when_the_store_is_killed_too(native_servers: Any, tmp_path: Path) -> None:
    port, server = free_port(), tmp_path / "server"
    with contextlib.ExitStack() as stack:
        process, address = stack.enter_context(native_servers.run(server, port))
        collector = CollectorProcess(tmp_path / "data", f"clickhouse://{address}/killed", linger_seconds=0.05)
        stack.callback(collector.kill)
        collector.start()
        with Traffic(collector.url) as traffic:
            for victim in ("store", "both", "collector", "both", "store"):
                time.sleep(random.uniform(0.2, 0.6))
                if victim != "collector":
                    process.kill()
                    process.wait()
                if victim != "store":
                    collector.kill()
                    collector.start()
                if victim != "collector":
                    process, _ = stack.enter_context(native_servers.run(server, port))
        assert traffic.acknowledged
        collector.verify(traffic.acknowledged)
