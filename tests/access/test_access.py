"""Who may use the private surface."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route
from starlette.testclient import TestClient

from collector.access import SESSION_SECONDS, Access, PrivateSurface, admin_token, login_endpoints

TOKEN = "a-token-of-some-length"


class Setup:
    def __init__(self) -> None:
        self.now = 1_000_000.0
        self.access = Access(TOKEN, "wideload_8080", secure=False, clock=lambda: self.now)
        login, logout = login_endpoints(self.access)

        async def secret(_: Request) -> PlainTextResponse:
            return PlainTextResponse("secret")

        routes = [
            Route("/login", login, methods=["GET", "POST"]),
            Route("/logout", logout, methods=["POST"]),
            Route("/api/x", secret, methods=["GET", "POST"]),
            Route("/", secret),
            Route("/healthz", secret),
        ]
        app = Starlette(routes=routes, middleware=[Middleware(PrivateSurface, access=self.access)])
        self.client = TestClient(app, base_url="http://localhost:8080", follow_redirects=False)


@pytest.fixture
def setup() -> Setup:
    return Setup()


def test_nothing_private_is_shown_without_a_credential(setup: Setup) -> None:
    program, person = setup.client.get("/api/x"), setup.client.get("/", headers={"accept": "text/html"})

    assert (program.status_code, program.json()["error"]["reason"]) == (401, "unauthenticated")
    assert (person.status_code, person.headers["location"]) == (303, "/login")
    assert setup.client.get("/healthz").text == "secret"


@pytest.mark.parametrize("header", ["Bearer wrong", "Basic " + TOKEN, TOKEN, "Bearer", "Bearer \u00e9"])
def test_a_wrong_bearer_token_is_refused(setup: Setup, header: str) -> None:
    assert setup.client.get("/api/x", headers={"authorization": header.encode("latin-1")}).status_code == 401


def test_the_bearer_token_opens_everything(setup: Setup) -> None:
    assert setup.client.post("/api/x", headers={"authorization": "Bearer " + TOKEN}).text == "secret"


def test_a_login_link_works_once_and_leaves_a_session(setup: Setup) -> None:
    link = setup.access.login_link()
    first = setup.client.get(link)

    assert (first.status_code, first.headers["location"]) == (303, "/")
    assert "HttpOnly" in first.headers["set-cookie"]
    assert "SameSite=lax" in first.headers["set-cookie"]
    assert setup.client.get("/api/x").text == "secret"
    assert setup.client.get(link).status_code == 401


def test_a_copied_link_is_shown_after_signing_in(setup: Setup) -> None:
    refused = setup.client.get("/?view=page-view&id=a%26b", headers={"accept": "text/html"})
    form = setup.client.get(refused.headers["location"])
    signed_in = setup.client.post("/login", data={"token": TOKEN, "next": "/?view=page-view&id=a%26b"})

    assert 'name="next" value="/?view=page-view&amp;id=a%26b"' in form.text
    assert signed_in.headers["location"] == "/?view=page-view&id=a%26b"


@pytest.mark.parametrize(
    "wanted", ["//evil.test", "https://evil.test", "/\\evil.test", "javascript:alert(1)", "/a b", '/"><script>', ""]
)
def test_signing_in_never_leads_to_another_site(setup: Setup, wanted: str) -> None:
    form = setup.client.get("/login", params={"next": wanted})
    location = setup.client.post("/login", data={"token": TOKEN, "next": wanted}).headers["location"]

    assert "<script" not in form.text
    assert location.startswith("/") and not location.startswith(("//", "/\\"))


def test_the_token_signs_in_by_the_form(setup: Setup) -> None:
    assert setup.client.post("/login", data={"token": TOKEN}).status_code == 303
    assert setup.client.get("/api/x").text == "secret"


@pytest.mark.parametrize("form", [{"token": "wrong"}, {"token": ""}, {}, {"token": "x" * 10_000}])
def test_anything_else_shows_the_form_again(setup: Setup, form: dict[str, str]) -> None:
    answer = setup.client.post("/login", data=form)

    assert "<form" in answer.text
    assert "set-cookie" not in answer.headers


def test_a_session_ends_in_time_and_by_signing_out(setup: Setup) -> None:
    setup.client.get(setup.access.login_link())
    setup.now += SESSION_SECONDS + 1
    assert setup.client.get("/api/x").status_code == 401

    setup.client.get(setup.access.login_link())
    setup.client.post("/logout", headers={"sec-fetch-site": "same-origin"})
    assert setup.client.get("/api/x").status_code == 401


@pytest.mark.parametrize("cookie", ["", "x", "9999999999.", "9999999999.00", "9999999999.\u00e9", ".", "a" * 5000])
def test_a_forged_session_is_refused(setup: Setup, cookie: str) -> None:
    assert setup.client.get("/api/x", headers={"cookie": f"wideload_8080={cookie}".encode("latin-1")}).status_code == 401


def test_a_new_token_ends_all_sessions() -> None:
    first, second = Setup(), Setup()
    second.access = Access("another-token-entirely", "wideload_8080", secure=False)
    cookie = first.client.get(first.access.login_link()).headers["set-cookie"].split(";")[0].split("=", 1)[1]

    assert first.access._is_valid(cookie)
    assert not second.access._is_valid(cookie)


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"sec-fetch-site": "same-origin"}, 200),
        ({"sec-fetch-site": "cross-site"}, 403),
        ({"sec-fetch-site": "same-site"}, 403),
        ({"origin": "http://localhost:8080"}, 200),
        ({"origin": "http://localhost:9090"}, 403),
        ({"origin": "https://evil.test"}, 403),
        ({}, 403),
    ],
)
def test_a_session_can_only_be_used_for_changes_by_our_own_pages(setup: Setup, headers: dict[str, str], status: int) -> None:
    setup.client.get(setup.access.login_link())

    assert setup.client.post("/api/x", headers=headers).status_code == status


def test_a_token_is_made_once_and_only_its_owner_can_read_it(tmp_path: Path) -> None:
    made = admin_token("", tmp_path)

    assert len(made) >= 32
    assert admin_token("", tmp_path) == made
    assert stat.S_IMODE((tmp_path / "admin-token").stat().st_mode) == 0o600
    assert admin_token("configured", tmp_path) == "configured"
