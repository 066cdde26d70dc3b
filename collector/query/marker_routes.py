"""`/api/markers`: markers are made and deleted by editors, and read by viewers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import orjson
from anyio import to_thread
from starlette.requests import Request
from starlette.responses import Response

from collector.access.identity import Role
from collector.access.private import PrivateRoute, audit, identity_of, on_dataset
from collector.config import Dataset
from collector.errors import RequestError
from collector.query.answering import answering, responding
from collector.query.markers import MAX_TYPE, Markers, parse_marker
from collector.query.parameters import read_moment
from collector.query.timerange import LAST_SECOND
from collector.query.visible import known_dataset
from collector.request_body import read_body

_BODY_BYTES: Final = 1 << 16


def marker_routes(markers: Markers, datasets: Mapping[str, Dataset], own: Dataset | None = None) -> list[PrivateRoute]:
    """Return the endpoints.

    Args:
        markers: keeps them.
        datasets: by name; others are unknown.
        own: the collector's own dataset, which may have markers too.
    """
    api = _Api(markers, datasets, own)
    return [
        PrivateRoute("/api/markers", responding(api.add), on_dataset(Role.EDITOR), methods=["POST"]),
        PrivateRoute("/api/markers", answering(api.list), on_dataset(Role.VIEWER)),
        PrivateRoute("/api/markers/{marker_id}", responding(api.delete), on_dataset(Role.EDITOR), methods=["DELETE"]),
    ]


class _Api:
    def __init__(self, markers: Markers, datasets: Mapping[str, Dataset], own: Dataset | None) -> None:
        self._markers, self._datasets, self._own = markers, datasets, own

    def _known(self, request: Request, dataset: str | None) -> str:
        return known_dataset(request, dataset, self._datasets, self._own)

    async def add(self, request: Request) -> Response:
        marker = parse_marker(await _read(request), self._markers.now())
        dataset = self._known(request, marker.dataset)
        identity_of(request).require(Role.EDITOR, dataset)
        added = await to_thread.run_sync(self._markers.add, marker, str(identity_of(request)))
        audit(request, "marker-add", f"dataset {dataset}, marker {added['id']}")
        return Response(orjson.dumps(added), 201, media_type="application/json")

    async def list(self, request: Request) -> bytes:
        parameters = request.query_params
        dataset = self._known(request, parameters.get("dataset"))
        first, last = (read_moment(parameters.get(key), key) for key in ("start_time", "end_time"))
        start, end = 0 if first is None else first // 1000, LAST_SECOND if last is None else last // 1000
        type_ = parameters.get("type", "")[:MAX_TYPE]
        found, is_limited = await to_thread.run_sync(self._markers.between, dataset, start, end, type_)
        return orjson.dumps({"markers": found, "limited": is_limited})

    async def delete(self, request: Request) -> Response:
        id_ = request.path_params["marker_id"]
        dataset = (await to_thread.run_sync(self._markers.find, id_))["dataset"]
        identity_of(request).require(Role.EDITOR, dataset)
        audit(request, "marker-delete", f"dataset {dataset}, marker {id_}")
        await to_thread.run_sync(self._markers.delete, id_)
        return Response(status_code=204)


async def _read(request: Request) -> Any:
    try:
        return orjson.loads(await read_body(request, _BODY_BYTES))
    except orjson.JSONDecodeError as error:
        raise RequestError(400, "bad_json", f"The body is not valid JSON: {error}.") from None
