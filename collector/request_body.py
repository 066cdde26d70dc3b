"""Reads the body of a request to the private surface: bounded in size and time. Beacons have a reader of their own."""

from __future__ import annotations

import asyncio
from typing import Final

from starlette.requests import ClientDisconnect, Request

from collector.errors import RequestError

#: How long a body may take.
SECONDS: Final = 10.0


async def read_body(request: Request, most_bytes: int, seconds: float = SECONDS) -> bytes:
    """Return a body. Raises RequestError: it is too large (413), too slow (408) or broken off (400)."""
    body = bytearray()
    try:
        async with asyncio.timeout(seconds):
            async for chunk in request.stream():
                body += chunk
                if len(body) > most_bytes:
                    raise RequestError(413, "body_too_large", f"The body is larger than {most_bytes} bytes.")
    except TimeoutError:
        raise RequestError(408, "body_too_slow", f"The body took longer than {seconds:g} s.") from None
    except ClientDisconnect:
        raise RequestError(400, "body_incomplete", "The connection was closed before the body was complete.") from None
    return bytes(body)
