"""A private surface of two routes, with everything that guards a real one."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from argon2 import PasswordHasher
from argon2.profiles import CHEAPEST
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route
from starlette.testclient import TestClient

from collector.access import passwords
from collector.access.account import account_routes
from collector.access.attempts import Attempts
from collector.access.credentials import Access
from collector.access.identity import Role
from collector.access.login import Login, logout_route
from collector.access.page import LoginPage
from collector.access.private import SIGNED_IN, PrivateRoute, audit, identity_of, on_dataset
from collector.access.surface import PrivateSurface
from collector.access.throttle import Throttle
from collector.telemetry import Counters

TOKEN = "a-token-of-some-length"
PASSWORD = "correct horse battery"
OWN = {"sec-fetch-site": "same-origin"}


class Setup:
    """A surface over a data folder.

    Args:
        folder: the data folder.
        token: the admin token.
        secure: as behind HTTPS.
        previous: the admin token before it.
    """

    def __init__(self, folder: Path, token: str = TOKEN, *, secure: bool = False, previous: str = "") -> None:
        self.now = 1_000_000.0
        trusted = ("127.0.0.1",)
        self.access = Access(token, folder, "wideload_8080", secure=secure, trusted_proxies=trusted, clock=self.clock,
                             previous=previous)  # fmt: skip
        self.counters = Counters()
        attempts = Attempts(Throttle(3, 60, self.clock), Throttle(6, 10, self.clock), Throttle(100, 1, self.clock))
        login = Login(self.access, self.counters, LoginPage(sso=False), attempts)

        async def secret(_: Request) -> PlainTextResponse:
            return PlainTextResponse("secret")

        async def erase(request: Request) -> PlainTextResponse:
            identity_of(request).require(Role.ADMIN, "shop")
            audit(request, "erase", "dataset shop", "312 rows")
            return PlainTextResponse("done")

        routes = [
            *login.routes(),
            logout_route(self.access),
            *account_routes(self.access, login, ["shop", "blog"], {"version": "1"}),
            PrivateRoute("/api/x", secret, SIGNED_IN, methods=["GET", "POST"]),
            PrivateRoute("/", secret, SIGNED_IN),
            PrivateRoute("/api/erase", erase, on_dataset(Role.ADMIN), methods=["POST"]),
            Route("/healthz", secret),
        ]
        guard = Middleware(PrivateSurface, access=self.access, counters=self.counters)
        scheme = "https" if secure else "http"
        self._app, self._base = Starlette(routes=routes, middleware=[guard]), f"{scheme}://localhost:8080"
        self.client = self.browser()

    def clock(self) -> float:
        return self.now

    def browser(self) -> TestClient:
        """Return another browser, without cookies."""
        return TestClient(self._app, base_url=self._base, follow_redirects=False, client=("127.0.0.1", 5000))

    def sign_in(self, client: TestClient | None = None, headers: dict[str, str] | None = None, **form: str) -> Any:
        """Send the form as our own page does."""
        return (client or self.client).post("/login", data=form, headers=OWN | (headers or {}))

    def refusals(self, name: str = "wideload_private_refusals") -> dict[tuple[str, ...], int]:
        return dict(self.counters.items(name))


@pytest.fixture(autouse=True)
def cheap_passwords(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Make hashes that cost a millisecond; what they cost else is tested with the hashes themselves."""
    monkeypatch.setattr(passwords, "_HASHER", PasswordHasher.from_parameters(CHEAPEST))
    passwords._nobodys.cache_clear()
    yield
    passwords._nobodys.cache_clear()


@pytest.fixture
def setup(tmp_path: Path) -> Setup:
    return Setup(tmp_path)
