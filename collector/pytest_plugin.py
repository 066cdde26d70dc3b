"""The pytest plugin: the Playwright tests that a team has tell a collector of their runs, and keep budgets.

With `--wideload-url` each test that uses `page` or `context` of pytest-playwright is a run of a check of the kind `code`: the page
views that it causes carry its id, and its outcome is an event. With budgets the test fails where the last page does not keep them.
Without either, nothing happens. Everything else is imported when it is needed: every pytest of the environment loads this.
"""

from __future__ import annotations

import os
import re
import time
import warnings
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Final

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import BrowserContext, Page

    from collector.checks.browser.vitals import Vitals
    from collector.checks.conditions import Result
    from collector.checks.runs.report import Begun, Reporter

_BROWSER: Final = frozenset({"page", "context", "wideload_page"})
_NAME: Final = re.compile(r"[^a-z0-9_./-]+")
_MESSAGE: Final = 1024
_OUTCOMES: Final = {"passed": "pass", "failed": "fail", "skipped": "no_data"}


class WideloadWarning(UserWarning):
    """A test could not be told or measured; it counts as it would without the plugin."""


class _Watch:
    """Watches one test.

    Args:
        name: of the check, in events.
        title: what people call it.
        budgets: conditions on the last page.
        reporter: tells the collector; None tells nobody.
    """

    def __init__(self, name: str, title: str, budgets: list[str], reporter: Reporter | None) -> None:
        self._about = {"check.name": name, "check.title": title, "check.kind": "code"}
        self._budgets, self._reporter = budgets, reporter
        self._begun: Begun | None = None
        self._vitals: Vitals | None = None
        self._facts: dict[str, Any] = {}
        self._results: list[Result] = []
        self._began = time.time()
        self.report: pytest.TestReport | None = None

    def begin(self, context: BrowserContext, page: Page | None) -> None:
        """Begin the run, and have pages say that they are of it."""
        from collector.checks.browser.scripts import init_script, mark_fields
        from collector.errors import WideloadError

        if self._reporter:
            try:
                self._begun = self._reporter.begin()
            except WideloadError as error:
                warnings.warn(f"The collector was not told of the run: {error}", WideloadWarning, stacklevel=1)
            else:
                context.add_init_script(init_script(mark_fields(self._begun.mark, self._about, 1)))
        if page and self._budgets:
            self._measure(page)

    def _measure(self, page: Page) -> None:
        from playwright.sync_api import Error

        from collector.checks.browser.vitals import Vitals
        from collector.errors import WideloadError

        try:
            self._vitals = Vitals(page.context.new_cdp_session(page))
        except (Error, WideloadError) as error:
            warnings.warn(f"The page is not measured: {error}", WideloadWarning, stacklevel=1)

    def look(self) -> None:
        """Look whether the page that is open keeps the budgets. Raises AssertionError."""
        from collector.checks.conditions import look, parse
        from collector.errors import WideloadError

        if not self._vitals:
            return
        try:
            self._facts, _ = self._vitals.read()
        except WideloadError as error:
            warnings.warn(f"The page is not measured: {error}", WideloadWarning, stacklevel=1)
            return
        self._results = [look(parse(text), self._facts) for text in self._budgets]
        for result in self._results:
            if not result.holds and result.condition.is_soft:
                warnings.warn(result.message, WideloadWarning, stacklevel=1)
        broken = [result.message for result in self._results if not result.holds and not result.condition.is_soft]
        assert not broken, " ".join(broken)

    def end(self) -> None:
        """Tell what came of the test."""
        from collector.checks.marks import MARK_FIELD
        from collector.errors import WideloadError

        if not self._begun or not self._reporter or not self.report:
            return
        status = _OUTCOMES[self.report.outcome]
        if status == "pass" and any(not result.holds for result in self._results):
            status = "degraded"
        crash = getattr(self.report.longrepr, "reprcrash", None)
        message = str(getattr(crash, "message", "")).splitlines()
        run_id = self._begun.mark.run_id
        event = self._facts | self._about | {
            "id": f"{run_id}-1", "kind": "check_run", "time": int(self._began * 1000), "check.run_id": run_id,
            "check.trigger": "ci" if os.environ.get("CI") else "manual", "check.attempt": 1, "check.is_final": True,
            "check.status": status, "check.reason": "assertion" if status in ("fail", "degraded") else "",
            "check.message": message[0][:_MESSAGE] if message else "", "check.duration": round(self.report.duration * 1000, 3),
            # The test's own assertions cannot be counted.
            "check.assertions": len(self._results) + (self.report.outcome != "skipped"),
            "check.failed_assertions": sum(not result.holds for result in self._results), MARK_FIELD: self._begun.mark.text,
        }  # fmt: skip
        try:
            self._reporter.send(self._begun.beacon, [{name: value for name, value in event.items() if value != ""}])
        except WideloadError as error:
            warnings.warn(f"The collector was not told of the run: {error}", WideloadWarning, stacklevel=1)


