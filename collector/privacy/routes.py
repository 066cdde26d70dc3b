"""`POST /api/erase` and `POST /api/export`, for administrators; `wideload erase` and `wideload export` ask them."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import chain
from typing import Any, Final

import orjson
from anyio import CapacityLimiter, to_thread
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from collector.access.identity import Role
from collector.access.private import PrivateRoute, audit, identity_of, on_dataset
from collector.config import Dataset
from collector.errors import QueryError, RequestError
from collector.privacy.erase import Eraser
from collector.privacy.export import FORMATS, Exporter
from collector.privacy.selection import Selection, parse_selection
from collector.query.answering import answering, responding
from collector.query.formats import MEDIA_TYPES
from collector.query.reading import Part, nearest, shorten
from collector.query.results import iso_milliseconds
from collector.query.routes import RouteLimits
from collector.query.spec import FilterGroup
from collector.request_body import read_body

_ADMIN: Final = on_dataset(Role.ADMIN)


def privacy_routes(eraser: Eraser, exporter: Exporter, datasets: Mapping[str, Dataset]) -> list[PrivateRoute]:
    """Return the endpoints.

    Args:
        eraser, exporter: what does the work.
        datasets: by name; others are unknown.
    """
    api = _Api(eraser, exporter, datasets)
    return [
        PrivateRoute("/api/erase", answering(api.erase), _ADMIN, methods=["POST"]),
        PrivateRoute("/api/export", responding(api.export), _ADMIN, methods=["POST"]),
    ]


class _Api:
    def __init__(self, eraser: Eraser, exporter: Exporter, datasets: Mapping[str, Dataset]) -> None:
        self._eraser, self._exporter, self._datasets = eraser, exporter, datasets
        # An erasure takes its time; questions have threads of their own.
        self._threads = CapacityLimiter(2)

    async def erase(self, request: Request) -> bytes:
        """Answer `{"events", "by": [{"day", "kind", "events"}], "dead_letters", "waiting", "dry_run"}`."""
        document = await _document(request)
        dry_run = "dry_run" in document and Part(document.pop("dry_run"), "dry_run").flag()
        selection = self._selection(request, document)
        if not dry_run:
            audit(request, "erase", _describe(selection))
        report = await to_thread.run_sync(
            lambda: self._eraser.look(selection) if dry_run else self._eraser.erase(selection, document), limiter=self._threads
        )
        return orjson.dumps({**report.as_json(), "dry_run": dry_run})

    async def export(self, request: Request) -> Response:
        """Answer with the events, in the `format` of the request."""
        document = await _document(request)
        form = Part(document.pop("format", "ndjson"), "format").choice(FORMATS, "a format")
        selection = self._selection(request, document)
        audit(request, "export", _describe(selection))
        # The first part is waited for, so that an error is an answer and not the end of one.
        parts = self._exporter.export(selection, form)
        first = await to_thread.run_sync(lambda: next(parts, b""), limiter=self._threads)
        headers = {"content-disposition": f'attachment; filename="wideload-export.{form}"'}
        return StreamingResponse(chain([first], parts), 200, headers, MEDIA_TYPES[form])

    def _selection(self, request: Request, document: dict[str, Any]) -> Selection:
        selection = parse_selection(document)
        identity = identity_of(request)
        if selection.dataset not in self._datasets:
            visible = identity.visible(self._datasets)
            known, guess = ", ".join(visible), nearest(shorten(selection.dataset), visible)
            text = f"There is no dataset “{shorten(selection.dataset)}”.{guess} Known are {known}."
            raise RequestError(404, "unknown_dataset", text, "dataset")
        identity.require(Role.ADMIN, selection.dataset)
        return selection


def _describe(selection: Selection) -> str:
    """Return a selection in words, for the audit log."""
    parts = [f"dataset {selection.dataset}", _describe_filters(selection.filters)]
    if selection.before is not None:
        parts.append(f"before {iso_milliseconds(selection.before)}")
    return ", ".join(filter(None, parts))


def _describe_filters(group: FilterGroup) -> str:
    conditions = [
        f"({_describe_filters(one)})"
        if isinstance(one, FilterGroup)
        else f"{one.column} {one.op} {'' if one.value is None else one.value}".strip()
        for one in group.filters
    ]
    return f" {group.combination} ".join(conditions)


async def _document(request: Request) -> dict[str, Any]:
    try:
        document = orjson.loads(await read_body(request, RouteLimits().body_bytes))
    except orjson.JSONDecodeError as error:
        raise RequestError(400, "bad_json", f"The body is not valid JSON: {error}.") from None
    if not isinstance(document, dict):
        raise QueryError("", 'The body must be an object: {"dataset", "filters": […], "before"}.')
    return document
