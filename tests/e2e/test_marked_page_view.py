"""A page that a check opens says so, with the beacon that every page has."""

from __future__ import annotations

import json
import time

import httpx2
import pytest
from playwright.sync_api import sync_playwright

from bench.running import Running
from tests.e2e.test_page_view import ARGUMENTS, CHROMIUM

pytestmark = pytest.mark.browser

#: The script's stub: what is asked of it before it has come waits for it.
STUB = "window.wideload = function () { (wideload.q = wideload.q || []).push(arguments) };"


def test_the_page_views_of_a_run_are_found_by_its_id(live_collector: Running) -> None:
    headers = {"authorization": f"Bearer {live_collector.token}"}
    answer = httpx2.post(f"{live_collector.url}/api/checks/runs", json={"dataset": "demo"}, headers=headers, trust_env=False)
    run = answer.json()
    fields = {"check.run_id": run["run_id"], "check.name": "cart", "check.mark": run["mark"]}
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        context = browser.new_context()
        context.add_init_script(f"{STUB} wideload('set', {json.dumps(fields)})")
        page = context.new_page()
        page.goto(f"{live_collector.url}/demo/", wait_until="load")
        # Closing the browser alone loses the last beacon.
        context.close()
        browser.close()

    of_run = [{"column": "check.run_id", "op": "=", "value": run["run_id"]}]
    end = time.monotonic() + 10
    while not live_collector.count(filters=of_run) and time.monotonic() < end:
        time.sleep(0.05)
    assert live_collector.count(filters=[*of_run, {"column": "check.name", "op": "=", "value": "cart"}]) == 1
    assert live_collector.count(filters=[*of_run, {"column": "user_agent.is_bot", "op": "!=", "value": True}]) == 0
