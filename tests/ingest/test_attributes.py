"""A dataset has so many attribute names and no more."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from collector.config import Dataset, DatasetLimits
from collector.ingest.attributes import NAMES_FILE, AttributeNames
from collector.telemetry import Counters

DAY = 86_400.0
SHOP = Dataset("shop", (), retention_days=10, limits=DatasetLimits(max_attribute_names=3))
BLOG = Dataset("blog", (), attributes=("plan", "cart.*"))
Make = Callable[..., AttributeNames]


class Clock:
    now = 20_000 * DAY

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def counters() -> Counters:
    return Counters()


@pytest.fixture
def make(tmp_path: Path, clock: Clock, counters: Counters) -> Make:
    """A collector's names, again and again from the same file."""

    def make(*datasets: Dataset) -> AttributeNames:
        return AttributeNames(tmp_path / NAMES_FILE, {d.name: d for d in datasets or (SHOP, BLOG)}, counters, clock)

    return make


def event(*texts: str, **numbers: float) -> dict[str, Any]:
    return {"id": "a1", "attrs_string": dict.fromkeys(texts, "x"), "attrs_number": numbers}


def kept(names: AttributeNames, event: dict[str, Any], dataset: Dataset = SHOP) -> list[str]:
    names.trim(event, dataset)
    return [*event.get("attrs_string", {}), *event.get("attrs_number", {})]


def test_names_beyond_the_budget_are_left_out_and_counted(make: Make, counters: Counters) -> None:
    names = make()

    assert kept(names, event("a", "b", c=1, d=2)) == ["a", "b", "c"]
    assert kept(names, event("e", "a", f=1, d=2)) == ["a"]
    assert dict(counters.items("wideload_attributes_dropped")) == {("budget", "shop"): 4}


def test_the_rest_of_the_event_stays(make: Make) -> None:
    names, junk = make(), event("x", "y", "z")
    names.trim(event("a", "b", "c"), SHOP)
    names.trim(junk, SHOP)

    assert junk == {"id": "a1", "attrs_number": {}}


def test_datasets_do_not_share_a_budget(make: Make) -> None:
    names = make()
    names.trim(event("a", "b", "c"), SHOP)

    assert kept(names, event("plan", "cart.size"), BLOG) == ["plan", "cart.size"]


def test_names_that_a_dataset_does_not_list_are_left_out_and_counted(make: Make, counters: Counters) -> None:
    assert kept(make(), event("plan", "plans", "cart.", "my.cart.size"), BLOG) == ["plan", "cart."]
    assert dict(counters.items("wideload_attributes_dropped")) == {("not_listed", "blog"): 2}


def test_a_restart_knows_the_names(make: Make) -> None:
    make().trim(event("a", "b", "c"), SHOP)

    assert kept(make(), event("d", "b")) == ["b"]


def test_a_restart_survives_a_torn_file(make: Make, tmp_path: Path) -> None:
    make().trim(event("a", "b", "c"), SHOP)
    file = tmp_path / NAMES_FILE
    file.write_bytes(b'["gone", "x", 1]\n[7]\n' + file.read_bytes() + b'["shop", "d')

    names = make()

    assert len(file.read_bytes().splitlines()) == 3
    assert kept(names, event("d", "b")) == ["b"]


def test_a_name_that_no_kept_event_has_gives_its_place_back(make: Make, clock: Clock) -> None:
    names = make()
    names.trim(event("a", "b", "c"), SHOP)
    clock.now += 6 * DAY
    names.trim(event("a"), SHOP)
    clock.now += 6 * DAY

    assert kept(names, event("d", "e", "f")) == ["d", "e"]
    assert kept(make(), event("a", "d", "f")) == ["a", "d"]


def test_a_dataset_that_changes_its_rules_changes_them_at_once(make: Make) -> None:
    names = make()
    names.trim(event("a", "b"), SHOP)
    strict = Dataset("shop", (), attributes=("b", "c*"), limits=DatasetLimits(max_attribute_names=3))

    assert kept(names, event("a", "b", "c1", "c2"), strict) == ["b", "c1"]


def test_an_unwritable_folder_costs_nothing_but_memory(
    tmp_path: Path, counters: Counters, caplog: pytest.LogCaptureFixture
) -> None:
    names = AttributeNames(tmp_path / "missing" / NAMES_FILE, {"shop": SHOP}, counters)

    assert [kept(names, event(name)) for name in "abcd"] == [["a"], ["b"], ["c"], []]
    assert caplog.text.count("a restart forgets new ones") == 1
