"""The status page over HTTP: public on a listener of its own, and its files for `wideload status export`."""

from __future__ import annotations

import hashlib
from typing import Final

import orjson
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from collector.access.identity import Role
from collector.access.private import PrivateRoute, identity_of, on_dataset
from collector.errors import RequestError
from collector.query.answering import answering
from collector.status.publisher import Publisher

_POLICY: Final = "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
_HEADERS: Final = {
    "content-security-policy": _POLICY,
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cache-control": "public, max-age=30",
}
#: For other pages to show or read.
_SHARED: Final = {"access-control-allow-origin": "*", "cross-origin-resource-policy": "cross-origin"}
_TYPES: Final = {
    "html": "text/html; charset=utf-8",
    "css": "text/css; charset=utf-8",
    "json": "application/json",
    "xml": "application/rss+xml; charset=utf-8",
    "svg": "image/svg+xml; charset=utf-8",
}


def public_app(publisher: Publisher) -> Starlette:
    """Return the application of the public listener: the page's files, and nothing else."""

    async def serve(request: Request) -> Response:
        name = request.path_params.get("name") or "index.html"
        if not publisher.files:
            return PlainTextResponse(
                "The status page is not there yet.", 503, {**_HEADERS, "retry-after": "10", "cache-control": "no-store"}
            )
        body = publisher.files.get(name)
        if body is None:
            return PlainTextResponse("There is nothing here.", 404, _HEADERS)
        etag = f'"{hashlib.sha256(body).hexdigest()[:24]}"'
        ending = name.rpartition(".")[2]
        headers = {**_HEADERS, **(_SHARED if ending in ("json", "svg", "xml") else {}), "etag": etag}
        if etag in request.headers.get("if-none-match", ""):
            return Response(status_code=304, headers=headers)
        return Response(body, media_type=_TYPES[ending], headers=headers)

    return Starlette(routes=[Route("/", serve), Route("/{name}", serve)])


def status_routes(publisher: Publisher) -> list[PrivateRoute]:
    """Return the one private route."""

    async def files(request: Request) -> bytes:
        if not publisher.is_on:
            raise RequestError(404, "no_status_page", "There is no status page: name its file in the setting status_file.")
        if not publisher.files:
            text = publisher.problem or "The status page is not there yet: ask again in a moment."
            raise RequestError(503, "status_not_ready", text)
        identity_of(request).require(Role.VIEWER, publisher.dataset)
        return orjson.dumps(
            {"files": {name: body.decode() for name, body in publisher.files.items()}, "problem": publisher.problem}
        )

    return [PrivateRoute("/api/status", answering(files), on_dataset(Role.VIEWER))]
