"""Times the queries of the Overview dashboard on an embedded store with many page views.

    python -m bench.query_overview [--rows 1000000] [--runs 7] [--sampled] [--shuffled]

Prints the median of every query, warm, in wall time and in processor time: first with the parts as they were inserted (merges
off), then after OPTIMIZE. By default parts follow each other in time, as live traffic makes them; with `--shuffled` each one
is spread over its whole day, so that FINAL has the most to do. `--sampled` gives every tenth page view a sample rate of 10.
"""

from __future__ import annotations

import argparse
import json
import statistics
import tempfile
import time
from pathlib import Path
from typing import Any

from collector.query.engine import QueryEngine
from collector.query.parse import parse_query
from collector.store.chdb import ChdbStore

OVERVIEW = Path(__file__).parent.parent / "dashboards" / "definitions" / "overview.json"
WANTED_MS = 1000
DAYS = 7
PARTS_A_DAY = 6
DAY_MS = 86_400_000

#: Page views with heavy tails: normal deviates by Box and Muller, vitals log-normal and rounded as browsers round them.
FILL = """
INSERT INTO events (
    id, kind, dataset, revision, sample_rate, ts, time, received_at, `page.url`, `page.host`, `page.path`, `page.route`,
    `service.version`, `navigation.type`, `navigation.request_start`, `navigation.response_start`, `navigation.response_end`,
    `navigation.dom_interactive`, `navigation.dom_complete`, `navigation.load_event_start`, `navigation.load_event_end`,
    `navigation.transfer_size`, `fcp.value`, `lcp.value`, `lcp.element`, `cls.value`, `inp.value`, `inp.interaction_target`,
    `ttfb.value`, `browser.name`, `browser.version`, `os.name`, `device.type`, `user_agent.is_bot`, `geo.country.iso_code`,
    `browser.width`, `browser.height`, `network.effective_type`, attrs_string, attrs_number
)
WITH
    randCanonical(1) AS u1, randCanonical(2) AS u2, randCanonical(3) AS u3, randCanonical(4) AS u4,
    sqrt(-2 * log(u1 + 1e-9)) * cos(2 * pi() * u2) AS g1, sqrt(-2 * log(u1 + 1e-9)) * sin(2 * pi() * u2) AS g2,
    sqrt(-2 * log(u3 + 1e-9)) * cos(2 * pi() * u4) AS g3, sqrt(-2 * log(u3 + 1e-9)) * sin(2 * pi() * u4) AS g4,
    fromUnixTimestamp64Milli({day} * 86400000 + {offset} + toInt64(rand64(5) % {length}), 'UTC') AS t,
    toUInt32(3000 * pow(randCanonical(6), 3)) AS page, round(exp(5.6 + 0.7 * g2), 1) AS first_byte
SELECT
    toString(generateUUIDv4()), 'page_view', '{dataset}', 1, {rate}, t, t, t,
    concat('https://shop.example/product/', toString(page)),
    'shop.example', concat('/product/', toString(page)), concat('/product/', toString(page % 40), '/:id'),
    concat('4.', toString(rand(7) % 6)), 'navigate', first_byte - 20, first_byte, first_byte + 30,
    first_byte + 300, first_byte + 900, first_byte + 901, first_byte + 905, 20000 + rand(8) % 50000,
    round(first_byte + exp(6.3 + 0.5 * g1), 1), round(first_byte + exp(7.1 + 0.6 * g1), 1),
    concat('main>img.hero', toString(rand(9) % 50)), if(rand(10) % 4 = 0, 0, round(exp(-3.2 + 1.2 * g3), 4)),
    if(rand(11) % 3 = 0, NULL, 8 * round(exp(2.4 + 0.9 * g4))), if(rand(11) % 3 = 0, NULL, 'button#buy'), first_byte,
    ['Chrome', 'Safari', 'Firefox', 'Edge'][1 + rand(12) % 4], toString(120 + rand(13) % 10),
    ['Windows', 'Android', 'iOS'][1 + rand(14) % 3], ['desktop', 'mobile', 'tablet'][1 + rand(15) % 3], rand(16) % 50 = 0,
    ['DE', 'US', 'BR', 'IN', 'FR', 'JP', 'GB', 'NG'][1 + rand(17) % 8], 1200, 800, ['4g', '3g'][1 + rand(18) % 2],
    map('plan', ['free', 'gold'][1 + rand(19) % 2], 'experiment', toString(rand(20) % 10)), map('cart.value', rand(21) % 1000)
FROM numbers({rows})
SETTINGS max_insert_threads = 1
"""

