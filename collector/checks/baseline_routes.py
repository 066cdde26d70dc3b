"""`/api/checks/baselines`: pictures that wait for a decision. Viewers look, editors decide, runners get what was accepted."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Final, Literal

import orjson
from anyio import to_thread
from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, Response

from collector.access.identity import Role
from collector.access.private import PrivateRoute, audit, identity_of, on_dataset, reading_checks
from collector.checks.baselines import PICTURES, Baseline, Baselines, PictureGone
from collector.checks.evidence import Rooms
from collector.checks.evidence_routes import INERT, refusing
from collector.config import Dataset
from collector.errors import RequestError
from collector.request_body import read_body

_BODY_BYTES: Final = 1 << 12


def baseline_routes(rooms: Rooms, datasets: Mapping[str, Dataset]) -> list[PrivateRoute]:
    """Return the endpoints.

    Args:
        rooms: keep evidence, by dataset.
        datasets: by name; others are unknown.
    """
    api, editor = _Api(rooms, datasets), on_dataset(Role.EDITOR)
    return [
        PrivateRoute("/api/checks/baselines", refusing(api.all), reading_checks()),
        PrivateRoute("/api/checks/baselines/{id}/pictures/{sha256}", refusing(api.picture), reading_checks()),
        PrivateRoute("/api/checks/baselines/{id}/accept", refusing(api.accept), editor, methods=["POST"]),
        PrivateRoute("/api/checks/baselines/{id}/reject", refusing(api.reject), editor, methods=["POST"]),
    ]


class _Api:
    def __init__(self, rooms: Rooms, datasets: Mapping[str, Dataset]) -> None:
        self._rooms, self._datasets = rooms, datasets

    async def all(self, request: Request) -> Response:
        baselines = self._readable(request)
        check, is_waiting = request.query_params.get("check"), request.query_params.get("waiting", "false")
        if is_waiting not in ("true", "false"):
            raise RequestError(400, "bad_waiting", "waiting must be true or false.", "waiting")
        found = await to_thread.run_sync(baselines.all, check)
        shown = [asdict(one) for one in found if one.pending_at or is_waiting == "false"]
        return JSONResponse({"baselines": shown, "waiting": sum(bool(one.pending_at) for one in found)})

    async def picture(self, request: Request) -> Response:
        baselines = self._readable(request)
        baseline, sha256 = await self._find(request, baselines), request.path_params["sha256"]
        for name in PICTURES:
            if getattr(baseline, name) == sha256 and (path := baselines.path(baseline, name)).is_file():
                return FileResponse(path, headers=INERT, media_type="image/png")
        raise RequestError(404, "unknown_picture", "There is no such picture, or not any more: it was decided on, or replaced.")

    async def accept(self, request: Request) -> Response:
        return await self._decide(request, "accept")

    async def reject(self, request: Request) -> Response:
        return await self._decide(request, "reject")

    async def _decide(self, request: Request, what: Literal["accept", "reject"]) -> Response:
        dataset, who = self._dataset(request), identity_of(request)
        who.require(Role.EDITOR, dataset)
        baselines = self._of(dataset)
        picture = _picture(await read_body(request, _BODY_BYTES))
        baseline = await self._find(request, baselines)
        audit(request, f"picture-{what}", f"{baseline.check}, {baseline.step}, {baseline.viewport}: {picture[:16]}")
        decide = baselines.accept if what == "accept" else baselines.reject
        try:
            changed = await to_thread.run_sync(decide, baseline, str(who), picture)
        except PictureGone as error:
            raise RequestError(409, "picture_gone", str(error), "picture") from None
        return JSONResponse({"baseline": asdict(changed)})

    async def _find(self, request: Request, baselines: Baselines) -> Baseline:
        id_ = request.path_params["id"]
        if found := await to_thread.run_sync(baselines.by_id, id_):
            return found
        raise RequestError(404, "unknown_baseline", f"There is no picture of a step with the id {id_[:32]!r} here.")

    def _readable(self, request: Request) -> Baselines:
        dataset, who = self._dataset(request), identity_of(request)
        if not who.may_run(dataset):
            who.require(Role.VIEWER, dataset)
        return self._of(dataset)

    def _of(self, dataset: str) -> Baselines:
        if dataset not in self._datasets:
            raise RequestError(404, "unknown_dataset", f"There is no dataset {dataset[:64]!r} here.", "dataset")
        return Baselines(self._rooms.of(dataset).folder)

    def _dataset(self, request: Request) -> str:
        dataset = request.query_params.get("dataset", "")
        if not dataset:
            raise RequestError(400, "no_dataset", "Say whose pictures: ?dataset=shop.", "dataset")
        return dataset


def _picture(body: bytes) -> str:
    """Return which picture was looked at: another one may have come since."""
    try:
        document = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise RequestError(400, "bad_json", f"The body is not valid JSON: {error}.") from None
    picture = document.get("picture") if isinstance(document, dict) else None
    if not isinstance(picture, str) or not picture:
        raise RequestError(400, "bad_decision", 'Say which picture you have looked at: {"picture": "…"}, its SHA-256.', "picture")
    return picture
