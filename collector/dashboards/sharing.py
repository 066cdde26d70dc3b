"""`/api/dashboards/{id}/shares`: editors make links to a dashboard, see them, and take them back."""

from __future__ import annotations

from functools import partial
from typing import Any, Final

import orjson
from anyio import to_thread
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from collector.access.identity import Role
from collector.access.private import PrivateRoute, audit, identity_of, on_dataset
from collector.dashboards.definition import Definition
from collector.dashboards.routes import Dashboards, Known
from collector.dashboards.shares import Share, Shares
from collector.errors import RequestError
from collector.query.answering import responding
from collector.query.filters import as_time
from collector.query.parse import parse_query
from collector.query.reading import Part, shorten
from collector.request_body import read_body

_EDITOR: Final = on_dataset(Role.EDITOR)
_MAX_BYTES: Final = 65_536
_LONGEST_NOTE: Final = 200
_MEMBERS: Final = ("expires_at", "dataset", "filters", "start_time", "end_time", "note")


class Sharing:
    """The endpoints.

    Args:
        dashboards: finds what is shared.
        shares: keeps the links.
        known: returns the name of a dataset that who asks may see, or raises RequestError.
        address: under which people reach the collector.
        max_days: how long a link may last.
    """

    def __init__(self, dashboards: Dashboards, shares: Shares, known: Known, address: str, max_days: int) -> None:
        self._dashboards, self._shares, self._known = dashboards, shares, known
        self._address, self._max_days = address, max_days

    def routes(self) -> list[PrivateRoute]:
        """Return the endpoints."""
        path = "/api/dashboards/{id}/shares"
        return [
            PrivateRoute(path, responding(self._list), _EDITOR),
            PrivateRoute(path, responding(self._add), _EDITOR, methods=["POST"]),
            PrivateRoute(path + "/{share_id}", responding(self._remove), _EDITOR, methods=["DELETE"]),
        ]

    async def _list(self, request: Request) -> Response:
        await self._dashboards.find(request, Role.EDITOR)
        identity = identity_of(request)
        shares = await to_thread.run_sync(self._shares.of, request.path_params["id"])
        listed = [one.entry() for one in shares if identity.may(Role.EDITOR, one.dataset)]
        return JSONResponse({"shares": listed, "max_days": self._max_days})

    async def _add(self, request: Request) -> Response:
        definition, _ = await self._dashboards.find(request, Role.VIEWER)
        try:
            document = orjson.loads(await read_body(request, _MAX_BYTES))
        except orjson.JSONDecodeError as error:
            raise RequestError(400, "bad_json", f"The body is not valid JSON: {error}.") from None
        wanted = self._read(request, definition, Part(document).members(_MEMBERS))
        log = partial(self._log, request, "share-create", definition["id"], wanted["dataset"])
        share, token = await to_thread.run_sync(self._shares.add, wanted, log)
        return JSONResponse({**share.entry(), "url": f"{self._address}/share/{token}"}, 201)

    async def _remove(self, request: Request) -> Response:
        share = await self._find(request)
        identity_of(request).require(Role.EDITOR, share.dataset)
        log = partial(self._log, request, "share-revoke", share.dashboard, share.dataset)
        await to_thread.run_sync(self._shares.remove, share, log)
        return Response(status_code=204)

    async def _find(self, request: Request) -> Share:
        id_ = request.path_params["share_id"]
        for share in await to_thread.run_sync(self._shares.of, request.path_params["id"]):
            if share.id == id_:
                return share
        raise RequestError(404, "unknown_share", f"There is no link “{shorten(id_)}” to this dashboard; GET lists them.")

    @staticmethod
    def _log(request: Request, action: str, dashboard: str, dataset: str, share_id: str) -> None:
        audit(request, action, f"{dashboard} on {dataset}, link {share_id}")

    def _read(self, request: Request, definition: Definition, members: dict[str, Part]) -> dict[str, Any]:
        dataset = self._read_dataset(request, definition, members.get("dataset"))
        time = {key: members[key].value for key in ("start_time", "end_time") if key in members}
        if len(time) == 1:
            raise RequestError(400, "bad_share", "A fixed time needs both start_time and end_time.", next(iter(time)))
        filters = members["filters"].value if "filters" in members else []
        spec = parse_query({"dataset": dataset, "filters": filters, **time})
        fixed = {"start_time": spec.time.start, "end_time": (spec.time.start or 0) + spec.time.seconds} if time else {}
        return {
            "dashboard": definition["id"],
            "definition": definition,
            "dataset": dataset,
            "filters": filters,
            "time": fixed,
            "note": members["note"].text(_LONGEST_NOTE) if "note" in members else "",
            "created_by": str(identity_of(request)),
            "expires_at": self._read_end(members.get("expires_at")),
        }

    def _read_dataset(self, request: Request, definition: Definition, part: Part | None) -> str:
        dataset = part.text(255) if part else str(definition.get("dataset", ""))
        if not dataset:
            text = "Say which dataset the link shows, as this dashboard names none: dataset."
            raise RequestError(400, "no_dataset", text, "dataset")
        if definition.get("dataset", dataset) != dataset:
            text = f"This dashboard is about the dataset {definition['dataset']} alone; leave dataset out."
            raise RequestError(400, "bad_share", text, "dataset")
        identity_of(request).require(Role.EDITOR, self._known(request, dataset))
        return dataset

    def _read_end(self, part: Part | None) -> float:
        most = f"{self._max_days} day{'s' if self._max_days > 1 else ''} from now (the setting share_max_days)"
        if part is None:
            raise RequestError(400, "bad_share", f"Say when the link ends: expires_at, at most {most}.", "expires_at")
        end = None if isinstance(part.value, bool) or not isinstance(part.value, str | int | float) else as_time(part.value)
        if end is None:
            text = "expires_at must be a time: epoch seconds, or a text such as 2026-11-23T08:00:00Z."
            raise RequestError(400, "bad_share", text, "expires_at")
        now = self._shares.now()
        if not now < end / 1000 <= now + 86_400 * self._max_days + 60:
            raise RequestError(400, "bad_share", f"expires_at must be later than now, and at most {most}.", "expires_at")
        return end / 1000
