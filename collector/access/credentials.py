"""Checks credentials: the bearer token of programs, the session cookie of people, and what a session can be begun with."""

from __future__ import annotations

import hashlib
import hmac
import secrets
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

from starlette.datastructures import Headers
from starlette.requests import cookie_parser
from starlette.responses import Response

from collector.access.audit import AuditLog
from collector.access.clients import Clients
from collector.access.database import Database
from collector.access.identity import ADMIN_OF_ALL, Identity
from collector.access.sessions import SESSION_SECONDS, SSO_SECONDS, Session, Sessions
from collector.access.tokens import Tokens
from collector.access.users import Users

#: How long a request may wait for a command that changes the file: the event loop waits with it.
BUSY_SECONDS: Final = 0.5
_ADMIN: Final = Identity("admin-token", "admin token", ADMIN_OF_ALL)


def bearer(headers: Headers) -> str | None:
    """Return the bearer token that a request carries."""
    scheme, _, given = headers.get("authorization", "").partition(" ")
    return given.strip() if scheme.lower() == "bearer" else None


class Access:
    """Everything there is to know about credentials.

    Args:
        token: the admin token.
        data_dir: where the file of users and tokens is.
        cookie_name: one a port, as browsers share cookies among the ports of a host.
        secure: the viewer is reached by HTTPS only.
        trusted_proxies: see `Clients`.
        clock: epoch seconds.
        previous: the admin token before it, which is good, too; empty where there is none.

    Raises:
        AccessError: the file of users and tokens cannot be used.
    """

    def __init__(
        self,
        token: str,
        data_dir: Path,
        cookie_name: str,
        *,
        secure: bool,
        trusted_proxies: Sequence[str] = (),
        clock: Callable[[], float] = time.time,
        previous: str = "",
    ) -> None:
        self._db = Database(data_dir, BUSY_SECONDS)
        self.users, self.tokens = Users(self._db, clock), Tokens(self._db, clock)
        self.sessions, self.log = Sessions(self._db, clock), AuditLog(self._db, clock)
        self.clients = Clients(trusted_proxies)
        tokens, self._key = [one for one in (token, previous) if one], self._db.key("sessions")
        self._admin_tokens = [one.encode() for one in tokens]
        # Sessions that were begun with the admin token die with it.
        self._prints, self._sso_print = [self._fingerprint(one) for one in tokens], ""
        self._links: set[str] = set()
        # Browsers take a cookie of this prefix only from this very host, over HTTPS: no neighbour's page can plant one.
        self.cookie_name = f"__Host-{cookie_name}" if secure else cookie_name
        self.secure, self.clock = secure, clock

    def close(self) -> None:
        """Close the file."""
        self._db.close()

    def sign_in_key(self) -> bytes:
        """Return the key for what a browser keeps while it signs in elsewhere. Nothing that somebody chose is in it."""
        return self._db.key("sign-in")

    def trust_sso(self, terms: str) -> str:
        """Believe the sessions that were begun on these terms, and return what the subjects of these sessions begin with."""
        self._sso_print = self._fingerprint(terms)
        return self._sso_print

    def login_link(self) -> str:
        """Return a path that signs in whoever opens it first."""
        link = secrets.token_urlsafe(24)
        self._links.add(link)
        return f"/login?token={link}"

    def use_link(self, given: str) -> Session | None:
        """Return an admin's session for a link that was not used before."""
        if given not in self._links:
            return None
        self._links.discard(given)
        return self._admin_session()

    def use_token(self, given: str) -> Session | None:
        """Return the session for the admin token or an API token. Raises RequestError (401): it has expired."""
        if self._is_admin_token(given):
            return self._admin_session()
        identity = self.tokens.identify(given)
        return Session("token", identity.name, identity.name, {}) if identity else None

    def use_password(self, name: str, password: str) -> Session | None:
        """Return the session of the user with this password. Takes a tenth of a second and 64 MiB."""
        proof = self.users.verify(name, password)
        return Session("user", name, name, {}, proof) if proof else None

    def identify(self, headers: Headers) -> Identity | None:
        """Return who sends a request, by the bearer token or else by the session. Raises RequestError (401): it has expired."""
        given = bearer(headers)
        if given is not None:
            return _ADMIN if self._is_admin_token(given) else self.tokens.identify(given)
        session = self.session_of(headers)
        return self.identity(session) if session else None

    def session_of(self, headers: Headers) -> Session | None:
        """Return the session that a request's cookie names."""
        cookie = self._cookie(headers)
        return self.sessions.find(cookie) if cookie else None

    def sign_in(self, headers: Headers, response: Response, session: Session) -> Response:
        """Add a new session to a response. The one that the request came with is over: nobody else may know its cookie."""
        self._end(headers)
        seconds = SSO_SECONDS if session.kind == "sso" else SESSION_SECONDS
        return self._set(response, self.sessions.begin(session, seconds), seconds)

    def sign_out(self, headers: Headers, response: Response, *, everywhere: bool = False) -> Response:
        """End the session that a request came with, or all of its owner's."""
        session = self.session_of(headers)
        if everywhere and session:
            self.sessions.end_all(session.kind, session.subject)
        self._end(headers)
        return self._set(response, "", 0)

    def _fingerprint(self, text: str) -> str:
        return hmac.new(self._key, text.encode(), hashlib.sha256).hexdigest()[:32]

    def _admin_session(self) -> Session:
        return Session("admin-token", self._prints[0], _ADMIN.name, {})

    def _is_admin_token(self, given: str) -> bool:
        shown = given.encode("utf-8", "surrogateescape")
        return any(hmac.compare_digest(shown, token) for token in self._admin_tokens)

    def identity(self, session: Session) -> Identity | None:
        """Return whose session it is, and what they may do now; None if what it was begun with is worth nothing any more."""
        if session.kind == "user":
            return Identity("user", session.name, self.users.grants(session.subject))
        if session.kind == "token":
            return self.tokens.named(session.subject)
        if session.kind == "sso":
            is_trusted = session.subject.partition(" ")[0] == self._sso_print
            return Identity("sso", session.name, session.grants) if is_trusted else None
        return _ADMIN if session.subject in self._prints else None

    def _end(self, headers: Headers) -> None:
        if cookie := self._cookie(headers):
            self.sessions.end(cookie)

    def _set(self, response: Response, value: str, seconds: int) -> Response:
        response.set_cookie(self.cookie_name, value, max_age=seconds, httponly=True, secure=self.secure, samesite="lax")
        return response

    def _cookie(self, headers: Headers) -> str:
        return cookie_parser(headers.get("cookie", "")).get(self.cookie_name, "")
