"""`/api/checks/evidence`: pieces of evidence are kept by runners, and given to viewers as what can do no harm."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Final

import orjson
from anyio import to_thread
from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, Response

from collector.access.identity import Role
from collector.access.private import PrivateRoute, identity_of, on_dataset, running_checks
from collector.checks import evidence
from collector.checks.comparisons import MAX_COMPARISONS, are_comparisons, take
from collector.checks.marks import Marks
from collector.checks.runs.verdict import STATUSES
from collector.config import Dataset
from collector.errors import RequestError, WideloadError
from collector.request_body import read_body

_LIST_BYTES: Final = 1 << 20
_MAX_PIECES: Final = 1000
_MAX_NAME: Final = 200
_UPLOAD_SECONDS: Final = 60.0
#: A page or a script among the evidence comes from who was checked: a browser must not obey it here.
INERT: Final = {
    "content-security-policy": "sandbox; default-src 'none'",
    "x-content-type-options": "nosniff",
    "cross-origin-resource-policy": "same-origin",
    "cache-control": "private, max-age=31536000, immutable",
}
_TEXTS: Final = ("text/", "application/json")
Endpoint = Callable[[Request], Awaitable[Response]]


def evidence_routes(rooms: evidence.Rooms, marks: Marks, datasets: Mapping[str, Dataset]) -> list[PrivateRoute]:
    """Return the endpoints.

    Args:
        rooms: keep evidence, by dataset.
        marks: say that a run is the caller's.
        datasets: by name; others are unknown.
    """
    api = _Api(rooms, marks, datasets)
    return [
        PrivateRoute("/api/checks/evidence/{sha256}", refusing(api.read), on_dataset(Role.VIEWER)),
        PrivateRoute("/api/checks/evidence/{sha256}", refusing(api.write), running_checks(), methods=["PUT"]),
        PrivateRoute("/api/checks/runs/{id}/evidence", refusing(api.assign), running_checks(), methods=["POST"]),
    ]


def refusing(handler: Endpoint) -> Endpoint:
    """Make an endpoint of a handler that may raise RequestError."""

    async def endpoint(request: Request) -> Response:
        try:
            return await handler(request)
        except RequestError as error:
            return JSONResponse(error.as_json(), error.status)

    return endpoint


class _Api:
    def __init__(self, rooms: evidence.Rooms, marks: Marks, datasets: Mapping[str, Dataset]) -> None:
        self._rooms, self._marks, self._datasets = rooms, marks, datasets

    async def read(self, request: Request) -> Response:
        dataset = self._dataset(request)
        identity_of(request).require(Role.VIEWER, dataset)
        room = self._rooms.of(self._known(dataset))
        try:
            path = evidence.place_of(room.folder, request.path_params["sha256"])
        except WideloadError as error:
            raise RequestError(404, "unknown_evidence", str(error)) from None
        media_type = await to_thread.run_sync(room.media_type, path.name)
        if not media_type or not path.is_file():
            raise RequestError(
                404, "unknown_evidence", "There is no such evidence, or not any more: it is kept for some time only."
            )
        if media_type in evidence.IMAGES:
            return FileResponse(path, headers=INERT, media_type=media_type)
        if media_type.startswith(_TEXTS):
            return FileResponse(path, headers=INERT, media_type="text/plain; charset=utf-8")
        return FileResponse(path, headers=INERT, media_type="application/octet-stream", filename=f"{path.name[:16]}.zip")

    async def write(self, request: Request) -> Response:
        dataset = self._dataset(request)
        identity_of(request).require_run(dataset)
        room = self._rooms.of(self._known(dataset))
        body = await read_body(request, evidence.MAX_BYTES, _UPLOAD_SECONDS)
        if evidence.sha256_of(body) != request.path_params["sha256"]:
            raise RequestError(400, "wrong_hash", "What was sent has another SHA-256 than the address.")
        await to_thread.run_sync(evidence.write, room.folder, body)
        return Response(status_code=204)

    async def assign(self, request: Request) -> Response:
        dataset, run_id = self._dataset(request), request.path_params["id"]
        identity_of(request).require_run(dataset)
        room = self._rooms.of(self._known(dataset))
        try:
            document = orjson.loads(await read_body(request, _LIST_BYTES))
            mark, status, pieces = document["mark"], document["status"], document["evidence"]
        except (orjson.JSONDecodeError, KeyError, TypeError):
            raise RequestError(400, "bad_evidence", 'The body must be {"mark", "status", "evidence": [{…}]}.') from None
        if status not in STATUSES or not _is_pieces(pieces):
            text = "A piece has kind, name, sha256 and media_type, which are texts, and a size; status is that of the run."
            raise RequestError(400, "bad_evidence", text, "evidence")
        if refusal := self._marks.refusal(dataset, run_id, str(mark)):
            raise RequestError(400, refusal, "The mark is not that of this run, or has expired.", "mark")
        check, compared = document.get("check", ""), document.get("comparisons", [])
        if not are_comparisons(compared) or not isinstance(check, str) or (compared and not 0 < len(check) <= _MAX_NAME):
            text = f"check must be the name of a check, and comparisons a list of up to {MAX_COMPARISONS} objects."
            raise RequestError(400, "bad_evidence", text, "comparisons")
        await to_thread.run_sync(room.keep, run_id, status, pieces)
        if compared:
            await to_thread.run_sync(take, room.folder, check, run_id, compared)
        return Response(status_code=204)

    def _dataset(self, request: Request) -> str:
        dataset = request.query_params.get("dataset", "")
        if not dataset:
            raise RequestError(400, "no_dataset", "Say whose evidence: ?dataset=shop.", "dataset")
        return dataset

    def _known(self, dataset: str) -> str:
        if dataset not in self._datasets:
            raise RequestError(404, "unknown_dataset", f"There is no dataset {dataset[:64]!r} here.", "dataset")
        return dataset


def _is_pieces(pieces: Any) -> bool:
    texts = ("kind", "name", "sha256", "media_type")
    return (
        isinstance(pieces, list)
        and len(pieces) <= _MAX_PIECES
        and all(
            isinstance(one, dict) and all(isinstance(one.get(name), str) for name in texts) and isinstance(one.get("size"), int)
            for one in pieces
        )
    )
