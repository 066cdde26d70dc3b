"""`/metrics` says what the table of metrics says."""

from __future__ import annotations

import httpx2
import pytest
from prometheus_client.parser import text_string_to_metric_families

from bench.running import Running
from collector.docs import PAGES
from collector.telemetry import METRICS, Counters, Metric, Telemetry

GAUGES = {metric.name: lambda: 1.0 for metric in METRICS if metric.gauge and metric.name.startswith("wideload")}


def exposed(text: str) -> dict[str, tuple[str, set[str]]]:
    """Return the type and the labels of each metric of a page."""
    families = text_string_to_metric_families(text)
    return {
        family.name + ("_total" if family.type == "counter" else ""): (
            family.type,
            {label for sample in family.samples for label in sample.labels} - {"le"},
        )
        for family in families
    }


def test_what_is_exposed_is_the_table() -> None:
    counters = Counters()
    telemetry = Telemetry(counters, GAUGES, "1.2.3")
    for metric in METRICS:
        labels = [f"a {name}" for name in metric.labels]
        if metric.type == "counter":
            counters.add(metric.name, 1, *labels)
        elif metric.type == "histogram":
            counters.time(metric.name, 0.1, *labels)

    found = exposed(telemetry.render().decode())

    telemetry.close()
    assert found == {metric.exposed: (metric.type, set(metric.labels)) for metric in METRICS}


def test_a_running_collector_exposes_nothing_else(live_collector: Running) -> None:
    found = exposed(httpx2.get(f"{live_collector.url}/metrics", headers={"authorization": f"Bearer {live_collector.token}"}).text)

    assert found.keys() <= {metric.exposed for metric in METRICS}
    assert {metric.exposed for metric in METRICS if metric.type == "gauge"} <= found.keys()
    assert "wideload_commit_duration_seconds" in found or "wideload_beacons_received_total" in found


@pytest.mark.parametrize("metric", METRICS, ids=lambda metric: metric.name)
def test_every_metric_has_a_row_with_a_meaning(metric: Metric) -> None:
    (row,) = [line for line in PAGES["metrics.md"]().splitlines() if line.startswith(f"| `{metric.exposed}` |")]

    assert row.rstrip(" |").endswith((".", ")"))
