"""Budgets of checks that real users set."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from asking import Dataset

from collector.checks.budgets import MIN_SAMPLES, Ask, find_budgets, with_budgets
from collector.checks.conditions import Budget, ConditionError, look, parse
from collector.checks.files.load import Check, load
from collector.errors import StoreUnavailable
from collector.query.parse import parse_query

TEXT = "lcp.value <= rum p75 28d + 15%"


def check_of(folder: Path, *expect: str, kind: str = "page", **keys: Any) -> Check:
    path = folder / "it.check.yaml"
    lines = "".join(f"  - {one}\n" for one in expect)
    more = "".join(f"{key}: {value}\n" for key, value in keys.items())
    path.write_text(f"kind: {kind}\nurl: https://shop.example/product/1\n{more}expect:\n{lines}")
    (check,), problems = load([path])
    assert problems == []
    return check


def asking(dataset: Dataset) -> Ask:
    def ask(question: dict[str, Any]) -> list[dict[str, Any]]:
        return [row["data"] for row in dataset.engine.run(parse_query({"dataset": dataset.name, **question}))["results"]]

    return ask


def views(count: int, lcp: float, path: str = "/product/1", **more: Any) -> list[dict[str, Any]]:
    one = {"page.host": "shop.example", "page.path": path, "page.route": "/product/:id", "device.type": "desktop", "lcp.value": lcp}
    return [one | more for _ in range(count)]


@pytest.mark.parametrize(
    ("text", "budget", "limit"),
    [
        (TEXT, Budget("P75", 28 * 86_400, 1.15), 2300.0),
        ("cls.value < rum p90 2w - 10% warn", Budget("P90", 14 * 86_400, 0.9), 1800.0),
        ("lcp.value <= rum p99.9 24h", Budget("P99.9", 86_400), 2000.0),
        ("lcp.value <= rum p75 7d + 500", Budget("P75", 7 * 86_400, 1.0, 500.0), 2500.0),
    ],
)
def test_a_budget_is_read(text: str, budget: Budget, limit: float) -> None:
    condition = parse(text)

    assert (condition.budget, condition.value, condition.is_soft) == (budget, None, text.endswith("warn"))
    assert budget.of(2000.0) == pytest.approx(limit)


@pytest.mark.parametrize(
    "text", ["lcp.value <= rum", "lcp.value <= rum 28d p75", "lcp.value <= rum p75 28d + 15 % x", "a == rum p75 28d"]
)
def test_a_budget_that_cannot_be_read_is_refused(text: str) -> None:
    with pytest.raises(ConditionError, match="rum"):
        parse(text)


def test_what_people_of_the_same_route_and_device_measure_is_the_limit(dataset: Dataset, tmp_path: Path) -> None:
    dataset.add(
        *views(1, 1.0), *views(MIN_SAMPLES, 2000.0, "/product/2"), *views(50, 9000.0, **{"device.type": "mobile"}),
        *views(50, 9000.0, **{"user_agent.is_bot": True}), *views(50, 9000.0, "/cart", **{"page.route": "/cart"}),
    )  # fmt: skip
    check = check_of(tmp_path, TEXT)

    (condition,) = with_budgets(check.expect, find_budgets(check, asking(dataset)))
    good, bad = (look(condition, {"lcp.value": value}) for value in (2300.0, 2301.0))

    note = "The budget is 2300.0: p75 of 101 desktop page views of /product/:id in the last 28 days is 2000."
    assert (good.holds, good.message) == (True, f"{TEXT}. {note}")
    assert (bad.holds, bad.message) == (False, f"{TEXT}: lcp.value is 2301.0. {note}")


@pytest.mark.parametrize(
    ("count", "words"),
    [
        (0, "nobody has visited shop.example/product/1 in the last 28 days"),
        (99, "99 desktop page views of /product/:id in the last"),
    ],
)
def test_too_few_people_degrade_the_run(dataset: Dataset, tmp_path: Path, count: int, words: str) -> None:
    dataset.add(*views(count, 2000.0))
    check = check_of(tmp_path, TEXT)

    (condition,) = with_budgets(check.expect, find_budgets(check, asking(dataset)))
    result = look(condition, {"lcp.value": 1.0})

    assert (result.holds, result.condition.is_soft, words in result.message) == (False, True, True), result.message


def test_a_store_that_is_away_degrades_the_run(tmp_path: Path) -> None:
    def ask(_: dict[str, Any]) -> list[dict[str, Any]]:
        raise StoreUnavailable("The store is away.")

    check = check_of(tmp_path, TEXT, "status == 200")
    first, second = with_budgets(check.expect, find_budgets(check, ask))

    assert look(first, {}).message == f"{TEXT}: real users could not be asked for: The store is away."
    assert look(second, {"status": 200}).holds


def test_without_a_collector_the_run_degrades() -> None:
    result = look(parse(TEXT), {"lcp.value": 1.0})

    assert (result.holds, result.condition.is_soft) == (False, True)


def test_only_pages_have_budgets(tmp_path: Path) -> None:
    path = tmp_path / "it.check.yaml"
    path.write_text(f"kind: http\nurl: https://shop.example/\nexpect:\n  - {TEXT}\n")

    _, (problem,) = load([path])

    assert (problem.line, "checks of the kind page" in problem.message) == (4, True)
