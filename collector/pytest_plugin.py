"""The pytest plugin: a team's Playwright tests are runs of checks, and their page views belong to them.

    pytest --wideload-url https://rum.example.com

Each test that uses a page becomes a run of a check of the kind `code`, and the page views that it causes carry that run. The
fixture `wideload_page` has the page, what its beacon has sent, and budgets; it works without a collector, too. Nothing is imported
and nothing happens without the option or the fixture.
"""

from __future__ import annotations

import json
import os
from collections.abc import Generator, Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from uuid import uuid4

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import BrowserContext, Page, Request

    from collector.checks.marks import Mark
    from collector.checks.runs.report import Begun, Reporter

_NAME_LENGTH: Final = 200
_MESSAGE_LENGTH: Final = 1000
#: How long a budget waits for the values that it is about, in milliseconds.
_PATIENCE_MS: Final = 5000
_POLL_MS: Final = 100
_FLUSH: Final = "() => { if (window.wideload) window.wideload('flush'); }"
_SESSION: Final = pytest.StashKey["_Session"]()
_TEST: Final = pytest.StashKey["_Test"]()
#: What stands in fixtures by which a test has a page.
_PAGES: Final = ("context", "page", "wideload_page")


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the options."""
    group = parser.getgroup("wideload")
    group.addoption("--wideload-url", metavar="URL", help="Tell this collector of tests that use a page.")
    group.addoption("--wideload-token", metavar="TOKEN", help="A token of the scope run-checks; better given as WIDELOAD_TOKEN.")
    group.addoption("--wideload-dataset", metavar="NAME", help="Where the runs go; by default the only dataset of the token.")
    group.addoption("--wideload-location", metavar="NAME", default="local", help="Where this is, for check.location.")
    # For checks of the kind `code`: a file that says of which run the tests are.
    group.addoption("--wideload-run", metavar="FILE", help="For checks of the kind code only.")


def pytest_configure(config: pytest.Config) -> None:
    """Begin, if an option says so."""
    config.addinivalue_line("markers", "wideload_budget(*conditions): what page views must hold, such as `lcp.value <= 2500`")
    if config.getoption("--wideload-run"):
        config.stash[_SESSION] = _OfCheck(Path(config.getoption("--wideload-run")))
    elif config.getoption("--wideload-url"):
        config.stash[_SESSION] = _Reporting(config)


def pytest_unconfigure(config: pytest.Config) -> None:
    """Say what could not be told."""
    if session := config.stash.get(_SESSION, None):
        session.close()


class WideloadPage:
    """A page, and what its beacon says.

    Attributes:
        page: Playwright's page.
        run_id: the run that the test is; empty without a collector.
    """

    def __init__(self, page: Page, test: _Test) -> None:
        self.page, self._test = page, test
        self.run_id = test.mark.run_id if test.mark else ""

    def views(self) -> list[dict[str, Any]]:
        """Return the page views that beacons have told of, as they were last: fields by their names."""
        with suppress(Exception):
            self.page.evaluate(_FLUSH)
        return list(self._test.views.values())

    def budget(self, *conditions: str) -> None:
        """Fail if one of the conditions does not hold for a page view: `budget("lcp.value <= 2500", "cls.value < 0.1")`."""
        from collector.checks.conditions import look, parse

        parsed = [parse(text) for text in conditions]
        waited = 0
        while True:
            views = self.views()
            found = [look(one, view) for one in parsed for view in views if one.path in view]
            missing = [one for one in parsed if not any(one.path in view for view in views)]
            if not missing or waited >= _PATIENCE_MS:
                break
            self.page.wait_for_timeout(_POLL_MS)
            waited += _POLL_MS
        broken = [result.message for result in found if not result.holds]
        broken += [f"{one.text}: no page view has {one.path}; does the page have a beacon?" for one in missing]
        if broken:
            pytest.fail("\n".join(broken), pytrace=False)


@pytest.fixture
def wideload_page(request: pytest.FixtureRequest) -> Iterator[WideloadPage]:
    """The page of `page`, with what its beacon says; budgets of the marker `wideload_budget` are looked at when the test ends."""
    test = _watched(request)
    made = WideloadPage(request.getfixturevalue("page"), test)
    yield made
    budgets = [text for marker in request.node.iter_markers("wideload_budget") for text in marker.args]
    if budgets and not test.has_failed:
        made.budget(*budgets)


@pytest.fixture(autouse=True)
def _wideload(request: pytest.FixtureRequest) -> None:
    """Mark what the pages of this test send."""
    if _SESSION in request.config.stash and not {"page", "context"}.isdisjoint(request.fixturenames):
        _watched(request)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Note how a test went."""
    report = yield
    test = item.stash.get(_TEST, None)
    if test is None and _SESSION in item.config.stash and not set(_PAGES).isdisjoint(getattr(item, "fixturenames", ())):
        test = item.stash[_TEST] = _Test()
    if test is None and isinstance(item.config.stash.get(_SESSION, None), _OfCheck):
        test = item.stash[_TEST] = _Test()
    if test:
        test.note(report)
    return report


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Generator[None, object, object]:
    """Tell of a test when it is over."""
    result = yield
    session, test = item.config.stash.get(_SESSION, None), item.stash.get(_TEST, None)
    if session and test and not test.is_skipped:
        session.tell(item, test)
    return result


