"""`/api/alerts`, `/api/incidents` and `/api/silences`: read by viewers; editors acknowledge, silence and test."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any, Final

import orjson
from anyio import to_thread
from starlette.requests import Request
from starlette.responses import Response

from collector.access.identity import Role
from collector.access.private import PrivateRoute, audit, identity_of, on_dataset
from collector.alerts.channels.model import ChannelError, Message
from collector.alerts.diary import Known
from collector.alerts.question import QuestionError
from collector.alerts.room import Alerts
from collector.alerts.rules import Rule
from collector.alerts.states import Status
from collector.alerts.windows import covering
from collector.config import Dataset
from collector.errors import RequestError
from collector.query.answering import answering, responding
from collector.query.parameters import read_whole
from collector.query.reading import Part
from collector.query.visible import known_dataset
from collector.request_body import read_body

_BODY_BYTES: Final = 1 << 14
_MAX_TEXT: Final = 2_000
_LONGEST_SILENCE: Final = 90 * 86_400
#: The worse, the later.
_ORDER: Final = (Status.OK, Status.UNKNOWN, Status.NO_DATA, Status.PENDING, Status.FAILING)


def alert_routes(alerts: Alerts, datasets: Mapping[str, Dataset]) -> list[PrivateRoute]:
    """Return the endpoints.

    Args:
        alerts: the parts.
        datasets: by name; others are unknown.
    """
    api, viewer, editor = _Api(alerts, datasets), on_dataset(Role.VIEWER), on_dataset(Role.EDITOR)
    return [
        PrivateRoute("/api/alerts", answering(api.alerts), viewer),
        PrivateRoute("/api/alerts/test", answering(api.test), editor, methods=["POST"]),
        PrivateRoute("/api/incidents", answering(api.incidents), viewer),
        PrivateRoute("/api/incidents/{incident_id}", answering(api.incident), viewer),
        PrivateRoute("/api/incidents/{incident_id}/acknowledge", answering(api.acknowledge), editor, methods=["POST"]),
        PrivateRoute("/api/silences", responding(api.silence), editor, methods=["POST"]),
        PrivateRoute("/api/silences/{silence_id}", responding(api.end_silence), editor, methods=["DELETE"]),
    ]


class _Api:
    def __init__(self, alerts: Alerts, datasets: Mapping[str, Dataset]) -> None:
        self._alerts, self._diary, self._datasets = alerts, alerts.diary, datasets

    async def alerts(self, request: Request) -> bytes:
        visible = self._visible(request)
        rules = [rule for rule in self._alerts.book.rules.values() if rule.dataset in visible]
        shown = await to_thread.run_sync(lambda: [self._shown(rule) for rule in rules])
        silences = await to_thread.run_sync(self._diary.silences)
        names = {rule.name for rule in rules}
        facts, is_admin = self._alerts.facts(), identity_of(request).may(Role.ADMIN)
        answer = {
            "on": facts["on"],
            "alerts": sorted(shown, key=lambda one: (-_ORDER.index(one["status"]), one["rule"])),
            "silences": [asdict(one) for one in silences if one.rule in names],
            # They name files of the operator.
            "problems": facts["problems"] if is_admin else [],
            "lag_seconds": facts["lag_seconds"],
        }
        return orjson.dumps(answer)

    async def incidents(self, request: Request) -> bytes:
        state = request.query_params.get("state", "all")
        if state not in ("all", "open"):
            raise RequestError(400, "bad_state", "state must be all or open.", "state")
        limit = read_whole(request.query_params.get("limit"), "limit", 100, 1, 1000)
        datasets = self._visible(request)
        found = await to_thread.run_sync(
            lambda: self._diary.incidents(open_only=state == "open", datasets=datasets, limit=limit + 1)
        )
        return orjson.dumps({"incidents": [one.shown() for one in found[:limit]], "limited": len(found) > limit})

    async def incident(self, request: Request) -> bytes:
        found = await to_thread.run_sync(self._diary.incident, request.path_params["incident_id"])
        identity_of(request).require(Role.VIEWER, found.dataset)
        messages = await to_thread.run_sync(self._diary.messages, found.id)
        return orjson.dumps({"incident": found.shown(), "messages": messages})

    async def acknowledge(self, request: Request) -> bytes:
        members = Part(await _read(request)).members(("note",))
        note = members["note"].text(_MAX_TEXT) if "note" in members else ""
        found = await to_thread.run_sync(self._diary.incident, request.path_params["incident_id"])
        who = identity_of(request)
        who.require(Role.EDITOR, found.dataset)
        audit(request, "incident-acknowledge", f"incident {found.id} of the rule {found.rule}")
        changes = {"acknowledged_by": str(who), "acknowledged_at": int(self._diary.now()), "note": note or found.note}
        changed = await to_thread.run_sync(lambda: self._diary.change(found.id, **changes))
        return orjson.dumps({"incident": changed.shown()})

    async def silence(self, request: Request) -> Response:
        members = Part(await _read(request)).members(("rule", "subject", "seconds", "reason"))
        for key in ("rule", "seconds"):
            if key not in members:
                raise RequestError(400, "bad_silence", f"Say {key}: which rule is silent, and for how many seconds.", key)
        rule, seconds = self._rule(members["rule"].text(200)), members["seconds"].whole(1, _LONGEST_SILENCE)
        subject, reason = (members[key].text(_MAX_TEXT) if key in members else "" for key in ("subject", "reason"))
        who = identity_of(request)
        who.require(Role.EDITOR, rule.dataset)
        audit(request, "alert-silence", f"rule {rule.name}, {subject or 'all of it'}, for {seconds} s")
        until = int(self._diary.now()) + seconds
        made = await to_thread.run_sync(lambda: self._diary.silence(rule.name, subject, until, reason, str(who)))
        return Response(orjson.dumps(asdict(made)), 201, media_type="application/json")

    async def end_silence(self, request: Request) -> Response:
        id_ = request.path_params["silence_id"]
        found = next((one for one in await to_thread.run_sync(self._diary.silences) if one.id == id_), None)
        if found is None:
            raise RequestError(404, "unknown_silence", "There is no silence with this id; it may be over.")
        rule = self._alerts.book.rules.get(found.rule)
        # Of a rule that was removed, whoever has everything may end it.
        identity_of(request).require(Role.EDITOR, *([rule.dataset] if rule else []))
        audit(request, "alert-silence-end", f"rule {found.rule}, {found.subject or 'all of it'}")
        await to_thread.run_sync(self._diary.end_silence, id_)
        return Response(status_code=204)

    async def test(self, request: Request) -> bytes:
        members = Part(await _read(request)).members(("rule", "send"))
        if "rule" not in members:
            raise RequestError(400, "bad_test", "Say which rule.", "rule")
        rule, is_sent = self._rule(members["rule"].text(200)), "send" in members and members["send"].flag()
        identity_of(request).require(Role.EDITOR, rule.dataset)
        audit(request, "alert-test", f"rule {rule.name}" + (", with messages" if is_sent else ""))
        return orjson.dumps(await to_thread.run_sync(self._try, rule, is_sent))

    def _try(self, rule: Rule, is_sent: bool) -> dict[str, Any]:
        try:
            findings = self._alerts.looker.look(rule)
        except QuestionError as error:
            raise RequestError(400, "bad_question", str(error)) from None
        shown = [
            {"subject": subject, "verdict": one.verdict, "reason": one.reason, "value": one.value, "samples": one.samples}
            for subject, one in findings.items()
        ]
        names = self._alerts.book.channels.for_rule(rule.channels, rule.severity)
        return {
            "rule": rule.name,
            "findings": shown,
            "channels": {name: self._send_test(rule, name) if is_sent else "" for name in names},
        }

    def _send_test(self, rule: Rule, name: str) -> str:
        incident = {
            "id": "test", "rule": rule.name, "title": rule.title, "subject": "", "severity": rule.severity, "dataset": rule.dataset,
            "reason": "This is a test; nothing has happened.", "description": rule.description, "runbook": rule.runbook,
        }  # fmt: skip
        message = Message(f"msg_test_{time.time_ns():x}", "test", self._diary.now(), incident)
        try:
            self._alerts.book.channels.by_name[name].send(message)
        except ChannelError as error:
            return str(error)
        return "sent"

    def _shown(self, rule: Rule) -> dict[str, Any]:
        known = self._diary.known(rule.name)
        subjects = [_subject(name, one) for name, one in known.items()]
        worst = max((one.state.status for one in known.values()), key=_ORDER.index, default=Status.UNKNOWN)
        window = covering(rule.maintenance, self._diary.now())
        evaluator = self._alerts.evaluator
        return {
            "rule": rule.name,
            "kind": rule.kind,
            "title": rule.title,
            "description": rule.description,
            "severity": rule.severity,
            "dataset": rule.dataset,
            "status": worst,
            "subjects": sorted(subjects, key=lambda one: (-_ORDER.index(one["status"]), one["subject"])),
            "maintenance": (window.reason or "maintenance") if window else "",
            "held": evaluator.held.get(rule.name, ""),
            "looked_at": int(max((one.looked_at for one in known.values()), default=0)) or None,
            "channels": self._alerts.book.channels.for_rule(rule.channels, rule.severity),
        }

    def _rule(self, name: str) -> Rule:
        rule = self._alerts.book.rules.get(name)
        if rule is None:
            raise RequestError(404, "unknown_rule", f"There is no rule {name!r} here.", "rule")
        return rule

    def _visible(self, request: Request) -> list[str]:
        if dataset := request.query_params.get("dataset"):
            return [known_dataset(request, dataset, self._datasets)]
        return identity_of(request).visible(self._datasets)


def _subject(name: str, known: Known) -> dict[str, Any]:
    state = known.state
    return {
        "subject": name,
        "status": state.status,
        "since": int(state.since),
        "is_open": bool(state.cause),
        "reason": known.reason,
        "value": known.value,
        "samples": known.samples,
    }


async def _read(request: Request) -> Any:
    try:
        return orjson.loads(await read_body(request, _BODY_BYTES) or b"{}")
    except orjson.JSONDecodeError as error:
        raise RequestError(400, "bad_json", f"The body is not valid JSON: {error}.") from None