_WATCH: Final = pytest.StashKey[_Watch]()
_REPORTER: Final = pytest.StashKey["Reporter | None"]()


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the options."""
    group = parser.getgroup("wideload", "Wideload")
    group.addoption("--wideload-url", metavar="URL", help="The collector that is told of tests with `page` or `context`.")
    group.addoption("--wideload-token", metavar="TOKEN", help="A token with the scope run-checks; better given as WIDELOAD_TOKEN.")
    group.addoption("--wideload-dataset", metavar="NAME", help="Where runs go. By default the only dataset there is.")
    group.addoption(
        "--wideload-budget", metavar="CONDITION", action="append", default=[],
        help="What the last page of each test has to keep, such as 'lcp.value <= 2500' (with `warn` at the end it warns only).",
    )  # fmt: skip


def pytest_configure(config: pytest.Config) -> None:
    """Say what the marker means, and refuse a budget that cannot be read."""
    text = "wideload(*budgets, name=None): conditions on the test's last page, and the name of its check in events."
    config.addinivalue_line("markers", text)
    for budget in config.getoption("--wideload-budget"):
        _parse(budget)


@pytest.fixture(autouse=True)
def _wideload(request: pytest.FixtureRequest) -> Iterator[None]:
    """Watch the test, if it has a browser and there is something to watch for."""
    marker = request.node.get_closest_marker("wideload")
    budgets = [*request.config.getoption("--wideload-budget"), *(marker.args if marker else ())]
    if not _BROWSER & set(request.fixturenames) or not (budgets or request.config.getoption("--wideload-url")):
        yield
        return
    for budget in budgets:
        _parse(budget)
    context: Any = request.getfixturevalue("context")
    if not _is_sync(context):
        warnings.warn("Only tests with Playwright's synchronous API are watched.", WideloadWarning, stacklevel=1)
        yield
        return
    page = request.getfixturevalue("page") if {"page", "wideload_page"} & set(request.fixturenames) else None
    name = (marker.kwargs.get("name") if marker else None) or check_name(request.node.nodeid)
    watch = request.node.stash[_WATCH] = _Watch(name, request.node.nodeid[:200], budgets, _reporter(request.config))
    watch.begin(context, page)
    yield
    watch.end()


@pytest.fixture
def wideload_page(page: Page) -> Page:
    """The `page` of pytest-playwright; with `--wideload-url` its page views belong to a run, as those of `page` do."""
    return page


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Any:
    """Look at the budgets when the test has passed: it fails where they are not kept."""
    found = yield
    if watch := item.stash.get(_WATCH, None):
        watch.look()
    return found


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> Any:
    """Remember how the test ended."""
    report: pytest.TestReport = yield
    watch = item.stash.get(_WATCH, None)
    if watch and report.when == "call":
        watch.report = report
    return report


def check_name(nodeid: str) -> str:
    """Return the name of a test's check: `tests/test_shop.py::test_buy[chromium]` is `tests/test_shop/test_buy-chromium`."""
    text = nodeid.replace(".py::", "/").replace("::", "/").lower()
    return _NAME.sub("-", text).strip("-./")[:200] or "test"


def _is_sync(context: Any) -> bool:
    from playwright.sync_api import BrowserContext

    return isinstance(context, BrowserContext)


def _parse(text: str) -> None:
    from collector.checks.conditions import ConditionError, parse

    try:
        found = parse(text)
    except ConditionError as error:
        raise pytest.UsageError(str(error)) from None
    if found.budget:
        raise pytest.UsageError(f"{text!r}: budgets from real users are for check files of the kind page.")


def _reporter(config: pytest.Config) -> Reporter | None:
    """Return what tells the collector, one for all tests. Raises UsageError: there is nobody to be told."""
    if _REPORTER in config.stash:
        return config.stash[_REPORTER]
    config.stash[_REPORTER] = None
    if url := config.getoption("--wideload-url"):
        from collector.checks.runs.report import Reporter
        from collector.client import Client, Credential
        from collector.config import TOKEN_VARIABLE
        from collector.errors import WideloadError

        token = config.getoption("--wideload-token") or os.environ.get(TOKEN_VARIABLE, "")
        client = Client(url, Credential(token, f"--wideload-token or {TOKEN_VARIABLE}"))
        config.add_cleanup(client.close)
        try:
            dataset = config.getoption("--wideload-dataset") or _only(client.get("/api/me")["datasets"])
        except WideloadError as error:
            raise pytest.UsageError(f"--wideload-url: {error}") from None
        config.stash[_REPORTER] = Reporter(client, dataset)
    return config.stash[_REPORTER]


def _only(names: list[str]) -> str:
    if len(names) != 1:
        raise pytest.UsageError(f"Say which dataset: --wideload-dataset with one of {', '.join(names) or '(there is none)'}.")
    return names[0]
