"""What checks in a browser cost: a journey beside plain Playwright, Speed Index run after run, checks a minute, memory.

    python -m bench.checks [--runs 500] [--seconds 60] [--only journey speed rate memory]

All against a small shop on loopback, on however many cores there are.
"""

from __future__ import annotations

import argparse
import os
import statistics
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Final

import yaml
from playwright.sync_api import Browser, expect

from collector.checks.attempt import Attempt, Setting
from collector.checks.browser import chromium as warm
from collector.checks.files.load import Check, load
from collector.checks.kinds import kind_of
from collector.checks.marks import Mark
from collector.checks.runs.verdict import judge

WANTED_COST, WANTED_SPREAD, WANTED_RATE = 1.15, 5.0, 20
#: What memory may grow by from the second quarter of the runs to the last: noise of the measurement.
WANTED_GROWTH: Final = 10.0
_MARK: Final = Mark("0" * 32, "0.mark", 0)
_PAGE: Final = b"""<!doctype html><title>Shop</title><h1>Shop</h1><label>Name <input id=name></label>
<button id=add>Add</button><span id=count>0</span><a id=cart href=/cart>Cart</a>
<script>add.onclick = () => { count.textContent = +count.textContent + 1; };</script>"""
_DRAWN: Final = b"""<!doctype html><title>Drawn</title><style>div { height: 160px; margin: 4px }</style><h1>Drawn</h1>
<script>['#c33', '#3c3', '#33c', '#cc3'].forEach((colour, place) => setTimeout(() => {
  const box = document.createElement('div'); box.style.background = colour; document.body.append(box);
}, 250 * (place + 1)));</script>"""
STEPS: Final[list[dict[str, Any]]] = [
    {"open": "/"}, {"expect_title": "Shop"}, {"fill": "#name", "value": "Jane"}, {"expect_value": "#name", "value": "Jane"},
    {"click": "#add"}, {"expect_text": "#count", "value": "1"}, {"click": "#add"}, {"expect_text": "#count", "value": "2"},
    {"click": "#cart"}, {"expect_url": "/cart"},
]  # fmt: skip


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        body = _DRAWN if self.path == "/drawn" else _PAGE
        self.send_response(200)
        self.send_header("content-type", "text/html")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:
        """Be quiet."""


