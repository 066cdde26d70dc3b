"""`GET /openapi.json`: the HTTP API for programs (OpenAPI 3.1). docs/api.md is the same for people.

One row of `OPERATIONS` a method and path; a test holds the rows against the routes.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from collector import __version__
from collector.access.private import SIGNED_IN, PrivateRoute
from collector.query.batch import MOST_QUERIES
from collector.query.calculations import ANY_PERCENTILE
from collector.query.calculations import OPERATIONS as CALCULATIONS
from collector.query.filters import OPERATORS
from collector.query.progress import MEDIA_TYPE
from collector.query.saved import SHOWS

Schema = dict[str, Any]
Content = tuple[str, Schema]
Answer = Content | list[Content] | None


@dataclass(frozen=True, slots=True)
class Operation:
    """What one method of one path does.

    Args:
        method: in small letters.
        path: with `{parameters}`.
        summary: a sentence.
        answers: by status: the media type and the schema, or a list of them; None where there is no body.
        refusals: the statuses of errors, which have one shape everywhere.
        body: the schema of a JSON body.
        parameters: of the path and the query, by name.
        public: anyone may ask.
    """

    method: str
    path: str
    summary: str
    answers: Mapping[int, Answer]
    refusals: tuple[int, ...] = ()
    body: Schema | None = None
    parameters: Mapping[str, Schema] = field(default_factory=dict)
    public: bool = False


def _object(required: tuple[str, ...] = (), **properties: Schema) -> Schema:
    return {"type": "object", "properties": properties, **({"required": list(required)} if required else {})}


def _list(items: Schema) -> Schema:
    return {"type": "array", "items": items}


def _json(schema: Schema) -> dict[int, Answer]:
    return {200: ("application/json", schema)}


def _text(media_type: str) -> dict[int, Answer]:
    return {200: (media_type, {"type": "string"})}


_TEXT: Final[Schema] = {"type": "string"}
_NUMBER: Final[Schema] = {"type": "number"}
_WHOLE: Final[Schema] = {"type": "integer", "minimum": 0}
_YES: Final[Schema] = {"type": "boolean"}
_ANY: Final[Schema] = {}
_OBJECT: Final[Schema] = {"type": "object"}
_SCALAR: Final[Schema] = {"type": ["string", "number", "boolean"]}
_ERROR: Final = _object(("error",), error=_object(("reason", "message"), reason=_TEXT, message=_TEXT, path=_TEXT))
_FILTER: Final = _object(
    ("column", "op"), column=_TEXT, op={"enum": list(OPERATORS)}, value={"anyOf": [_SCALAR, _list(_SCALAR), {"type": "null"}]}
)
_COMBINATION: Final[Schema] = {"enum": ["AND", "OR"]}
_SESSIONS: Final[Schema] = {"enum": ["with", "without"]}
#: In the place of a filter may stand a group of them, which has such items again.
_GROUP: Final = _object(("filters",), filters=_list(_OBJECT), filter_combination=_COMBINATION, sessions=_SESSIONS)
_FILTERS: Final = _list({"anyOf": [_FILTER, _GROUP]})
_OP: Final[Schema] = {"anyOf": [{"enum": list(CALCULATIONS)}, {"type": "string", "pattern": f"^{ANY_PERCENTILE.pattern}$"}]}
_EXPRESSION: Final = _object(("name", "expression"), name=_TEXT, expression=_TEXT)
_CALCULATION: Final = _object(
    ("op",),
    op=_OP, column=_TEXT, name=_TEXT, filters=_FILTERS, filter_combination=_COMBINATION,
)  # fmt: skip
_ORDER: Final = _object(column=_TEXT, op=_OP, order={"enum": ["ascending", "descending"]})
_HAVING: Final = _object(
    ("calculate_op", "op", "value"),
    calculate_op=_OP, column=_TEXT, op={"enum": ["=", "!=", ">", ">=", "<", "<="]}, value=_NUMBER,
)  # fmt: skip
_RANGE: Final = {"time_range": _WHOLE, "start_time": _WHOLE, "end_time": _WHOLE}
_QUERY: Final = _object(
    (), query_id=_TEXT, dataset=_TEXT, **_RANGE, granularity=_WHOLE, granularity_min_events=_WHOLE, filters=_FILTERS,
    calculations=_list(_CALCULATION), filter_combination=_COMBINATION, breakdowns=_list(_TEXT), orders=_list(_ORDER),
    havings=_list(_HAVING), limit=_WHOLE, disable_series=_YES, calculated_fields=_list(_EXPRESSION),
    formulas=_list(_EXPRESSION), compare_time_offset_seconds=_WHOLE,
    disable_total_by_aggregate=_YES, disable_other_by_aggregate=_YES,
)  # fmt: skip
_NAMED_QUERY: Final = _object(
    ("id", "name", "show", "query", "named_by", "named_at"),
    id=_TEXT, name=_TEXT, show=_TEXT, query=_OBJECT, named_by=_TEXT, named_at=_NUMBER,
)  # fmt: skip
_EVENTS: Final = _object(
    ("dataset",),
    dataset=_TEXT, **_RANGE, filters=_FILTERS, filter_combination=_COMBINATION, columns=_list(_TEXT),
    orders=_list(_ORDER), limit=_WHOLE, cursor=_TEXT,
)  # fmt: skip
_EXPORTED: Final = _object(
    ("dataset",),
    dataset=_TEXT, **_RANGE, filters=_FILTERS, filter_combination=_COMBINATION, columns=_list(_TEXT),
    orders=_list(_ORDER), limit=_WHOLE, format={"enum": ["jsonl", "csv", "parquet"]},
)  # fmt: skip
_DASHBOARD: Final = _object(("id", "title", "version"), id=_TEXT, title=_TEXT, description=_TEXT, dataset=_TEXT, version=_WHOLE)
_DEFINITION: Final = _object(("title", "queries", "panels"), title=_TEXT, queries=_OBJECT, panels=_list(_OBJECT))
_IF_MATCH: Final = {"if-match": _TEXT}
_MAYBE_TEXT: Final[Schema] = {"type": ["string", "null"]}
_RELATED: Final[Schema] = {
    "anyOf": [_object(("id", "events", "limited"), id=_TEXT, events=_list(_OBJECT), limited=_YES), {"type": "null"}]
}
_BOUND: Final[Schema] = {"type": ["number", "string"]}
_DIFFERENCE: Final = _object(
    ("query", "selection"),
    query=_QUERY,
    selection=_object(
        filters=_FILTERS, filter_combination=_COMBINATION, group=_OBJECT, start_time=_WHOLE, end_time=_WHOLE, column=_TEXT,
        min=_BOUND, max=_BOUND,
    ),
)  # fmt: skip
_SELECTION: Final = {"dataset": _TEXT, "before": _ANY, "filters": _FILTERS, "filter_combination": _COMBINATION}
_ERASURE: Final = _object(("dataset",), **_SELECTION, dry_run=_YES)
_EXPORT: Final = _object(("dataset",), **_SELECTION, format=_TEXT)
_EVENT: Final = _object(("id", "kind"), id=_TEXT, kind=_TEXT, time=_NUMBER)
_BEACON: Final = _object(("v", "events"), v={"const": 1}, sent_at=_NUMBER, events=_list(_EVENT))
_REJECTED: Final = _list(_object(("index", "field", "error"), index=_WHOLE, field=_TEXT, error=_TEXT))
_LETTER: Final = _object(
    ("id", "at", "reason"), id=_WHOLE, at=_TEXT, reason=_TEXT, code=_ANY, dataset=_TEXT, event=_OBJECT, bytes=_WHOLE
)
_LETTERS: Final = _object(ids=_list({"type": "integer", "minimum": 1}), all={"const": True})
_READY: Final = _object(
    ("status", "loader", "configuration", "pending_events"),
    status=_TEXT, loader=_TEXT, configuration=_TEXT, pending_events=_WHOLE, oldest_pending_age_seconds=_NUMBER,
)  # fmt: skip
_DATASET: Final = {"dataset": _TEXT}
#: Not required.
_ONE_DATASET: Final = {"dataset": _TEXT | {"description": "Only of this dataset."}}
_TYPED: Final = _DATASET | {"q": _TEXT, "limit": {"type": "integer", "minimum": 1, "maximum": 1000}}
_MAYBE_NUMBER: Final[Schema] = {"type": ["number", "null"]}
_FIELD: Final = _object(
    ("name", "type", "unit", "meaning", "group", "origin", "share"),
    name=_TEXT, type=_TEXT, unit=_TEXT, meaning=_TEXT, group=_TEXT, origin={"enum": ["dictionary", "attribute"]}, source=_TEXT,
    privacy=_TEXT, share=_MAYBE_NUMBER, distinct=_MAYBE_NUMBER, low=_MAYBE_NUMBER, high=_MAYBE_NUMBER, bytes=_MAYBE_NUMBER,
    first_seen=_MAYBE_TEXT, last_seen=_MAYBE_TEXT,
    top_values={"anyOf": [_list(_object(("value", "share"), value=_SCALAR, share=_NUMBER)), {"type": "null"}]},
)  # fmt: skip
_MOMENT: Final[Schema] = {"type": ["number", "string"]}
_NEW_MARKER: Final = _object(
    ("dataset", "message"),
    dataset=_TEXT, message=_TEXT, start_time=_MOMENT, end_time=_MOMENT, type=_TEXT, url=_TEXT,
)  # fmt: skip
_MARKER: Final = _object(
    ("id", "dataset", "start_time", "end_time", "message", "type", "url", "created_by", "created_at"),
    id=_TEXT, dataset=_TEXT, start_time=_WHOLE, end_time={"type": ["integer", "null"]}, message=_TEXT, type=_TEXT, url=_MAYBE_TEXT,
    created_by=_TEXT, created_at=_TEXT,
)  # fmt: skip
_SILENCE: Final = _object(
    ("id", "rule", "subject", "until", "reason", "created_by", "created_at"),
    id=_TEXT, rule=_TEXT, subject=_TEXT, until=_WHOLE, reason=_TEXT, created_by=_TEXT, created_at=_WHOLE,
)  # fmt: skip
_MAYBE_WHOLE: Final[Schema] = {"type": ["integer", "null"]}
_MAYBE_OBJECT: Final[Schema] = {"type": ["object", "null"]}
_INCIDENT: Final = _object(
    ("id", "rule", "kind", "title", "severity", "dataset", "subject", "cause", "reason", "started_at", "opened_at", "resolved_at"),
    id=_TEXT, rule=_TEXT, kind={"enum": ["check", "query"]}, title=_TEXT, severity={"enum": ["info", "warning", "critical"]},
    dataset=_TEXT, subject=_TEXT, group=_OBJECT, subjects=_list(_TEXT), cause={"enum": ["failing", "no_data"]}, reason=_TEXT,
    description=_TEXT, runbook=_TEXT, started_at=_WHOLE, opened_at=_WHOLE, resolved_at=_MAYBE_WHOLE, resolution=_TEXT,
    value=_MAYBE_NUMBER, threshold=_TEXT, samples=_MAYBE_WHOLE, first_failing=_MAYBE_OBJECT, last_passing=_MAYBE_OBJECT,
    differences=_list(_object(("field", "before", "after"), field=_TEXT, before=_ANY, after=_ANY)), impact=_MAYBE_OBJECT,
    acknowledged_by=_TEXT, acknowledged_at=_MAYBE_WHOLE, note=_TEXT,
)  # fmt: skip
_COVERAGE: Final = _object(
    ("host", "route", "url", "views", "errors", "lcp", "visits", "probes", "draft"),
    host=_TEXT, route=_TEXT, url=_TEXT, views=_WHOLE, errors=_WHOLE, lcp=_MAYBE_NUMBER, visits=_WHOLE, probes=_WHOLE,
    draft={"type": ["object", "null"]},
)  # fmt: skip
_ASKED: Final = (400, 404, 408, 413, 422, 503)
_SCRIPTS: Final = ("/beacon.js", "/beacon.full.js", "/w.js", "/w.full.js")

_RESULTS: Final = _object(
    ("results", "meta"),
    results=_list(_OBJECT), series=_list(_OBJECT), total_by_aggregate=_OBJECT, other_by_aggregate=_OBJECT, comparison=_OBJECT,
    meta=_OBJECT,
)  # fmt: skip

OPERATIONS: Final = (
    Operation("post", "/v1/beacon/{site_key}", "Send events.",
              {202: ("application/json", _object(("accepted", "rejected"), accepted=_WHOLE, rejected=_REJECTED))},
              (400, 403, 404, 408, 410, 413, 415, 429, 503), _BEACON, {"site_key": _TEXT}, public=True),
    *(Operation("get", path, "The script.", _text("text/javascript"), public=True) for path in _SCRIPTS),
    Operation("get", "/schemas/alert.json", "The JSON Schema of rules.", _json(_OBJECT), public=True),
    Operation("get", "/schemas/channels.json", "The JSON Schema of channels.", _json(_OBJECT), public=True),
    Operation("get", "/schemas/check.json", "The JSON Schema of check files.", _json(_OBJECT), public=True),
    Operation("get", "/schemas/dashboard.json", "The JSON Schema of dashboard definitions.", _json(_OBJECT), public=True),
    Operation("get", "/schemas/status.json", "The JSON Schema of the status page's file.", _json(_OBJECT), public=True),
    Operation("get", "/healthz", "Whether the process runs.", _json(_object(("status",), status=_TEXT)), public=True),
    Operation("get", "/readyz", "Whether beacons would be kept; 503 where not.",
              {200: ("application/json", _READY), 503: ("application/json", _READY)}, public=True),
    Operation("get", "/login", "The sign-in page.", _text("text/html") | {303: None, 401: ("text/html", _TEXT)}, public=True),
    Operation("post", "/login", "Sign in with a form.", {303: None, 401: ("text/html", _TEXT), 429: ("text/html", _TEXT)}, (403,),
              public=True),
    Operation("post", "/logout", "Sign out.", {303: None}),
    Operation("get", "/metrics", "What the collector counts, for Prometheus.", _text("text/plain")),
    Operation("post", "/api/query", "Ask about many events.", {200: [("application/json", _RESULTS), (MEDIA_TYPE, _TEXT)]}, _ASKED,
              _QUERY),
    Operation("post", "/api/query/batch", "Ask several questions at once.", {200: (MEDIA_TYPE, _TEXT)}, _ASKED,
              _object(("queries",), queries=_list(_QUERY) | {"maxItems": MOST_QUERIES})),
    Operation("post", "/api/queries", "Keep a query under an id.", _json(_object(("id",), id=_TEXT)), (*_ASKED, 507), _QUERY),
    Operation("get", "/api/queries", "The queries that have a name.",
              _json(_object(("queries",), queries=_list(_NAMED_QUERY))), (400, 404, 503), parameters=_DATASET),
    Operation("put", "/api/queries/{query_id}/name", "Name a query that was kept.", {204: None}, (400, 403, 404, 503, 507),
              _object(("name",), name=_TEXT, show={"enum": list(SHOWS)}), {"query_id": _TEXT}),
    Operation("delete", "/api/queries/{query_id}/name", "Take its name from a query.", {204: None}, (403, 404, 503),
              parameters={"query_id": _TEXT}),
    Operation("get", "/api/queries/{query_id}", "A query that was kept.",
              _json(_object(("id", "query"), id=_TEXT, query=_OBJECT, saved_by=_TEXT, saved_at=_NUMBER)), (404, 503),
              parameters={"query_id": _TEXT}),
    Operation("post", "/api/bubbleup", "What is different about some events.",
              _json(_object(("summary", "finding", "fields", "pairs", "meta"), summary=_TEXT, finding=_ANY, fields=_list(_OBJECT),
                            pairs=_list(_OBJECT), groups=_list(_list(_TEXT)), set_aside=_list(_OBJECT), selection=_OBJECT,
                            baseline=_OBJECT, query=_OBJECT, meta=_OBJECT)), _ASKED, _DIFFERENCE),
    Operation("post", "/api/events", "A page of single events, newest first.",
              _json(_object(("events", "next_cursor", "meta"), events=_list(_OBJECT), next_cursor=_MAYBE_TEXT, meta=_OBJECT)),
              _ASKED, _EVENTS),
    Operation("post", "/api/events/export", "All events of a search as a file.",
              {200: [("application/x-ndjson", _TEXT), ("text/csv", _TEXT), ("application/vnd.apache.parquet", {})]}, (*_ASKED, 501),
              _EXPORTED),
    Operation("get", "/api/events/{event_id}", "One event with all of its fields.",
              _json(_object(("event",), event=_OBJECT, session=_RELATED, trace=_RELATED, versions=_list(_OBJECT))),
              _ASKED, parameters={"event_id": _TEXT} | _DATASET | {"ts": _TEXT, "include": _TEXT}),
    Operation("get", "/api/fields", "The names that a query may use, and what is known of each.",
              _json(_object(("fields", "meta"), fields=_list(_FIELD), meta=_OBJECT)), _ASKED,
              parameters=_DATASET | {"wait": _WHOLE}),
    Operation("get", "/api/fields/suggest", "Names of fields for what was typed.",
              _json(_object(("fields",), fields=_list(_FIELD))), _ASKED, parameters=_TYPED),
    Operation("get", "/api/fields/{name}/values", "Values of a field for what was typed.",
              _json(_object(("values", "complete", "meta"),
                            values=_list(_object(("value", "share"), value=_TEXT, share=_NUMBER)), complete=_YES, meta=_OBJECT)),
              _ASKED, parameters={"name": _TEXT} | _TYPED),
    Operation("post", "/api/markers", "Mark a moment or a span on the charts.", {201: ("application/json", _MARKER)},
              (400, 404, 408, 413, 503, 507), _NEW_MARKER),
    Operation("get", "/api/markers", "The markers of a dataset, the oldest first.",
              _json(_object(("markers", "limited"), markers=_list(_MARKER), limited=_YES)), (400, 404, 503),
              parameters=_DATASET | {"start_time": _TEXT, "end_time": _TEXT, "type": _TEXT}),
    Operation("delete", "/api/markers/{marker_id}", "Delete a marker.", {204: None}, (404, 503), parameters={"marker_id": _TEXT}),
    Operation("post", "/api/checks/runs", "Begin the run of a check.",
              {201: ("application/json", _object(("run_id", "mark", "expires_at", "beacon"), run_id=_TEXT, mark=_TEXT,
                                              expires_at=_WHOLE, beacon=_TEXT))},
              (400, 404, 408, 409, 413), _object(("dataset",), dataset=_TEXT)),
    Operation("post", "/api/checks/leases", "Take on a check that is due.",
              _json(_object(("lease",), lease={"anyOf": [_OBJECT, {"type": "null"}]})), (400, 404, 408, 413),
              _object(("location", "runner"), location=_TEXT, runner=_TEXT, wait=_NUMBER), parameters={"dataset": _TEXT}),
    Operation("post", "/api/checks/leases/{id}/result", "Say what came of it.", {204: None}, (400, 404, 408, 409, 413),
              _object(("runner", "runs"), runner=_TEXT, runs=_list(_OBJECT)), parameters={"id": _TEXT, "dataset": _TEXT}),
    Operation("get", "/api/checks/files/{bundle}", "The files of checks, for an agent.", _json(_OBJECT), (400, 404, 409),
              parameters={"bundle": _TEXT, "dataset": _TEXT}),
    Operation("get", "/api/checks", "The checks: how they are, and their uptime.",
              _json(_object(("checks", "meta"), checks=_list(_OBJECT), meta=_OBJECT)), (400, 404, 503),
              parameters={"dataset": _TEXT, "time_range": _WHOLE, "start_time": _TEXT, "end_time": _TEXT, "points": _WHOLE}),
    Operation("get", "/api/checks/runs", "Runs of checks, newest first.",
              _json(_object(("runs", "next_cursor", "meta"), runs=_list(_OBJECT), next_cursor={"type": ["string", "null"]},
                            meta=_OBJECT)), (400, 404, 503),
              parameters={"dataset": _TEXT, "name": _TEXT, "location": _TEXT, "trigger": _TEXT, "status": _TEXT,
                          "time_range": _WHOLE, "start_time": _TEXT, "end_time": _TEXT, "limit": _WHOLE, "cursor": _TEXT}),
    Operation("get", "/api/checks/runs/{id}", "One run with all that belongs to it.",
              _json(_object(("run", "attempts", "steps", "probes", "page_views", "others", "evidence"), run=_OBJECT,
                            **{name: _list(_OBJECT) for name in ("attempts", "steps", "probes", "page_views", "others",
                                                                 "evidence")})), (400, 404, 503),
              parameters={"id": _TEXT, "dataset": _TEXT}),
    Operation("post", "/api/checks/runs/{id}/evidence", "Say what evidence belongs to a run.", {204: None},
              (400, 404, 408, 413), _object(("mark", "status", "evidence"), mark=_TEXT, status=_TEXT, evidence=_list(_OBJECT),
                                               check=_TEXT, comparisons=_list(_OBJECT)),
              parameters={"id": _TEXT, "dataset": _TEXT}),
    Operation("get", "/api/checks/evidence/{sha256}", "A piece of evidence.",
              {200: [("image/png", _TEXT), ("text/plain", _TEXT), ("application/octet-stream", _TEXT)]}, (400, 404),
              parameters={"sha256": _TEXT, "dataset": _TEXT}),
    Operation("put", "/api/checks/evidence/{sha256}", "Keep a piece of evidence.", {204: None}, (400, 404, 408, 413),
              parameters={"sha256": _TEXT, "dataset": _TEXT}),
    Operation("get", "/api/checks/baselines", "Pictures of steps: what is accepted, and what waits for a decision.",
              _json(_object(("baselines", "waiting"), baselines=_list(_OBJECT), waiting=_WHOLE)), (400, 404),
              parameters={"dataset": _TEXT, "check": _TEXT, "waiting": _TEXT}),
    Operation("get", "/api/checks/baselines/{id}/pictures/{sha256}", "One of these pictures.", {200: [("image/png", _TEXT)]},
              (400, 404), parameters={"id": _TEXT, "sha256": _TEXT, "dataset": _TEXT}),
    Operation("post", "/api/checks/baselines/{id}/accept", "Take the picture that waits for the right one.",
              _json(_object(("baseline",), baseline=_OBJECT)), (400, 404, 408, 409, 413), _object(("picture",), picture=_TEXT),
              parameters={"id": _TEXT, "dataset": _TEXT}),
    Operation("post", "/api/checks/baselines/{id}/reject", "Say that the picture that waits is wrong.",
              _json(_object(("baseline",), baseline=_OBJECT)), (400, 404, 408, 409, 413), _object(("picture",), picture=_TEXT),
              parameters={"id": _TEXT, "dataset": _TEXT}),
    Operation("get", "/v1/push/{token}", "A heartbeat.", {204: None}, (400, 404, 429),
              parameters={"token": _TEXT, "status": _TEXT, "message": _TEXT}, public=True),
    Operation("post", "/v1/push/{token}", "A heartbeat.", {204: None}, (400, 404, 429),
              parameters={"token": _TEXT, "status": _TEXT, "message": _TEXT}, public=True),
    Operation("get", "/api/checks/coverage", "Routes that people visit and checks do not.",
              _json(_object(("routes", "covered", "uncovered", "covered_share"), routes=_list(_COVERAGE), covered=_WHOLE,
                            uncovered=_WHOLE, covered_share=_MAYBE_NUMBER)), (400, 404, 503),
              parameters=_DATASET | {"time_range": _WHOLE, "min_views": _WHOLE}),
    Operation("get", "/api/alerts", "The rules, the worst first, with what is known of each of their subjects.",
              _json(_object(("on", "alerts", "silences", "problems", "lag_seconds"), on=_YES, alerts=_list(_OBJECT),
                            silences=_list(_SILENCE), problems=_list(_TEXT), lag_seconds=_NUMBER)), (404, 503),
              parameters=_ONE_DATASET),
    Operation("post", "/api/alerts/test", "What a rule would say now; with `send`, its channels get a test message.",
              _json(_object(("rule", "findings", "channels"), rule=_TEXT, findings=_list(_OBJECT), channels=_OBJECT)),
              (400, 404, 408, 413, 422, 503), _object(("rule",), rule=_TEXT, send=_YES)),
    Operation("get", "/api/incidents", "Incidents, the newest first.",
              _json(_object(("incidents", "limited"), incidents=_list(_INCIDENT), limited=_YES)), (400, 404, 503),
              parameters=_ONE_DATASET | {"state": {"enum": ["all", "open"]}, "limit": _TYPED["limit"]}),
    Operation("get", "/api/incidents/{incident_id}", "One incident, and what was told of it.",
              _json(_object(("incident", "messages"), incident=_INCIDENT, messages=_list(_OBJECT))), (404, 503),
              parameters={"incident_id": _TEXT}),
    Operation("post", "/api/incidents/{incident_id}/acknowledge", "Somebody looks after it: no more reminders.",
              _json(_object(("incident",), incident=_INCIDENT)), (400, 404, 408, 413, 503), _object((), note=_TEXT),
              parameters={"incident_id": _TEXT}),
    Operation("post", "/api/silences", "Tell nobody of a rule, or of one subject of it, for a while.",
              {201: ("application/json", _SILENCE)}, (400, 404, 408, 413, 503, 507),
              _object(("rule", "seconds"), rule=_TEXT, subject=_TEXT, seconds=_WHOLE, reason=_TEXT)),
    Operation("delete", "/api/silences/{silence_id}", "End a silence.", {204: None}, (404, 503),
              parameters={"silence_id": _TEXT}),
    Operation("get", "/api/status", "The files of the public status page.",
              _json(_object(("files", "problem"), files=_OBJECT, problem=_TEXT)), (404, 503)),
    Operation("get", "/api/datasets", "The datasets.", _json(_object(("datasets",), datasets=_list(_OBJECT))), (503,)),
    Operation("get", "/api/dashboards", "The dashboards.", _json(_object(("dashboards",), dashboards=_list(_OBJECT))), (503,)),
    Operation("post", "/api/dashboards", "Make a dashboard.", {201: ("application/json", _DASHBOARD)},
              (400, 404, 408, 413, 503, 507), _DEFINITION),
    Operation("get", "/api/dashboards/{id}", "One dashboard's definition.", _json(_OBJECT), (404, 503), parameters={"id": _TEXT}),
    Operation("put", "/api/dashboards/{id}", "Replace a dashboard.", _json(_DASHBOARD),
              (400, 404, 408, 409, 412, 413, 428, 503), _DEFINITION, parameters={"id": _TEXT} | _IF_MATCH),
    Operation("delete", "/api/dashboards/{id}", "Delete a dashboard.", {204: None}, (400, 404, 409, 412, 503),
              parameters={"id": _TEXT} | _IF_MATCH),
    Operation("get", "/api/dashboards/{id}/shares", "The links to a dashboard.", _json(_object(("shares",), shares=_list(_OBJECT))),
              (404, 503), parameters={"id": _TEXT}),
    Operation("post", "/api/dashboards/{id}/shares", "Make a link to a dashboard.",
              {201: ("application/json", _object(("id", "url"), id=_TEXT, url=_TEXT))}, (400, 404, 408, 413, 503, 507),
              _object(("expires_at",), expires_at={"type": ["number", "string"]}, dataset=_TEXT, filters=_FILTERS,
                      start_time=_WHOLE, end_time=_WHOLE, note=_TEXT), parameters={"id": _TEXT}),
    Operation("delete", "/api/dashboards/{id}/shares/{share_id}", "Take a link back.", {204: None}, (404, 503),
              parameters={"id": _TEXT, "share_id": _TEXT}),
    Operation("get", "/share/{token}", "The page of a shared dashboard.",
              {200: ("text/html", _TEXT), 404: ("text/html", _TEXT)}, (429, 503),
              parameters={"token": _TEXT}, public=True),
    Operation("get", "/share/{token}/dashboard", "A shared dashboard.",
              _json(_object(("dashboard", "dataset"), dashboard=_OBJECT, dataset=_TEXT, filters=_list(_OBJECT),
                            expires_at=_NUMBER)), (404, 429, 503), parameters={"token": _TEXT}, public=True),
    Operation("post", "/share/{token}/query/{name}", "Run a query of a shared dashboard.", _json(_OBJECT),
              (400, 404, 408, 413, 429, 503), 
              _object((), **_RANGE, granularity=_WHOLE, chosen=_OBJECT, split=_YES, compare_time_offset_seconds=_WHOLE),
              parameters={"token": _TEXT, "name": _TEXT}, public=True),
    Operation("get", "/api/me", "Version and datasets.",
              _json(_object(("version", "datasets", "demo"), version=_TEXT, datasets=_list(_TEXT), demo=_YES))),
    Operation("post", "/api/me/password", "Change one's password.", {204: None}, (400, 408, 413, 429),
              _object(("current", "new"), current=_TEXT, new=_TEXT)),
    Operation("get", "/api/doctor", "The state of the collector's parts.", _json(_object(("version",), version=_TEXT))),
    Operation("post", "/api/backup", "A backup of everything, as a tar archive.",
              {200: ("application/x-tar", {"type": "string", "format": "binary"})}, (409, 503), _object()),
    Operation("get", "/api/dead-letters", "Events that the store can never take, newest first.",
              _json(_object(("count", "dead_letters"), count=_WHOLE, dead_letters=_list(_LETTER))), (400,),
              parameters={"limit": _WHOLE, "before": _WHOLE}),
    Operation("get", "/api/dead-letters/{id}", "One dead letter with its event.", _json(_LETTER), (404,),
              parameters={"id": _WHOLE}),
    Operation("post", "/api/dead-letters/retry", "Put dead letters into the spool again.",
              _json(_object(("retried",), retried=_WHOLE)), (400, 404, 408, 413, 503), _LETTERS),
    Operation("post", "/api/erase", "Erase events for good.", _json(_object(("events", "by"), events=_WHOLE, by=_list(_OBJECT))),
              _ASKED, _ERASURE),
    Operation("post", "/api/export", "Events as they are stored.", _text("application/x-ndjson"), _ASKED, _EXPORT),
    Operation("post", "/api/dead-letters/drop", "Let dead letters go for good.", _json(_object(("dropped",), dropped=_WHOLE)),
              (400, 404, 408, 413, 503), _LETTERS),
    Operation("get", "/api", "This document as a page for people.", _text("text/html")),
    Operation("get", "/openapi.json", "This document.", _json(_OBJECT)),
)  # fmt: skip


def document() -> Schema:
    """Return the OpenAPI document."""
    paths: dict[str, Schema] = {}
    for operation in OPERATIONS:
        paths.setdefault(operation.path, {})[operation.method] = _describe(operation)
    return {
        "openapi": "3.1.0",
        "info": {"title": "Wideload", "version": __version__, "description": "Browser performance telemetry as wide events."},
        "paths": paths,
        "components": {
            "schemas": {"Error": _ERROR},
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer", "description": "The admin token."}},
        },
    }


def openapi_routes() -> list[PrivateRoute]:
    """Return the one route."""
    answer = document()

    async def openapi(_: Request) -> Response:
        return JSONResponse(answer)

    return [PrivateRoute("/openapi.json", openapi, SIGNED_IN)]


def _describe(operation: Operation) -> Schema:
    refusals = operation.refusals if operation.public else (*operation.refusals, 401, 403)
    described: Schema = {
        "summary": operation.summary,
        "tags": ["public" if operation.public else "private"],
        "security": [] if operation.public else [{"token": []}],
        "responses": {
            **{str(status): _answer(answer) for status, answer in operation.answers.items()},
            **{str(status): _refusal() for status in sorted(refusals)},
        },
    }
    if operation.parameters:
        described["parameters"] = [_parameter(operation.path, *one) for one in operation.parameters.items()]
    if operation.body is not None:
        described["requestBody"] = {"required": True, "content": {"application/json": {"schema": operation.body}}}
    return described


def _answer(answer: Answer) -> Schema:
    if answer is None:
        return {"description": "Elsewhere."}
    contents = answer if isinstance(answer, list) else [answer]
    return {"description": "The answer.", "content": {media_type: {"schema": schema} for media_type, schema in contents}}


def _refusal() -> Schema:
    return {"description": "A refusal.", "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Error"}}}}


def _parameter(path: str, name: str, schema: Schema) -> Schema:
    in_path = f"{{{name}}}" in path
    place = "path" if in_path else "header" if name == "if-match" else "query"
    return {"name": name, "in": place, "required": in_path or {name: schema} == _DATASET, "schema": schema}
