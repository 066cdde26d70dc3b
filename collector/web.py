"""Files for browsers: the beacon, the viewer, the sign-in page, a schema and the demo site; and the headers that keep them safe."""

from __future__ import annotations

import asyncio
import hashlib
import mimetypes
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import orjson
from starlette.datastructures import MutableHeaders
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from collector.checks.files.schema import SCHEMA as CHECK_SCHEMA
from collector.config import Settings
from collector.errors import SettingsError

PACKAGE: Final = Path(__file__).parent
STATIC: Final = PACKAGE / "static"
PAGES: Final = PACKAGE / "pages"
DEMO_SITE: Final = PACKAGE / "demo" / "site"
DEFINITIONS: Final = STATIC / "definitions"
STATUS_SCHEMA: Final = PACKAGE / "status" / "schema.json"
ALERT_SCHEMAS: Final = PACKAGE / "alerts" / "files"
DASHBOARD_SCHEMA: Final = STATIC / "schemas" / "dashboard.json"

#: No inline script or style, nothing from elsewhere, no text that becomes markup.
VIEWER_POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; font-src 'self'; "
    "form-action 'self'; frame-ancestors 'none'; base-uri 'none'; require-trusted-types-for 'script'"
)
DEMO_POLICY: Final = "default-src 'self'; frame-ancestors 'none'; base-uri 'none'"
SAFE_HEADERS: Final = {
    "content-security-policy": VIEWER_POLICY,
    "x-content-type-options": "nosniff",
    "referrer-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
}
#: For the script that other sites embed; a CORS header makes Subresource Integrity work there.
_SCRIPT_HEADERS: Final = {
    "access-control-allow-origin": "*",
    "cross-origin-resource-policy": "cross-origin",
    "timing-allow-origin": "*",
}
_IMMUTABLE: Final = "public, max-age=31536000, immutable"
#: Long enough to spare a visitor's second page the question, short enough for a fix to arrive.
_SHORT: Final = "public, max-age=600, stale-while-revalidate=86400"
_ENCODINGS: Final = (("br", ".br"), ("gzip", ".gz"))
MAX_SLOW_MS: Final = 5000
#: The script of the tag that people paste; the manifest may have others.
DEFAULT_SCRIPT: Final = "beacon.js"


@dataclass(frozen=True)
class Asset:
    """A file in memory with its compressed twins.

    Args:
        media_type: its Content-Type.
        bodies: (bytes, ETag) by content encoding; `identity` is always there.
        headers: further headers.
    """

    media_type: str
    bodies: Mapping[str, tuple[bytes, str]]
    headers: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def load(cls, path: Path, headers: Mapping[str, str]) -> Asset:
        """Read a file, and its `.br` and `.gz` twins if they are there."""
        bodies = {"identity": _tagged(path.read_bytes())}
        for encoding, suffix in _ENCODINGS:
            twin = path.with_name(path.name + suffix)
            if twin.exists():
                bodies[encoding] = _tagged(twin.read_bytes())
        media_type = mimetypes.guess_type(path.name)[0] or "application/octet-stream"
        if media_type.startswith(("text/", "application/javascript")):
            media_type += "; charset=utf-8"
        return cls(media_type, bodies, headers)

    def respond(self, request: Request) -> Response:
        """Answer with the best encoding, or 304."""
        encoding = _best_encoding(request.headers.get("accept-encoding", ""), self.bodies)
        body, etag = self.bodies[encoding]
        headers = {**self.headers, "etag": etag, "vary": "Accept-Encoding"}
        if etag in request.headers.get("if-none-match", ""):
            return Response(status_code=304, headers=headers)
        if encoding != "identity":
            headers["content-encoding"] = encoding
        return Response(body, media_type=self.media_type, headers=headers)


def _tagged(body: bytes) -> tuple[bytes, str]:
    return body, f'"{hashlib.sha256(body).hexdigest()[:24]}"'


def _best_encoding(accepted: str, bodies: Mapping[str, object]) -> str:
    offers = {}
    for part in accepted.lower().split(","):
        name, _, parameters = part.strip().partition(";")
        offers[name.strip()] = parameters.replace(" ", "") not in ("q=0", "q=0.0", "q=0.00", "q=0.000")
    return next((encoding for encoding, _ in _ENCODINGS if offers.get(encoding) and encoding in bodies), "identity")


def base_url(settings: Settings) -> str:
    """Return the address under which pages reach the collector, and people, too, unless they have one of their own."""
    host = f"[{settings.host}]" if ":" in settings.host else settings.host
    return settings.public_url or f"http://{host}:{settings.port}"


def people_url(settings: Settings) -> str:
    """Return the address under which people reach the viewer."""
    own = f"http://{settings.process.private_listen}" if settings.process.private_listen else ""
    return settings.private_url or own or base_url(settings)


def beacon_manifest() -> dict[str, Any]:
    """Return what the build says of the beacon: its version, and of each file hash, integrity and sizes.

    Raises:
        SettingsError: it was not built.
    """
    path = STATIC / "beacon" / "manifest.json"
    if not path.exists():
        raise SettingsError(["The beacon and the viewer are not built: run `make build` in the checkout."])
    manifest: dict[str, Any] = orjson.loads(path.read_bytes())
    return manifest


