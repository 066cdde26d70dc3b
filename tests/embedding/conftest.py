"""A site behind each of the proxies of docs/embedding.md, and what stands behind those."""

from __future__ import annotations

from collections.abc import Iterator

import httpx2
import pytest
from proxy_running import RECIPES, running
from proxy_upstream import Upstream, upstream


@pytest.fixture(scope="module")
def behind() -> Iterator[Upstream]:
    """What the proxy of this module passes requests to."""
    with upstream() as state:
        yield state


@pytest.fixture(scope="module", params=RECIPES)
def recipe(request: pytest.FixtureRequest) -> str:
    """The name of each recipe."""
    return str(request.param)


@pytest.fixture(scope="module")
def site(recipe: str, behind: Upstream, tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx2.Client]:
    """A client of the site that the proxy stands in front of."""
    with running(recipe, tmp_path_factory.mktemp(recipe), behind.port) as client:
        yield client
