"""Reads what the small forms of this room send: little, and soon."""

from __future__ import annotations

import asyncio
from typing import Final

from starlette.requests import ClientDisconnect, Request

from collector.errors import RequestError

MAX_BYTES: Final = 4096
_SECONDS: Final = 10


async def read_body(request: Request) -> bytes:
    """Return a body. Raises RequestError: it is too large, too slow or broken off."""
    body = bytearray()
    try:
        async with asyncio.timeout(_SECONDS):
            async for chunk in request.stream():
                body += chunk
                if len(body) > MAX_BYTES:
                    raise RequestError(413, "body_too_large", f"The body is larger than {MAX_BYTES} bytes.")
    except TimeoutError:
        raise RequestError(408, "body_too_slow", f"The body took longer than {_SECONDS} s.") from None
    except ClientDisconnect:
        raise RequestError(400, "body_incomplete", "The connection was closed before the body was complete.") from None
    return bytes(body)
