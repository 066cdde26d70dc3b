"""The beacon endpoint: `POST /v1/beacon/{site_key}`, and the same under a name that filter lists do not know.

A plain ASGI application, as every visitor of every page comes through it. It answers 202 only after the accepted events are on
disk in the spool, and never asks the store.
"""

from __future__ import annotations

import logging
import math
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

import orjson
from opentelemetry.trace import Span, SpanKind
from starlette.types import Receive, Scope, Send

from collector.checks.marks import Marks
from collector.config import Dataset, IngestLimits
from collector.errors import DatasetFull, EventTooLarge, RequestError, SpoolError, SpoolFull
from collector.events import Event
from collector.ingest.attributes import AttributeNames
from collector.ingest.body import BodyRoom, read_body
from collector.ingest.country import Countries
from collector.ingest.decode import Beacon, decode_beacon
from collector.ingest.enrich import enrich
from collector.ingest.floods import RETRY, Floods, cors_headers
from collector.ingest.limits import SendLimits, client_prefix
from collector.ingest.origins import Origins
from collector.ingest.privacy import Budget, Privacy, wishes
from collector.ingest.shares import SpoolShares
from collector.ingest.synthetic import Synthetic
from collector.ingest.user_agent import Hints, describe
from collector.pipeline.intake import Intake
from collector.tracing import Tracing

log = logging.getLogger(__name__)

PREFIX: Final = "/v1/beacon/"
_JSON: Final = (b"content-type", b"application/json")
_ACCEPTED_ONE: Final = b'{"accepted":1,"rejected":[]}'
_PREFLIGHT: Final = [
    (b"access-control-allow-methods", b"POST"),
    (b"access-control-allow-headers", b"content-type, content-encoding"),
    (b"access-control-max-age", b"86400"),
]
#: How much of a header that describes the browser is read.
_MAX_HINT: Final = 1024
Headers = dict[bytes, bytes]
Cors = list[tuple[bytes, bytes]]


