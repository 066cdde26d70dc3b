"""docs/api.md names every route, calculation, operator, key and reason, and its examples are accepted."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from starlette.routing import Mount, Route
from starlette.testclient import TestClient

from collector.app import build_app
from collector.config import IngestLimits, load_settings
from collector.ingest.decode import decode_beacon
from collector.openapi import document
from collector.privacy.selection import parse_selection
from collector.query.bubbleup.selection import parse_bubbleup
from collector.query.calculations import OPERATIONS
from collector.query.filters import OPERATORS
from collector.query.markers import parse_marker
from collector.query.parse import parse_events, parse_query
from collector.store.chdb import ChdbStore

ROOT = Path(__file__).parent.parent
PAGE = (ROOT / "docs" / "api.md").read_text(encoding="utf-8")
EXAMPLES = [json.loads(text) for text in re.findall(r"```json\n(.*?)```", PAGE, re.DOTALL)]
#: Files that pages load, and what only the viewer asks.
UNDOCUMENTED = re.compile(r"/(login\.css|api\.css|favicon\.svg|assets/.*|demo/.*|)")


def test_every_route_is_described_and_every_description_has_a_route(embedded_store: ChdbStore, tmp_path: Path) -> None:
    app = build_app(load_settings({}, {"data_dir": str(tmp_path)}), embedded_store)
    app.spool.close()
    routes = {route.path for route in app.web.routes if isinstance(route, (Route, Mount))}
    routes = {re.sub(r"\.[0-9a-f]{16}\.js", ".{hash}.js", path).replace(":path}", "}").replace(":int}", "}") for path in routes}
    routes |= {prefix + "{site_key}" for prefix in app.beacons.prefixes}
    described = set(re.findall(r"(?:GET|POST|PUT|DELETE) (/[^`\s]*)`", PAGE))
    routes = {re.sub(r":int}", "}", path) for path in routes if not UNDOCUMENTED.fullmatch(path) and path != "/demo"}

    assert routes == described
    # Twins and second names are left out of the description for programs.
    assert {path for path in routes if "{hash}" not in path and not path.startswith("/w/")} == set(document()["paths"])


def test_the_description_for_programs_is_valid_and_served(embedded_store: ChdbStore, tmp_path: Path) -> None:
    app = build_app(load_settings({}, {"data_dir": str(tmp_path), "admin_token": "a" * 16}), embedded_store)
    app.spool.close()
    client = TestClient(app.web)

    assert client.get("/openapi.json").status_code == 401
    served = client.get("/openapi.json", headers={"authorization": "Bearer " + "a" * 16}).json()
    assert served == json.loads(json.dumps(document()))
    for path, methods in served["paths"].items():
        names = {
            parameter["name"] for one in methods.values() for parameter in one.get("parameters", ()) if parameter["in"] == "path"
        }
        assert names == set(re.findall(r"{(\w+)}", path))


@pytest.mark.parametrize("word", [*OPERATIONS, *OPERATORS])
def test_every_calculation_and_operator_is_described(word: str) -> None:
    assert f"`{word}`" in PAGE


def test_every_reason_of_the_beacon_endpoint_is_described() -> None:
    sources = [path.read_text() for path in (ROOT / "collector" / "ingest").glob("*.py")]
    reasons = {reason for text in sources for reason in re.findall(r'RequestError\(\s*\d+, "(\w+)"', text)}

    assert len(reasons) > 8
    assert all(f"`{reason}`" in PAGE for reason in reasons)


def test_the_examples_are_accepted() -> None:
    beacon, query, items, difference, events, marker, erasure = EXAMPLES[1], EXAMPLES[2], *EXAMPLES[4:9]
    beacon["events"][0]["id"] = "5f0c"

    assert parse_marker(marker, 0).dataset == "demo"
    assert parse_selection(erasure, ["dry_run"]).dataset == "demo"
    assert decode_beacon(json.dumps(beacon).encode(), IngestLimits()).rejected == []
    assert parse_bubbleup(difference).query.dataset == "demo"
    assert parse_query(query).dataset == parse_query(items).dataset == parse_events(events).dataset == "demo"


def test_every_reason_of_a_limit_is_on_its_page() -> None:
    page = (ROOT / "docs" / "limits.md").read_text(encoding="utf-8")
    names = ("connections", "ingest/limits", "ingest/attributes", "ingest/body")
    text = "".join((ROOT / "collector" / f"{name}.py").read_text(encoding="utf-8") for name in names)
    reasons = set(re.findall(r'(?:RequestError\(\s*\d+, |_too_many\(|count\(|refused\[)"(\w+)"', text))

    assert len(reasons) > 14
    assert {reason for reason in reasons if f"`{reason}`" not in page} == {"bad_encoding", "body_aborted"}
