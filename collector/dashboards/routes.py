"""The endpoints of dashboards. Prebuilt ones are the same for everybody; own ones are made and changed by editors.

A dashboard that names a dataset belongs to it: its viewers read it, its editors change it. One that names none asks whatever
dataset its reader chooses, with the reader's rights; viewers of any dataset read it, editors of any change it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, Final

import orjson
from anyio import to_thread
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from collector.access.identity import Identity, Role
from collector.access.private import SIGNED_IN, PrivateRoute, audit, identity_of, on_dataset
from collector.dashboards.definition import Definition, DefinitionReader
from collector.dashboards.own import MAX_BYTES, OwnDashboard, OwnDashboards, unknown
from collector.errors import RequestError
from collector.query.answering import responding
from collector.query.reading import shorten
from collector.request_body import read_body

#: See `query.visible.known_dataset`.
Known = Callable[[Request, str], str]
_VIEWER: Final = on_dataset(Role.VIEWER)
_EDITOR: Final = on_dataset(Role.EDITOR)
_NO_VERSION: Final = (
    "Say which version you have changed: send the ETag that GET answered as If-Match, or If-Match: * to replace whatever is there."
)


class Dashboards:
    """All dashboards, as somebody may see and change them.

    Args:
        prebuilt: the definitions of the product, by id.
        own: those that people make.
        reader: reads definitions.
        known: returns the name of a dataset that who asks may see, or raises RequestError.
    """

    def __init__(
        self,
        prebuilt: Mapping[str, Definition],
        own: OwnDashboards,
        reader: DefinitionReader,
        known: Known,
    ) -> None:
        self._prebuilt, self._own, self._reader, self._known = prebuilt, own, reader, known

    def routes(self) -> list[PrivateRoute]:
        """Return the endpoints."""
        one = "/api/dashboards/{id}"
        return [
            PrivateRoute("/api/dashboards", responding(self._list), SIGNED_IN),
            PrivateRoute("/api/dashboards", responding(self._add), _EDITOR, methods=["POST"]),
            PrivateRoute(one, responding(self._one), _VIEWER),
            PrivateRoute(one, responding(self._change), _EDITOR, methods=["PUT"]),
            PrivateRoute(one, responding(self._delete), _EDITOR, methods=["DELETE"]),
        ]

    async def _list(self, request: Request) -> Response:
        return JSONResponse({"dashboards": await self.entries(identity_of(request))})

    async def entries(self, identity: Identity) -> list[dict[str, Any]]:
        """Return what a list says of each dashboard that somebody may see. Raises RequestError."""
        own = [one for one in await to_thread.run_sync(self._own.all) if not one.dataset or identity.role_on(one.dataset)]
        heads = [
            {**{key: one.get(key, "") for key in ("id", "title", "description")}, "origin": "prebuilt"}
            for one in self._prebuilt.values()
        ]
        return [*heads, *(one.entry() for one in own)]

    async def _one(self, request: Request) -> Response:
        definition, version = await self.find(request, Role.VIEWER)
        return JSONResponse(definition, headers={"etag": f'"{version}"'} if version else None)

    async def find(self, request: Request, role: Role) -> tuple[Definition, int]:
        """Return the definition that the path names and its version, 0 for a prebuilt one, for somebody who has the role."""
        return await self.of(identity_of(request), request.path_params["id"], role)

    async def of(self, identity: Identity, id_: str, role: Role) -> tuple[Definition, int]:
        """Return a definition and its version, for somebody who has the role. Raises RequestError."""
        if id_ in self._prebuilt:
            return self._prebuilt[id_], 0
        found = await self._owned(identity, id_, role)
        return found.definition, found.version

    async def _owned(self, identity: Identity, id_: str, role: Role) -> OwnDashboard:
        found = await to_thread.run_sync(self._own.find, id_)
        if found is None:
            raise unknown(id_)
        if found.dataset:
            identity.require(role, found.dataset)
        return found

    async def _add(self, request: Request) -> Response:
        definition = await self._read(request)
        log = partial(audit, request, "dashboard-create")
        made = await to_thread.run_sync(self._own.add, definition, str(identity_of(request)), log)
        return _answer(made, 201, {"location": f"/api/dashboards/{made.id}"})

    async def _change(self, request: Request) -> Response:
        await self._writable(request)
        version = _version(request)
        if version is None and request.headers.get("if-match", "").strip() != "*":
            raise RequestError(428, "no_version", _NO_VERSION)
        definition = await self._read(request)
        id_, who, log = request.path_params["id"], str(identity_of(request)), partial(audit, request, "dashboard-change")
        made = await to_thread.run_sync(self._own.change, id_, definition, who, version, log)
        return _answer(made, 200)

    async def _delete(self, request: Request) -> Response:
        await self._writable(request)
        id_ = request.path_params["id"]
        await to_thread.run_sync(self._own.delete, id_, _version(request), partial(audit, request, "dashboard-delete"))
        return Response(status_code=204)

    async def _writable(self, request: Request) -> None:
        id_ = request.path_params["id"]
        if id_ in self._prebuilt:
            text = f"The dashboard {id_} is prebuilt and stays as it is: POST /api/dashboards keeps a copy that you can change."
            raise RequestError(409, "prebuilt", text)
        await self._owned(identity_of(request), id_, Role.EDITOR)

    async def _read(self, request: Request) -> Definition:
        try:
            document = orjson.loads(await read_body(request, MAX_BYTES))
        except orjson.JSONDecodeError as error:
            raise RequestError(400, "bad_json", f"The body is not valid JSON: {error}.") from None
        self._check_dataset(request, document)
        # A definition that is made in an editor needs no id: it gets one.
        return self._reader.read({"id": "new", **document} if isinstance(document, dict) else document)

    def _check_dataset(self, request: Request, document: Any) -> None:
        # Whatever else the dataset may be, the reader says what is wrong with it.
        dataset = document.get("dataset") if isinstance(document, dict) else None
        if not isinstance(dataset, str) or not dataset:
            return
        identity_of(request).require(Role.EDITOR, self._known(request, dataset))


def _version(request: Request) -> int | None:
    """Return the version of `If-Match`; None without one, and for `*`. A proxy may have made the ETag weak."""
    sent = request.headers.get("if-match", "").strip()
    if sent in ("", "*"):
        return None
    match = re.fullmatch(r'(?:W/)?"(\d{1,9})"', sent)
    if match is None:
        raise RequestError(400, "bad_version", f'If-Match must be an ETag of this dashboard, such as "3", not {shorten(sent)}.')
    return int(match[1])


def _answer(made: OwnDashboard, status: int, headers: Mapping[str, str] | None = None) -> Response:
    return JSONResponse(made.entry(), status, {"etag": f'"{made.version}"', **(headers or {})})
