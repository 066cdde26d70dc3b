"""A collector with the demo shop's week, always the same one."""

from __future__ import annotations

import math
import multiprocessing
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from random import Random
from typing import Any, Final

import httpx2

from bench.running import Running, collector
from collector.checks.evidence import EVIDENCE_FOLDER
from collector.config import IngestLimits
from collector.demo.traffic import traffic
from collector.events import Event
from collector.fields import ATTRIBUTE_COLUMNS
from collector.ingest.decode import decode_event
from collector.ingest.enrich import enrich
from collector.ingest.user_agent import Hints, describe
from collector.pipeline.recorder import OWN_DATASET
from collector.store.base import Attribute
from collector.store.chdb import ChdbStore
from tests.screenshots.baselines import propose
from tests.screenshots.checked import checked

#: 2026-11-16 10:00 UTC, where the week ends.
NOW: Final = 1_794_823_200
DAYS: Final = 7
DATASET: Final = "demo"
_VIEWS: Final = 6_000
_SAMPLE_SECONDS: Final = 600
#: Releases, which the collector itself notices only while they happen.
_MARKERS: Final = ((2.5, "deploy", "2.3.0"), (1.2, "incident", "CDN slow in São Paulo"))


@contextmanager
def serving() -> Iterator[Running]:
    """Run one."""
    config = Path(__file__).with_name("wideload.toml")
    with collector(environment={"WIDELOAD_CONFIG": str(config)}, prepare=fill_elsewhere) as running:
        for days, kind, message in _MARKERS:
            marker = {"dataset": DATASET, "type": kind, "message": message, "start_time": int(NOW - days * 86_400)}
            httpx2.post(f"{running.url}/api/markers", json=marker, headers=running._headers).raise_for_status()
        yield running


def fill_elsewhere(data: Path) -> None:
    """Store the week in a process of its own: one process can open only one store, and this one may have opened another."""
    process = multiprocessing.get_context("spawn").Process(target=fill, args=(data,))
    process.start()
    process.join()
    assert process.exitcode == 0


def fill(data: Path) -> None:
    """Store the week, as ingest would have handed it on."""
    store = ChdbStore(data / "store")
    store.migrate()
    people = [{**event, "dataset": DATASET} for event in arrived()]
    checks = [{**event, "dataset": DATASET} for event in checked(NOW, DAYS, [one for one in people if one["kind"] == "page_view"])]
    events = [*people, *checks]
    store.insert(events)
    named = {(name, type_) for event in events for type_, column in ATTRIBUTE_COLUMNS.items() for name in event.get(column, {})}
    store.add_attributes([Attribute(DATASET, name, type_) for name, type_ in sorted(named)])
    store.insert([*samples()])
    store.close()
    propose(data / EVIDENCE_FOLDER / DATASET, NOW)


def arrived() -> Iterator[Event]:
    """Yield the shop's events; those who send them have a country, as their addresses would tell."""
    for view in traffic(NOW * 1000, DAYS, _VIEWS, seed=1):
        hints = ("sec-ch-ua", "sec-ch-ua-mobile", "sec-ch-ua-platform")
        facts = describe(Hints(view.agent.user_agent, *(view.agent.hints.get(name, "") for name in hints)))
        for sent in (view.event, *view.others):
            event = decode_event(sent, IngestLimits())
            enrich(event, facts, None, NOW * 1000)
            yield event


def samples() -> Iterator[dict[str, Any]]:
    """Yield the collector's own numbers of the week: a store that was away for an hour, and some that were refused."""
    random = Random(1)
    for number, at in enumerate(range(NOW - DAYS * 86_400, NOW, _SAMPLE_SECONDS)):
        received = round(900 + 600 * math.sin(at / 86_400 * math.tau) + random.gauss(0, 60))
        away = 500 <= number < 506
        own = {"id": f"s{number}", "dataset": OWN_DATASET.name, "ts": at * 1000, "time": at * 1000, "received_at": at * 1000}
        pending = received * (number - 499) if away else random.randrange(20)
        yield own | {
            "kind": "pipeline",
            "clock.state": "ok",
            "pipeline.collector": "collector-1:7",
            "pipeline.received": received,
            "pipeline.rejected": 4,
            "pipeline.acknowledged": received - 4,
            "pipeline.stored": 0 if away else received - 4,
            "pipeline.dead_lettered": 1 if number % 200 == 199 else 0,
            "pipeline.pending": pending,
            "pipeline.missing": 0,
            "pipeline.oldest_age": (number - 499) * 600_000.0 if away else 900.0,
            "pipeline.spool_bytes": pending * 2_000,
            "pipeline.spool_share": round(pending * 2_000 / 1e10, 4),
            "pipeline.is_holding": away,
            "pipeline.insert_failures": 20 if away else 0,
            "pipeline.memory": round(5.2e8 + 4e7 * random.random()),
        }
        if number % 12 == 0:
            reason, what = (("origin", "beacon"), ("bad_time", "event"), ("too_many_names", "attribute"))[number // 12 % 3]
            refused = {
                "pipeline.refused": random.randrange(1, 30),
                "pipeline.refused_what": what,
                "pipeline.refused_reason": reason,
            }
            yield own | refused | {"id": f"r{number}", "kind": "refusal", "clock.state": "ok", "pipeline.refused_dataset": DATASET}
