"""Decides: from what was found to states, incidents and messages, in one transaction of the diary."""

from __future__ import annotations

import logging
import secrets
from collections.abc import Collection, Mapping
from dataclasses import asdict, replace
from typing import Any, Final

from collector.alerts import evidence
from collector.alerts.diary import Diary, Known, Pen, Silence
from collector.alerts.incidents import Incident
from collector.alerts.look import Looker
from collector.alerts.rulebook import RuleBook
from collector.alerts.rules import CheckRule, QueryRule, Rule
from collector.alerts.states import Cause, State, Status, Step, Verdict, advance
from collector.alerts.verdicts import Finding, Run
from collector.alerts.windows import covering
from collector.errors import RequestError, StoreError
from collector.query.engine import QueryEngine
from collector.query.markers import Marker, Markers

log = logging.getLogger(__name__)

#: Of one rule so many incidents are open at once: more groups than that are one trouble, and nobody reads more messages.
MOST_OPEN: Final = 50
#: A group that nobody has heard of for so long is forgotten.
FORGET_SECONDS: Final = 7 * 86_400
AUTHOR: Final = "Wideload"
_MAX_MARKER: Final = 300


class Decider:
    """Decides for one rule at a time.

    Args:
        diary: keeps what is decided.
        book: knows the channels.
        engine, looker: ask the store for evidence.
        markers: show incidents on charts.
        base_url: the viewer's address, for links.
    """

    def __init__(
        self, diary: Diary, book: RuleBook, engine: QueryEngine, looker: Looker, markers: Markers | None, base_url: str
    ) -> None:
        self._diary, self._book, self._engine, self._looker = diary, book, engine, looker
        self._markers, self._base_url = markers, base_url

    def decide(self, rule: Rule, findings: Mapping[str, Finding]) -> bool:
        """Take over what was found; return whether there may be something to tell. Raises RequestError: it cannot be written."""
        now, known, silences = self._diary.now(), self._diary.known(rule.name), self._diary.silences()
        if covering(rule.maintenance, now):
            return False
        changed: list[Incident] = []
        with_steps = []
        for subject in [*findings, *(one for one in known if one not in findings)]:
            finding = findings.get(subject) or Finding(Verdict.NO_DATA, "It is not heard of any more.")
            before = known.get(subject, Known())
            policy = replace(rule.policy, no_data_seconds=max(rule.policy.no_data_seconds, finding.grace))
            state, steps = advance(before.state, finding.verdict, now, policy, finding.began)
            material = self._gather(rule, finding, state, now) if Step.OPEN in steps else {}
            with_steps.append((subject, finding, state, steps, material))
        with self._diary.writing() as pen:
            for subject, finding, state, steps, material in with_steps:
                changed += self._write(pen, rule, subject, finding, state, steps, material, silences, now)
        for incident in changed:
            self._mark(incident)
        return bool(changed) or any(Step.REMIND in steps for _, _, _, steps, _ in with_steps)

    def retire(self, rules: Collection[str]) -> None:
        """End the incidents of rules that are not there any more. Raises RequestError."""
        now = int(self._diary.now())
        for name in self._diary.rules() - set(rules):
            ended = []
            for subject in self._diary.known(name):
                with self._diary.writing() as pen:
                    if incident := pen.open_incident(name, subject):
                        ended.append(replace(incident, resolved_at=now, resolution="The rule was removed."))
                        pen.keep(ended[-1])
                    pen.forget(name, subject)
            for incident in ended:
                self._mark(incident)

    def _write(
        self, pen: Pen, rule: Rule, subject: str, finding: Finding, state: State, steps: tuple[Step, ...],
        material: Mapping[str, Any], silences: Collection[Silence], now: float,
    ) -> list[Incident]:  # fmt: skip
        changed: list[Incident] = []
        is_quiet = any(silence.covers(rule.name, subject, now) for silence in silences)
        channels = self._book.channels.for_rule(rule.channels, rule.severity)
        if Step.RESOLVE in steps and (incident := pen.open_incident(rule.name, subject)):
            over = replace(incident, resolved_at=int(now), resolution=finding.reason)
            pen.keep(over)
            changed.append(over)
            if incident.is_told:
                self._tell(pen, over, "resolved", "", channels)
        if Step.OPEN in steps:
            if pen.open_incidents(rule.name) < MOST_OPEN:
                opened = _open(rule, subject, finding, state, material, int(now))
                pen.keep(opened)
                changed.append(opened)
                log.warning(
                    "Incident %s of the rule %s%s: %s", opened.id, rule.name, f" ({subject})" if subject else "", opened.reason
                )
            else:
                log.error("The rule %s has %d open incidents; %s is not opened.", rule.name, MOST_OPEN, subject)
                state = replace(state, cause=Cause.NONE)
        incident = pen.open_incident(rule.name, subject) if state.cause else None
        if incident and not is_quiet and not incident.is_told and not incident.acknowledged_at:
            pen.keep(replace(incident, is_told=True))
            self._tell(pen, incident, "opened", "", channels)
        elif incident and Step.REMIND in steps and not is_quiet and not incident.acknowledged_at:
            self._tell(pen, replace(incident, reason=finding.reason), "reminder", str(int(now)), channels)
        if state.status is Status.NO_DATA and not state.cause and now - state.since > FORGET_SECONDS:
            pen.forget(rule.name, subject)
        else:
            pen.note(rule.name, subject, Known(state, finding.reason, finding.value, finding.samples, now))
        return changed

    def _tell(self, pen: Pen, incident: Incident, event: str, number: str, channels: Collection[str]) -> None:
        body = {"incident": incident.shown(), "url": self.address(incident)}
        pen.tell("/".join(filter(None, (incident.id, event, number))), event, channels, body)

    def address(self, incident: Incident) -> str:
        """Return where the viewer shows an incident."""
        return f"{self._base_url}/?view=incident&id={incident.id}&dataset={incident.dataset}"

    def _gather(self, rule: Rule, finding: Finding, state: State, now: float) -> dict[str, Any]:
        """Return what is known of the cause. People are told even where the store does not say."""
        start, end = int(finding.began or state.failing_since or now), int(now) + 1
        try:
            if isinstance(rule, QueryRule):
                start -= int(rule.window)
                query = self._looker.query_of(rule)
                return {"impact": evidence.impact_on_question(self._engine, rule.dataset, query, finding.group, start, end)}
            assert isinstance(rule, CheckRule)
            pair = [run for run in (finding.first_failing, finding.last_passing) if run]
            events = [evidence.event_of(self._engine, rule.dataset, run) for run in pair]
            differences = evidence.differences(events[1], events[0]) if len(events) == 2 and all(events) else []
            paths = evidence.paths_of(self._engine, rule.dataset, pair)
            impact = evidence.impact_on_paths(self._engine, rule.dataset, paths, start, end)
        except (StoreError, RequestError) as error:
            log.warning("What is behind the incident of %s is not known: %s", rule.name, error)
            return {}
        return {"differences": tuple(differences), "impact": impact}

    def _mark(self, incident: Incident) -> None:
        """Show an incident on the charts; one that is over as a span."""
        if not self._markers or incident.cause != Cause.FAILING:
            return
        try:
            if incident.marker:
                self._markers.delete(incident.marker)
            about = f"{incident.title}: {incident.subject}" if incident.subject else incident.title
            marker = Marker(incident.dataset, incident.started_at, about[:_MAX_MARKER], incident.resolved_at, "incident",
                            self.address(incident))  # fmt: skip
            self._diary.change(incident.id, marker=self._markers.add(marker, AUTHOR)["id"])
        except RequestError as error:
            log.warning("The incident %s has no marker on the charts: %s", incident.id, error)


def _open(rule: Rule, subject: str, finding: Finding, state: State, material: Mapping[str, Any], now: int) -> Incident:
    began = now if state.cause is Cause.NO_DATA else int(finding.began or state.failing_since or now)
    return Incident(
        id=secrets.token_hex(8),
        rule=rule.name,
        kind=rule.kind,
        title=rule.title,
        description=rule.description,
        runbook=rule.runbook,
        severity=rule.severity,
        dataset=rule.dataset,
        subject=subject,
        group=finding.group,
        subjects=finding.subjects,
        cause=state.cause.value,
        reason=finding.reason,
        started_at=began,
        opened_at=now,
        value=finding.value,
        samples=finding.samples,
        threshold=str(rule.when) if isinstance(rule, QueryRule) else "",
        first_failing=_run(finding.first_failing),
        last_passing=_run(finding.last_passing),
        **material,
    )


def _run(run: Run | None) -> dict[str, Any] | None:
    if run is None:
        return None
    shown = asdict(run)
    return {**{name: shown[name] for name in ("check", "location", "status", "run_id", "reason", "message")}, "at": int(run.at)}