class _Site(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Be quiet: browsers hang up."""


@contextmanager
def _site() -> Iterator[str]:
    server = _Site(("127.0.0.1", 0), _Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def _check(folder: Path, **document: Any) -> Check:
    path = folder / "bench.check.yaml"
    path.write_text(yaml.safe_dump(document))
    (check,), problems = load([path])
    assert not problems, problems
    return check


def _journey(folder: Path, url: str, pictures: str = "failure") -> Check:
    return _check(folder, kind="journey", url=url, steps=STEPS, screenshots=pictures)


def _attempt(check: Check, browser: warm.Chromium, folder: Path) -> Attempt:
    made = kind_of(check).make_attempt()(check, Setting(_MARK, allow_private=True, evidence_dir=folder / "evidence"), browser)
    assert judge(made).status == "pass", judge(made)
    return made


def _plain(browser: Browser, url: str) -> None:
    """Do the same steps as a person would write them down."""
    context = browser.new_context(viewport={"width": 1280, "height": 800}, base_url=url)
    page = context.new_page()
    page.goto("/")
    expect(page).to_have_title("Shop")
    page.fill("#name", "Jane")
    expect(page.locator("#name")).to_have_value("Jane")
    for count in ("1", "2"):
        page.click("#add")
        expect(page.locator("#count")).to_have_text(count)
    page.click("#cart")
    page.wait_for_url("**/cart")
    context.close()


def _took(do: Callable[[], object]) -> float:
    begin = time.perf_counter()
    do()
    return (time.perf_counter() - begin) * 1000


def journey(folder: Path, url: str, runs: int = 20) -> None:
    """Compare a journey of ten steps with plain Playwright, in turns, each in a warm browser that lasts for all of them."""
    browser = warm.Chromium()
    bare = _journey(folder, url)
    full = _journey(folder, url, "all")
    took: dict[str, list[float]] = {"plain": [], "ours": [], "pictured": []}
    with browser.attempt(True, 600) as (running, _):
        options = {"executable_path": browser.program, "args": ["--no-sandbox"] if os.geteuid() == 0 else []}
        other = running.browser_type.launch(**options)  # type: ignore[arg-type]
        doing: dict[str, Callable[[], object]] = {
            "plain": partial(_plain, other, url), "ours": partial(_attempt, bare, browser, folder),
            "pictured": partial(_attempt, full, browser, folder),
        }  # fmt: skip
        for place in range(runs + 2):
            for name, do in doing.items():
                milliseconds = _took(do)
                if place >= 2:
                    took[name].append(milliseconds)
        other.close()
    browser.close()
    plain, ours, pictured = (statistics.median(found) for found in took.values())
    print(f"Journey of ten steps: {ours:.0f} ms, plain Playwright {plain:.0f} ms: {ours / plain:.2f} times (wanted: at most "
          f"{WANTED_COST}); with a picture after each step {pictured:.0f} ms, {pictured / plain:.2f} times")  # fmt: skip


def speed(folder: Path, url: str, runs: int = 10) -> None:
    """Measure the Speed Index of a page that does not change."""
    browser = warm.Chromium()
    check = _check(
        folder, kind="page", url=f"{url}/drawn", loads=3, quiet=1.5, screenshots="none", timeout=60, expect=["status == 200"]
    )
    found = [_attempt(check, browser, folder).found.facts["speed_index.value"] for _ in range(runs)]
    browser.close()
    middle = statistics.median(found)
    spread = max(abs(one - middle) for one in found) / middle * 100
    print(f"Speed Index over {runs} runs of three loads: {min(found):.0f} to {max(found):.0f} ms, at most {spread:.1f} % from "
          f"their median (wanted: at most {WANTED_SPREAD:g} %)")  # fmt: skip


def rate(folder: Path, url: str, seconds: float) -> None:
    """Count the journeys that one browser does one after the other, with pictures."""
    browser, check = warm.Chromium(), _journey(folder, url, "all")
    _attempt(check, browser, folder)
    begin, count = time.monotonic(), 0
    while time.monotonic() - begin < seconds:
        _attempt(check, browser, folder)
        count += 1
    a_minute = count / (time.monotonic() - begin) * 60
    browser.close()
    print(f"One browser: {a_minute:.0f} journeys of ten steps with pictures a minute (wanted: {WANTED_RATE})")


def memory(folder: Path, url: str, runs: int) -> None:
    """Watch the memory of the runner and its browser over many runs, browsers that are started anew included."""
    browser, check = warm.Chromium(), _journey(folder, url)
    own, whole = [], []
    for place in range(runs):
        _attempt(check, browser, folder)
        if place % 5 == 4:
            pids = [None, *warm.processes_below(os.getpid())]
            sizes = [_memory_mb(pid) for pid in pids]
            own.append(sizes[0])
            whole.append(sum(sizes))
    browser.close()
    left = len([pid for pid in warm.processes_below(os.getpid()) if _memory_mb(pid)])
    for name, found in (("runner", own), ("runner, driver and browser", whole)):
        quarter = max(1, len(found) // 4)
        before, after = statistics.median(found[quarter : 2 * quarter] or found), statistics.median(found[-quarter:])
        print(f"{runs} runs, {name}: {before:.0f} MB in their second quarter, {after:.0f} MB in the last: "
              f"{(after / before - 1) * 100:+.1f} % (wanted: at most +{WANTED_GROWTH:g} %)")  # fmt: skip
    print(f"Processes left at the end: {left} (wanted: 0)")


def _memory_mb(pid: int | None) -> float:
    """Return the memory of a process that it shares with no other, in MB."""
    try:
        for line in Path(f"/proc/{pid or 'self'}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                return int(line.split()[1]) * 1024 / 1e6
    except OSError:
        return 0.0
    return 0.0


def main() -> None:
    """Run them one after another: they would disturb each other."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=500, help="how many runs memory is watched over")
    parser.add_argument("--seconds", type=float, default=60, help="how long runs are counted")
    parser.add_argument("--only", nargs="+", choices=("journey", "speed", "rate", "memory"))
    args = parser.parse_args()
    wanted = args.only or ("journey", "speed", "rate", "memory")
    with tempfile.TemporaryDirectory() as name, _site() as url:
        folder = Path(name)
        if "journey" in wanted:
            journey(folder, url)
        if "speed" in wanted:
            speed(folder, url)
        if "rate" in wanted:
            rate(folder, url, args.seconds)
        if "memory" in wanted:
            memory(folder, url, args.runs)


if __name__ == "__main__":
    main()
