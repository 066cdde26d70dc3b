"""Endpoints out of handlers: JSON out, and every error in the one shape."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from typing import Final

import orjson
from starlette.requests import Request
from starlette.responses import Response

from collector.errors import RequestError, StoreError, StoreQueryError, StoreQueryStopped
from collector.query import timing
from collector.query.refusals import refusal, unavailable
from collector.store.base import Limits

log = logging.getLogger(__name__)

_RETRY_SECONDS: Final = "2"
#: What proxies log for a caller that has gone away.
_GONE: Final = 499
Endpoint = Callable[[Request], Awaitable[Response]]


def answering(handler: Callable[[Request], Awaitable[bytes]], limits: Limits | None = None) -> Endpoint:
    """Make an endpoint of a handler that returns JSON. Errors name the `limits` of its statements, where these are settings."""

    async def answer(request: Request) -> Response:
        return Response(await handler(request), media_type="application/json")

    return responding(answer, limits)


def responding(handler: Endpoint, limits: Limits | None = None) -> Endpoint:
    """Make an endpoint of a handler that returns a response of its own."""

    async def endpoint(request: Request) -> Response:
        try:
            with timing.timed() as parts:
                response = await handler(request)
            if told := timing.header(parts):
                response.headers.setdefault("server-timing", told)
            return response
        except RequestError as error:
            return refuse(error)
        except StoreQueryStopped:
            # Nobody reads it.
            return Response(status_code=_GONE)
        except StoreError as error:
            return refuse(explain(error, limits))

    return endpoint


def explain(error: StoreError, limits: Limits | None = None) -> RequestError:
    """Return what an error of the store is to the caller, and leave a line in the log."""
    if isinstance(error, StoreQueryError):
        log.info("The store refused a query: %s", error.message, extra={"code": error.code})
        return refusal(error, limits)
    log.warning("A question found the store unavailable: %s", error.message, extra={"code": error.code})
    return unavailable(error)


def refuse(error: RequestError) -> Response:
    """Return the answer that an error becomes."""
    headers = {"retry-after": _RETRY_SECONDS} if error.status == 503 else None
    return Response(orjson.dumps(error.as_json()), error.status, headers, "application/json")


async def gone(request: Request) -> None:
    """Return when the caller goes away; the body has been read before."""
    while (await request.receive())["type"] != "http.disconnect":
        pass
