"""The npm package's modules, as a page loads them."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from beacon_site import ROOT, Server, leave, serve
from playwright.sync_api import Page

pytestmark = pytest.mark.browser

PAGE = """<!doctype html><title>t</title><link rel="icon" href="data:,">
<script>window.wideload=window.wideload||function(){(wideload.q=wideload.q||[]).push(arguments)}</script>
<script>wideload('route', '/front')</script>
<script type="module">
  import {init} from '/npm.js';
  import {waterfall} from '/parts/waterfall.js';
  const options = {key: 'shop', endpoint: '/v1/beacon/shop', release: '7'};
  MAIN
  document.title = 'ready';
</script>"""


class Package(Server):
    """Serves the package's modules beside its pages."""

    def _files(self, path: str) -> list[Path]:
        return [ROOT / "beacon_js/dist" / path.removeprefix("/")]


@pytest.fixture(scope="module", autouse=True)
def built() -> None:
    subprocess.run(["node", "package.mjs"], cwd=ROOT / "beacon_js", check=True)


@pytest.fixture
def package() -> Iterator[Server]:
    yield from serve(Package())


def open_page(page: Page, package: Server, main: str) -> None:
    package.pages["/"] = PAGE.replace("MAIN", main)
    page.goto(package.url)
    page.wait_for_function("() => document.title === 'ready'")


def test_init_measures_the_page_with_its_parts_and_does_what_was_asked_for_before(page: Page, package: Server) -> None:
    open_page(page, package, "init(options, [waterfall()]);")
    leave(page)

    view = max(package.events(), key=lambda event: event["revision"])

    assert (view["page.path"], view["page.route"], view["service.version"]) == ("/", "/front", "7")
    assert "/npm.js" in view["resources.path"]


def test_a_part_that_is_not_named_does_nothing(page: Page, package: Server) -> None:
    open_page(page, package, "init(options);")
    leave(page)

    (view, *_) = package.events()

    assert not [name for name in view if name.startswith("resources.")]


def test_a_second_init_returns_the_commands_of_the_first(page: Page, package: Server) -> None:
    open_page(page, package, "document.body.append([init(options) === init(options), init(options) === window.wideload].join());")

    assert page.inner_text("body") == "true,true"


def test_init_without_a_key_says_so_and_returns_commands_that_do_nothing(page: Page, package: Server) -> None:
    with page.expect_console_message() as said:
        open_page(page, package, "init({endpoint: '/v1/beacon/shop'})('event', 'bought');")
    leave(page)

    assert said.value.text.startswith("Wideload measures nothing: init() needs {key:")
    assert package.posts() == []