class BeaconEndpoint:
    """The endpoint.

    Args:
        datasets: by name.
        spool: where accepted events go; its ledger counts them.
        countries: resolves addresses.
        limits: what one beacon may carry.
        names: which attributes a dataset takes.
        marks: verify that an event is a check's.
        alias: what stands before the site key at the endpoint's second path, such as `/w/`.
        clock: epoch seconds.
        tracing: traces some of the beacons.
    """

    def __init__(
        self,
        datasets: Mapping[str, Dataset],
        spool: Intake,
        countries: Countries,
        limits: IngestLimits,
        names: AttributeNames,
        marks: Marks,
        alias: str = PREFIX,
        clock: Callable[[], float] = time.time,
        tracing: Tracing | None = None,
    ) -> None:
        self._tracing = tracing or Tracing()
        #: A request whose path begins with one of these is the endpoint's.
        self.prefixes = (PREFIX, alias)
        self._send_limits, self._body_room = SendLimits(), BodyRoom()
        self._spool, self._countries = spool, countries
        self._counters, self._ledger, self._clock = spool.ledger.counters, spool.ledger, clock
        self._names = names
        self._synthetic = Synthetic(marks, self._counters)
        self._floods, self._shares = Floods(self._counters), SpoolShares(spool, spool.max_bytes)
        self.use(datasets, limits)

    def use(self, datasets: Mapping[str, Dataset], limits: IngestLimits) -> None:
        """Let these datasets and limits hold from the next beacon on."""
        sites = [(d, Origins(d.allowed_origins)) for d in datasets.values()]
        self._by_key = {key: (d, origins, math.inf) for d, origins in sites for key in d.site_keys}
        self._by_key |= {key: (d, origins, end) for d, origins in sites for key, end in d.retiring_keys}
        self._privacy = {name: Privacy(dataset) for name, dataset in datasets.items()}
        self._limits = limits
        # A dataset on its own may have all of it.
        self._share_spool = len(datasets) > 1 and self._spool.divides_room

    def shed(self, path: bytes, headers: Sequence[tuple[bytes, bytes]]) -> bytes | None:
        """Return the whole answer to a beacon of a site key that is flooded just now; see `Floods`."""
        return self._floods.answer(path, headers)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        headers: Headers = dict(scope["headers"])
        origin = headers.get(b"origin")
        # Even a refusal carries it, so that the page's developer can read the reason. There are no credentials to protect.
        cors = cors_headers(origin)
        if scope["method"] == "OPTIONS":
            await _respond(send, 204, [*cors, *_PREFLIGHT], b"")
            return
        self._counters.add("wideload_beacons_received")
        with self._tracing.root("beacon", SpanKind.SERVER) as span:
            await self._receive(scope, receive, send, headers, cors, span)

    async def _receive(self, scope: Scope, receive: Receive, send: Send, headers: Headers, cors: Cors, span: Span) -> None:
        dataset = ""
        try:
            key, site, origins = self._find(scope)
            dataset = site.name
            self._admit(scope, headers, key, site, origins)
            length, encoding = headers.get(b"content-length"), headers.get(b"content-encoding")
            body = await read_body(receive, length, encoding, self._limits, self._body_room)
            status, answer = await self._accept(scope, headers, site, body)
        except RequestError as error:
            span.set_attributes(
                {"http.response.status_code": error.status, "error.type": error.reason, "wideload.dataset": dataset}
            )
            self._counters.add("wideload_beacons_rejected", 1, error.reason, dataset)
            if error.reason == "key_rate":
                self._floods.add(scope["path"].encode(), dataset, error)
            retry = RETRY if error.status in (429, 503) else []
            await _respond(send, error.status, [_JSON, *cors, *retry], orjson.dumps(error.as_json()))
        else:
            span.set_attributes({"http.response.status_code": status, "wideload.dataset": dataset})
            await _respond(send, status, [_JSON, *cors], answer)

    def _find(self, scope: Scope) -> tuple[str, Dataset, Origins]:
        if scope["method"] != "POST":
            raise RequestError(405, "bad_method", "Send beacons with POST.")
        key = self._key(scope["path"])
        found = self._by_key.get(key)
        if found is None:
            raise RequestError(404, "unknown_site_key", f"The site key {key[:64]!r} is not known here; `wideload keys` lists them.")
        site, origins, end = found
        if self._clock() >= end:
            raise RequestError(
                410, "site_key_ended", f"The site key {key} has ended; `wideload keys tag` prints tags with its successor."
            )
        return key, site, origins

    def _admit(self, scope: Scope, headers: Headers, key: str, site: Dataset, origins: Origins) -> None:
        shown = headers.get(b"origin", b"").decode("latin-1")
        if not origins.allows(shown):
            text = f"Pages of {shown[:200]} may not send to this dataset; add the origin to its allowed_origins."
            raise RequestError(403, "origin_not_allowed", text)
        client = scope.get("client")
        address = self._countries.sender(client[0] if client else "", headers.get(b"x-forwarded-for", b"").decode("latin-1"))
        # A proxy that names no client speaks for everybody, as programs of this machine speak for their owner.
        is_limited = address and not self._countries.is_trusted(address)
        self._send_limits.admit_beacon(site, key, client_prefix(address) if is_limited else b"")

    def _key(self, path: str) -> str:
        prefix = next(prefix for prefix in self.prefixes if path.startswith(prefix))
        return path[len(prefix) :]

    async def _accept(self, scope: Scope, headers: Headers, site: Dataset, body: bytes) -> tuple[int, bytes]:
        dataset = site.name
        beacon = decode_beacon(body, self._limits)
        signed = self._synthetic.screen(beacon, dataset)
        self._ledger.rejected(dataset, (rejection.reason for rejection in beacon.rejected))
        if not beacon.events:
            self._counters.add("wideload_beacons_rejected", 1, "no_good_event", dataset)
            return 400, _answer(beacon, "no_good_event", "None of the events could be accepted; `rejected` says why.")
        privacy, told = self._privacy[dataset], wishes(headers.get(b"sec-gpc"), headers.get(b"dnt"))
        self._drop(beacon.events, privacy, told, dataset)
        if not beacon.events:
            return 202, _answer(beacon)
        self._admit_events(site, len(beacon.events))
        facts = self._facts(scope, headers, dataset)
        received_at = int(self._clock() * 1000)
        budget = Budget()
        for event in beacon.events:
            # The names that count are those without secrets.
            privacy.clean(event, told, budget)
            self._names.trim(event, site)
            enrich(event, facts, beacon.sent_at, received_at)
            if event["id"] in signed:
                # So every question that leaves robots out leaves checks out, and coarse ones are answered from rollups as before.
                event["user_agent.is_bot"] = True
        payloads = [orjson.dumps(event) for event in beacon.events]
        try:
            if self._share_spool:
                self._shares.admit(site)
            await self._keep(payloads, dataset, beacon.events)
        except EventTooLarge as error:
            self._ledger.rejected(dataset, ["event_too_large"] * len(beacon.events))
            raise RequestError(413, "event_too_large", f"The events cannot be kept: {error}.") from error
        except DatasetFull as error:
            raise self._unavailable("dataset_spool_full", error, dataset, len(beacon.events)) from error
        except SpoolFull as error:
            raise self._unavailable("spool_full", error, dataset, len(beacon.events)) from error
        except SpoolError as error:
            raise self._unavailable("spool_error", error, dataset, len(beacon.events)) from error
        self._shares.add(dataset, len(payloads), sum(map(len, payloads)))
        return 202, _ACCEPTED_ONE if len(beacon.events) == 1 and not beacon.rejected else _answer(beacon)

    async def _keep(self, payloads: list[bytes], dataset: str, events: list[Event]) -> None:
        with self._tracing.child("spool.commit", {"wideload.events": len(payloads)}) as span:
            if span.is_recording():
                # Before they are there: the loader may be quick.
                self._tracing.trail.add(span.get_span_context(), (event["id"] for event in events))
            await self._spool.append(payloads, dataset)

    def _admit_events(self, site: Dataset, count: int) -> None:
        try:
            self._send_limits.admit_events(site, count)
        except RequestError as error:
            self._ledger.rejected(site.name, [error.reason] * count)
            raise

    def _drop(self, events: list[Event], privacy: Privacy, told: Event, dataset: str) -> None:
        """Forget the events that their visitor does not want to be kept. Browsers must not send them again, so it is no refusal."""
        reasons = [privacy.refuses(event, told) for event in events]
        events[:] = [event for event, reason in zip(events, reasons, strict=True) if not reason]
        self._ledger.rejected(dataset, filter(None, reasons))

    def _unavailable(self, reason: str, error: SpoolError, dataset: str, events: int) -> RequestError:
        self._ledger.rejected(dataset, [reason] * events)
        return RequestError(503, reason, f"The events could not be kept: {error}. Send them again in a moment.")

    def _facts(self, scope: Scope, headers: Headers, dataset: str) -> Event:
        def text(name: bytes) -> str:
            # The answers are kept by these texts, so they must not be large.
            return headers.get(name, b"")[:_MAX_HINT].decode("latin-1")

        facts = describe(
            Hints(
                text(b"user-agent"),
                text(b"sec-ch-ua"),
                text(b"sec-ch-ua-mobile"),
                text(b"sec-ch-ua-platform"),
                text(b"sec-ch-ua-platform-version"),
                text(b"sec-ch-ua-model"),
            )
        )
        facts = {**facts, "dataset": dataset}
        client = scope.get("client")
        country = self._countries.country(client[0] if client else "", headers.get(b"x-forwarded-for", b"").decode("latin-1"))
        if country:
            facts["geo.country.iso_code"] = country
        return facts


def _answer(beacon: Beacon, reason: str = "", message: str = "") -> bytes:
    rejected = [{"index": r.index, "field": r.field, "error": r.error} for r in beacon.rejected]
    body: dict[str, Any] = {"accepted": len(beacon.events), "rejected": rejected}
    if reason:
        body |= RequestError(400, reason, message).as_json()
    return orjson.dumps(body)


async def _respond(send: Send, status: int, headers: list[tuple[bytes, bytes]], body: bytes) -> None:
    headers.append((b"content-length", b"%d" % len(body)))
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
