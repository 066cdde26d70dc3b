"""docs/api.md names every route, calculation, operator, key and reason, and its examples are accepted."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from starlette.routing import Mount, Route

from collector.app import build_app
from collector.config import IngestLimits, load_settings
from collector.ingest.decode import decode_beacon
from collector.privacy.selection import parse_selection
from collector.query.calculations import OPERATIONS
from collector.query.filters import OPERATORS
from collector.query.parse import parse_events, parse_query
from collector.store.chdb import ChdbStore

ROOT = Path(__file__).parent.parent
PAGE = (ROOT / "docs" / "api.md").read_text(encoding="utf-8")
EXAMPLES = [json.loads(text) for text in re.findall(r"```json\n(.*?)```", PAGE, re.DOTALL)]
#: Files that pages load, and what only the viewer asks.
UNDOCUMENTED = re.compile(r"/(login\.css|favicon\.svg|assets/.*|demo/.*|)")


def test_every_route_is_described_and_every_description_has_a_route(embedded_store: ChdbStore, tmp_path: Path) -> None:
    app = build_app(load_settings({}, {"data_dir": str(tmp_path)}), embedded_store)
    app.spool.close()
    routes = {route.path for route in app.web.routes if isinstance(route, (Route, Mount))}
    routes = {re.sub(r"\.[0-9a-f]{16}\.js", ".{hash}.js", path).replace(":path}", "}").replace(":int}", "}") for path in routes}
    routes |= {prefix + "{site_key}" for prefix in app.beacons.prefixes}
    described = set(re.findall(r"(?:GET|POST) (/[^`\s]*)`", PAGE))

    assert {path for path in routes if not UNDOCUMENTED.fullmatch(path) and path != "/demo"} == described


@pytest.mark.parametrize("word", [*OPERATIONS, *OPERATORS])
def test_every_calculation_and_operator_is_described(word: str) -> None:
    assert f"`{word}`" in PAGE


def test_every_reason_of_the_beacon_endpoint_is_described() -> None:
    sources = [path.read_text() for path in (ROOT / "collector" / "ingest").glob("*.py")]
    reasons = {reason for text in sources for reason in re.findall(r'RequestError\(\s*\d+, "(\w+)"', text)}

    assert len(reasons) > 8
    assert all(f"`{reason}`" in PAGE for reason in reasons)


def test_the_examples_are_accepted() -> None:
    beacon, query, items, events, erasure = EXAMPLES[1], EXAMPLES[2], EXAMPLES[4], EXAMPLES[5], EXAMPLES[6]
    beacon["events"][0]["id"] = "5f0c"

    assert decode_beacon(json.dumps(beacon).encode(), IngestLimits()).rejected == []
    assert parse_query(query).dataset == parse_query(items).dataset == parse_events(events).dataset == "demo"
    assert parse_selection(erasure, ["dry_run"]).dataset == "demo"
