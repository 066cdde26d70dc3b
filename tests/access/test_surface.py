"""Who gets past the middleware, by which credential."""

from __future__ import annotations

import sqlite3
import stat
from pathlib import Path
from typing import Any

import pytest

from collector.access.bootstrap import admin_token
from collector.access.sessions import SESSION_SECONDS

TOKEN = "a-token-of-some-length"


def test_nothing_private_is_shown_without_a_credential(setup: Any) -> None:
    program, person = setup.client.get("/api/x"), setup.client.get("/", headers={"accept": "text/html"})

    assert (program.status_code, program.json()["error"]["reason"]) == (401, "unauthenticated")
    assert (person.status_code, person.headers["location"]) == (303, "/login")
    assert setup.client.get("/healthz").text == "secret"
    assert setup.refusals() == {("unauthenticated",): 2}


@pytest.mark.parametrize("header", ["Bearer wrong", "Basic " + TOKEN, TOKEN, "Bearer", "Bearer \u00e9", "Bearer wl_" + "x" * 40])
def test_a_wrong_bearer_token_is_refused(setup: Any, header: str) -> None:
    assert setup.client.get("/api/x", headers={"authorization": header.encode("latin-1")}).status_code == 401


def test_the_admin_token_opens_everything(setup: Any) -> None:
    assert setup.client.post("/api/x", headers={"authorization": "Bearer " + TOKEN}).text == "secret"


def test_a_wrong_token_is_not_helped_by_a_session(setup: Any) -> None:
    setup.client.get(setup.access.login_link())

    assert setup.client.get("/api/x", headers={"authorization": "Bearer wrong"}).status_code == 401
    assert setup.client.get("/api/x", headers={"authorization": "Basic YTpi"}).status_code == 200, "a proxy's own password"


def test_an_api_token_works_until_it_is_revoked_or_expires(setup: Any) -> None:
    made, short = setup.access.tokens.create("ci", "read"), setup.access.tokens.create("short", "read", seconds=60)

    def ask(token: str) -> Any:
        return setup.client.get("/api/x", headers={"authorization": f"Bearer {token}"})

    assert ask(made).status_code == ask(short).status_code == 200
    setup.now += 61
    setup.access.tokens.revoke("ci")
    assert (ask(made).status_code, ask(short).status_code) == (401, 401)
    assert "The token short has expired" in ask(short).json()["error"]["message"]


@pytest.mark.parametrize("cookie", ["", "x", "9999999999.", "9999999999.00", "9999999999.\u00e9", ".", "a" * 5000])
def test_a_forged_session_is_refused(setup: Any, cookie: str) -> None:
    assert setup.client.get("/api/x", headers={"cookie": f"wideload_8080={cookie}".encode("latin-1")}).status_code == 401


def test_a_session_ends_in_time_and_by_signing_out(setup: Any) -> None:
    setup.client.get(setup.access.login_link())
    setup.now += SESSION_SECONDS + 1
    assert setup.client.get("/api/x").status_code == 401

    signed_in = setup.client.get(setup.access.login_link())
    kept = signed_in.headers["set-cookie"].split(";")[0]
    setup.client.post("/logout", headers={"sec-fetch-site": "same-origin"})
    assert setup.client.get("/api/x").status_code == 401
    assert setup.browser().get("/api/x", headers={"cookie": kept}).status_code == 401, "whoever kept the cookie is out, too"


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"sec-fetch-site": "same-origin"}, 200),
        ({"sec-fetch-site": "cross-site"}, 403),
        ({"sec-fetch-site": "same-site"}, 403),
        ({"origin": "http://localhost:8080"}, 200),
        ({"origin": "http://localhost:9090"}, 403),
        ({"origin": "https://evil.test"}, 403),
        ({"origin": "null"}, 403),
        ({}, 403),
    ],
)
def test_a_session_can_only_be_used_for_changes_by_our_own_pages(setup: Any, headers: dict[str, str], status: int) -> None:
    setup.client.get(setup.access.login_link())

    assert setup.client.post("/api/x", headers=headers).status_code == status


