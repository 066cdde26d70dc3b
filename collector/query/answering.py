"""Endpoints out of handlers: JSON out, and every error in the one shape."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from typing import Final

import orjson
from starlette.requests import Request
from starlette.responses import Response

from collector.errors import RequestError, StoreQueryError, StoreUnavailable
from collector.query.refusals import refusal, unavailable

log = logging.getLogger(__name__)

_RETRY_SECONDS: Final = "2"
Endpoint = Callable[[Request], Awaitable[Response]]


def answering(handler: Callable[[Request], Awaitable[bytes]]) -> Endpoint:
    """Make an endpoint of a handler that returns JSON."""

    async def answer(request: Request) -> Response:
        return Response(await handler(request), media_type="application/json")

    return responding(answer)


def responding(handler: Endpoint) -> Endpoint:
    """Make an endpoint of a handler that returns a response of its own."""

    async def endpoint(request: Request) -> Response:
        try:
            return await handler(request)
        except RequestError as error:
            return refuse(error)
        except StoreQueryError as error:
            log.info("The store refused a query: %s", error.message)
            return refuse(refusal(error))
        except StoreUnavailable as error:
            log.warning("A question found the store unavailable: %s", error.message)
            return refuse(unavailable(error))

    return endpoint


def refuse(error: RequestError) -> Response:
    """Return the answer that an error becomes."""
    headers = {"retry-after": _RETRY_SECONDS} if error.status == 503 else None
    return Response(orjson.dumps(error.as_json()), error.status, headers, "application/json")
