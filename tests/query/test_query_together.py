"""Questions about the same events get the answers that they would get alone."""

from __future__ import annotations

from random import Random
from typing import Any

import pytest
from asking import NOW, Dataset

from collector.query.parse import parse_query
from collector.query.spec import QuerySpec

COUNT, P75 = {"op": "COUNT"}, {"op": "P75", "column": "lcp.value"}
POOR = {"op": "COUNT", "name": "poor", "filters": [{"column": "lcp.rating", "op": "=", "value": "poor"}]}
GOLD = [{"column": "plan", "op": "=", "value": "gold"}]
#: What dashboards ask: totals, points over time, groups by a field and by attributes; also with texts that look like placeholders.
QUESTIONS: list[dict[str, Any]] = [
    {"calculations": [COUNT, P75, POOR], "disable_series": True},
    {"calculations": [COUNT, P75, {"op": "P95", "column": "cart.items"}, {"op": "COUNT_DISTINCT", "column": "page.path"}]},
    {"calculations": [COUNT, P75], "breakdowns": ["page.path"], "limit": 3, "disable_series": True},
    {"calculations": [{"op": "AVG", "column": "cart.items"}], "breakdowns": ["{p0:String}", "plan"], "disable_series": True},
    {"calculations": [COUNT], "breakdowns": ["page.path"], "disable_series": True, "orders": [{"column": "page.path"}],
     "havings": [{"calculate_op": "COUNT", "op": ">", "value": 5}]},
    {"calculations": [COUNT, POOR], "formulas": [{"name": "share", "expression": "$poor / $COUNT"}]},
]  # fmt: skip


@pytest.fixture
def shop(dataset: Dataset) -> Dataset:
    random = Random(7)
    dataset.add(
        *(
            {
                "ts": (NOW - random.randrange(10, 7000)) * 1000,
                "sample_rate": random.choice((1, 1, 4)),
                "page.path": f"/{random.randrange(20)}",
                "lcp.value": value,
                "lcp.rating": "poor" if value > 2000 else "good",
                "attrs_string": {"plan": random.choice(("gold", "free")), "{p0:String}": random.choice("ab")},
                "attrs_number": {"cart.items": float(random.randrange(9))},
            }
            for value in (round(1500 * random.lognormvariate(0, 0.4), 1) for _ in range(2000))
        )
    )
    return dataset


def specs(dataset: Dataset, questions: list[dict[str, Any]], **more: Any) -> list[QuerySpec]:
    return [parse_query({"dataset": dataset.name, "filters": GOLD, **question, **more}) for question in questions]


def plain(answer: dict[str, Any] | None) -> dict[str, Any]:
    assert answer
    costs = ("elapsed_ms", "rows_read", "bytes_read")
    return {**answer, "meta": {key: value for key, value in answer["meta"].items() if key not in costs}}


def test_answers_together_are_those_of_each_alone(shop: Dataset) -> None:
    asked = specs(shop, QUESTIONS)

    answers = shop.engine.run_together(asked)

    assert [plain(answer) for answer in answers] == [plain(shop.engine.run(spec)) for spec in asked]


def test_the_events_are_read_once(shop: Dataset) -> None:
    asked = specs(shop, QUESTIONS[:3])

    together = [answer["meta"]["rows_read"] for answer in shop.engine.run_together(asked) if answer]

    assert len(together) == 3
    assert max(together) < sum(shop.engine.run(spec)["meta"]["rows_read"] for spec in asked)


def test_where_nothing_is_left_the_answers_are_the_same_too(shop: Dataset) -> None:
    nothing = [{"column": "plan", "op": "=", "value": "none"}]
    asked = specs(shop, QUESTIONS, filters=nothing)

    assert [plain(answer) for answer in shop.engine.run_together(asked)] == [plain(shop.engine.run(spec)) for spec in asked]


@pytest.mark.parametrize(
    "more",
    [
        {"calculations": [{"op": "HEATMAP", "column": "lcp.value"}]},
        {"breakdowns": ["page.path"]},
        {"compare_time_offset_seconds": 86_400},
        {
            "breakdowns": ["long"],
            "calculated_fields": [{"name": "long", "expression": "$lcp.value > 1000"}],
            "disable_series": True,
        },
        {"calculations": [{"op": "P75", "column": "resources.duration"}], "disable_series": True},
    ],
    ids=["heat-map", "series-of-groups", "comparison", "calculated-field", "list"],
)
def test_what_takes_more_than_one_statement_is_asked_alone(more: dict[str, Any], shop: Dataset) -> None:
    asked = specs(shop, [*QUESTIONS[:2], more])

    answers = shop.engine.run_together(asked)

    assert [answer is not None for answer in answers] == [True, True, False]


def test_points_that_suit_few_events_are_chosen_together_too(shop: Dataset) -> None:
    asked = specs(shop, [QUESTIONS[0], {"calculations": [COUNT]}], time_range=86_400, granularity_min_events=30)

    _, answer = shop.engine.run_together(asked)

    assert plain(answer) == plain(shop.engine.run(asked[1]))


def test_what_the_rollup_may_answer_is_left_to_it(shop: Dataset) -> None:
    asked = specs(shop.limited(rollup_rows=1), [QUESTIONS[0], QUESTIONS[2], QUESTIONS[4]], filters=[])

    answers = shop.limited(rollup_rows=1).engine.run_together(asked)

    assert [answer is not None for answer in answers] == [False, True, True]