VITALS = ("lcp", "inp", "cls", "fcp", "ttfb")
RATINGS = ("good", "needs-improvement", "poor")
#: What the dashboard asks, for a checkout without it.
FALLBACK: dict[str, dict[str, Any]] = {
    "vitals": {
        "calculations": [
            *({"op": "P75", "column": f"{vital}.value"} for vital in VITALS),
            *(
                {
                    "op": "COUNT",
                    "name": f"{vital} {rating}",
                    "filters": [{"column": f"{vital}.rating", "op": "=", "value": rating}],
                }
                for vital in VITALS
                for rating in RATINGS
            ),
        ],
        "disable_series": True,
    },
    "vitals_over_time": {"calculations": [{"op": "P75", "column": f"{vital}.value"} for vital in VITALS]},
    "page_views": {"calculations": [{"op": "COUNT"}]},
    "slowest_pages": {
        "calculations": [{"op": "P75", "column": "lcp.value"}, {"op": "COUNT"}],
        "breakdowns": ["page.path"],
        "orders": [{"op": "P75", "column": "lcp.value", "order": "descending"}],
        "limit": 20,
        "disable_series": True,
    },
}


def overview_queries(start: int, end: int) -> dict[str, dict[str, Any]]:
    """Return the dashboard's queries, ready to run."""
    queries, filters = FALLBACK, []
    if OVERVIEW.exists():
        definition = json.loads(OVERVIEW.read_text())
        queries, filters = definition["queries"], definition.get("filters", [])
    frame = {"dataset": "bench", "start_time": start, "end_time": end}
    return {name: {**query, **frame, "filters": [*filters, *query.get("filters", [])]} for name, query in queries.items()}


def fill(store: ChdbStore, rows: int, first_day: int, sampled: bool, shuffled: bool, dataset: str = "bench") -> None:
    """Insert page views, `PARTS_A_DAY` parts for each of `DAYS` days."""
    rate = "if(rand(22) % 10 = 0, 10, 1)" if sampled else "1"
    length = DAY_MS if shuffled else DAY_MS // PARTS_A_DAY
    for day in range(first_day, first_day + DAYS):
        for part in range(PARTS_A_DAY):
            offset = 0 if shuffled else part * length
            # What a loader has no method for, since it inserts events: rows made by the engine, faster than from outside.
            count = rows // (DAYS * PARTS_A_DAY)
            store._command(FILL.format(rows=count, day=day, offset=offset, length=length, rate=rate, dataset=dataset))


def time_queries(engine: QueryEngine, queries: dict[str, dict[str, Any]], runs: int) -> None:
    """Print the median of each query and their sum."""
    total_wall = total_cpu = 0.0
    for name, query in queries.items():
        spec = parse_query(query)
        engine.run(spec)
        wall, cpu = [], []
        for _ in range(runs):
            started, cpu_started = time.perf_counter(), time.process_time()
            answer = engine.run(spec)
            wall.append((time.perf_counter() - started) * 1000)
            cpu.append((time.process_time() - cpu_started) * 1000)
        total_wall += statistics.median(wall)
        total_cpu += statistics.median(cpu)
        shape = f"{len(answer['results'])} groups, {len(answer['series'])} points"
        print(f"  {name:24} {statistics.median(wall):8.1f} ms {statistics.median(cpu):8.1f} ms   ({shape})")
    print(f"  {'sum':24} {total_wall:8.1f} ms {total_cpu:8.1f} ms   (wanted: at most {WANTED_MS} ms on two cores)")


def main() -> None:
    """Fill a store in a temporary folder and time the dashboard."""
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--rows", type=int, default=1_000_000)
    arguments.add_argument("--runs", type=int, default=7)
    arguments.add_argument("--sampled", action="store_true")
    arguments.add_argument("--shuffled", action="store_true")
    options = arguments.parse_args()
    first_day = int(time.time()) // 86400 - DAYS
    queries = overview_queries(first_day * 86400, (first_day + DAYS) * 86400)
    with tempfile.TemporaryDirectory(prefix="wideload-bench-") as folder:
        store = ChdbStore(folder)
        store.migrate()
        store._command("SYSTEM STOP MERGES events")
        fill(store, options.rows, first_day, options.sampled, options.shuffled)
        engine = QueryEngine(store)
        print(f"{store.info().details['rows']} page views in {store.info().details['parts']} parts, as inserted (wall, processor)")
        time_queries(engine, queries, options.runs)
        store._command("SYSTEM START MERGES events")
        store._command("OPTIMIZE TABLE events FINAL")
        print("after OPTIMIZE")
        time_queries(engine, queries, options.runs)
        store.close()


if __name__ == "__main__":
    main()
