"""What the process that runs checks is told and tells: one line of JSON each way."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any

import orjson

from collector.checks.attempt import Collector


@dataclass(frozen=True, slots=True)
class RunOrder:
    """One run of a job: its mark, and the row of data that it is of (0 for none)."""

    run_id: str
    mark: str
    expires_at: int
    row: int = 0


@dataclass(frozen=True, slots=True)
class Job:
    """A check to be run at a location, once for each row of its data.

    Attributes:
        file: the check file.
        name: the check's name.
        location, trigger: see `Order`.
        slot_at: when it was due, in epoch seconds.
        runs: in turn.
        secrets: the ones that the check may see.
        allow_private: whether private addresses may be asked.
        evidence_dir: where evidence is kept; empty keeps none.
        collector: where can be asked for what arrived; None where nothing can.
        budgets: see `Order`.
    """

    file: str
    name: str
    location: str
    trigger: str
    slot_at: float
    runs: tuple[RunOrder, ...]
    secrets: dict[str, str] = field(default_factory=dict, repr=False)
    allow_private: bool = False
    evidence_dir: str = ""
    collector: Collector | None = None
    budgets: dict[str, tuple[float | None, str]] = field(default_factory=dict)

    def line(self) -> bytes:
        """Return it as a line."""
        return orjson.dumps(asdict(self)) + b"\n"

    @classmethod
    def read(cls, line: bytes) -> Job:
        """Return what a line says."""
        document = orjson.loads(line)
        collector = document["collector"] and Collector(**document["collector"])
        runs = tuple(RunOrder(**one) for one in document["runs"])
        return cls(**{**document, "runs": runs, "collector": collector})


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a run.

    Attributes:
        run_id: of which.
        status, reason, message: the verdict.
        events: signed or not; whoever sends them signs them.
        evidence: what was kept, each piece as a JSON object (see `Piece`).
        comparisons: of pictures, in the last attempt, each as a JSON object (see `Comparison`).
    """

    run_id: str
    status: str
    reason: str
    message: str
    events: list[dict[str, Any]]
    evidence: list[dict[str, Any]] = field(default_factory=list)
    comparisons: list[dict[str, Any]] = field(default_factory=list)
