"""What the holder of a link may do: see that one dashboard, and run its queries. Needs no sign-in, sets no cookie."""

from __future__ import annotations

import math
from collections.abc import Awaitable, Callable, Collection
from dataclasses import dataclass, field
from typing import Any, Final

import orjson
from anyio import to_thread
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from collector.access.throttle import Throttle
from collector.access.visitors import Visitors
from collector.dashboards.requests import by_device, cohort_request, fill, within_cohort
from collector.dashboards.requests import request as query_of
from collector.dashboards.shares import Share, Shares
from collector.errors import AccessError, RequestError
from collector.query.answering import Endpoint, gone, refuse, responding
from collector.query.cache import Subject
from collector.query.desk import Desk
from collector.query.engine import QueryEngine
from collector.query.parse import parse_query
from collector.query.reading import Part, nearest, shorten
from collector.query.timerange import TIME_KEYS
from collector.request_body import read_body
from collector.telemetry import Counters

#: The address of a link is its secret: it must not travel on, nor be found.
HEADERS: Final = {"referrer-policy": "no-referrer", "x-robots-tag": "noindex, nofollow", "cache-control": "no-store"}
_OFFSET: Final = "compare_time_offset_seconds"
_MAX_BYTES: Final = 16_384


@dataclass(frozen=True, slots=True)
class LinkLimits:
    """What holders of links may ask.

    Args:
        link: by link: 300 requests at once, then five a second.
        guesses: by network: thirty links that do not exist at once, then one every ten seconds.
        logged: what the audit log takes, so that a flood can't fill the disk: 1,000 lines at once, then one a second.
    """

    link: Throttle = field(default_factory=lambda: Throttle(300, 0.2))
    guesses: Throttle = field(default_factory=lambda: Throttle(30, 10))
    logged: Throttle = field(default_factory=lambda: Throttle(1000, 1))


class _TooOften(RequestError):
    def __init__(self, seconds: float) -> None:
        self.seconds = math.ceil(seconds)
        super().__init__(429, "share_rate", f"This was asked too often. Ask again in {self.seconds} s.")