class _Test:
    """A test that uses a page: what its beacons say, and how it went."""

    def __init__(self, begun: Begun | None = None) -> None:
        self.begun = begun
        self.mark: Mark | None = begun.mark if begun else None
        self.views: dict[str, dict[str, Any]] = {}
        self.is_skipped = self.has_failed = False
        self.message, self.seconds, self.began_at = "", 0.0, 0.0

    def note(self, report: pytest.TestReport) -> None:
        """Take in how a part of it went."""
        self.began_at = self.began_at or report.start
        self.seconds += report.duration
        self.is_skipped = self.is_skipped or report.skipped
        if report.failed and not self.has_failed:
            self.has_failed = True
            crash = getattr(report.longrepr, "reprcrash", None)
            self.message = str(crash.message if crash else report.longrepr)[:_MESSAGE_LENGTH]

    def watch(self, context: BrowserContext) -> None:
        """Look at what the beacons of a context send."""

        def on_request(request: Request) -> None:
            if request.method == "POST" and (body := request.post_data_buffer):
                self._take(body)

        context.on("request", on_request)

    def _take(self, body: bytes) -> None:
        from collector.config import IngestLimits
        from collector.ingest.decode import decode_beacon

        # Most of what a page posts is no beacon.
        with suppress(Exception):
            for event in decode_beacon(body, IngestLimits()).events:
                if event["kind"] == "page_view":
                    self.views[event["id"]] = self.views.get(event["id"], {}) | event


def _watched(request: pytest.FixtureRequest) -> _Test:
    """Return the test, whose pages are marked and watched from now on."""
    item = request.node
    if _TEST in item.stash:
        found: _Test = item.stash[_TEST]
        return found
    session = request.config.stash.get(_SESSION, None)
    test = item.stash[_TEST] = session.begin(item) if session else _Test()
    name = "context" if "context" in request.fixturenames else "page"
    given = request.getfixturevalue(name)
    context = given if name == "context" else given.context
    if not hasattr(context, "add_init_script") or not hasattr(context, "on"):
        return test
    if session and test.mark and test.mark.text:
        from collector.checks.browser.scripts import init_script, mark_fields

        context.add_init_script(init_script(mark_fields(test.mark, session.about(item), 1)))
    test.watch(context)
    return test


class _Session:
    """To whom tests are told."""

    def begin(self, item: pytest.Item) -> _Test:
        """Begin the run of a test."""
        raise NotImplementedError

    def about(self, item: pytest.Item) -> Mapping[str, str]:
        """Return the fields of the page views that a test causes."""
        raise NotImplementedError

    def tell(self, item: pytest.Item, test: _Test) -> None:
        """Say how it went."""
        raise NotImplementedError

    def close(self) -> None:
        """Finish."""


