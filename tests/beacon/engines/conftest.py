"""A Firefox and a WebKit that visit the site of the beacon's tests."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from urllib.parse import urlsplit

import firefox
import pytest
import webkit
from beacon_site import Server
from engine import PAINTED, Engine, Tab, Visit

ENGINES: dict[str, tuple[Callable[..., AbstractContextManager[Engine]], tuple[str, ...]]] = {
    "firefox": (firefox.run_firefox, (firefox.PROGRAM,)),
    "webkit": (webkit.run_webkit, (webkit.PROGRAM, webkit.DISPLAY)),
}


@pytest.fixture(scope="session", params=ENGINES)
def engine(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    """The browser; one for all tests, because each has servers of its own, and so origins of its own."""
    run, programs = ENGINES[request.param]
    for program in programs:
        if not shutil.which(program):
            # A machine that has to run all of them must not pass without.
            (pytest.fail if os.environ.get("CI") == "true" else pytest.skip)(f"{program} is not installed: see the Makefile.")
    with run(tmp_path_factory.mktemp(request.param)) as engine:
        yield engine


@pytest.fixture
def tab(engine: Engine, site: Server) -> Iterator[Tab]:
    """A tab; a page that complains of an error or a warning fails the test."""
    tab = engine.open_tab()
    yield tab
    tab.close()
    assert not [request.body for request in site.posts() if request.path == "/complaint"]


@pytest.fixture
def visit(tab: Tab, site: Server) -> Visit:
    """Return a function that serves `body` in a page that carries the beacon, opens it and waits until it was painted.

    `watched` pages complain of what they do wrong, see `complaints.js`.
    """

    def visit(body: str = "<p>hello", path: str = "/", watched: bool = True, tab: Tab = tab) -> Tab:
        watch = '<script src="/complaints.js"></script>' if watched else ""
        head = f'<link rel="icon" href="data:,">{watch}<script async src="{{beacon}}" data-key="shop"></script>'
        site.pages |= {urlsplit(path).path: f"<!doctype html><title>t</title>{head}{body}", "/left": "<p>left"}
        tab.goto(site.url + path)
        tab.evaluate(PAINTED)
        return tab

    return visit
