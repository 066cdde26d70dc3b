"""The viewer's page, and in it what its script would ask first: who is signed in, which dashboards there are, the one to show.

A question costs a slow network a round trip, and each of these would wait for the one before. They travel as JSON that nothing
runs; where something is missing, the script asks for it and says what is wrong.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from typing import Any, Final

import orjson
from starlette.requests import Request
from starlette.responses import Response

from collector.access.identity import Identity, Role
from collector.access.private import SIGNED_IN, PrivateRoute, identity_of
from collector.dashboards.routes import Dashboards
from collector.errors import RequestError
from collector.web import STATIC

#: What the viewer shows without `?view=`.
_DEFAULT_VIEW: Final = "overview"
_END: Final = b"</body>"


def viewer_routes(describe: Callable[[Identity], dict[str, Any]], dashboards: Dashboards) -> list[PrivateRoute]:
    """Return the page.

    Args:
        describe: says who somebody is, as `/api/me` does.
        dashboards: finds what is to be shown.
    """
    before, end, after = (STATIC / "viewer" / "index.html").read_bytes().partition(_END)

    async def page(request: Request) -> Response:
        identity = identity_of(request)
        known = {"me": describe(identity), **await _dashboards(identity, request.query_params.get("view") or _DEFAULT_VIEW)}
        body = before + _inert(known) + end + after
        etag = f'"{hashlib.sha256(body).hexdigest()[:24]}"'
        headers = {"cache-control": "private, no-cache", "etag": etag}
        if etag in request.headers.get("if-none-match", ""):
            return Response(status_code=304, headers=headers)
        return Response(body, media_type="text/html", headers=headers)

    async def _dashboards(identity: Identity, view: str) -> dict[str, Any]:
        known: dict[str, Any] = {}
        try:
            known["dashboards"] = await dashboards.entries(identity)
            known["dashboard"], _ = await dashboards.of(identity, view, Role.VIEWER)
        except RequestError:
            # The view is no dashboard, or none that they may see; or the file of dashboards cannot be read.
            pass
        return known

    return [PrivateRoute("/", page, SIGNED_IN)]


def _inert(known: dict[str, Any]) -> bytes:
    """Return a block of data, which no text in it can end."""
    return b'<script type="application/json" id="known">' + orjson.dumps(known).replace(b"<", b"\\u003c") + b"</script>\n  "