class Links:
    """The endpoints.

    Args:
        shares: the links.
        engine: answers questions.
        desk: where they wait for their turn: not the one of people who are signed in, whom a link must not keep waiting.
        datasets: the names there are.
        page: the viewer's page, with the policy of who may show it in a frame.
        visitors: who asks.
        counters: count what is refused.
        limits: what may be asked.
    """

    def __init__(
        self,
        shares: Shares,
        engine: QueryEngine,
        desk: Desk,
        datasets: Callable[[], Collection[str]],
        page: Callable[[Request], Response],
        visitors: Visitors,
        counters: Counters,
        limits: LinkLimits | None = None,
    ) -> None:
        self._shares, self._engine, self._desk, self._datasets, self._page = shares, engine, desk, datasets, page
        self._visitors, self._counters, self._limits = visitors, counters, limits or LinkLimits()

    def routes(self) -> list[BaseRoute]:
        """Return the endpoints."""
        return [
            Route("/share/{token}", self._guarded(self._show)),
            Route("/share/{token}/dashboard", self._guarded(self._dashboard)),
            Route("/share/{token}/query/{name}", self._guarded(self._query), methods=["POST"]),
        ]

    def _guarded(self, handler: Callable[[Request], Awaitable[Response]]) -> Endpoint:
        async def counted(request: Request) -> Response:
            try:
                return await handler(request)
            except _TooOften as error:
                self._count(error.reason)
                response = refuse(error)
                response.headers["retry-after"] = str(error.seconds)
                return response
            except AccessError:
                # What cannot be logged is not shown.
                text = "This cannot be shown at the moment; the collector's log says why."
                raise RequestError(503, "access_unavailable", text) from None
            except RequestError as error:
                self._count(error.reason)
                raise

        answer = responding(counted)

        async def endpoint(request: Request) -> Response:
            response = await answer(request)
            for name, value in HEADERS.items():
                response.headers[name] = value
            return response

        return endpoint

    def _count(self, reason: str) -> None:
        self._counters.add("wideload_share_refusals", 1, reason)

    async def _show(self, request: Request) -> Response:
        """Answer with the page, which asks for the dashboard and says what is wrong with the link, if something is."""
        response = self._page(request)
        try:
            await self._find(request)
        except _TooOften:
            raise
        except RequestError as error:
            self._count(error.reason)
            response.status_code = error.status
        return response

    async def _dashboard(self, request: Request) -> Response:
        share = await self._find(request)
        if not self._limits.logged.take(""):
            self._visitors.audit(request, f"link {share.id}", "share-open", f"{share.dashboard} on {share.dataset}")
        await to_thread.run_sync(self._shares.opened, share)
        time = share.time or None
        about = {"dataset": share.dataset, "filters": share.filters, "time": time, "expires_at": share.expires_at}
        return JSONResponse({"dashboard": share.definition, **about})

    async def _query(self, request: Request) -> Response:
        share = await self._find(request)
        name, queries = request.path_params["name"], share.definition["queries"]
        if name not in queries:
            text = f"The dashboard has no query “{shorten(name)}”.{nearest(shorten(name), queries)} It has {', '.join(queries)}."
            raise RequestError(404, "unknown_query", text)
        try:
            document = orjson.loads(await read_body(request, _MAX_BYTES) or b"{}")
        except orjson.JSONDecodeError as error:
            raise RequestError(400, "bad_json", f"The body is not valid JSON: {error}.") from None
        document, cohort = self._read(share, name, document)
        if cohort:
            bounds = orjson.loads(await self._ask(request, cohort_request(document, cohort)))
            document = within_cohort(document, cohort, bounds["results"][0]["data"])
        return Response(await self._ask(request, document), media_type="application/json")

    async def _ask(self, request: Request, document: dict[str, Any]) -> bytes:
        spec = await to_thread.run_sync(lambda: parse_query(document, self._engine.limits.spec))
        subject = Subject.of("query", document, spec, self._engine.now())
        return await self._desk.ask(lambda stop: self._engine.run(spec, stop), lambda: gone(request), "query", subject)

    async def _find(self, request: Request) -> Share:
        try:
            share = await to_thread.run_sync(self._shares.find, request.path_params["token"])
        except RequestError as error:
            if error.status == 404 and (wait := self._limits.guesses.take(self._visitors.network(request))):
                raise _TooOften(wait) from None
            raise
        if wait := self._limits.link.take(share.id):
            raise _TooOften(wait)
        if share.dataset not in self._datasets():
            raise RequestError(404, "unknown_share", "What this link shows is no longer there.")
        return share

    @staticmethod
    def _read(share: Share, name: str, asked: Any) -> tuple[dict[str, Any], dict[str, Any] | None]:
        """Return the question that the holder of a link asks by the name of a query, and the cohort that it is about."""
        members = Part(asked).members((*TIME_KEYS, "granularity", "granularity_min_events", "chosen", _OFFSET, "split"))
        if share.time and (named := next((members[key] for key in (*TIME_KEYS, _OFFSET) if key in members), None)):
            raise named.error("This link shows a fixed time, so it cannot be asked about another.")
        split = members.pop("split", None)
        chosen = members.pop("chosen", Part({}, "chosen"))
        known = [one["name"] for one in share.definition.get("parameters", ())] + ["percentile"]
        values = {key: part.text(255) for key, part in chosen.members(known).items()}
        definition = fill(share.definition, values)
        document, cohort = query_of(definition, name, share.dataset)
        is_split = split is not None and split.flag()
        if is_split:
            document = by_device(definition, name, document)
        if cohort or is_split:
            # Another time has other percentiles, and devices are compared with each other.
            members.pop(_OFFSET, None)
        # The link's own filters are added to what is filled, so that no choice can change them.
        filters = [*document["filters"], *share.filters]
        return {**document, **{key: part.value for key, part in members.items()}, **share.time, "filters": filters}, cohort
