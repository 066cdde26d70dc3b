"""The status page in a browser, and as `wideload serve` and `wideload status` make it."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Iterator
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import httpx2
import pytest
from click.testing import CliRunner
from playwright.sync_api import Browser, sync_playwright

from bench.running import Running, collector, free_port
from collector.cli import main
from collector.status.file import Component, Notice, StatusFile, Update
from collector.status.page import build_page
from collector.status.publisher import render
from collector.status.record import DAY
from collector.status.spans import Span, State
from tests.viewer.conftest import CHROMIUM
from tests.viewer.watching import AXE

FILE = "title: Demo status\ndataset: demo\ncomponents: [{title: Shop, checks: [front]}]\n"
TODAY = 1_794_787_200
NOW = TODAY + 36_000.0


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Running, str]]:
    """A collector with a status page, and the page's address."""
    path, address = tmp_path_factory.mktemp("status") / "status.yaml", f"127.0.0.1:{free_port()}"
    path.write_text(FILE)
    with collector(environment={"WIDELOAD_STATUS_FILE": str(path), "WIDELOAD_STATUS_LISTEN": address}) as started:
        deadline = time.monotonic() + 30
        while httpx2.get(f"http://{address}/").status_code != 200:
            assert time.monotonic() < deadline
            time.sleep(0.05)
        yield started, f"http://{address}"


def test_the_page_is_served_on_a_listener_of_its_own(running: tuple[Running, str]) -> None:
    collector_, address = running

    assert "Nothing is measured now" in httpx2.get(f"{address}/").text
    assert httpx2.get(f"{address}/api/me").status_code == 404
    # There nobody gets anything without a credential.
    assert httpx2.get(f"{collector_.url}/status.json").status_code == 401


def test_the_page_is_exported_file_by_file(running: tuple[Running, str], tmp_path: Path) -> None:
    collector_, _ = running
    (tmp_path / "index.html").write_text("old")
    (tmp_path / "mine.txt").write_text("mine")

    command = ["status", "export", str(tmp_path), "--url", collector_.url, "--token", collector_.token]
    result = CliRunner().invoke(main, command, catch_exceptions=False)
    assert (result.exit_code, result.stdout) == (0, f"Wrote 6 files to {tmp_path}.\n")
    assert "Demo status" in (tmp_path / "index.html").read_text()
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "badge-shop.svg", "badge.svg", "feed.xml", "index.html", "mine.txt", "status.css", "status.json",
    ]  # fmt: skip


def test_lint_names_mistakes(tmp_path: Path) -> None:
    good, bad = tmp_path / "good.yaml", tmp_path / "bad.yaml"
    good.write_text(FILE)
    bad.write_text(FILE + "titel: x\n")
    run = CliRunner()

    assert run.invoke(main, ["status", "lint", str(good)]).stdout == "1 components and 0 notices, no mistakes.\n"
    result = run.invoke(main, ["status", "lint", str(bad)])
    assert (result.exit_code, f"{bad}:4:" in result.stdout) == (1, True)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"])
        yield browser
        browser.close()


def pictured() -> dict[str, bytes]:
    """Return the files of a page with everything on it: outages, days with little data, and notices."""
    chance = random.Random(7)
    checks: dict[str, dict[int, list[Span]]] = {"shop": {}, "checkout": {}, "search": {}, "mail": {}}
    for number in range(90):
        day = TODAY - number * DAY
        end = min(day + DAY, NOW)
        for name, days in checks.items():
            if (name == "mail" and number > 40) or (name == "search" and number in (12, 13)):
                continue
            begin = end - 3 * 3600 if name == "search" and number == 14 else day
            outage = chance.random() < 0.04 and number
            middle = begin + (end - begin) / 2
            over = middle + 1500
            state = State.DEGRADED if chance.random() < 0.05 else State.UP
            days[day] = [Span(begin, end, state)]
            if outage:
                days[day] = [Span(begin, middle, state), Span(middle, over, State.DOWN), Span(over, end, State.UP)]
    checks["checkout"][TODAY] = [Span(TODAY, NOW - 1500, State.UP), Span(NOW - 1500, NOW, State.DOWN)]
    file = StatusFile(
        "Shop status", "How shop.example is doing.", "https://status.shop.example", "shop",
        tuple(Component(name.title(), "The pages that customers see." if name == "shop" else "", name, (name,)) for name in checks),
        (
            Notice("Checkout cannot be reached", "investigating", ("Checkout",), (
                Update(NOW - 600, "The payment provider does not answer. Orders are kept and paid later."),
                Update(NOW - 1200, "We look into it."),
            )),
            Notice("Search moved to new machines", "resolved", ("Search",), (Update(TODAY - 13 * DAY, "It is done."),)),
        ),
    )  # fmt: skip
    return render(build_page(file, lambda day: {name: days.get(day, []) for name, days in checks.items()}, NOW))


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("page")
    for name, body in pictured().items():
        (folder / name).write_bytes(body)

    class Handler(SimpleHTTPRequestHandler):
        def __init__(self, *arguments: Any) -> None:
            super().__init__(*arguments, directory=str(folder))

        def log_message(self, *_: Any) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield f"http://127.0.0.1:{server.server_address[1]}"
        server.shutdown()
        thread.join()


@pytest.mark.browser
@pytest.mark.parametrize(("width", "scheme"), [(1280, "light"), (390, "dark")])
def test_the_page_is_for_everybody(browser: Browser, site: str, width: int, scheme: Any, tmp_path: Path) -> None:
    page = browser.new_page(viewport={"width": width, "height": 900}, color_scheme=scheme)
    page.goto(site)
    page.screenshot(path=tmp_path / "status.png", full_page=True)

    assert page.get_by_role("status").inner_text() == "Checkout is down"
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.evaluate(AXE.read_text() + "; undefined")
    tags = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
    found = page.evaluate("(tags) => axe.run(document, {runOnly: tags})", tags)
    assert [(one["id"], [node["target"] for node in one["nodes"]]) for one in found["violations"]] == []
    page.close()
