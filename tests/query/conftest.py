"""Fixtures of the tests that ask questions."""

from __future__ import annotations

import pytest
from asking import Dataset

from collector.store.base import Store


@pytest.fixture
def dataset(request: pytest.FixtureRequest, embedded_store: Store) -> Dataset:
    """An empty dataset of the test's own."""
    return Dataset(f"query {request.node.nodeid}"[-200:], embedded_store)
