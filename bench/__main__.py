"""`make bench`: run every measurement and print its figures beside the ones that were wanted."""

from __future__ import annotations

import os
import platform

from bench import flood, freshness, hostile, hostile_query, ingest, memory, query_load, query_overview, store_insert
from bench.beacon import cli as beacon


def main() -> None:
    """Run them one after another: they would disturb each other."""
    print(f"{platform.platform()}, {os.cpu_count()} cores, Python {platform.python_version()}")
    for measure in (ingest, store_insert, freshness, query_overview, query_load, memory, hostile, hostile_query, flood, beacon):
        print(flush=True)
        measure.main()


if __name__ == "__main__":
    main()
