"""Records a data folder of this version: something of everything, some of it stored, some of it waiting, and a collector killed."""

from __future__ import annotations

import json
import subprocess
import sys
import tarfile
import tempfile
import time
from pathlib import Path
from typing import Any, Final

import httpx2

from bench.process import TOKEN, CollectorProcess
from collector import __version__

FOLDER: Final = Path(__file__).parent
#: Recorded events must not end while the recording is in use.
CONFIG: Final = '[datasets.demo]\nsite_keys = ["demo"]\nallowed_origins = ["*"]\nretention_days = 3650\n'
FACTS: Final = "facts.json"
_STORED, _WAITING = 40, 7
_PANEL: Final = {
    "id": "views",
    "kind": "timeseries",
    "title": "Views",
    "query": "all",
    "width": 12,
    "mark": "bars",
    "value": "COUNT",
}
_DASHBOARD: Final = {
    "id": "recorded",
    "title": "Recorded",
    "description": "",
    "dataset": "demo",
    "queries": {"all": {"calculations": [{"op": "COUNT"}]}},
    "panels": [_PANEL],
}


def _events(prefix: str, n: int) -> list[dict[str, Any]]:
    now = int(time.time() * 1000)
    return [
        {
            "id": f"{prefix}{i}",
            "kind": "page_view",
            "time": now - i,
            "page.path": f"/{prefix}",
            "lcp.value": 1000 + i,
            "plan": "gold",
        }
        for i in range(n)
    ]


def _ask(url: str, method: str, path: str, body: Any) -> Any:
    answer = httpx2.request(method, url + path, json=body, headers={"authorization": f"Bearer {TOKEN}"}, timeout=30)
    assert answer.is_success, answer.text
    return answer.json()


def record(target: Path) -> None:
    """Write a recording."""
    with tempfile.TemporaryDirectory() as work:
        top = Path(work) / "recorded"
        data, config = top / "data", top / "wideload.toml"
        top.mkdir()
        config.write_text(CONFIG)
        made = subprocess.run(
            [sys.executable, "-m", "collector", "tokens", "create", "recorded", "--scope", "read", "--data-dir", str(data),
             "--config", str(config)], check=True, capture_output=True, text=True,
        )  # fmt: skip
        collector = CollectorProcess(data, config=config, linger_seconds=0.1)
        with collector:
            assert collector.send(*_events("stored", _STORED)).status_code == 202
            collector.settle()
            dashboard = _ask(collector.url, "POST", "/api/dashboards", _DASHBOARD)
            query = _ask(collector.url, "POST", "/api/queries", {"dataset": "demo", "calculations": [{"op": "COUNT"}]})
            _ask(collector.url, "POST", "/api/markers", {"dataset": "demo", "message": "recorded"})
            collector.terminate()
        with collector.start(linger_seconds=3600):
            assert collector.send(*_events("waiting", _WAITING)).status_code == 202
        facts = {
            "version": __version__, "at": int(time.time()), "events": _STORED + _WAITING, "waiting": _WAITING,
            "token": made.stdout.split()[-1] if made.stdout else "", "dashboard": dashboard["id"], "query": query["id"],
        }  # fmt: skip
        (top / FACTS).write_text(json.dumps(facts))
        with tarfile.open(target, "w:xz") as tar:
            tar.add(top, "recorded")


if __name__ == "__main__":
    file = FOLDER / f"{__version__}.tar.xz"
    if file.exists() and "--again" not in sys.argv:
        sys.exit(f"{file} exists: what was released does not change. (`--again` for a version that is not.)")
    record(file)
    print(f"Wrote {file} ({file.stat().st_size:,} bytes).")
