"""When it really happened, by which clock."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collector.ingest.enrich import NEWEST, OLDEST, enrich

NOW = 1_790_000_000_000
HOUR = 3_600_000


def enriched(time: float | None, sent_at: float | None) -> dict[str, Any]:
    event: dict[str, Any] = {} if time is None else {"time": time}
    enrich(event, {"dataset": "shop"}, sent_at, NOW)
    return event


@pytest.mark.parametrize(
    ("time", "sent_at", "ts", "state"),
    [
        pytest.param(NOW - 5000, NOW - 20, NOW - 5000, "ok", id="good clock"),
        pytest.param(NOW - 5000, NOW - 50_000, NOW - 5000, "ok", id="slow network is not skew"),
        pytest.param(NOW - 5000 - 2 * HOUR, NOW - 2 * HOUR, NOW - 5000, "corrected", id="two hours behind"),
        pytest.param(NOW - 5000 + 2 * HOUR, NOW + 2 * HOUR, NOW - 5000, "corrected", id="two hours ahead"),
        pytest.param(NOW - 5000, None, NOW - 5000, "ok", id="no sent_at"),
        pytest.param(None, NOW, NOW, "ok", id="no time"),
        pytest.param(0, None, -((OLDEST - NOW) // HOUR * HOUR), "clamped", id="epoch"),
        pytest.param(NOW + HOUR, NOW, (NOW + NEWEST) // HOUR * HOUR, "clamped", id="future"),
        pytest.param(9e12, 9e12, NOW, "corrected", id="year 2255, both clocks"),
    ],
)
def test_ts_is_the_claim_corrected_and_clamped(time: float | None, sent_at: float | None, ts: int, state: str) -> None:
    event = enriched(time, sent_at)

    assert abs(event["ts"] - ts) <= 60_000 if state == "corrected" else event["ts"] == ts
    assert event["clock.state"] == state


def test_the_claim_is_kept_beside_it() -> None:
    event = enriched(12_345.6, NOW)

    assert (event["time"], event["received_at"], event["dataset"]) == (12_345, NOW, "shop")


@given(st.floats(-2e12, 9e12) | st.none(), st.floats(-1e13, 1e13) | st.none())
def test_ts_is_always_within_the_accepted_range(time: float | None, sent_at: float | None) -> None:
    assert NOW - OLDEST <= enriched(time, sent_at)["ts"] <= NOW + NEWEST


@given(st.integers(-HOUR * 48, HOUR * 48), st.integers(0, 20_000))
def test_an_amended_page_view_keeps_its_ts_with_a_good_clock(offset: int, delay: int) -> None:
    if abs(offset) + delay < 60_000:
        assert enriched(NOW - 5000, NOW - offset)["ts"] == enriched(NOW - 5000, NOW - offset - delay)["ts"]