class _Reporting(_Session):
    """Each test is a run, and a collector is told."""

    def __init__(self, config: pytest.Config) -> None:
        from collector.checks.runs.report import Reporter
        from collector.client import Client, Credential
        from collector.commands.ask import only_dataset
        from collector.errors import WideloadError

        token = config.getoption("--wideload-token") or os.environ.get("WIDELOAD_TOKEN", "")
        self._location = config.getoption("--wideload-location")
        self._client = Client(config.getoption("--wideload-url").rstrip("/"), Credential(token, "--wideload-token"))
        try:
            dataset = config.getoption("--wideload-dataset")
            if not dataset:
                me = self._client.get("/api/me")
                dataset = only_dataset(me.get("runs_checks") or me["datasets"])
        except WideloadError as error:
            raise pytest.UsageError(f"--wideload-url: {error}") from None
        self._reporter: Reporter = Reporter(self._client, dataset)
        self._problem = ""

    def begin(self, item: pytest.Item) -> _Test:
        from collector.errors import ClientError

        try:
            return _Test(self._reporter.begin())
        except ClientError as error:
            self._problem = str(error)
            return _Test()

    def about(self, item: pytest.Item) -> Mapping[str, str]:
        return {"check.name": _name(item), "check.kind": "code", "check.location": self._location}

    def tell(self, item: pytest.Item, test: _Test) -> None:
        from collector.checks.runs.events import events_of
        from collector.errors import ClientError

        if not test.begun:
            return
        trigger = "ci" if os.environ.get("CI") else "manual"
        try:
            self._reporter.send(test.begun.beacon, events_of(_run(item, test, test.begun.mark, self._location, trigger)))
        except ClientError as error:
            self._problem = str(error)

    def close(self) -> None:
        self._client.close()
        if self._problem:
            print(f"wideload: the collector was not told of all tests: {self._problem}")


class _OfCheck(_Session):
    """All tests are one run, of a check of the kind `code`; its runner is told."""

    def __init__(self, file: Path) -> None:
        from collector.checks.marks import Mark

        document = json.loads(file.read_text())
        self._mark, self._about, self._results = Mark(**document["mark"]), document["about"], Path(document["results"])

    def begin(self, item: pytest.Item) -> _Test:
        test = _Test()
        test.mark = self._mark
        return test

    def about(self, item: pytest.Item) -> Mapping[str, str]:
        about: dict[str, str] = self._about
        return about

    def tell(self, item: pytest.Item, test: _Test) -> None:
        line = {"name": item.name, "passed": not test.has_failed, "seconds": test.seconds, "message": test.message}
        with self._results.open("a", encoding="utf-8") as file:
            file.write(json.dumps(line) + "\n")


def _name(item: pytest.Item) -> str:
    return item.nodeid[-_NAME_LENGTH:]


def _run(item: pytest.Item, test: _Test, mark: Mark, location: str, trigger: str) -> Any:
    """Return a test as a run: that it did not fail is its one assertion."""
    from collector.checks.attempt import Attempt
    from collector.checks.conditions import Condition, Result
    from collector.checks.files.load import Check
    from collector.checks.runs.run import Order, Run, Try
    from collector.checks.runs.verdict import judge
    from collector.checks.secrets import Masker

    name = _name(item)
    check = Check(name, "code", name, "", (), 0, 1, (), {}, Path(item.path))
    condition = Condition(item.name, "test", "exists", None, is_soft=False)
    attempt = Attempt(results=[Result(condition, not test.has_failed, test.message or item.name)])
    made = Try(1, int(test.began_at * 1000), round(test.seconds * 1000, 3), attempt, judge(attempt))
    return Run(Order(check, mark or _no_mark(), location, trigger), (made,), Masker())


def _no_mark() -> Mark:
    from collector.checks.marks import Mark

    return Mark(uuid4().hex, "", 0)
