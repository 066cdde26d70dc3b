"""An incident: one cause, from when it was noticed until it is over."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Incident:
    """An incident; times in epoch seconds, None where that has not happened.

    Attributes:
        id: of 16 hexadecimal digits.
        rule, kind, title, description, runbook, severity, dataset: of the rule when it was opened.
        subject: the check, or the group as text; empty for the whole.
        group: the group by its fields.
        subjects: the checks that failed first, where one incident is for all of a rule.
        cause: `failing` or `no_data`.
        reason: what was found, as a sentence.
        started_at: since when it fails.
        opened_at, resolved_at: when people were told, or would have been.
        value, threshold, samples: of a question.
        first_failing, last_passing: the runs between which it broke: `run_id`, `at`, `location`, `reason`, `message`.
        differences: what differs between the two: `field`, `before`, `after`.
        impact: the real visitors in that time; None while it is not known.
        acknowledged_by, acknowledged_at, note: somebody looks after it.
        is_told: whether people were told.
        marker: the id of its marker on the charts.
    """

    id: str
    rule: str
    kind: str
    title: str
    severity: str
    dataset: str
    subject: str
    cause: str
    reason: str
    started_at: int
    opened_at: int
    description: str = ""
    runbook: str = ""
    group: Mapping[str, Any] = field(default_factory=dict, hash=False)
    subjects: tuple[str, ...] = ()
    resolved_at: int | None = None
    resolution: str = ""
    value: float | None = None
    threshold: str = ""
    samples: int | None = None
    first_failing: Mapping[str, Any] | None = field(default=None, hash=False)
    last_passing: Mapping[str, Any] | None = field(default=None, hash=False)
    differences: tuple[Mapping[str, Any], ...] = field(default=(), hash=False)
    impact: Mapping[str, Any] | None = field(default=None, hash=False)
    acknowledged_by: str = ""
    acknowledged_at: int | None = None
    note: str = ""
    is_told: bool = False
    marker: str = ""

    def shown(self) -> dict[str, Any]:
        """Return it as the API shows it."""
        shown = asdict(self)
        del shown["marker"], shown["is_told"]
        return {**shown, "subjects": list(self.subjects), "differences": list(self.differences)}

    def kept(self) -> dict[str, Any]:
        """Return it as the diary keeps it."""
        return asdict(self)

    @classmethod
    def restore(cls, kept: Mapping[str, Any]) -> Incident:
        """Return what `kept` returned; fields that a later version has added have their defaults."""
        known = {name: value for name, value in kept.items() if name in cls.__slots__}
        return cls(**{**known, "subjects": tuple(known["subjects"]), "differences": tuple(known["differences"])})
