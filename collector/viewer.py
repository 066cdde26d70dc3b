"""The viewer's page, and in it what its script would ask first: who is signed in, which dashboards there are, the one to show.

A question costs a slow network a round trip, and each of these would wait for the one before. They travel as JSON that nothing
runs; where something is missing, the script asks for it and says what is wrong.
"""

from __future__ import annotations

import hashlib
import html
from collections.abc import Callable
from typing import Any, Final

import orjson
from starlette.requests import Request
from starlette.responses import Response

from collector.access.identity import Identity, Role
from collector.access.private import SIGNED_IN, PrivateRoute, identity_of
from collector.dashboards.routes import Dashboards
from collector.errors import RequestError
from collector.web import DEFAULT_SCRIPT, STATIC

#: What the viewer shows without `?view=`.
_DEFAULT_VIEW: Final = "overview"
_OTHER_VIEWS: Final = ("explore", "page-views", "page-view")
#: `service.name` of the viewer's own page views.
SERVICE: Final = "wideload-viewer"
_END: Final = b"</body>"


def viewer_routes(
    describe: Callable[[Identity], dict[str, Any]], dashboards: Dashboards, site_key: str = "", version: str = ""
) -> list[PrivateRoute]:
    """Return the page.

    Args:
        describe: says who somebody is, as `/api/me` does.
        dashboards: finds what is to be shown.
        site_key: where the page reports how it is for its readers; empty for nowhere.
        version: the collector's, which is the page's release then.
    """
    before, end, after = (STATIC / "viewer" / "index.html").read_bytes().partition(_END)

    async def page(request: Request) -> Response:
        identity, view = identity_of(request), request.query_params.get("view") or _DEFAULT_VIEW
        known = {"me": describe(identity), **await _dashboards(identity, view)}
        beacon = _beacon(site_key, version, _route(view, known.get("dashboards", []))) if site_key else b""
        body = before + _inert(known) + beacon + end + after
        etag = f'"{hashlib.sha256(body).hexdigest()[:24]}"'
        headers = {"cache-control": "private, no-cache", "etag": etag}
        if etag in request.headers.get("if-none-match", ""):
            return Response(status_code=304, headers=headers)
        return Response(body, media_type="text/html", headers=headers)

    async def _dashboards(identity: Identity, view: str) -> dict[str, Any]:
        known: dict[str, Any] = {}
        try:
            known["dashboards"] = await dashboards.entries(identity)
            definition, changed = await dashboards.of(identity, view, Role.VIEWER)
            # Whoever changes it says which version they had; a prebuilt one has none.
            known["dashboard"] = {**definition, "version": changed} if changed else definition
        except RequestError:
            # The view is no dashboard, or none that they may see; or the file of dashboards cannot be read.
            pass
        return known

    return [PrivateRoute("/", page, SIGNED_IN)]


def _route(view: str, entries: list[dict[str, Any]]) -> str:
    """Return what the page is named by: no name that its readers have given."""
    prebuilt = [entry["id"] for entry in entries if entry["origin"] == "prebuilt"]
    return f"/{view}" if view in (*prebuilt, *_OTHER_VIEWS) else "/own"


def _beacon(site_key: str, version: str, route: str) -> bytes:
    """Return the tag of the beacon. The page's own path is one for all views, and its parameters hold what readers ask."""
    named = {"key": site_key, "service": SERVICE, "release": version, "route": route}
    data = " ".join(f'data-{name}="{html.escape(value)}"' for name, value in named.items())
    return f'<script async src="/{DEFAULT_SCRIPT}" fetchpriority="low" {data}></script>\n  '.encode()


def _inert(known: dict[str, Any]) -> bytes:
    """Return a block of data, which no text in it can end."""
    return b'<script type="application/json" id="known">' + orjson.dumps(known).replace(b"<", b"\\u003c") + b"</script>\n  "
