"""`wideload query`: an answer becomes a table, lines of bars, or CSV."""

from __future__ import annotations

from typing import Any

from collector.commands import answers

ANSWER: dict[str, Any] = {
    "results": [
        {"data": {"COUNT": 12345, "P75(lcp.value)": 2345.67, "page.path": "/a"}},
        {"data": {"COUNT": 2, "P75(lcp.value)": None, "page.path": None}},
    ],
    "series": [{"time": "2026-11-23T08:00:00Z", "data": {"COUNT": 1, "P75(lcp.value)": 0.0813, "page.path": "/a"}}],
    "meta": {"elapsed_ms": 12.6, "rows_read": 54321, "limited": False},
}
SPEC: dict[str, Any] = {
    "calculations": [{"op": "P75", "column": "lcp.value"}, {"op": "COUNT"}],
    "breakdowns": ["page.path"],
    "disable_series": True,
}


def test_an_answer_becomes_an_aligned_table() -> None:
    assert answers.as_table(SPEC, ANSWER).splitlines() == [
        "page.path  P75(lcp.value)   COUNT",
        "─────────  ──────────────  ──────",
        "/a                2,345.7  12,345",
        "–                       –       2",
        "",
        "2 rows; 54,321 events read in 13 ms.",
    ]


def test_over_time_the_rows_are_the_series() -> None:
    lines = answers.as_table({**SPEC, "disable_series": False, "granularity": 3600}, ANSWER).splitlines()

    assert lines[2].split() == ["2026-11-23T08:00:00Z", "/a", "0.0813", "1"]


def test_no_rows_are_said_in_words() -> None:
    assert answers.as_table(SPEC, {"results": [], "meta": {}}).startswith("No events match.")


def test_rows_that_were_left_out_are_mentioned() -> None:
    assert "raise --limit" in answers.as_table(SPEC, {**ANSWER, "meta": {"limited": True}})


def test_what_a_visitor_sent_does_not_command_the_terminal() -> None:
    answer = {"results": [{"data": {"page.path": "/\x1b[2J" + "x" * 100, "COUNT": 1}}], "meta": {}}

    text = answers.as_table(SPEC, answer)

    assert "\x1b" not in text
    assert "…" in text


def test_csv_has_full_values_and_nothing_for_what_was_not_measured() -> None:
    assert answers.as_csv(SPEC, ANSWER).splitlines() == ["page.path,P75(lcp.value),COUNT", "/a,2345.67,12345", ",,2"]


COMPARED: dict[str, Any] = {
    "results": [{"data": {"COUNT": 120, "page.path": "/a"}}, {"data": {"COUNT": 5, "page.path": None}}],
    "series": [],
    "comparison": {
        "start_time": 1_794_000_000,
        "results": [{"data": {"COUNT": 100, "page.path": "/a"}}, {"data": {"COUNT": None, "page.path": None}}],
    },
    "meta": {"start_time": 1_794_086_400},
}
COUNTED: dict[str, Any] = {"breakdowns": ["page.path"], "disable_series": True}


def test_what_it_was_earlier_stands_beside_it_with_the_change() -> None:
    lines = answers.as_table(COUNTED, COMPARED).splitlines()

    assert lines[0].split("  ") == ["page.path", "COUNT", "COUNT earlier", "COUNT change"]
    assert lines[2].split() == ["/a", "120", "100", "+20.0", "%"]
    assert lines[3].split() == ["–", "5", "–", "–"]
    assert answers.as_csv(COUNTED, COMPARED).splitlines()[1:] == ["/a,120,100,20.0", ",5,,"]


def test_over_time_a_point_is_compared_with_the_one_so_much_earlier() -> None:
    answer = {
        "series": [{"time": "2026-11-16T10:00:00Z", "data": {"COUNT": 3}}],
        "comparison": {"start_time": 1_794_736_800, "series": [{"time": "2026-11-15T10:00:00Z", "data": {"COUNT": 6}}]},
        "meta": {"start_time": 1_794_823_200},
    }

    assert answers.as_csv({"granularity": 3600}, answer).splitlines()[1] == "2026-11-16T10:00:00Z,3,6,-50.0"


def test_a_group_over_time_is_a_line_of_bars() -> None:
    times = ("2026-11-16T10:00:00Z", "2026-11-16T11:00:00Z", "2026-11-16T13:00:00Z")
    answer = {
        "results": [{"data": {"page.path": "/a", "COUNT": 19}}],
        "series": [{"time": time, "data": {"page.path": "/a", "COUNT": n}} for time, n in zip(times, (1, 15, 3), strict=True)],
        "meta": {"granularity": 3600, "start_time": 1_794_823_200, "end_time": 1_794_823_200 + 4 * 3600},
    }

    lines = answers.as_sparks({"breakdowns": ["page.path"], "granularity": 3600}, answer).splitlines()

    assert lines[0].split() == ["page.path", "COUNT", "over", "time", "from", "to"]
    assert lines[2] == "/a            19  ▁█ ▂          1  15"


def test_bars_of_equal_or_no_values_are_flat_or_gaps() -> None:
    assert answers.spark([3, 3]) == "▁▁"
    assert answers.spark([None, None]) == "  "
    assert answers.spark([]) == ""


def test_formulas_are_columns() -> None:
    spec = {"calculations": [{"op": "COUNT"}], "formulas": [{"name": "twice", "expression": "$COUNT * 2"}], "disable_series": True}

    assert answers.as_csv(spec, {"results": [{"data": {"COUNT": 2, "twice": 4}}]}).splitlines() == ["COUNT,twice", "2,4"]


def test_an_answer_from_memory_or_from_a_sample_says_so() -> None:
    cached = answers.as_table({"disable_series": True}, {"results": [], "meta": {"cached": True, "age_seconds": 12.4}})
    sampled = answers.as_table({"disable_series": True}, {"results": [], "meta": {"sampled": True, "sample_share": 1 / 16}})

    assert cached.endswith("answered from memory, 12 s old.")
    assert sampled.endswith("; a first answer, from one event in 16.")
