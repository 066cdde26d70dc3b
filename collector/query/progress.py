"""Answers that come in steps: one JSON text a line (`application/x-ndjson`), the last one whole."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from typing import Final

import orjson
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from collector.errors import RequestError, StoreError, StoreQueryStopped

MEDIA_TYPE: Final = "application/x-ndjson"


def wants_steps(request: Request) -> bool:
    """Whether the caller takes an answer in steps."""
    accepted = request.headers.get("accept", "").split(",")
    return any(one.partition(";")[0].strip().lower() == MEDIA_TYPE for one in accepted)


class Steps(Response):
    """Sends each step as it comes. What goes wrong after the first is a last line with the error.

    Args:
        first: a step that is there already: what goes wrong before it is an answer of its own.
        others: the steps after it.
        refusal: makes an error of ours the caller's.
    """

    media_type = MEDIA_TYPE

    def __init__(self, first: bytes, others: AsyncIterator[bytes], refusal: Callable[[StoreError], RequestError]) -> None:
        super().__init__()
        del self.headers["content-length"]
        self._first, self._others, self._refusal = first, others, refusal

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send all of them."""
        await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
        await send({"type": "http.response.body", "body": self._first + b"\n", "more_body": True})
        try:
            async for step in self._others:
                await send({"type": "http.response.body", "body": step + b"\n", "more_body": True})
        except StoreQueryStopped:
            # Nobody reads it.
            return
        except (RequestError, StoreError) as error:
            shown = (error if isinstance(error, RequestError) else self._refusal(error)).as_json()
            await send({"type": "http.response.body", "body": orjson.dumps(shown) + b"\n", "more_body": True})
        await send({"type": "http.response.body", "body": b""})
