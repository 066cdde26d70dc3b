"""Notices a caller who goes away."""

from __future__ import annotations

from starlette.requests import Request


async def gone(request: Request) -> None:
    """Return when the caller goes away; the body has been read before."""
    while (await request.receive())["type"] != "http.disconnect":
        pass
