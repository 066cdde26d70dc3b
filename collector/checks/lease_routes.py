"""`/api/checks/leases` and what agents need besides: work to do, the files for it, and where to say what came of it."""

from __future__ import annotations

import asyncio
import base64
from collections.abc import Mapping
from typing import Any, Final

import orjson
from anyio import to_thread
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from collector.access.private import PrivateRoute, identity_of, running_checks
from collector.casts import location as read_location
from collector.checks.comparisons import MAX_COMPARISONS, are_comparisons
from collector.checks.evidence_routes import refusing
from collector.checks.runs.job import Outcome
from collector.checks.runs.verdict import STATUSES
from collector.checks.schedule.lease import LeaseGone
from collector.checks.schedule.service import OWN_RUNNER, CheckService
from collector.errors import RequestError, WideloadError
from collector.request_body import read_body

_BODY_BYTES: Final = 1 << 12
#: Of what came of a lease.
_RESULT_BYTES: Final = 8 << 20
_UPLOAD_SECONDS: Final = 60.0
_MAX_WAIT: Final = 25.0
_LOOK_SECONDS: Final = 0.5
_MAX_RUNNER: Final = 128


def lease_routes(service: CheckService | None) -> list[PrivateRoute]:
    """Return the endpoints; without a service there is never anything to do."""
    api = _Api(service)
    needs = running_checks()
    return [
        PrivateRoute("/api/checks/leases", refusing(api.lease), needs, methods=["POST"]),
        PrivateRoute("/api/checks/leases/{id}/result", refusing(api.complete), needs, methods=["POST"]),
        PrivateRoute("/api/checks/files/{bundle}", refusing(api.files), needs),
    ]


class _Api:
    def __init__(self, service: CheckService | None) -> None:
        self._service = service

    async def lease(self, request: Request) -> Response:
        service = self._known(request)
        document = _object(await read_body(request, _BODY_BYTES))
        location, runner, wait = document.get("location"), document.get("runner"), document.get("wait", 0)
        try:
            location = read_location(location)
        except ValueError as error:
            raise RequestError(400, "bad_lease", f"location {error}.", "location") from None
        if not isinstance(runner, str) or not 0 < len(runner) <= _MAX_RUNNER or runner.startswith(OWN_RUNNER):
            text = f"runner must name who asks, in up to {_MAX_RUNNER} characters, and not begin with {OWN_RUNNER}."
            raise RequestError(400, "bad_lease", text, "runner")
        if isinstance(wait, bool) or not isinstance(wait, int | float) or not 0 <= wait <= _MAX_WAIT:
            raise RequestError(400, "bad_lease", f"wait must be a number of seconds up to {_MAX_WAIT:g}.", "wait")
        end = asyncio.get_running_loop().time() + wait
        # A lease for somebody who has gone away would be a missed run.
        while not await request.is_disconnected():
            lease = await to_thread.run_sync(service.scheduler.lease, location, runner)
            if lease:
                return JSONResponse({"lease": lease.as_json()})
            if asyncio.get_running_loop().time() >= end:
                break
            await asyncio.sleep(_LOOK_SECONDS)
        return JSONResponse({"lease": None})

    async def complete(self, request: Request) -> Response:
        service = self._known(request)
        document = _object(await read_body(request, _RESULT_BYTES, _UPLOAD_SECONDS))
        outcomes, runner = _outcomes(document.get("runs")), document.get("runner")
        try:
            await to_thread.run_sync(service.scheduler.complete, request.path_params["id"], str(runner), outcomes)
        except LeaseGone as error:
            raise RequestError(409, "lease_ended", str(error)) from None
        except WideloadError as error:
            raise RequestError(400, "bad_result", str(error), "runs") from None
        return Response(status_code=204)

    async def files(self, request: Request) -> Response:
        service = self._known(request)
        try:
            bundle = await to_thread.run_sync(service.scheduler.folder.bundle)
        except WideloadError as error:
            raise RequestError(409, "checks_too_large", str(error)) from None
        if bundle.hash != request.path_params["bundle"]:
            raise RequestError(404, "unknown_files", "The files of checks have changed since this lease: ask for another one.")
        return JSONResponse({name: base64.b64encode(body).decode() for name, body in bundle.files.items()})

    def _known(self, request: Request) -> CheckService:
        """Return the service, if it has checks of the dataset that is named, and who asks may run them."""
        dataset = request.query_params.get("dataset", "")
        if not dataset:
            raise RequestError(400, "bad_lease", "Say whose checks: ?dataset=shop.", "dataset")
        identity_of(request).require_run(dataset)
        if self._service and self._service.dataset == dataset:
            return self._service
        text = f"This collector schedules no checks of the dataset {dataset[:64]}: set checks_dir, and checks_dataset."
        raise RequestError(404, "no_checks", text)


def _object(body: bytes) -> Mapping[str, Any]:
    try:
        document = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise RequestError(400, "bad_json", f"The body is not valid JSON: {error}.") from None
    if not isinstance(document, dict):
        raise RequestError(400, "bad_json", "The body must be a JSON object.")
    return document


def _outcomes(runs: Any) -> list[Outcome]:
    """Read what came of runs. Raises RequestError."""
    if not _is_objects(runs):
        raise RequestError(400, "bad_result", "runs must be a list of objects.", "runs")
    return [_outcome(one, f"runs[{index}]") for index, one in enumerate(runs)]


def _outcome(one: dict[str, Any], path: str) -> Outcome:
    texts = [one.get(name) for name in ("run_id", "status", "reason", "message")]
    events, pieces, compared = one.get("events"), one.get("evidence", []), one.get("comparisons", [])
    if not all(isinstance(text, str) for text in texts) or texts[1] not in STATUSES:
        text = "A run has run_id, reason and message, which are texts, and a status: pass, degraded, fail or no_data."
        raise RequestError(400, "bad_result", text, path)
    if not _is_objects(events) or not _is_objects(pieces):
        raise RequestError(400, "bad_result", "A run has lists of objects: events and evidence.", path)
    if not are_comparisons(compared):
        raise RequestError(400, "bad_result", f"comparisons must be a list of up to {MAX_COMPARISONS} such objects.", path)
    return Outcome(one["run_id"], one["status"], one["reason"][:64], one["message"][:1024], one["events"], pieces, compared)


def _is_objects(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(one, dict) for one in value)
