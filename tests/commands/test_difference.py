"""`wideload bubbleup`: options become a selection, an answer becomes a sentence and tables."""

from __future__ import annotations

from typing import Any

import pytest

from collector.commands import difference
from collector.errors import WideloadError

FIELD: dict[str, Any] = {
    "condition": {"column": "service.version", "op": "=", "value": "4.2"},
    "score": 0.7654,
    "stands_out": True,
    "role": "circumstance",
    "selection": {"share": 0.8211, "null_share": 0},
    "baseline": {"share": 0.03, "null_share": 0},
}
SIDE = {"events": 1200.0}
LATE = {"column": "ts", "op": ">=", "value": 1_794_823_200}
ANSWER: dict[str, Any] = {
    "summary": "82 % of the selected events have service.version = 4.2; elsewhere 3 %.",
    "fields": [FIELD, {**FIELD, "stands_out": False, "condition": {"column": "hidden", "op": "exists"}}],
    "pairs": [{"conditions": [FIELD["condition"], LATE], "selection": 0.5, "baseline": 0.001}],
    "selection": SIDE,
    "baseline": SIDE,
    "meta": {"sampled": False, "rows_read": 2400, "elapsed_ms": 12.3},
}


def test_a_percentile_becomes_the_box_and_the_rest_filters() -> None:
    spec = difference.build_spec(["lcp.value >= p90", "device.type = mobile"], ["kind = page_view"], "24h")

    assert spec == {
        "query": {"filters": [{"column": "kind", "op": "=", "value": "page_view"}], "time_range": 86_400},
        "selection": {
            "column": "lcp.value",
            "min": "P90",
            "filters": [{"column": "device.type", "op": "=", "value": "mobile"}],
        },
    }


@pytest.mark.parametrize(
    ("selected", "words"),
    [(["lcp.value > P90"], "write >= or <="), (["a >= P90", "b >= P90"], "one field only"), (["lcp.value"], "no operator")],
)
def test_a_wrong_selection_is_named(selected: list[str], words: str) -> None:
    with pytest.raises(WideloadError, match=words):
        difference.build_spec(selected, [], None)


def test_an_answer_is_a_sentence_and_what_stands_out() -> None:
    lines = difference.render(ANSWER, 10).splitlines()

    assert lines[0] == ANSWER["summary"]
    assert lines[4].split() == ["service.version", "=", "4.2", "82.1", "%", "3.0", "%", "0.77"]
    assert "service.version = 4.2 and ts >= 2026-11-16T10:00:00Z" in lines[8]
    assert lines[-1] == "1,200 events selected, 1,200 others; 2,400 rows read in 12 ms."
    assert "hidden" not in "".join(lines)
