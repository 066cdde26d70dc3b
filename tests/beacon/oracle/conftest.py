"""A Chromium whose tabs are hidden and prerendered as a visitor's, and a site that is watched by two scripts."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from beacon_site import Server
from devtools import CHROMIUM_ARGS, Chromium, chromium
from watching import Watch


@pytest.fixture(scope="session")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Chromium]:
    browser = Chromium(chromium(), CHROMIUM_ARGS, tmp_path_factory.mktemp("profile"))
    yield browser
    browser.close()


@pytest.fixture
def watch(browser: Chromium, site: Server, collector: Server) -> Iterator[Watch]:
    """A site to visit; whatever its pages throw fails the test."""
    watch = Watch(browser, site, collector)
    yield watch
    errors = [error for tab in watch.tabs for error in tab.errors()]
    for tab in watch.tabs:
        tab.close()
    assert errors == []
