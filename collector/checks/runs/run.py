"""Runs a check: attempt after attempt, until one is good or there is none left."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import TracebackType
from typing import Any

from collector.checks.attempt import Attempt, Collector, Setting
from collector.checks.budgets import Budgets, with_budgets
from collector.checks.files.load import Check
from collector.checks.kinds import Kind, kind_of
from collector.checks.marks import Mark
from collector.checks.probes.model import ProbeError
from collector.checks.runs.verdict import SETTLED, Verdict, judge
from collector.checks.secrets import Masker
from collector.checks.variables import UnknownVariable, given
from collector.errors import WideloadError

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Order:
    """What is to be run, and how.

    Attributes:
        check: which one.
        mark: of the run.
        location: where it runs.
        trigger: why: schedule, manual, ci or recheck.
        delay_ms: how long after its slot it begins.
        row: of its data, counted from 1; 0 for a check without data.
        columns: what stands in that row.
        variables: given by whoever runs it.
        secrets: all that this machine knows; a check sees those that it names.
        allow_private: whether private addresses may be asked.
        evidence_dir: where evidence is kept; None keeps none.
        collector: where can be asked for what arrived; None where nothing is reported.
        budgets: what real users measure, by conditions.
    """

    check: Check
    mark: Mark
    location: str = ""
    trigger: str = "manual"
    delay_ms: float = 0.0
    row: int = 0
    columns: Mapping[str, str] = field(default_factory=dict)
    variables: Mapping[str, str] = field(default_factory=dict)
    secrets: Mapping[str, str] = field(default_factory=dict, repr=False)
    allow_private: bool = False
    evidence_dir: Path | None = None
    collector: Collector | None = None
    budgets: Budgets = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Try:
    """One attempt of a run; `began_at` in epoch milliseconds, `duration_ms` in milliseconds."""

    number: int
    began_at: int
    duration_ms: float
    attempt: Attempt
    verdict: Verdict


@dataclass(frozen=True, slots=True)
class Run:
    """A run that is over; `mask` keeps its secrets out of everything."""

    order: Order
    tries: tuple[Try, ...]
    mask: Masker

    @property
    def verdict(self) -> Verdict:
        """What the last attempt says is what the run says."""
        return self.tries[-1].verdict

    @property
    def is_flaky(self) -> bool:
        """It was good after an attempt that was not."""
        return len(self.tries) > 1 and self.verdict.is_good


class Runner:
    """Runs checks, with a browser that stays warm; for one thread. Use it in a `with` block.

    Args:
        sleep, clock: seconds; epoch seconds.
    """

    def __init__(self, sleep: Callable[[float], None] = time.sleep, clock: Callable[[], float] = time.time) -> None:
        self._sleep, self._clock = sleep, clock
        self._browsers: dict[str, Any] = {}

    def __enter__(self) -> Runner:
        return self

    def __exit__(self, _: type[BaseException] | None, __: BaseException | None, ___: TracebackType | None) -> None:
        for browser in self._browsers.values():
            browser.close()

    def run(self, order: Order) -> Run:
        """Run a check. Whatever goes wrong is said in the run."""
        check = replace(order.check, expect=with_budgets(order.check.expect, order.budgets))
        tries, secrets = list[Try](), dict[str, str]()
        missing = [name for name in check.secrets if name not in order.secrets]
        if not missing:
            secrets = {name: order.secrets[name] for name in check.secrets}
        variables = given(check.variables, order.variables, order.columns)
        for number in range(1, check.attempts + 1):
            if number > 1:
                self._sleep(check.backoff_seconds * 2 ** (number - 2))
            setting = Setting(
                order.mark, number, order.location, order.allow_private, variables, secrets, order.evidence_dir,
                order.collector,
            )  # fmt: skip
            begin, began_at = time.perf_counter(), int(self._clock() * 1000)
            made = _lacking(missing) if missing else self._attempt(check, setting)
            verdict = judge(made)
            tries.append(Try(number, began_at, round((time.perf_counter() - begin) * 1000, 3), made, verdict))
            if verdict.is_good or verdict.reason in SETTLED:
                break
        return Run(order, tuple(tries), Masker(secrets.values()))

    def _attempt(self, check: Check, setting: Setting) -> Attempt:
        try:
            kind = kind_of(check)
            return kind.make_attempt()(check, setting, self._browser(kind))
        except ProbeError as error:
            return Attempt(error=error)
        except (UnknownVariable, WideloadError) as error:
            return Attempt(error=ProbeError("config_error", str(error)))
        except Exception as error:
            # Secrets may stand in it, so the log has only where it was.
            log.error("An attempt at %s broke off: %s", check.name, type(error).__name__)
            return Attempt(error=ProbeError("runner_error", f"The attempt broke off with {type(error).__name__}: {error}"))

    def _browser(self, kind: Kind) -> Any:
        if kind.browser and kind.browser not in self._browsers:
            self._browsers[kind.browser] = kind.open_browser()
        return self._browsers.get(kind.browser)


def _lacking(names: list[str]) -> Attempt:
    ways = " and ".join(f"WIDELOAD_CHECK_SECRET_{name.upper()}" for name in names)
    return Attempt(error=ProbeError("config_error", f"Secrets are missing: set {ways}, or name them in the file of secrets."))
