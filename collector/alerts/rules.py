"""Rules as their files say, with defaults filled in. Frozen; `files.load` makes them."""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any, Final, Literal

from collector.alerts.windows import Window

Severity = Literal["info", "warning", "critical"]
_COMPARE: Final[dict[str, Callable[[float, float], bool]]] = {
    ">": operator.gt, ">=": operator.ge, "<": operator.lt, "<=": operator.le, "==": operator.eq, "!=": operator.ne,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Policy:
    """How a rule goes from one state to the next; spans in seconds, and 0 for at once or never.

    Attributes:
        for_seconds: how long it has to fail without a break before people are told.
        no_data_alerts: whether people are told when there is no data.
        no_data_seconds: for how long there may be none before.
        remind_seconds: how often they are told again; 0 for never.
    """

    for_seconds: float = 0
    no_data_alerts: bool = False
    no_data_seconds: float = 0
    remind_seconds: float = 0


@dataclass(frozen=True, slots=True)
class Threshold:
    """A comparison with a number, such as `> 2500`."""

    op: str
    value: float

    @classmethod
    def read(cls, text: str) -> Threshold:
        """Read the published shape."""
        op = text.rstrip("-.0123456789").strip()
        return cls(op, float(text.strip()[len(op) :]))

    def holds(self, value: float) -> bool:
        """Whether a value passes it."""
        return _COMPARE[self.op](value, self.value)

    def __str__(self) -> str:
        """Return it as people write it."""
        return f"{self.op} {self.value:g}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """What every rule has.

    Attributes:
        channels: names; empty for the default ones.
        maintenance: when it rests.
    """

    name: str
    title: str
    description: str
    runbook: str
    dataset: str
    severity: Severity
    channels: tuple[str, ...]
    maintenance: tuple[Window, ...]
    policy: Policy
    path: Path

    @property
    def kind(self) -> str:
        """Return `check` or `query`."""
        return "check" if isinstance(self, CheckRule) else "query"


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckRule(Rule):
    """Runs of checks fail.

    Attributes:
        names, suites, tags: which checks; names may have `*`.
        fail_runs, fail_seconds: how many runs in a row, or for how long, a location has to fail; one of them is 0.
        recover_runs: how many runs in a row have to pass.
        share: of the locations with data that have to fail; 0 where one is enough.
        degraded_fails: whether a degraded run counts as failed.
        stale_seconds: how old the last run may be, until there is no data.
        parent: the check without which these cannot pass; empty for none.
        together: one incident for all checks of the rule.
    """

    names: tuple[str, ...]
    suites: tuple[str, ...]
    tags: tuple[str, ...]
    fail_runs: int
    fail_seconds: float
    recover_runs: int
    share: float
    degraded_fails: bool
    stale_seconds: float
    parent: str
    together: bool

    def watches(self, name: str, suite: str, tags: frozenset[str]) -> bool:
        """Whether it is about a check."""
        by_name = any(fnmatchcase(name, pattern) for pattern in self.names)
        return by_name or suite in self.suites or not tags.isdisjoint(self.tags)


@dataclass(frozen=True, slots=True, kw_only=True)
class QueryRule(Rule):
    """The answer to a question passes a threshold.

    Attributes:
        query: as of `POST /api/query`, without dataset and time; None where `query_id` names a saved one.
        calculation: the name of the value in the answer; empty for the only one.
        when, recover_when: the thresholds.
        window: over how many seconds it is calculated.
        minimum_samples: events with a value that there have to be.
    """

    query: Mapping[str, Any] | None = field(hash=False)
    query_id: str
    calculation: str
    when: Threshold
    recover_when: Threshold | None
    window: float
    minimum_samples: int
