"""Looks: asks the store what a rule is about, and says what was found of each subject."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from collector.alerts.question import SAMPLES, Question, read_question
from collector.alerts.rules import CheckRule, QueryRule, Rule
from collector.alerts.runlog import RunLog
from collector.alerts.states import Verdict
from collector.alerts.verdicts import Finding, Run, judge_check, judge_value, together
from collector.query.engine import QueryEngine
from collector.query.saved import SavedQueries
from collector.store.base import Reader

#: Rules about the same dataset share one reading of its runs.
_FRESH_SECONDS: Final = 5.0


class Looker:
    """Looks at the store for rules.

    Args:
        engine: answers questions; its clock is the one that counts.
        reader: the store.
        saved: keeps queries.
    """

    def __init__(self, engine: QueryEngine, reader: Reader, saved: SavedQueries) -> None:
        self._engine, self._reader, self._saved = engine, reader, saved
        self._logs: dict[str, tuple[float, RunLog]] = {}

    def look(self, rule: Rule) -> dict[str, Finding]:
        """Return what was found of each subject: a check, a group, or "" for the whole.

        Raises:
            StoreError: the store does not answer.
            RequestError, QuestionError: the question cannot be asked.
        """
        if isinstance(rule, CheckRule):
            return self._look_at_checks(rule)
        assert isinstance(rule, QueryRule)
        return self._look_at_question(rule)

    def query_of(self, rule: QueryRule) -> Mapping[str, Any]:
        """Return the query of a rule, from the saved ones if it names one. Raises RequestError (404)."""
        if rule.query is not None:
            return rule.query
        found: dict[str, Any] = self._saved.find(rule.query_id)["query"]
        return found

    def question_of(self, rule: QueryRule) -> Question:
        """Return what a rule asks. Raises RequestError, QuestionError."""
        return read_question(self.query_of(rule), rule.dataset, rule.calculation, rule.window)

    def _look_at_checks(self, rule: CheckRule) -> dict[str, Finding]:
        now, checks = self._engine.now(), self._runs(rule.dataset)
        watched = {name: runs for name, runs in checks.items() if _is_watched(rule, name, runs[-1])}
        watched |= {name: [] for name in rule.names if "*" not in name and name not in watched}
        parent = checks.get(rule.parent, []) if rule.parent else []
        findings = {name: judge_check(runs, rule, now, parent) for name, runs in sorted(watched.items())}
        return {"": together(findings)} if rule.together else findings

    def _runs(self, dataset: str) -> dict[str, list[Run]]:
        now = self._engine.now()
        read_at, log = self._logs.get(dataset) or (0.0, RunLog(self._reader, dataset, self._engine.now))
        if now - read_at >= _FRESH_SECONDS:
            log.refresh()
            self._logs[dataset] = (now, log)
        return log.checks()

    def _look_at_question(self, rule: QueryRule) -> dict[str, Finding]:
        question = self.question_of(rule)
        rows = [row["data"] for row in self._engine.run(question.spec)["results"]]
        if not rows and not question.spec.breakdowns:
            return {"": Finding(Verdict.NO_DATA, "There are no events.", samples=0)}
        findings: dict[str, Finding] = {}
        for row in rows:
            group = {name: row[name] for name in question.spec.breakdowns}
            found = judge_value(row[question.key], int(row[SAMPLES] or 0), rule, question.key)
            findings[group_text(group)] = Finding(found.verdict, found.reason, found.began, found.value, found.samples, group=group)
        return findings


def group_text(group: Mapping[str, Any]) -> str:
    """Return the name of a group; "" for the whole."""
    return ", ".join(f"{name} = {'nothing' if value is None else value}" for name, value in group.items())


def _is_watched(rule: CheckRule, name: str, last: Run) -> bool:
    return rule.watches(name, last.suite, last.tags)
