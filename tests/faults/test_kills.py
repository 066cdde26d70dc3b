"""`kill -9` at random moments under load loses nothing that was acknowledged and counts nothing twice."""

from __future__ import annotations

import os
import random
import time

from bench.process import CollectorProcess
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
