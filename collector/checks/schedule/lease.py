"""A lease: a check that a runner has taken on, for some time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, Protocol

from collector.checks.runs.job import Outcome, RunOrder
from collector.errors import WideloadError


class LeaseGone(WideloadError):
    """The lease has ended, or is somebody else's: what was found is not taken."""


@dataclass(frozen=True, slots=True)
class Lease:
    """A lease.

    Attributes:
        id: names it.
        name: the check's.
        location, trigger: see `Order`.
        slot_at: when it was due, in epoch seconds.
        seconds: how long all of it may take; some more, and the lease ends.
        file: the check file, by its path in the folder of checks.
        bundle: the hash of that folder's files.
        secrets: the names of those that the check may see.
        runs: in turn.
        budgets: see `Order`.
        pictures: the accepted ones, each with its baseline's id, step, browser and viewport, and `accepted`, its SHA-256.
    """

    id: str
    name: str
    location: str
    trigger: str
    slot_at: int
    seconds: float
    file: str
    bundle: str
    secrets: tuple[str, ...]
    runs: tuple[RunOrder, ...]
    budgets: dict[str, tuple[float | None, str]] = field(default_factory=dict)
    pictures: tuple[Mapping[str, str], ...] = ()

    def as_json(self) -> dict[str, Any]:
        """Return it for another machine."""
        return asdict(self)

    @classmethod
    def read(cls, document: dict[str, Any]) -> Lease:
        """Return what `as_json` made."""
        runs = tuple(RunOrder(**one) for one in document["runs"])
        return cls(**{**document, "secrets": tuple(document["secrets"]), "runs": runs})


class Leases(Protocol):
    """Where runners get work: the scheduler, or a collector elsewhere."""

    def take(self, runner: str) -> Lease | None:
        """Return something to do, None if there is nothing."""

    def complete(self, lease: Lease, runner: str, outcomes: Sequence[Outcome]) -> None:
        """Say what came of it. Raises LeaseGone."""

    def folder_of(self, lease: Lease) -> str:
        """Return the folder in which the lease's file is."""
