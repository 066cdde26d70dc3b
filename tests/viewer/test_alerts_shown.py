"""Alerts and an incident in the viewer: within its policy, for everybody, and with what an editor can do."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx2
import pytest
from playwright.sync_api import Browser, expect
from watching import Watched, sign_in

from bench.running import Running, collector

pytestmark = pytest.mark.browser

RULES = {
    "front": "kind: check\ntitle: The shop's front page\ndataset: demo\nseverity: critical\nchecks: {names: [front]}\n"
    "description: Call the host first.\nrunbook: https://wiki.example/front\n",
    "slow": "kind: query\ntitle: Pages are slow\ndataset: demo\nquery: {calculations: [{op: P75, column: lcp.value}],"
    " filters: [{column: kind, op: '=', value: page_view}], breakdowns: [page.path]}\nwhen: '> 2500'\nminimum_samples: 5\n",
}
#: What a page may say of itself.
WICKED = "/slow/<img src=x onerror=alert(1)>\u202etxt"


def fill(running: Running) -> None:
    """Send page views, and three runs of a check: one that passed and two that failed."""
    now = time.time() * 1000

    def send(*events: dict[str, Any]) -> None:
        body = {"v": 1, "sent_at": now, "events": events}
        httpx2.post(f"{running.url}/v1/beacon/demo", json=body).raise_for_status()

    for path, lcp in (("/", 1200), (WICKED, 4100), ("/about", 900)):
        send(
            *(
                {"id": f"view{lcp}-{n}", "kind": "page_view", "time": now - n * 1000, "page.path": path, "lcp.value": lcp}
                for n in range(10)
            )
        )
    for minute, status in enumerate(("pass", "fail", "fail")):
        headers = {"authorization": f"Bearer {running.token}"}
        run = httpx2.post(f"{running.url}/api/checks/runs", json={"dataset": "demo"}, headers=headers).json()
        code = 200 if status == "pass" else 503
        send({
            "id": run["run_id"], "kind": "check_run", "time": now - (120 - minute * 50) * 1000, "check.run_id": run["run_id"],
            "check.mark": run["mark"], "check.name": "front", "check.status": status, "check.is_final": True,
            "check.location": "berlin",
            "check.message": "" if status == "pass" else "status == 200 does not hold: it is 503", "check.reason": "",
            "http.response.status_code": code, "probe.duration": 80 if status == "pass" else 900, "url.full": "https://shop.example/",
        })  # fmt: skip
    deadline = time.monotonic() + 30
    while running.count() < 33:
        assert time.monotonic() < deadline
        time.sleep(0.05)


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    folder = tmp_path_factory.mktemp("rules") / "alerts"
    folder.mkdir()
    with collector(environment={"WIDELOAD_ALERTS_DIR": str(folder)}) as started:
        fill(started)
        for name, text in RULES.items():
            (folder / f"{name}.alert.yaml").write_text(text)
        deadline = time.monotonic() + 30
        while len(started.get("/api/incidents?state=open")["incidents"]) < 2:
            assert time.monotonic() < deadline
            time.sleep(0.05)
        yield started


@pytest.mark.parametrize(("width", "scheme"), [(1280, "light"), (390, "dark")])
def test_rules_and_incidents_are_shown(browser: Browser, running: Running, width: int, scheme: Any, tmp_path: Path) -> None:
    context = browser.new_context(
        storage_state=sign_in(browser, running), color_scheme=scheme, viewport={"width": width, "height": 900}
    )
    reader = Watched(context, running)
    page = reader.page

    reader.open("view=alerts")
    expect(page.get_by_text("2 incidents are open; 2 rules.")).to_be_visible()
    assert reader.audit() == []
    assert reader.inaccessible() == []
    page.screenshot(path=tmp_path / "alerts.png", full_page=True)

    page.get_by_role("row", name="The shop's front page: front").get_by_role("link").click()
    reader.settle()
    expect(page.get_by_role("heading", level=1)).to_have_text("The shop's front page: front")
    row = page.get_by_role("row", name="http.response.status_code")
    expect(row.get_by_role("cell", name="503", exact=True)).to_be_visible()
    expect(page.get_by_text("10 page views, 0 errors")).to_be_visible()
    assert [one for one in reader.audit() if "wiki.example" not in one] == []
    assert reader.inaccessible() == []
    page.screenshot(path=tmp_path / "incident.png", full_page=True)
    context.close()


def test_an_editor_looks_after_an_incident_and_silences_it(browser: Browser, running: Running) -> None:
    context = browser.new_context(storage_state=sign_in(browser, running))
    reader = Watched(context, running)
    page = reader.page
    reader.open("view=alerts")
    page.get_by_role("row", name="Pages are slow").get_by_role("link").click()
    reader.settle()

    page.get_by_label("Note").fill("The picture is too large.")
    page.get_by_role("button", name="Acknowledge").click()
    expect(page.get_by_text("You look after it")).to_be_visible()
    expect(page.get_by_text("The picture is too large.")).to_be_visible()
    page.get_by_label("Tell nobody for").select_option("8 hours")
    page.get_by_role("button", name="Silence").click()
    expect(page.get_by_text("Nobody is told of it for that time.")).to_be_visible()
    page.get_by_role("link", name="Alerts").first.click()
    reader.settle()
    page.get_by_role("button", name="End it").click()

    expect(page.get_by_role("button", name="End it")).to_have_count(0)
    assert reader.audit() == []
    context.close()
