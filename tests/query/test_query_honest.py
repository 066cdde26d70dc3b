"""What a number says is what it means: before and after merges, in totals, and where nothing was measured."""

from __future__ import annotations

from typing import Any

import pytest
from asking import NOW, Dataset

from collector.store.chdb import ChdbStore

RATES: list[dict[str, Any]] = [{"op": op, "column": "lcp.value"} for op in ("RATE_SUM", "RATE_AVG", "RATE_MAX")]


def test_amended_and_repeated_views_count_once_merged_or_not(dataset: Dataset, embedded_store: ChdbStore) -> None:
    calculations = [{"op": "COUNT"}, {"op": "SUM", "column": "lcp.value"}, {"op": "P75", "column": "lcp.value"},
                    {"op": "COUNT_DISTINCT", "column": "id"}]  # fmt: skip
    views = [{"id": f"v{number}", "lcp.value": 100 * number} for number in range(1, 9)]
    dataset.add(*views)
    dataset.add(*({**view, "revision": 2, "lcp.value": view["lcp.value"] + 1} for view in views[:4]))
    dataset.add(*views[4:])
    dataset.add(*({**view, "revision": 0, "lcp.value": 9} for view in views))

    before = dataset.ask(calculations=calculations, breakdowns=["page.path"])
    embedded_store._command("OPTIMIZE TABLE events PARTITION '2026-11-16' FINAL")
    after = dataset.ask(calculations=calculations, breakdowns=["page.path"])

    assert before["results"] == after["results"]
    assert before["results"][0]["data"] == {
        "page.path": None, "COUNT": 8, "SUM(lcp.value)": 3604, "P75(lcp.value)": 600, "COUNT_DISTINCT(id)": 8,
    }  # fmt: skip


def test_a_rate_is_null_in_every_total(dataset: Dataset) -> None:
    dataset.add(*({"lcp.value": number, "ts": (NOW - 60 * number) * 1000} for number in range(1, 5)))

    answer = dataset.ask(
        calculations=RATES, granularity=60, time_range=600, breakdowns=["page.path"], limit=1, compare_time_offset_seconds=600,
        disable_total_by_aggregate=False, disable_other_by_aggregate=False,
    )  # fmt: skip

    totals = [answer["results"][0], answer["total_by_aggregate"], answer["other_by_aggregate"], answer["comparison"]["results"][0]]
    assert all(row["data"][f"{one['op']}(lcp.value)"] is None for row in totals for one in RATES)
    assert any(point["data"]["RATE_SUM(lcp.value)"] == -1 for point in answer["series"])


@pytest.mark.parametrize("op", ["SUM", "AVG", "MIN", "MAX", "P50", "P99.9", "CONCURRENCY"])
def test_what_nobody_measured_is_null_for_a_group_in_the_total_and_over_time(op: str, dataset: Dataset) -> None:
    dataset.add({"page.path": "/a"}, {"page.path": "/b", "inp.value": 0})

    answer = dataset.ask(
        calculations=[{"op": op, "column": "inp.value", "name": "it"}], breakdowns=["page.path"], granularity=60, time_range=600,
        orders=[{"column": "page.path"}],
    )  # fmt: skip

    assert [row["data"]["it"] for row in answer["results"]] == [None, 0]
    assert {point["data"]["page.path"]: point["data"]["it"] for point in answer["series"]} == {"/a": None, "/b": 0}


def test_counts_and_sums_stand_for_what_was_sampled_away(dataset: Dataset) -> None:
    dataset.add({"lcp.value": 100, "sample_rate": 1}, {"lcp.value": 300, "sample_rate": 9}, {"sample_rate": 90})

    answer = dataset.ask(
        calculations=[{"op": "COUNT"}, {"op": "SUM", "column": "lcp.value"}, {"op": "AVG", "column": "lcp.value"},
                      {"op": "P50", "column": "lcp.value"}, {"op": "COUNT_DISTINCT", "column": "id"}],
    )  # fmt: skip

    (row,) = answer["results"]
    assert row["data"] == {
        "COUNT": 100, "SUM(lcp.value)": 2800, "AVG(lcp.value)": 280, "P50(lcp.value)": 300, "COUNT_DISTINCT(id)": 3,
    }  # fmt: skip
    assert answer["meta"]["unweighted"] == ["COUNT_DISTINCT(id)"]
    assert row["intervals"]["P50(lcp.value)"]["effective_rows"] == pytest.approx(100 / 82, abs=0.05)


def test_a_sampled_range_that_one_of_whole_events_is_compared_with_is_weighted(dataset: Dataset) -> None:
    before = (NOW - 7260) * 1000
    dataset.add({"lcp.value": 100}, {"lcp.value": 100, "sample_rate": 1, "ts": before})
    dataset.add({"lcp.value": 300, "sample_rate": 9, "ts": before})

    answer = dataset.ask(calculations=[{"op": "P50", "column": "lcp.value", "name": "p50"}], time_range=3600,
                         compare_time_offset_seconds=7200)  # fmt: skip

    assert [one["results"][0]["data"]["p50"] for one in (answer, answer["comparison"])] == [100, 300]
