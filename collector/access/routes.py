"""Builds what this room needs of the settings, and its routes."""

from __future__ import annotations

from starlette.routing import BaseRoute

from collector.access.account import account_routes
from collector.access.bootstrap import admin_token
from collector.access.credentials import Access
from collector.access.login import Login, logout_route
from collector.access.page import LoginPage
from collector.config import Settings
from collector.telemetry import Counters


def open_access(settings: Settings) -> Access:
    """Open the file of users and tokens. Raises AccessError."""
    token = admin_token(settings.admin_token, settings.data_dir)
    secure = (settings.private_url or settings.public_url).startswith("https://")
    return Access(token, settings.data_dir, f"wideload_{settings.port}", secure=secure, trusted_proxies=settings.trusted_proxies,
                  previous=settings.previous_admin_token)  # fmt: skip


def access_routes(
    settings: Settings, access: Access, counters: Counters, base: str, version: str
) -> tuple[list[BaseRoute], list[BaseRoute]]:
    """Return the public routes and the private ones.

    Args:
        settings: all of them.
        access: see `open_access`.
        counters: count attempts.
        base: the address under which people reach the collector.
        version: the collector's.
    """
    login = Login(access, counters, LoginPage(sso=bool(settings.oidc.oidc_issuer)))
    public = login.routes()
    if settings.oidc.oidc_issuer:
        # What it needs is slow to import.
        from collector.access.sso import SingleSignOn

        public += SingleSignOn(settings.oidc, base, access, login).routes()
    about = {"version": version, "demo": settings.is_demo}
    return public, [*account_routes(access, login, settings.datasets, about), logout_route(access)]
