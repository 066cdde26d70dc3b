from __future__ import annotations

import pytest

from collector.errors import SettingsError
from collector.store.retention import LONGEST_DAYS, ttl_expression


def test_each_dataset_has_its_days_in_a_steady_order() -> None:
    expression = ttl_expression({"shop": 30, "blog": 7})

    assert expression == f"toDateTime(ts) + toIntervalDay(multiIf(dataset = 'blog', 7, dataset = 'shop', 30, {LONGEST_DAYS}))"


def test_without_datasets_everything_is_kept() -> None:
    assert ttl_expression({}) == f"toDateTime(ts) + toIntervalDay({LONGEST_DAYS})"


def test_no_retention_is_longer_than_the_engines_times_can_say() -> None:
    assert f"dataset = 'a', {LONGEST_DAYS}," in ttl_expression({"a": 10**9})


@pytest.mark.parametrize("name", ["it's", "a\\", "", "a b"])
def test_a_name_that_is_not_one_is_refused(name: str) -> None:
    with pytest.raises(SettingsError):
        ttl_expression({name: 1})
