"""Whether the beacon sends what Firefox and WebKit offer, and nothing else: against the page's own entries."""

from __future__ import annotations

import re
from typing import Any

import pytest
from beacon_site import Server
from engine import Visit, leave

from collector.fields import BY_NAME

pytestmark = pytest.mark.browser

# What the page knows itself.
TOLD = """({
  navigation: performance.getEntriesByType('navigation')[0].toJSON(),
  paint: Object.fromEntries(performance.getEntriesByType('paint').map(({name, startTime}) => [name, startTime])),
  resources: performance.getEntriesByType('resource').map((entry) => entry.toJSON()),
  types: PerformanceObserver.supportedEntryTypes,
})"""

# Waits for an entry of a type and returns the entries until then; its arguments are filled in.
ENTRIES = """new Promise((done) => {
  const entries = [];
  new PerformanceObserver((list) => {
    entries.push(...list.getEntries());
    if (entries.some((entry) => %s)) done(entries.map((entry) => ({...entry.toJSON(), interactionId: entry.interactionId})));
  }).observe({type: '%s', buffered: true, durationThreshold: 16});
})"""

# A field of the dictionary and what the page reads it from; null where the browser doesn't tell.
FACTS = {
    "browser.language": "navigator.language",
    "browser.time_zone": "Intl.DateTimeFormat().resolvedOptions().timeZone",
    "browser.width": "innerWidth",
    "browser.height": "innerHeight",
    "browser.webdriver": "navigator.webdriver",
    "screen.width": "screen.width",
    "screen.height": "screen.height",
    "screen.pixel_ratio": "devicePixelRatio",
    "screen.orientation": "screen.orientation?.type",
    "device.cores": "navigator.hardwareConcurrency",
    "device.memory": "navigator.deviceMemory",
    "network.effective_type": "navigator.connection?.effectiveType",
    "network.downlink": "navigator.connection?.downlink",
    "network.save_data": "navigator.connection?.saveData",
}

EVERY_VITAL = """
<button id="buy">buy</button>
<div id="banner"></div>
<img id="hero" src="/hero.svg?ms=100" width="300" height="200">
<script>
  setTimeout(() => { banner.style.height = '120px'; }, 200);
  buy.onclick = () => { const end = performance.now() + 150; while (performance.now() < end); };
</script>"""


def snake_case(name: str) -> str:
    return re.sub("[A-Z]", lambda letter: "_" + letter[0].lower(), name)


def names(row: dict[str, Any], prefix: str) -> set[str]:
    return {name for name in row if name.startswith(prefix)}


def test_navigation_is_the_entry_of_the_page(visit: Visit, site: Server, collector: Server) -> None:
    tab = visit(path="/?ms=50")
    entry = {"navigation." + snake_case(name): value for name, value in tab.evaluate(TOLD)["navigation"].items()}
    leave(tab, site)

    (row,) = collector.rows_on_leave()

    told = {name for name, value in entry.items() if value and type(value) in (int, float) and name in BY_NAME}
    assert len(told) > 10
    assert {name: row.get(name) for name in told} == pytest.approx({name: entry[name] for name in told}, abs=0.001)
    assert (row["navigation.type"], row["navigation.redirect_count"]) == (entry["navigation.type"], 0)
    assert names(row, "navigation.") <= set(entry)
    for mark in ("redirect_start", "worker_start", "secure_connection_start"):
        assert entry["navigation." + mark] == 0
        assert "navigation." + mark not in row


def test_paints_are_the_entries_of_the_page(visit: Visit, site: Server, collector: Server) -> None:
    tab = visit(path="/?ms=50")
    told = tab.evaluate(TOLD)
    leave(tab, site)

    (row,) = collector.rows_on_leave()

    assert row["fcp.value"] == pytest.approx(told["paint"]["first-contentful-paint"], abs=0.001)
    assert row.get("fp.value") == pytest.approx(told["paint"].get("first-paint"), abs=0.001)
    assert row["ttfb.value"] == pytest.approx(told["navigation"]["responseStart"], abs=0.001)


def test_vitals_are_told_where_the_browser_has_their_entries(visit: Visit, site: Server, collector: Server) -> None:
    tab = visit(EVERY_VITAL)
    tab.click("#buy")
    types = tab.evaluate(TOLD)["types"]
    paints = "largest-contentful-paint" in types and tab.evaluate(ENTRIES % ("entry.url", "largest-contentful-paint"))
    clicks = "event" in types and tab.evaluate(ENTRIES % ("entry.name === 'click'", "event"))
    leave(tab, site)

    (row,) = collector.rows_on_leave()

    assert bool(names(row, "lcp.")) == bool(paints)
    if paints:
        assert row["lcp.value"] == pytest.approx(paints[-1]["startTime"], abs=0.001)
        assert row["lcp.element"] == "#hero"
    assert bool(names(row, "inp.")) == bool(clicks)
    if clicks:
        assert row["inp.value"] == max(entry["duration"] for entry in clicks if entry["interactionId"]) >= 150
        assert row["inp.interaction_target"] == "#buy"
    assert bool(names(row, "cls.")) == ("layout-shift" in types)
    assert bool(names(row, "loaf.")) == ("long-animation-frame" in types)


def test_resources_are_the_entries_of_the_page(visit: Visit, site: Server, collector: Server) -> None:
    tab = visit('<img src="/hero.svg" width="300" height="200">')
    told = tab.evaluate(TOLD)["resources"]
    leave(tab, site)

    (row,) = collector.rows_on_leave()

    resources = [entry for entry in told if "/v1/beacon/" not in entry["name"]]
    assert row["resource.count"] == len(resources) == 3
    assert row["resource.transfer_size"] == sum(entry["transferSize"] for entry in resources) > 50_000
    assert row["resource.third_party_count"] == 1
    assert sorted(row["resources.path"]) == ["/beacon.js", "/complaints.js", "/hero.svg"]
    assert row["resources.start"] == pytest.approx([entry["startTime"] for entry in resources], abs=0.06)


def test_what_no_entry_tells_of_resources_is_absent(visit: Visit, site: Server, collector: Server) -> None:
    tab = visit('<img src="/hero.svg" width="300" height="200">')
    tells_blocking, tells_status = tab.evaluate(
        "['renderBlockingStatus', 'responseStatus'].map((name) => name in PerformanceResourceTiming.prototype)"
    )
    leave(tab, site)

    (row,) = collector.rows_on_leave()

    assert ("resource.blocking_count" in row, "resources.blocking" in row) == (tells_blocking, tells_blocking)
    assert ("resource.failed_count" in row) == tells_status
    for name, is_told in {"resource_types.blocking_count": tells_blocking, "resource_types.failed_count": tells_status}.items():
        assert (set(row[name]) == {None}) != is_told, name


def test_facts_are_those_of_the_browser(visit: Visit, site: Server, collector: Server) -> None:
    tab = visit()
    told = tab.evaluate("[" + ",".join(f"{source} ?? null" for source in FACTS.values()) + "]")
    leave(tab, site)

    (row,) = collector.rows_on_leave()

    assert {name: row.get(name) for name in FACTS} == dict(zip(FACTS, told, strict=True))
