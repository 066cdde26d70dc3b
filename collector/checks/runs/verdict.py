"""What is said of an attempt: pass, degraded, fail or no_data, and why. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from collector.checks.attempt import Attempt
from collector.checks.conditions import Result

PASS, DEGRADED, FAIL, NO_DATA = "pass", "degraded", "fail", "no_data"
STATUSES: Final = frozenset({PASS, DEGRADED, FAIL, NO_DATA})
#: An attempt that ended like this says nothing about what it was to check.
UNTESTED: Final = frozenset({"browser_error", "config_error", "runner_error"})
#: Trying again would change nothing.
SETTLED: Final = frozenset({"config_error", "no_assertion"})


@dataclass(frozen=True, slots=True)
class Verdict:
    """A verdict: `reason` is a word, empty for a pass; `message` says the same in a sentence."""

    status: str
    reason: str = ""
    message: str = ""

    @property
    def is_good(self) -> bool:
        """Whether what was checked works."""
        return self.status in (PASS, DEGRADED)


def judge(attempt: Attempt) -> Verdict:
    """Say what came of an attempt. Where nothing was looked at it is never good."""
    broken = [result for result in attempt.results if not result.holds]
    hard = [result for result in broken if not result.condition.is_soft]
    if attempt.error:
        status = NO_DATA if attempt.error.reason in UNTESTED else FAIL
        return Verdict(status, attempt.error.reason, str(attempt.error))
    if hard:
        return Verdict(FAIL, "assertion", _sentence(hard))
    if failed := next((step for step in attempt.steps if step.status == FAIL), None):
        return Verdict(FAIL, "element", f"{failed.name}: {failed.message}" if failed.message else f"{failed.name} failed.")
    if not attempt.results:
        return Verdict(NO_DATA, "no_assertion", "Nothing was looked at, so nothing is known: give the check something to expect.")
    if broken:
        return Verdict(DEGRADED, "assertion", _sentence(broken))
    if soft := next((step for step in attempt.steps if step.status == DEGRADED), None):
        return Verdict(DEGRADED, "element", f"{soft.name}: {soft.message}" if soft.message else f"{soft.name} failed.")
    return Verdict(PASS)


def _sentence(results: Sequence[Result]) -> str:
    more = len(results) - 1
    return results[0].message + (f" {more} more {'does' if more == 1 else 'do'} not hold." if more else "")
