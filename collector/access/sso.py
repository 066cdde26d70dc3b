"""Single sign-on: the authorization code flow of OpenID Connect, with PKCE, state and nonce.

https://openid.net/specs/openid-connect-core-1_0.html#CodeFlowAuth

What is remembered of a sign-in that is on its way travels in a signed cookie, so that any worker can finish it, and so that only
the browser that began it can.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import Any, Final

import httpx2
from authlib.integrations.base_client import OAuthError
from authlib.integrations.starlette_client import StarletteIntegration, StarletteOAuth2App
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import OctKey
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from collector import casts
from collector.access.credentials import Access
from collector.access.login import Login
from collector.access.page import own_path
from collector.access.rules import grants_of, name_of
from collector.access.sessions import Session
from collector.config import OidcSettings

log = logging.getLogger(__name__)

CALLBACK: Final = "/login/sso/callback"
_SECONDS: Final = 600
_PAUSE_SECONDS: Final = 2.0
_TIMEOUT: Final = httpx2.Timeout(10, connect=3)
#: Signatures that only the provider can make: neither `none` nor one with a secret that we know as well.
_ALGORITHMS: Final = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "Ed25519", "EdDSA")
_AGAIN: Final = "The sign-in took too long, or was begun elsewhere. Try again."


class ProviderError(Exception):
    """The provider does not do what it should; the message is a sentence for the log."""


@dataclass(frozen=True, slots=True)
class _Begun:
    """A sign-in that is on its way."""

    state: str
    nonce: str
    code_verifier: str
    wanted: str


class SingleSignOn:
    """The endpoints.

    Args:
        settings: the provider, and who gets which role.
        base: the address under which people reach the collector.
        access, login: begin the sessions.
    """

    def __init__(self, settings: OidcSettings, base: str, access: Access, login: Login) -> None:
        self._issuer, self._redirect = settings.oidc_issuer, base + CALLBACK
        self._rules = [casts.oidc_rule(text) for text in settings.oidc_rules]
        self._access, self._login = access, login
        # With another provider or other rules, people have to sign in again.
        self._print = access.trust_sso(repr(settings))
        self._key = OctKey.import_key(access.sign_in_key())
        self._cookie = f"{access.cookie_name}_sso"
        self._asks_again_at = 0.0
        # At its debug level it writes secrets to the log.
        logging.getLogger("authlib").setLevel("INFO")
        self._provider = StarletteOAuth2App(
            StarletteIntegration("provider"),
            client_id=settings.oidc_client_id,
            client_secret=settings.oidc_client_secret or None,
            server_metadata_url=f"{self._issuer}/.well-known/openid-configuration",
            client_kwargs={"scope": settings.oidc_scopes, "code_challenge_method": "S256", "timeout": _TIMEOUT},
        )

    def routes(self) -> list[BaseRoute]:
        """Return the public routes."""
        return [Route("/login/sso", self._begin), Route(CALLBACK, self._finish)]

    async def _begin(self, request: Request) -> Response:
        try:
            await self._load_metadata()
            made = await self._provider.create_authorization_url(self._redirect)
        except (httpx2.HTTPError, ValueError, ProviderError) as error:
            return self._unavailable(request, error)
        wanted = own_path(request.query_params.get("next", ""))
        response = RedirectResponse(made["url"], 303)
        return self._remember(response, _Begun(made["state"], made["nonce"], made["code_verifier"], wanted))

    async def _finish(self, request: Request) -> Response:
        begun, given = self._recall(request), request.query_params
        if begun is None or given.get("state") != begun.state or given.get("iss", self._issuer).rstrip("/") != self._issuer:
            return self._forget(self._login.refuse(request, "sso", "somebody", "/", _AGAIN))
        try:
            if "error" in given:
                raise OAuthError(given["error"], given.get("error_description"))
            claims = await self._claims(given.get("code", ""), begun)
        except (httpx2.HTTPError, ProviderError) as error:
            return self._forget(self._unavailable(request, error))
        except (OAuthError, JoseError, ValueError) as error:
            log.warning("The provider %s did not sign somebody in: %s", self._issuer, str(error)[:300])
            text = "The provider did not sign you in. The collector’s log says why."
            return self._forget(self._login.refuse(request, "sso", "somebody", begun.wanted, text))
        name, grants = name_of(claims), grants_of(claims, self._rules)
        if not grants:
            text = f"You are {name} for the provider, but that gives you no role here: ask an admin."
            return self._forget(self._login.refuse(request, "sso", name, begun.wanted, text))
        session = Session("sso", f"{self._print} {claims['sub']}", name, grants)
        # Names can be chosen and change hands; a subject is one person for ever.
        return self._forget(self._login.welcome(request, "sso", session, begun.wanted, f", subject {claims['sub']}"))

    async def _claims(self, code: str, begun: _Begun) -> dict[str, Any]:
        """Return what the provider says of somebody: the ID token, which is checked, and what else it tells of the same person."""
        metadata = await self._load_metadata()
        token = await self._provider.fetch_access_token(self._redirect, code=code, code_verifier=begun.code_verifier)
        options = {
            "iss": {"essential": True, "value": metadata["issuer"]},
            "aud": {"essential": True, "value": self._provider.client_id},
            "nonce": {"essential": True, "value": begun.nonce},
        }
        claims = await self._provider.parse_id_token(token, begun.nonce, options)
        if claims is None:
            raise ProviderError("It sent no ID token: does oidc_scopes have openid?")
        more = await self._provider.userinfo(token=token) if "userinfo_endpoint" in metadata else {}
        if more and more.get("sub") != claims["sub"]:
            raise ProviderError("Its user information is of somebody else than its ID token.")
        return {**more, **claims}

    async def _load_metadata(self) -> dict[str, Any]:
        if self._access.clock() < self._asks_again_at:
            raise ProviderError("It could not be asked a moment ago.")
        try:
            metadata: dict[str, Any] = await self._provider.load_server_metadata()
        except (httpx2.HTTPError, ValueError):
            # A crowd at the door does not become one at the provider's.
            self._asks_again_at = self._access.clock() + _PAUSE_SECONDS
            raise
        if str(metadata.get("issuer", "")).rstrip("/") != self._issuer:
            self._provider.server_metadata.clear()
            raise ProviderError(f"It says that it is {metadata.get('issuer')!r}, which is not oidc_issuer.")
        offered = metadata.get("id_token_signing_alg_values_supported") or []
        metadata["id_token_signing_alg_values_supported"] = [name for name in offered if name in _ALGORITHMS] or ["RS256"]
        ways = metadata.get("token_endpoint_auth_methods_supported") or []
        if self._provider.client_secret and "client_secret_post" in ways and "client_secret_basic" not in ways:
            self._provider.client_kwargs["token_endpoint_auth_method"] = "client_secret_post"
        return metadata

    def _unavailable(self, request: Request, error: Exception) -> Response:
        log.warning("The provider %s cannot be used: %s", self._issuer, str(error)[:300] or type(error).__name__)
        return self._login.refuse(
            request, "sso", "somebody", "/", "The provider cannot be used now. The collector’s log says why.", 502
        )

    def _remember(self, response: Response, begun: _Begun) -> Response:
        claims = {"state": begun.state, "nonce": begun.nonce, "verifier": begun.code_verifier, "next": begun.wanted,
                  "exp": int(self._access.clock()) + _SECONDS}  # fmt: skip
        response.set_cookie(self._cookie, jwt.encode({"alg": "HS256"}, claims, self._key), max_age=_SECONDS, httponly=True,
                            secure=self._access.secure, samesite="lax")  # fmt: skip
        return response

    def _recall(self, request: Request) -> _Begun | None:
        try:
            claims = jwt.decode(request.cookies.get(self._cookie, ""), self._key, ["HS256"]).claims
        except (JoseError, ValueError):
            return None
        if claims["exp"] <= self._access.clock():
            return None
        return _Begun(claims["state"], claims["nonce"], claims["verifier"], claims["next"])

    def _forget(self, response: Response) -> Response:
        response.delete_cookie(self._cookie, httponly=True, secure=self._access.secure, samesite="lax")
        return response
