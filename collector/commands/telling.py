"""Tells a collector of runs as they are made. What it does not take is noted, and the runs go on."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from uuid import uuid4

from collector.client import Client
from collector.commands.ask import only_dataset
from collector.errors import ClientError, WideloadError

if TYPE_CHECKING:
    from collector.checks.attempt import Collector
    from collector.checks.budgets import Budgets
    from collector.checks.files.load import Check
    from collector.checks.marks import Mark
    from collector.checks.runs.report import Reporter
    from collector.checks.runs.run import Run

_WAIT_SECONDS: Final = 60.0


class Telling:
    """Tells one dataset of a collector, or nobody.

    Args:
        client: asks the collector; None tells nobody.
        dataset: where the runs go; None for the only one there is.

    Attributes:
        dataset: the same, empty if nobody can be told.
        problems: what was not told, in sentences.
    """

    def __init__(self, client: Client | None, dataset: str | None) -> None:
        self._client, self._reporter, self.problems = client, None, list[str]()
        with self._noting():
            self._reporter = _reporter(client, dataset) if client else None
        self.dataset = self._reporter.dataset if self._reporter else ""

    @property
    def asked(self) -> Collector | None:
        """Whom checks may ask what has arrived."""
        from collector.checks.attempt import Collector

        return Collector(self._client.url, self._client.token, self.dataset) if self._client and self.dataset else None

    def begin(self) -> tuple[Mark, str]:
        """Return a mark of the collector and where its events go; without a collector, one that nobody has signed."""
        from collector.checks.marks import Mark

        with self._noting():
            if self._reporter:
                begun = self._reporter.begin()
                return begun.mark, begun.beacon
        return Mark(uuid4().hex, "", 0), ""

    def budgets(self, check: Check, given: Mapping[str, str]) -> Budgets:
        """Return what real users measure, by conditions of a check."""
        from collector.checks.budgets import find_budgets

        return find_budgets(check, _asking(self._client, self.dataset), given) if self._client and self.dataset else {}

    def copy_accepted(self, check: Check, evidence: Path) -> None:
        """Have the pictures that were accepted in the collector."""
        try:
            if self._reporter and check.kind == "journey":
                self._reporter.copy_accepted(check.name, evidence)
        except WideloadError as error:
            self.problems.append(str(error))

    def send(self, beacon: str, made: Run, evidence: Path | None, is_compared: bool) -> None:
        """Send a run, with its evidence.

        Args:
            beacon: where its events go; empty if it was not begun there.
            made: the run.
            evidence: where its evidence is.
            is_compared: whether its pictures were compared with those of the collector.
        """
        from collector.checks.runs.events import events_of

        with self._noting():
            if not self._reporter or not beacon:
                return
            self._reporter.send(beacon, events_of(made))
            if evidence:
                pieces = [piece for one in made.tries for piece in one.attempt.evidence]
                compared = made.tries[-1].attempt.comparisons if is_compared else []
                self._reporter.keep(made.order.mark, made.verdict.status, evidence, pieces, made.order.check.name, compared)

    def wait(self, runs: Sequence[Run]) -> None:
        """Return when the runs can be asked for."""
        with self._noting():
            if self._reporter and not self.problems:
                self._reporter.wait({one.order.mark.run_id: len(one.tries) for one in runs}, _WAIT_SECONDS)

    @contextmanager
    def _noting(self) -> Iterator[None]:
        try:
            yield
        except ClientError as error:
            self.problems.append(str(error))


def _reporter(client: Client, dataset: str | None) -> Reporter:
    from collector.checks.runs.report import Reporter

    if dataset is None:
        me = client.get("/api/me")
        dataset = only_dataset(me.get("runs_checks") or me["datasets"])
    return Reporter(client, dataset)


def _asking(client: Client, dataset: str) -> Callable[[dict[str, Any]], list[dict[str, Any]]]:
    return lambda question: [row["data"] for row in client.post("/api/query", {"dataset": dataset, **question})["results"]]