def hashed(path: str, digest: str) -> str:
    """Return the name of a script's immutable twin, which Subresource Integrity can rely on: `/w.js` → `/w.<hash>.js`."""
    return f"{path.removesuffix('.js')}.{digest}.js"


def beacon_routes(script_path: str) -> list[BaseRoute]:
    """Return each built script under its own name and one like `script_path` (`/w.js`, `/w.full.js`), and the immutable twins."""
    routes: list[BaseRoute] = []
    for name, facts in beacon_manifest()["files"].items():
        file = STATIC / "beacon" / name
        short = Asset.load(file, {**_SCRIPT_HEADERS, "cache-control": _SHORT})
        immutable = Asset.load(file, {**_SCRIPT_HEADERS, "cache-control": _IMMUTABLE})
        neutral = script_path.removesuffix(".js") + name.removeprefix(DEFAULT_SCRIPT.removesuffix(".js"))
        for path in (f"/{name}", neutral):
            routes += [_asset_route(path, short), _asset_route(hashed(path, facts["hash"]), immutable)]
    return routes


def viewer_assets() -> list[BaseRoute]:
    """Return what the viewer's page loads, without any data: public, as who holds a link to a dashboard needs it, too."""
    found = sorted(path for path in (STATIC / "viewer" / "assets").iterdir() if path.suffix not in (".br", ".gz"))
    return [_asset_route(f"/assets/{path.name}", Asset.load(path, {"cache-control": _IMMUTABLE})) for path in found]


def share_page(frame_ancestors: Sequence[str]) -> Callable[[Request], Response]:
    """Return what answers with the viewer's page for a shared dashboard, which pages of some origins may show in a frame."""
    policy = VIEWER_POLICY
    if frame_ancestors:
        policy = policy.replace("frame-ancestors 'none'", f"frame-ancestors {' '.join(frame_ancestors)}")
    asset = Asset.load(STATIC / "viewer" / "index.html", {"content-security-policy": policy})

    def respond(request: Request) -> Response:
        return asset.respond(request)

    return respond


def schema_routes() -> list[BaseRoute]:
    """Return the published JSON Schemas of files that people write, for editors on any machine."""
    headers = {"access-control-allow-origin": "*", "cross-origin-resource-policy": "cross-origin", "cache-control": _SHORT}
    checks = Asset("application/json", {"identity": _tagged(orjson.dumps(CHECK_SCHEMA, option=orjson.OPT_INDENT_2))}, headers)
    found = {"dashboard": Asset.load(DASHBOARD_SCHEMA, headers), "check": checks}
    found["status"] = Asset.load(STATUS_SCHEMA, headers)
    found |= {name: Asset.load(ALERT_SCHEMAS / f"{name}.json", headers) for name in ("alert", "channels")}
    return [_asset_route(f"/schemas/{name}.json", asset) for name, asset in found.items()]


def page_routes() -> list[BaseRoute]:
    """Return the files beside the sign-in page."""
    headers = {"cache-control": "public, max-age=3600"}
    return [_asset_route(f"/{name}", Asset.load(PAGES / name, headers)) for name in ("login.css", "favicon.svg")]


def page_asset(name: str) -> Callable[[Request], Awaitable[Response]]:
    """Return an endpoint that serves a file of `pages/`."""
    return _serving(Asset.load(PAGES / name, {"cache-control": "no-cache"}))


def _asset_route(path: str, asset: Asset) -> Route:
    return Route(path, _serving(asset))


def _serving(asset: Asset) -> Callable[[Request], Awaitable[Response]]:
    async def endpoint(request: Request) -> Response:
        return asset.respond(request)

    return endpoint


def demo_routes() -> list[BaseRoute]:
    """Return the demo site: static pages, and an image that takes as long as it is told."""
    hero = Asset.load(DEMO_SITE / "hero.svg", {"cache-control": "no-store", "content-security-policy": DEMO_POLICY})

    async def slow_hero(request: Request) -> Response:
        wanted = request.query_params.get("ms", "0")
        await asyncio.sleep(min(int(wanted) if wanted.isdigit() else 0, MAX_SLOW_MS) / 1000)
        return hero.respond(request)

    return [Route("/demo/slow/hero.svg", slow_hero), Mount("/demo", _DemoFiles(directory=DEMO_SITE, html=True))]


class _DemoFiles(StaticFiles):
    async def get_response(self, path: str, scope: Scope) -> Response:
        response = await super().get_response(path, scope)
        response.headers["content-security-policy"] = DEMO_POLICY
        # A page that says no-store can't come back from the back-forward cache; no-cache can, and is never stale.
        response.headers["cache-control"] = "no-cache"
        return response


class SafeHeadersMiddleware:
    """ASGI middleware: adds `SAFE_HEADERS` where an answer has not set its own, and keeps API answers out of caches."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def send_safely(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in SAFE_HEADERS.items():
                    headers.setdefault(name, value)
                headers.setdefault("cache-control", "no-store")
            await send(message)

        await self._app(scope, receive, send_safely)
