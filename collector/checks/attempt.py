"""One attempt at a check: what was done, found and looked at. What every kind of check returns, and what events are made of."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from collector.checks.conditions import Result
from collector.checks.marks import Mark
from collector.checks.probes.model import Found, ProbeError


@dataclass(frozen=True, slots=True)
class Piece:
    """A piece of evidence.

    Attributes:
        kind: `screenshot`, `frame`, `progress`, `console`, `requests`, `dom`, `aria`, `difference`, `baseline`, `body` or `trace`.
        name: what people call it; no secret is in it.
        sha256: of its bytes, by which the evidence store has it.
        media_type: what it is.
        size: in bytes.
    """

    kind: str
    name: str
    sha256: str
    media_type: str
    size: int


@dataclass(slots=True)
class Step:
    """A step of a journey; `status` is pass, degraded, fail or skipped, `duration` in milliseconds."""

    index: int
    name: str
    action: str
    status: str = "pass"
    duration: float = 0.0
    message: str = ""
    selector: str = ""
    is_healed: bool = False
    screenshot: str | None = None


@dataclass(frozen=True, slots=True)
class Comparison:
    """What came of comparing a picture with the accepted one.

    Attributes:
        step, browser, viewport: whose picture it is.
        accepted: the SHA-256 of what it was compared with; empty if nothing was accepted.
        taken, difference: those of the picture and of what shows how it differs; empty where they are not kept.
        percent: how much it differs.
        matches: whether that is little enough.
    """

    step: str
    browser: str
    viewport: str
    accepted: str
    taken: str
    difference: str
    percent: float
    matches: bool


@dataclass(slots=True)
class Attempt:
    """What came of an attempt, filled in as it goes on: one that fails half way keeps what came before.

    Attributes:
        found: facts, by the names that conditions use, and the entries of probes.
        results: conditions and `expect_` steps that were looked at.
        steps: of a journey.
        evidence: what was kept.
        comparisons: of pictures with accepted ones.
        error: why it ended early.
    """

    found: Found = field(default_factory=Found)
    results: list[Result] = field(default_factory=list)
    steps: list[Step] = field(default_factory=list)
    evidence: list[Piece] = field(default_factory=list)
    comparisons: list[Comparison] = field(default_factory=list)
    error: ProbeError | None = None


@dataclass(frozen=True, slots=True)
class Collector:
    """A collector that a runner may ask: its URL, a token, and the dataset that runs are reported to."""

    url: str
    token: str = field(repr=False)
    dataset: str


@dataclass(frozen=True, slots=True)
class Setting:
    """Where and for what an attempt is made.

    Attributes:
        mark: of the run.
        number: counts the attempts of the run, from 1.
        location: where it runs.
        allow_private: whether private addresses may be asked.
        variables: by name, those of the row of data included.
        secrets: by name; what they say is masked wherever something is kept.
        evidence_dir: where evidence is kept; None keeps none.
        collector: where can be asked for what arrived; None where nothing is reported.
    """

    mark: Mark
    number: int = 1
    location: str = ""
    allow_private: bool = False
    variables: dict[str, str] = field(default_factory=dict)
    secrets: dict[str, str] = field(default_factory=dict)
    evidence_dir: Path | None = None
    collector: Collector | None = None
