"""Fixtures of the tests of erasing and exporting."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from privacy_site import Site

from collector.store.chdb import ChdbStore


@pytest.fixture
def site(tmp_path: Path, embedded_store: ChdbStore) -> Iterator[Site]:
    """A running collector."""
    site = Site(tmp_path, embedded_store)
    with site.client:
        yield site
