"""`/api/checks`: a runner begins a run here."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final
from uuid import uuid4

import orjson
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from collector.access.private import PrivateRoute, identity_of, running_checks
from collector.checks.marks import Marks
from collector.config import Dataset
from collector.errors import RequestError
from collector.request_body import read_body

_BODY_BYTES: Final = 1 << 12


def check_routes(marks: Marks, datasets: Mapping[str, Dataset]) -> list[PrivateRoute]:
    """Return the endpoints.

    Args:
        marks: sign runs.
        datasets: by name; others are unknown.
    """

    async def begin(request: Request) -> Response:
        try:
            dataset = await _read_dataset(request)
            identity_of(request).require_run(dataset)
            if dataset not in datasets:
                raise RequestError(404, "unknown_dataset", f"There is no dataset {dataset[:64]!r} here.", "dataset")
        except RequestError as error:
            return JSONResponse(error.as_json(), error.status)
        keys = datasets[dataset].site_keys
        if not keys:
            text = f"The dataset {dataset} has no site key, so nothing can be sent to it: add one with `wideload keys add`."
            return JSONResponse(RequestError(409, "no_site_key", text, "dataset").as_json(), 409)
        mark = marks.sign(dataset, uuid4().hex)
        answer = {"run_id": mark.run_id, "mark": mark.text, "expires_at": mark.expires_at, "beacon": f"/v1/beacon/{keys[0]}"}
        return JSONResponse(answer, 201)

    return [PrivateRoute("/api/checks/runs", begin, running_checks(), methods=["POST"])]


async def _read_dataset(request: Request) -> str:
    try:
        body = orjson.loads(await read_body(request, _BODY_BYTES))
    except orjson.JSONDecodeError as error:
        raise RequestError(400, "bad_json", f"The body is not valid JSON: {error}.") from None
    dataset = body.get("dataset") if isinstance(body, dict) else None
    if not isinstance(dataset, str):
        raise RequestError(400, "bad_run", 'Say which dataset the run writes to: {"dataset": "shop"}.', "dataset")
    return dataset
