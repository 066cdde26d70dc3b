"""The npm package in applications that the frameworks' own tools have built, driven in a real Chromium: `make test-apps`."""

from __future__ import annotations

import json
import mimetypes
import os
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from beacon_site import ROOT, Request, Server, leave, serve
from playwright.sync_api import Page

pytestmark = pytest.mark.apps

APPS = Path(__file__).parent / "apps"

#: The addresses that a visitor goes to by links, and the route that each view should have: None where the framework knows none.
Journey = dict[str, str | None]

PRODUCTS: Journey = {"/": "/", "/product/1": "/product/:id", "/product/2": "/product/:id"}
UNKNOWN: Journey = {"/nowhere/1": None}


@dataclass
class Built(Server):
    """Serves what a build has written. What there is no file for is answered by `fallback`, as static hosts do it."""

    folder: Path = APPS
    fallback: str = "index.html"

    def handle(self, request: Request) -> tuple[int, str, bytes]:
        if request.method != "GET":
            return super().handle(request)
        name = urlsplit(request.path).path.strip("/") or "index.html"
        files = [self.folder / file for file in (name, f"{name}.html")]
        found = next((file for file in files if file.is_file()), self.folder / self.fallback)
        status = 404 if found.name == "404.html" else 200
        return status, mimetypes.guess_type(found)[0] or "application/octet-stream", found.read_bytes()

    def views(self, count: int, seconds: float = 10) -> list[dict[str, Any]]:
        """Wait for so many page views and return them in the order of the visit."""
        until = time.monotonic() + seconds
        while True:
            bodies = [json.loads(request.body) for request in self.posts()]
            events = [event for body in bodies for event in body["events"] if event["kind"] == "page_view"]
            # The last revision of a view wins, wherever it stands.
            views = {event["id"]: event for event in sorted(events, key=lambda event: event["revision"])}
            if len(views) >= count or time.monotonic() > until:
                return sorted(views.values(), key=lambda event: event["time"])
            time.sleep(0.05)


@dataclass(frozen=True)
class Visit:
    """What arrived of a visit."""

    views: list[dict[str, Any]]

    @property
    def routes(self) -> list[tuple[str, str | None]]:
        """Path and route of each view."""
        return [(view["page.path"], view.get("page.route")) for view in self.views]

    @property
    def loads(self) -> list[str]:
        """The paths of the views for which a page was loaded; the others are the application's own."""
        return [view["page.path"] for view in self.views if view["navigation.type"] not in ("route-change", "soft-navigation")]


def run(command: list[str], folder: Path, **variables: str) -> None:
    """Run a build tool; what it printed is the error."""
    environment = {**os.environ, "CI": "1", "NEXT_TELEMETRY_DISABLED": "1", **variables}
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{' '.join(command)} in {folder.name}:\n{(done.stdout + done.stderr)[-4000:]}"


@pytest.fixture(scope="module")
def tarball(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The package as it would be published."""
    folder = tmp_path_factory.mktemp("package")
    run(["npm", "pack", "--pack-destination", str(folder)], ROOT / "beacon_js")
    (path,) = folder.glob("*.tgz")
    return path


@pytest.fixture(scope="module")
def installed(tarball: Path) -> set[str]:
    """The applications whose dependencies are there; `install` adds to it."""
    return set()


class VisitApp:
    """Builds an application, goes through it by its links, leaves, and tells the views that arrived."""

    def __init__(self, page: Page, server: Built, tarball: Path, installed: set[str]) -> None:
        self.page, self.server, self.tarball, self.installed = page, server, tarball, installed

    def __call__(self, app: str, output: str, journey: Journey, fallback: str, **variables: str) -> Visit:
        self.build(app, **variables)
        self.server.folder, self.server.fallback = APPS / app / output, fallback
        first, *others = journey
        self.page.goto(self.server.url + first)
        # Before its scripts have run, a page that was rendered ahead follows links by itself.
        self.page.wait_for_load_state("networkidle")
        for path in others:
            self.page.click(f'a[href="{path}"]')
            self.page.wait_for_function("(path) => location.pathname === path", arg=path)
            self.page.wait_for_selector(f"h1:text-is('{path}'), h1:text-is('nowhere')")
            self.page.wait_for_load_state("networkidle")
        leave(self.page)
        return Visit(self.server.views(len(journey)))

    def build(self, app: str, **variables: str) -> None:
        if app not in self.installed:
            # The lock holds everything but the package itself, which is another one after each change.
            run(["npm", "install", "--no-save", "--no-audit", "--no-fund", str(self.tarball)], APPS / app)
            run(["npm", "run", "--if-present", "check"], APPS / app)
            self.installed.add(app)
        run(["npm", "run", "build"], APPS / app, **variables)


@pytest.fixture
def server() -> Iterator[Built]:
    yield from serve(Built())


@pytest.fixture
def visit_app(page: Page, server: Built, tarball: Path, installed: set[str]) -> VisitApp:
    return VisitApp(page, server, tarball, installed)


ROUTERS = ["react-router", "react-router-7", "react-router-6"]
SHOP = {"/product/product": "/product/:id", "/shop/boots/7": "/shop/:category/:id"}


@pytest.mark.parametrize("router", ROUTERS)
@pytest.mark.parametrize(
    ("entry", "unknown"),
    [("data", UNKNOWN), ("hook", UNKNOWN), ("routes", {"/nowhere/1": "/*"})],
    ids=["a router of createBrowserRouter", "the hook in the root route", "Routes and descendant routes"],
)
def test_react_reports_the_route_of_every_view(visit_app: VisitApp, router: str, entry: str, unknown: Journey) -> None:
    journey = PRODUCTS | SHOP | unknown

    visit = visit_app("react", f"dist/{entry}/{router}", journey, "index.html", ENTRY=entry, ROUTER=router)

    assert visit.routes == list(journey.items())
    assert visit.loads == ["/"]


@pytest.mark.parametrize("router", ["vue-router", "vue-router-4"])
def test_vue_reports_the_route_of_every_view(visit_app: VisitApp, router: str) -> None:
    journey = PRODUCTS | {"/shop/boots/7": "/shop/:category/:id", "/docs/a/b": "/docs/:slug*"} | UNKNOWN

    visit = visit_app("vue", f"dist/{router}", journey, "index.html", ROUTER=router)

    assert visit.routes == list(journey.items())
    assert visit.loads == ["/"]


def test_next_reports_the_route_of_every_view_of_both_its_routers(visit_app: VisitApp) -> None:
    pages = {"/legacy/1": "/legacy/:id", "/legacy/2": "/legacy/:id"}
    journey = PRODUCTS | {"/product/product": "/product/:id", "/docs/a/b": "/docs/:slug*"} | pages | UNKNOWN

    visit = visit_app("next", "out", journey, "404.html")

    assert visit.routes == list(journey.items())
    assert visit.loads == ["/", "/legacy/1", "/nowhere/1"]


def test_sveltekit_reports_the_route_of_every_view(visit_app: VisitApp) -> None:
    journey = PRODUCTS | {"/docs/a/b": "/docs/:slug*"}

    visit = visit_app("svelte", "build", journey, "404.html")

    assert visit.routes == list(journey.items())
    assert visit.loads == ["/"]
