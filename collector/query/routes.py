"""The endpoints of questions: read, check that who asks may see the dataset, and answer from a bounded pool of threads."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

import orjson
from anyio import CapacityLimiter, to_thread
from starlette.requests import Request
from starlette.responses import Response

from collector.access.identity import Identity, Role
from collector.access.private import SIGNED_IN, PrivateRoute, audit, identity_of, on_dataset
from collector.config import Dataset
from collector.errors import RequestError, StoreError
from collector.query.answering import answering, explain, gone, responding
from collector.query.batch import Asked, lines, read_queries, works
from collector.query.bubbleup.selection import parse_bubbleup
from collector.query.cache import Subject
from collector.query.desk import Desk, Gone, Work
from collector.query.engine import QueryEngine
from collector.query.export_routes import Exports
from collector.query.parameters import read_moment, read_whole, read_words
from collector.query.parse import parse_events, parse_query
from collector.query.progress import Left, Lines, Steps, wants_steps
from collector.query.saved import SavedQueries, read_name
from collector.query.search import INCLUDES
from collector.query.spec import QuerySpec
from collector.query.visible import known_dataset
from collector.request_body import read_body
from collector.store.base import Stop

#: How many suggestions are looked for at once.
_LIGHT: Final = 4
_VIEWER, _EDITOR = on_dataset(Role.VIEWER), on_dataset(Role.EDITOR)


@dataclass(frozen=True, slots=True)
class RouteLimits:
    """What callers may ask of the endpoints.

    Args:
        body_bytes: the largest body.
        body_seconds: how long a body may take to arrive.
    """

    body_bytes: int = 1 << 20
    body_seconds: float = 10


def query_routes(
    engine: QueryEngine,
    datasets: Mapping[str, Dataset],
    saved: SavedQueries,
    limits: RouteLimits | None = None,
    own: Dataset | None = None,
    desk: Desk | None = None,
) -> list[PrivateRoute]:
    """Return the endpoints.

    Args:
        engine: answers questions.
        saved: keeps queries.
        datasets: by name; others are unknown.
        limits: what callers may ask.
        own: the collector's own dataset: it can be asked, and is not listed.
        desk: where questions wait for their turn.
    """
    api, cost = _Api(engine, datasets, saved, limits or RouteLimits(), own, desk or Desk()), engine.limits.statement
    return [
        PrivateRoute("/api/query", responding(api.query, cost), _VIEWER, methods=["POST"]),
        PrivateRoute("/api/query/batch", responding(api.batch, cost), _VIEWER, methods=["POST"]),
        PrivateRoute("/api/queries", answering(api.save_query), _VIEWER, methods=["POST"]),
        PrivateRoute("/api/queries", answering(api.named_queries), _VIEWER),
        PrivateRoute("/api/queries/{query_id}", answering(api.saved_query), _VIEWER),
        PrivateRoute("/api/queries/{query_id}/name", responding(api.name_query), _EDITOR, methods=["PUT"]),
        PrivateRoute("/api/queries/{query_id}/name", responding(api.unname_query), _EDITOR, methods=["DELETE"]),
        PrivateRoute("/api/bubbleup", answering(api.bubbleup, cost), _VIEWER, methods=["POST"]),
        PrivateRoute("/api/events", answering(api.events, cost), _VIEWER, methods=["POST"]),
        PrivateRoute("/api/events/export", Exports(engine, api.document).endpoint, _VIEWER, methods=["POST"]),
        PrivateRoute("/api/events/{event_id:path}", answering(api.event, cost), _VIEWER),
        PrivateRoute("/api/fields", answering(api.fields, cost), _VIEWER),
        PrivateRoute("/api/fields/suggest", answering(api.suggest, cost), _VIEWER),
        PrivateRoute("/api/fields/{name:path}/values", answering(api.values, cost), _VIEWER),
        PrivateRoute("/api/datasets", answering(api.datasets, cost), SIGNED_IN),
    ]


class _Api:
    def __init__(
        self,
        engine: QueryEngine,
        datasets: Mapping[str, Dataset],
        saved: SavedQueries,
        limits: RouteLimits,
        own: Dataset | None,
        desk: Desk,
    ) -> None:
        self._saved = saved
        self._own = own
        self._engine, self._datasets, self._limits, self._desk = engine, datasets, limits, desk
        # Who types does not wait for other people's questions.
        self._suggesting = CapacityLimiter(_LIGHT)

    async def query(self, request: Request) -> Response:
        spec, subject = await self._read(request, await self._json(request))

        def work(stop: Stop) -> dict[str, Any]:
            return self._engine.run(spec, stop)

        if wants_steps(request):
            steps = self._steps(lambda: gone(request), spec, subject, work)
            return Steps(await anext(steps), steps, self._explain)
        answer = await self._run(request, "query", work, subject)
        return Response(answer, media_type="application/json")

    async def batch(self, request: Request) -> Response:
        asked, refused = list[Asked](), dict[int, RequestError]()
        for place, document in enumerate(read_queries(await self._json(request))):
            try:
                asked.append(Asked(place, *await self._read(request, document)))
            except RequestError as error:
                refused[place] = error
        found, left = await works(asked, self._engine, self._desk), Left(lambda: gone(request))

        def answer(one: Asked) -> AsyncIterator[bytes]:
            return self._steps(left.wait, one.spec, one.subject, found[one.place])

        return Lines(lines(asked, refused, answer, self._explain), left)

    async def _read(self, request: Request, document: Any) -> tuple[QuerySpec, Subject]:
        if isinstance(document, dict) and isinstance(query_id := document.get("query_id"), str):
            # What stands beside the id is asked in the place of what was saved, such as another time.
            found = await to_thread.run_sync(self._saved.find, query_id)
            document = found["query"] | {key: value for key, value in document.items() if key != "query_id"}
        self._check_dataset(request, document)
        spec = await to_thread.run_sync(lambda: parse_query(document, self._engine.limits.spec))
        return spec, Subject.of("query", document, spec, self._engine.now())

    async def _steps(self, left: Gone, spec: QuerySpec, subject: Subject, work: Work) -> AsyncIterator[bytes]:
        """Yield the answer, and before it one from a sample if it takes long."""
        if not await self._desk.knows(subject):
            sample = replace(subject, key=b"sample " + subject.key)
            first = await self._desk.ask(lambda stop: self._engine.first(spec, stop) or {}, left, "sample", sample)
            if first.startswith(b'{"results"'):
                yield first
        yield await self._desk.ask(work, left, "query", subject)

    def _explain(self, error: StoreError) -> RequestError:
        return explain(error, self._engine.limits.statement)

    async def save_query(self, request: Request) -> bytes:
        document = await self.document(request)
        parse_query(document, self._engine.limits.spec)
        id_ = await to_thread.run_sync(self._saved.save, document, str(identity_of(request)))
        return orjson.dumps({"id": id_})

    async def saved_query(self, request: Request) -> bytes:
        found = await to_thread.run_sync(self._saved.find, request.path_params["query_id"])
        self._known(request, found["query"]["dataset"])
        return orjson.dumps(found)

    async def named_queries(self, request: Request) -> bytes:
        dataset = self._known(request, request.query_params.get("dataset"))
        return orjson.dumps({"queries": await to_thread.run_sync(self._saved.named, dataset)})

    async def name_query(self, request: Request) -> Response:
        name, show = read_name(await self._json(request))
        id_, dataset = await self._own_query(request)
        await to_thread.run_sync(self._saved.name, id_, name, show, str(identity_of(request)))
        audit(request, "query-name", f"dataset {dataset}, query {id_}")
        return Response(status_code=204)

    async def unname_query(self, request: Request) -> Response:
        id_, dataset = await self._own_query(request)
        await to_thread.run_sync(self._saved.unname, id_)
        audit(request, "query-unname", f"dataset {dataset}, query {id_}")
        return Response(status_code=204)

    async def _own_query(self, request: Request) -> tuple[str, str]:
        """Return the id of a saved query, and its dataset, which who asks may edit."""
        id_ = request.path_params["query_id"]
        found = await to_thread.run_sync(self._saved.find, id_)
        dataset = self._known(request, found["query"]["dataset"])
        identity_of(request).require(Role.EDITOR, dataset)
        return id_, dataset

    async def bubbleup(self, request: Request) -> bytes:
        document = await self._json(request)
        if isinstance(document, dict):
            self._check_dataset(request, document.get("query"))
        spec = await to_thread.run_sync(lambda: parse_bubbleup(document, self._engine.limits.spec))
        subject = Subject.of("bubbleup", document, spec.query, self._engine.now())
        return await self._run(request, "bubbleup", lambda stop: self._engine.bubbleup(spec, stop), subject)

    async def events(self, request: Request) -> bytes:
        document = await self.document(request)
        spec = await to_thread.run_sync(lambda: parse_events(document, self._engine.limits.spec))
        return await self._run(request, "events", lambda stop: self._engine.events(spec, stop))

    async def event(self, request: Request) -> bytes:
        dataset, event_id = self._known(request, request.query_params.get("dataset")), request.path_params["event_id"]
        at = read_moment(request.query_params.get("ts"), "ts")
        include = read_words(request.query_params.get("include"), "include", INCLUDES)
        return await self._run(request, "event", lambda stop: self._engine.event(dataset, event_id, at, include, stop))

    async def fields(self, request: Request) -> bytes:
        dataset = self._known(request, request.query_params.get("dataset"))
        wait = read_whole(request.query_params.get("wait"), "wait", 0, 0, 30)
        return await self._run(request, "fields", lambda _: self._engine.catalogue.fields(dataset, wait))

    async def suggest(self, request: Request) -> bytes:
        dataset, typed, limit = self._typed(request)
        return await self._light(lambda: self._engine.catalogue.suggest(dataset, typed, limit))

    async def values(self, request: Request) -> bytes:
        (dataset, typed, limit), name = self._typed(request), request.path_params["name"]
        return await self._light(lambda: self._engine.catalogue.values(dataset, name, typed, limit))

    def _typed(self, request: Request) -> tuple[str, str, int]:
        dataset = self._known(request, request.query_params.get("dataset"))
        limit = read_whole(request.query_params.get("limit"), "limit", 20, 1, 1000)
        return dataset, request.query_params.get("q", "")[:1000], limit

    async def _light(self, work: Callable[[], dict[str, Any]]) -> bytes:
        return await to_thread.run_sync(lambda: orjson.dumps(work()), limiter=self._suggesting)

    async def datasets(self, request: Request) -> bytes:
        identity = identity_of(request)
        return await self._run(request, "datasets", lambda _: self._describe_datasets(identity))

    def _describe_datasets(self, identity: Identity) -> dict[str, Any]:
        stats, none = self._engine.datasets_stats(), {"events": 0, "last_event_at": None}
        described = [
            {"name": name, "site_keys": list(one.site_keys), "retention_days": one.retention_days, **stats.get(name, none)}
            for name, one in self._datasets.items()
            if identity.role_on(name)
        ]
        return {"datasets": described}

    async def _run(self, request: Request, kind: str, work: Work, subject: Subject | None = None) -> bytes:
        return await self._desk.ask(work, lambda: gone(request), kind, subject)

    async def document(self, request: Request) -> Any:
        """Read a question; its dataset must be known, and one that who asks may see."""
        document = await self._json(request)
        self._check_dataset(request, document)
        return document

    async def _json(self, request: Request) -> Any:
        try:
            return orjson.loads(await read_body(request, self._limits.body_bytes, self._limits.body_seconds))
        except orjson.JSONDecodeError as error:
            raise RequestError(400, "bad_json", f"The body is not valid JSON: {error}.") from None

    def _check_dataset(self, request: Request, document: Any) -> None:
        # Whatever else the dataset may be, the parser says what is wrong with it.
        if isinstance(document, dict) and isinstance(document.get("dataset"), str) and document["dataset"]:
            self._known(request, document["dataset"])

    def _known(self, request: Request, dataset: str | None) -> str:
        return known_dataset(request, dataset, self._datasets, self._own)
