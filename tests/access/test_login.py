"""Signing in and out by the page."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from argon2 import PasswordHasher, extract_parameters

from collector.errors import AccessError

TOKEN = "a-token-of-some-length"
PASSWORD = "correct horse battery"


@pytest.fixture
def anna(setup: Any) -> Any:
    setup.access.users.add("anna", PASSWORD, {})
    return setup


def test_a_login_link_works_once_and_leaves_a_session(setup: Any) -> None:
    link = setup.access.login_link()
    looked_at, first = setup.client.head(link), setup.client.get(link)

    assert (looked_at.status_code, first.status_code, first.headers["location"]) == (200, 303, "/")
    assert "HttpOnly" in first.headers["set-cookie"]
    assert "SameSite=lax" in first.headers["set-cookie"]
    assert setup.client.get("/api/x").text == "secret"
    assert setup.browser().get(link).status_code == 401


def test_a_cookie_for_https_never_travels_without_it_nor_to_or_from_a_neighbour(tmp_path: Path, setup: Any) -> None:
    secure = type(setup)(tmp_path / "other", secure=True)
    cookie = secure.client.get(secure.access.login_link()).headers["set-cookie"]

    assert cookie.startswith("__Host-wideload_8080=")
    assert "Secure" in cookie and "Path=/" in cookie and "domain" not in cookie.lower()
    assert secure.client.get("/api/x").text == "secret"


def test_a_copied_link_is_shown_after_signing_in(setup: Any) -> None:
    refused = setup.client.get("/?view=page-view&id=a%26b", headers={"accept": "text/html"})
    form = setup.client.get(refused.headers["location"])
    signed_in = setup.sign_in(token=TOKEN, next="/?view=page-view&id=a%26b")

    assert 'name="next" value="/?view=page-view&amp;id=a%26b"' in form.text
    assert signed_in.headers["location"] == "/?view=page-view&id=a%26b"


@pytest.mark.parametrize(
    "wanted", ["//evil.test", "https://evil.test", "/\\evil.test", "javascript:alert(1)", "/a b", '/"><script>', ""]
)
def test_signing_in_never_leads_to_another_site(setup: Any, wanted: str) -> None:
    form = setup.client.get("/login", params={"next": wanted})
    location = setup.sign_in(token=TOKEN, next=wanted).headers["location"]

    assert "<script" not in form.text
    assert location.startswith("/") and not location.startswith(("//", "/\\"))


def test_the_admin_token_signs_in_by_the_form_and_never_by_a_link(setup: Any) -> None:
    assert setup.client.get("/login", params={"token": TOKEN}).status_code == 401
    assert setup.sign_in(token=TOKEN).status_code == 303
    assert setup.client.get("/api/me").json()["user"] == {"kind": "admin-token", "name": "admin token", "roles": {"*": "admin"}}


def test_an_api_token_signs_in_until_it_is_revoked(setup: Any) -> None:
    made = setup.access.tokens.create("ci", "read", ["shop"])
    setup.sign_in(token=made)

    assert setup.client.get("/api/me").json()["datasets"] == ["shop"]
    setup.access.tokens.revoke("ci")
    assert setup.client.get("/api/me").status_code == 401


def test_a_user_signs_in_with_a_password(anna: Any) -> None:
    first, form = anna.client.get("/login"), anna.sign_in(username=" Anna ", password=PASSWORD)

    assert 'name="username"' in first.text and 'class="users"' in first.text
    assert form.status_code == 303
    assert anna.client.get("/api/me").json() == {
        "version": "1", "datasets": [], "user": {"kind": "user", "name": "anna", "roles": {}},
    }  # fmt: skip


@pytest.mark.parametrize(
    "form",
    [
        {"token": "wrong"},
        {"token": ""},
        {},
        {"token": "x" * 10_000},
        {"username": "anna", "password": ""},
        {"username": "anna", "password": "wrong"},
        {"username": "anna", "password": PASSWORD + " "},
        {"username": "nobody", "password": PASSWORD},
        {"username": "\ud800".encode("utf-8", "surrogatepass").decode("latin-1"), "password": "\0"},
    ],
)
def test_anything_else_shows_the_form_again(anna: Any, form: dict[str, str]) -> None:
    answer = anna.sign_in(**form)

    assert answer.status_code in (200, 401, 413)
    assert "<form" in answer.text
    assert "set-cookie" not in answer.headers


@pytest.mark.parametrize("headers", [{"sec-fetch-site": "cross-site"}, {"origin": "https://evil.test"}, {}])
def test_another_sites_page_cannot_sign_somebody_in(anna: Any, headers: dict[str, str]) -> None:
    answer = anna.client.post("/login", data={"username": "anna", "password": PASSWORD}, headers=headers)

    assert answer.status_code == 403
    assert "set-cookie" not in answer.headers


def test_a_session_that_somebody_planted_is_not_the_one_that_is_begun(anna: Any) -> None:
    planted = anna.browser().get(anna.access.login_link()).headers["set-cookie"].split(";")[0].split("=")[1]
    victim = anna.browser()
    victim.cookies.set("wideload_8080", planted)
    begun = anna.sign_in(victim, username="anna", password=PASSWORD).headers["set-cookie"]

    assert planted not in begun
    assert anna.browser().get("/api/x", headers={"cookie": f"wideload_8080={planted}"}).status_code == 401


def test_signing_out_everywhere_ends_the_sessions_of_one_user(anna: Any) -> None:
    here, there, admin = anna.browser(), anna.browser(), anna.browser()
    anna.sign_in(here, username="anna", password=PASSWORD)
    anna.sign_in(there, username="anna", password=PASSWORD)
    admin.get(anna.access.login_link())
    here.post("/logout?everywhere", headers={"sec-fetch-site": "same-origin"})

    assert [browser.get("/api/x").status_code for browser in (here, there, admin)] == [401, 401, 200]


@pytest.mark.parametrize("change", [lambda users: users.remove("anna"), lambda users: users.set_password("anna", "x" * 12)])
def test_a_removal_and_a_new_password_end_all_sessions(anna: Any, change: Any) -> None:
    anna.sign_in(username="anna", password=PASSWORD)
    change(anna.access.users)

    assert anna.client.get("/api/x").status_code == 401


def test_a_password_that_changes_while_it_is_checked_begins_no_session(anna: Any) -> None:
    checked = anna.access.use_password("anna", PASSWORD)
    anna.access.users.set_password("anna", "another password")

    with pytest.raises(AccessError, match="password of anna was changed a moment ago"):
        anna.access.sessions.begin(checked, 60)


def test_a_user_changes_the_password_and_stays_signed_in_here_alone(anna: Any) -> None:
    here, there, own = anna.browser(), anna.browser(), {"sec-fetch-site": "same-origin"}
    anna.sign_in(here, username="anna", password=PASSWORD)
    anna.sign_in(there, username="anna", password=PASSWORD)

    wrong = here.post("/api/me/password", json={"current": "wrong", "new": "another password"}, headers=own)
    short = here.post("/api/me/password", json={"current": PASSWORD, "new": "short"}, headers=own)
    done = here.post("/api/me/password", json={"current": PASSWORD, "new": "another password"}, headers=own)

    assert [answer.status_code for answer in (wrong, short, done)] == [400, 400, 204]
    assert (here.get("/api/x").status_code, there.get("/api/x").status_code) == (200, 401)
    assert anna.sign_in(anna.browser(), username="anna", password="another password").status_code == 303


@pytest.mark.parametrize("body", [b"", b"{}", b"[]", b'{"current": 1, "new": "x"}', b'"' + b"x" * 9000])
def test_a_bad_body_changes_no_password(anna: Any, body: bytes) -> None:
    anna.sign_in(username="anna", password=PASSWORD)

    assert anna.client.post("/api/me/password", content=body, headers={"sec-fetch-site": "same-origin"}).status_code in (400, 413)


# --- Guessing ------------------------------------------------------------------------------------------------------


def test_an_account_is_guessed_slowly_from_wherever(anna: Any) -> None:
    def guess(n: int, password: str = "wrong") -> Any:
        return anna.sign_in(anna.browser(), {"x-forwarded-for": f"198.51.{n}.1"}, username="anna", password=password)

    statuses = [guess(n).status_code for n in range(5)]
    throttled = guess(9, PASSWORD)
    anna.now += 61

    assert statuses == [401, 401, 401, 429, 429]
    assert throttled.status_code == 429 and 0 < int(throttled.headers["retry-after"]) <= 60
    assert "Try again in" in throttled.text
    assert guess(10, PASSWORD).status_code == 303
    assert anna.refusals("wideload_sign_ins")["password", "throttled"] == 3


def test_a_network_guesses_slowly_whatever_it_guesses(anna: Any) -> None:
    def guess(n: int, network: str) -> int:
        headers = {"x-forwarded-for": f"{network}.{n}"}
        return int(anna.sign_in(anna.browser(), headers, username=f"user{n}", password="wrong").status_code)

    statuses = [guess(n, "203.0.113") for n in range(8)]

    assert statuses == [401] * 6 + [429] * 2
    assert guess(1, "203.0.114") == 401


def test_a_crowd_waits_for_its_turn_only_so_long(anna: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("collector.access.login._WAITING", 0)
    answer = anna.sign_in(username="anna", password=PASSWORD)

    assert (answer.status_code, answer.headers["retry-after"]) == (429, "2")


def test_being_right_costs_nothing(anna: Any) -> None:
    statuses = {anna.sign_in(anna.browser(), username="anna", password=PASSWORD).status_code for _ in range(8)}

    assert statuses == {303}


def test_a_guess_costs_as_much_whether_there_is_such_a_user(anna: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    costs, verify = [], PasswordHasher.verify
    monkeypatch.setattr(PasswordHasher, "verify", lambda *args: costs.append(extract_parameters(args[1])) or verify(*args))
    anna.sign_in(username="anna", password="wrong")
    anna.sign_in(username="nobody", password="wrong")

    assert len(costs) == 2 and costs[0] == costs[1]


def test_who_tries_to_sign_in_is_in_the_audit_log(anna: Any) -> None:
    anna.sign_in(headers={"x-forwarded-for": "203.0.113.77"}, username="anna", password="wrong")
    anna.sign_in(username="anna", password=PASSWORD)
    anna.client.post("/logout", headers={"sec-fetch-site": "same-origin"})

    lines = [(line.who, line.action, line.target, line.address, line.result) for line in anna.access.log.lines()]
    assert lines == [
        ("anna", "sign-out", "here", "127.0.0.0/24", "ok"),
        ("anna", "sign-in", "by password", "127.0.0.0/24", "ok"),
        ("anna", "sign-in", "by password", "203.0.113.0/24", "refused"),
    ]


def test_while_the_admin_token_is_rotated_both_are_good_and_sessions_of_both(setup: Any, tmp_path: Path) -> None:
    assert setup.sign_in(token=TOKEN).status_code == 303
    cookies, begin = setup.client.cookies, type(setup)

    for rotated, old in (
        (begin(tmp_path, "the-new-admin-token", previous=TOKEN), 200),
        (begin(tmp_path, "the-new-admin-token"), 401),
    ):
        answers = {token: rotated.client.get("/api/x", headers={"authorization": f"Bearer {token}"}).status_code
                   for token in (TOKEN, "the-new-admin-token")}  # fmt: skip
        assert answers == {TOKEN: old, "the-new-admin-token": 200}
        rotated.client.cookies = cookies
        assert rotated.client.get("/api/x").status_code == old
