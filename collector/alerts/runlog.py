"""The last runs of checks, as the store has them. Looks far back once, and then only at what is new or may come late."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, Final

from collector.alerts.verdicts import Run
from collector.query.columns import Params
from collector.query.sql import Scope, Statement, select
from collector.store.base import Limits, Reader

#: How far back the first look goes, and how late a run may come to be noticed by the others.
FAR_BACK: Final = 7 * 86_400
LATE_SECONDS: Final = 3600
#: So many runs of a check at a location are remembered.
MOST_RUNS: Final = 120
#: What somebody tries by hand, or from CI, is no news.
_BY_ITSELF: Final = "ifNull(`check.trigger`, '') NOT IN ('manual', 'ci')"
_LIMITS: Final = Limits(seconds=20, result_rows=500_000)


def runs_of(scope: Scope) -> Statement:
    """Select the attempts that decided runs, in the order of time; of each check and location only the last ones."""
    params = Params()
    conditions = [*scope.conditions(params), "kind = 'check_run'", "`check.is_final`", "`check.name` != ''", _BY_ITSELF]
    texts = [
        f"ifNull(`check.{name}`, '')" for name in ("name", "location", "status", "run_id", "reason", "message", "suite", "tags")
    ]
    fields = ["ts", *(f"{text} AS text_{number}" for number, text in enumerate(texts))]
    tail = ["ORDER BY ts DESC", f"LIMIT {MOST_RUNS} BY text_0, text_1"]
    return Statement(select(fields, conditions, tail=tail), params.values)


class RunLog:
    """The last runs of a dataset's checks.

    Args:
        reader: the store.
        dataset: the dataset.
        now: the wall clock in epoch seconds.
    """

    def __init__(self, reader: Reader, dataset: str, now: Callable[[], float]) -> None:
        self._reader, self._dataset, self._now = reader, dataset, now
        self._runs: dict[str, list[Run]] = {}
        self._looked_at = 0.0

    def refresh(self) -> None:
        """Read what is new. Raises StoreError; then all is as it was."""
        now = self._now()
        start = int(max(now - FAR_BACK, self._looked_at - LATE_SECONDS))
        statement = runs_of(Scope(self._dataset, start, int(now) + 300))
        rows = self._reader.query(statement.sql, statement.params, _LIMITS).rows
        fresh: dict[str, dict[str, Run]] = {}
        for run in map(_run, rows):
            fresh.setdefault(run.check, {})[run.run_id] = run
        for name, by_id in fresh.items():
            known = {run.run_id: run for run in self._runs.get(name, ())}
            self._runs[name] = _latest((known | by_id).values())
        self._runs = {name: kept for name, runs in self._runs.items() if (kept := [run for run in runs if run.at > now - FAR_BACK])}
        self._looked_at = now

    def checks(self) -> dict[str, list[Run]]:
        """Return the runs of each check, in the order of time."""
        return self._runs


def _run(row: tuple[Any, ...]) -> Run:
    ts, name, location, status, run_id, reason, message, suite, tags = row
    return Run(name, location, ts / 1000, status, run_id, reason, message, suite, frozenset(filter(None, tags.split(","))))


def _latest(runs: Iterable[Run]) -> list[Run]:
    by_location: dict[str, list[Run]] = {}
    for run in sorted(runs, key=lambda run: run.at):
        by_location.setdefault(run.location, []).append(run)
    return sorted((run for some in by_location.values() for run in some[-MOST_RUNS:]), key=lambda run: run.at)