def test_a_new_admin_token_ends_the_sessions_of_the_old_one(setup: Any, tmp_path: Path) -> None:
    setup.access.users.add("anna", "correct horse battery", {})
    cookies = [
        setup.browser().get(setup.access.login_link()).headers["set-cookie"].split(";")[0],
        setup.sign_in(username="anna", password="correct horse battery").headers["set-cookie"].split(";")[0],
    ]
    setup.access.close()
    again = type(setup)(tmp_path, "another-token-entirely")

    assert [again.browser().get("/api/x", headers={"cookie": cookie}).status_code for cookie in cookies] == [401, 200]


def test_what_another_room_logs_says_who_and_from_where(setup: Any) -> None:
    token = setup.access.tokens.create("ops", "admin", ["shop"])
    answer = setup.client.post("/api/erase", headers={"authorization": f"Bearer {token}", "x-forwarded-for": "203.0.113.7"})

    (line,) = setup.access.log.lines()
    assert answer.text == "done"
    assert (line.who, line.action, line.target) == ("token ops", "erase", "dataset shop")
    assert (line.address, line.result) == ("203.0.113.0/24", "312 rows")


def test_who_lacks_the_role_everywhere_does_not_reach_the_endpoint(setup: Any) -> None:
    token = setup.access.tokens.create("ci", "write-config")
    answer = setup.client.post("/api/erase", headers={"authorization": f"Bearer {token}"})

    assert (answer.status_code, setup.access.log.lines()) == (403, [])
    assert answer.json()["error"]["message"] == "This needs the role admin on a dataset, and token ci has it on none: ask an admin."
    assert setup.refusals() == {("forbidden",): 1}


def test_a_file_that_cannot_be_written_keeps_no_token_out_and_says_why_nobody_signs_in(setup: Any, tmp_path: Path) -> None:
    setup.access.users.add("anna", "correct horse battery", {})
    token = setup.access.tokens.create("ci", "read")
    other = sqlite3.connect(tmp_path / "access.sqlite3", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    asked = setup.client.get("/api/x", headers={"authorization": f"Bearer {token}"})
    erased = setup.client.post("/api/erase", headers={"authorization": f"Bearer {TOKEN}"})
    signed_in = setup.sign_in(username="anna", password="correct horse battery")
    other.close()

    assert asked.status_code == 200
    assert (erased.status_code, erased.json()["error"]["reason"]) == (503, "access_unavailable")
    assert (signed_in.status_code, signed_in.headers["retry-after"]) == (503, "5")
    assert "Nobody can sign in at the moment." in signed_in.text
    assert setup.sign_in(username="anna", password="correct horse battery").status_code == 303


def test_a_broken_file_lets_nobody_in(setup: Any) -> None:
    setup.client.get(setup.access.login_link())
    setup.access._db._db.execute("ALTER TABLE sessions RENAME TO gone")
    answer = setup.client.get("/api/x")

    assert (answer.status_code, answer.json()["error"]["reason"]) == (503, "access_unavailable")
    assert "sqlite" not in answer.text
    assert setup.refusals() == {("access_unavailable",): 1}


def test_a_token_is_made_once_and_only_its_owner_can_read_it(tmp_path: Path) -> None:
    made = admin_token("", tmp_path)

    assert len(made) >= 32
    assert admin_token("", tmp_path) == made
    assert stat.S_IMODE((tmp_path / "admin-token").stat().st_mode) == 0o600
    assert admin_token("configured", tmp_path) == "configured"


def test_only_its_owner_can_read_the_file_of_users(setup: Any, tmp_path: Path) -> None:
    setup.client.get(setup.access.login_link())

    files = [path for path in tmp_path.iterdir() if path.name.startswith("access.sqlite3")]
    assert len(files) == 3, "the file, its log and the log's index"
    assert {stat.S_IMODE(path.stat().st_mode) for path in files} == {0o600}


def test_no_credential_can_be_read_from_the_files(setup: Any, tmp_path: Path) -> None:
    setup.access.users.add("anna", "correct horse battery", {})
    token = setup.access.tokens.create("ci", "read")
    cookie = setup.sign_in(username="anna", password="correct horse battery").headers["set-cookie"].split(";")[0].split("=")[1]

    kept = b"".join(path.read_bytes() for path in tmp_path.iterdir())

    assert b"anna" in kept
    assert not any(secret.encode() in kept for secret in ("correct horse", token[9:], cookie))
