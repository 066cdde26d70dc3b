"""Who may import whom: ingest → pipeline → store, query → store, and ingest and query never each other."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parent.parent / "collector"
SHARED = {
    "", "casts", "config", "errors", "events", "fields", "periodic", "process", "request_body", "senders", "turns", "yaml_files",
}  # fmt: skip
MAY_IMPORT = {
    "alerts": {"access", "checks", "query", "store", "telemetry"},
    "ingest": {"checks", "pipeline", "telemetry", "tracing"},
    "checks": {"access", "client", "telemetry"},
    "pipeline": {"access", "store", "telemetry", "tracing"},
    "store": {"tracing"},
    "query": {"access", "cells", "store", "telemetry", "tracing"},
    "privacy": {"access", "cells", "query", "pipeline", "store", "telemetry"},
    "access": {"table", "telemetry"},
    "dashboards": {"access", "query", "telemetry"},
    "backup": {"access", "pipeline"},
    "demo": {"client"},
    "status": {"access", "connections", "query", "store"},
    "grafana": {"dashboards", "query", "store"},
}
#: A room may use these of another one only: what the other promises, not how it does it.
PROMISES = {
    ("alerts", "access"): {"identity", "private"},
    ("alerts", "checks"): {"probes"},
    ("alerts", "store"): {"base"},
    ("ingest", "checks"): {"marks"},
    ("checks", "access"): {"identity", "private", "throttle"},
    ("pipeline", "store"): {"base"},
    ("status", "access"): {"identity", "private"},
    ("status", "store"): {"base"},
    ("query", "store"): {"base"},
    ("privacy", "store"): {"base"},
    ("grafana", "store"): {"base"},
    ("grafana", "dashboards"): {"definition", "requests"},
    ("backup", "access"): {"identity", "private"},
    ("privacy", "access"): {"identity", "private"},
    ("query", "access"): {"identity", "private"},
    ("dashboards", "access"): {"identity", "private", "throttle", "visitors"},
    ("pipeline", "access"): {"identity", "private"},
}


def imports(path: Path) -> set[tuple[str, ...]]:
    """Return what a module imports of the package, such as ("store", "base")."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text())):
        names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
        if isinstance(node, ast.ImportFrom) and node.module:
            names = [f"{node.module}.{alias.name}" for alias in node.names] if node.module == "collector" else [node.module]
        found |= {tuple(name.split(".")[1:3]) for name in names if name.split(".")[0] == "collector"}
    return found


@pytest.mark.parametrize("room", MAY_IMPORT)
def test_a_room_imports_only_what_it_may(room: str) -> None:
    for path in (PACKAGE / room).rglob("*.py"):
        for target in imports(path):
            other = target[0] if target else ""
            assert other in SHARED | MAY_IMPORT[room] | {room}, f"{path} imports {other}"
            promised = PROMISES.get((room, other))
            assert promised is None or target[1] in promised, f"{path} reaches into {'.'.join(target)}"


@pytest.mark.parametrize("name", sorted(SHARED - {""}))
def test_what_everybody_imports_imports_only_its_like(name: str) -> None:
    for path in (PACKAGE / f"{name}.py", *(PACKAGE / name).glob("*.py")):
        assert not path.exists() or {target[0] for target in imports(path)} <= SHARED


def test_only_the_command_line_and_the_server_build_the_app() -> None:
    users = {p.name for p in PACKAGE.rglob("*.py") if ("app",) in {t[:1] for t in imports(p)}}

    assert users <= {"cli.py", "server.py"}
