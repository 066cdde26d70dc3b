"""Checks credentials: the bearer token of programs, the one-time link and the session cookie of people.

The cookie is a time of expiry signed with a key that is derived from the admin token, so it survives a restart and dies with the
token.
"""

from __future__ import annotations

import hashlib
import hmac
import os
import secrets
import time
from collections.abc import Callable
from http.cookies import CookieError, SimpleCookie
from pathlib import Path
from typing import Final

from starlette.datastructures import Headers
from starlette.responses import Response

SESSION_SECONDS: Final = 30 * 86_400
TOKEN_FILE: Final = "admin-token"


def admin_token(configured: str, data_dir: Path) -> str:
    """Return the configured admin token, or the one that is kept in the data folder (made at the first start)."""
    if configured:
        return configured
    path = data_dir / TOKEN_FILE
    if not path.exists():
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w") as file:
            file.write(secrets.token_urlsafe(32))
    return path.read_text().strip()


class Access:
    """Checks credentials.

    Args:
        token: the admin token.
        cookie_name: one a port, as browsers share cookies among the ports of a host.
        secure: the viewer is reached by HTTPS only.
        clock: epoch seconds.
    """

    def __init__(self, token: str, cookie_name: str, *, secure: bool, clock: Callable[[], float] = time.time) -> None:
        self._token = token.encode()
        self._key = hashlib.sha256(b"wideload session " + self._token).digest()
        self._links: set[str] = set()
        self._cookie_name, self._secure, self._clock = cookie_name, secure, clock

    def login_link(self) -> str:
        """Return a path that signs in whoever opens it first."""
        link = secrets.token_urlsafe(24)
        self._links.add(link)
        return f"/login?token={link}"

    def is_allowed(self, headers: Headers) -> bool:
        """Whether a request carries the bearer token or a valid session."""
        return self.has_bearer(headers) or self._is_valid(self._cookie(headers))

    def has_bearer(self, headers: Headers) -> bool:
        """Whether a request carries the admin token."""
        scheme, _, given = headers.get("authorization", "").partition(" ")
        return scheme.lower() == "bearer" and hmac.compare_digest(given.strip().encode(), self._token)

    def accept(self, given: str) -> bool:
        """Whether a text is an unused link (which is used up now) or the admin token."""
        if given in self._links:
            self._links.discard(given)
            return True
        return hmac.compare_digest(given.encode(), self._token)

    def sign_in(self, response: Response) -> Response:
        """Add a new session to a response."""
        expires = str(int(self._clock()) + SESSION_SECONDS)
        self._set(response, f"{expires}.{self._sign(expires)}", SESSION_SECONDS)
        return response

    def sign_out(self, response: Response) -> Response:
        """Remove the session."""
        self._set(response, "", 0)
        return response

    def _set(self, response: Response, value: str, seconds: int) -> None:
        response.set_cookie(self._cookie_name, value, max_age=seconds, httponly=True, secure=self._secure, samesite="lax")

    def _cookie(self, headers: Headers) -> str:
        try:
            morsel = SimpleCookie(headers.get("cookie", "")).get(self._cookie_name)
        except CookieError:
            return ""
        return morsel.value if morsel else ""

    def _is_valid(self, cookie: str) -> bool:
        expires, _, signature = cookie.partition(".")
        if not hmac.compare_digest(signature.encode(), self._sign(expires).encode()):
            return False
        return int(expires) > self._clock()

    def _sign(self, text: str) -> str:
        return hmac.new(self._key, text.encode(), hashlib.sha256).hexdigest()
