"""The kinds of checks that can be run: one line each, with where the function is that makes an attempt.

Modules are imported when a kind is first needed, as some need packages that others do not.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from typing import Any, Final

from collector.checks.attempt import Attempt, Setting
from collector.checks.files.load import Check
from collector.errors import WideloadError

#: Takes the check, the setting and the warm browser (None where the kind needs none).
MakeAttempt = Callable[[Check, Setting, Any], Attempt]
_PROBE: Final = "collector.checks.probes.attempt:attempt"
_BROWSER: Final = "collector.checks.browser.chromium:Chromium"


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind.

    Attributes:
        attempt: `module:function`, a `MakeAttempt`.
        browser: `module:class` of what stays warm between attempts, made without arguments and ended with `close()`.
        is_uptime: it says whether something is up, so a failure is confirmed at once.
    """

    attempt: str
    browser: str = ""
    is_uptime: bool = False

    def make_attempt(self) -> MakeAttempt:
        """Return the function. Raises WideloadError: a package is missing."""
        found: MakeAttempt = _load(self.attempt)
        return found

    def open_browser(self) -> Any:
        """Return a new browser. Raises WideloadError: a package is missing."""
        return _load(self.browser)()


KINDS: Final = {
    "http": Kind(_PROBE, is_uptime=True),
    "tcp": Kind(_PROBE, is_uptime=True),
    "tls": Kind(_PROBE, is_uptime=True),
    "dns": Kind(_PROBE, is_uptime=True),
    "code": Kind("collector.checks.code:attempt"),
    "page": Kind("collector.checks.browser.page:attempt", _BROWSER),
    "journey": Kind("collector.checks.browser.journey:attempt", _BROWSER),
}


def kind_of(check: Check) -> Kind:
    """Return a check's kind. Raises WideloadError: none that can be run."""
    try:
        return KINDS[check.kind]
    except KeyError:
        raise WideloadError(f"Checks of the kind {check.kind} are not run: {check.name} is one.") from None


def _load(place: str) -> Any:
    module, _, name = place.partition(":")
    try:
        return getattr(import_module(module), name)
    except ModuleNotFoundError as error:
        text = f'This kind of check needs {error.name}: install it with `pip install "wideload[checks]"`.'
        raise WideloadError(text) from None
