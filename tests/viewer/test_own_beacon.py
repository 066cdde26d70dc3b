"""The viewer, measured by the script that it shows the measurements of."""

from __future__ import annotations

import time

import pytest
from playwright.sync_api import Browser
from watching import Watched, sign_in

from bench.running import collector

pytestmark = pytest.mark.browser

FIGURES = [{"op": "MAX", "column": column} for column in ("lcp.value", "cls.value", "ttfb.value")]
SHOWN = ["page.url", "page.route"]
LCP_VIEW = [
    {"column": "service.name", "op": "=", "value": "wideload-viewer"},
    {"column": "page.route", "op": "=", "value": "/lcp"},
]


def test_the_viewer_reports_how_it_is_for_its_readers_within_its_policy(browser: Browser) -> None:
    with collector(environment={"WIDELOAD_VIEWER_KEY": "demo"}) as running:
        context = browser.new_context(storage_state=sign_in(browser, running))
        reader = Watched(context, running)
        reader.open("view=lcp&f=page.path:=:/secret")
        reader.page.keyboard.press("?")
        assert reader.audit() == []
        context.close()
        deadline = time.monotonic() + 30
        while not (rows := running.query(calculations=[{"op": "COUNT"}, *FIGURES], breakdowns=SHOWN, filters=LCP_VIEW)["results"]):
            assert time.monotonic() < deadline
            time.sleep(0.1)
        (row,) = [row["data"] for row in rows]

    assert "secret" not in str(row)
    assert all(row[f"{op}({column})"] is not None for op, column in map(dict.values, FIGURES))
