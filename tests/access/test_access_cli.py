"""`wideload users`, `tokens` and `audit`: what is typed, what is printed, and what a running collector then does."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from bench.running import Running, free_port
from collector.access.database import Database
from collector.access.sessions import Session, Sessions
from collector.cli import main

Run = Callable[..., Result]
PASSWORD = "correct horse battery"


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Run `wideload` with these arguments, in an empty folder with two datasets, on an address that all can reach."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "w.toml").write_text('[datasets.shop]\nsite_keys = ["k"]\n[datasets.blog]\n')
    monkeypatch.setenv("WIDELOAD_CONFIG", str(tmp_path / "w.toml"))
    monkeypatch.setenv("WIDELOAD_LISTEN", f"0.0.0.0:{free_port()}")

    def invoke(*args: str, input: str | None = None) -> Result:
        return CliRunner().invoke(main, args, input=input, catch_exceptions=False)

    return invoke


def test_the_first_admin_makes_it_possible_to_listen_beyond_loopback(run: Run) -> None:
    refused = run("config", "check")
    added = run("users", "add", "anna", "--role", "admin", input=PASSWORD + "\n")
    accepted = run("config", "check")

    assert "Listening beyond loopback needs an admin token" in refused.stderr and refused.exit_code == 1
    assert added.output == "Added the user anna: admin on all datasets.\n"
    assert accepted.exit_code == 0


def test_users_are_listed_changed_and_removed(run: Run) -> None:
    run("users", "add", "anna", "--role", "viewer", "--dataset", "shop", input=PASSWORD + "\n")
    changed = run("users", "role", "anna", "editor", "--dataset", "blog")
    taken = run("users", "role", "anna", "none", "--dataset", "shop")
    listed, as_json = run("users", "list"), run("users", "list", "--json")
    password = run("users", "password", "anna", input=PASSWORD + "2\n")
    removed = run("users", "remove", "anna")

    assert changed.output == "anna has editor on blog, viewer on shop now.\n"
    assert taken.output == "anna has editor on blog now.\n"
    assert re.search(r"^anna  editor on blog  20\d\d-.*  never$", listed.output, re.MULTILINE)
    assert json.loads(as_json.output)[0]["roles"] == {"blog": "editor"}
    assert "all sessions have ended" in password.output and "all sessions have ended" in removed.output
    assert run("users", "list").output.startswith("There are no users.")


def test_a_password_is_made_on_request_and_is_all_that_standard_output_gets(run: Run) -> None:
    made = run("users", "add", "anna", "--role", "viewer", "--generate")

    assert len(made.stdout.strip()) == 24
    assert "shown this once" in made.stderr


@pytest.mark.parametrize(
    ("args", "sentence"),
    [
        (("users", "add", "anna", "--role", "viewer"), "A password has 12 to 256 characters"),
        (("users", "add", "Anna", "--role", "viewer", "--generate"), "'Anna' cannot be a user's name"),
        (("users", "add", "a", "--role", "viewer", "--dataset", "shpo"), "There is no dataset 'shpo'"),
        (("users", "remove", "bob"), "There is no user 'bob'. Known users: there are none."),
        (("tokens", "revoke", "ci"), "There is no token 'ci'. Known tokens: there are none."),
        (("tokens", "create", "ci", "--scope", "read", "--expires", "soon"), "--expires 'soon' is not a time span"),
        (("audit", "--last", "x"), "--last 'x' is not a time span"),
    ],
    ids=lambda value: " ".join(value[:3]) if isinstance(value, tuple) else "",
)
def test_what_is_wrong_is_said_in_a_sentence(run: Run, args: tuple[str, ...], sentence: str) -> None:
    result = run(*args, input="short\n")

    assert result.exit_code == 1
    assert sentence in result.stderr


def test_a_token_is_shown_once_and_listed_by_its_beginning(run: Run) -> None:
    made = run("tokens", "create", "ci", "--scope", "write-config", "--dataset", "shop", "--expires", "90d")
    listed, as_json = run("tokens", "list"), run("tokens", "list", "--json")
    revoked = run("tokens", "revoke", "ci")

    token = made.stdout.strip()
    assert re.fullmatch(r"wl_[A-Za-z0-9]{40}", token)
    assert f"ci     {token[:9]}…  write-config  shop" in listed.output and token not in listed.output + as_json.output
    assert json.loads(as_json.output)[0]["used_at"] is None
    assert revoked.output == "Revoked the token ci.\n"
    assert run("tokens", "list").output.startswith("There are no tokens.")


def test_people_are_signed_out_by_command(run: Run, tmp_path: Path) -> None:
    sessions = Sessions(Database(tmp_path / "data"))
    cookies = [sessions.begin(Session("sso", str(n), name, {}), 60) for n, name in enumerate(("anna@x.example", "bob", "bob"))]
    one = run("users", "sign-out", "anna@x.example")
    left = [bool(sessions.find(cookie)) for cookie in cookies]
    rest = run("users", "sign-out", "--everybody")

    assert (one.output, left, rest.output) == ("Ended sessions: 1.\n", [False, True, True], "Ended sessions: 2.\n")
    assert run("users", "sign-out").exit_code == 2


def test_the_audit_log_tells_who_did_what(run: Run) -> None:
    run("users", "add", "anna", "--role", "admin", input=PASSWORD + "\n")
    run("tokens", "create", "ci", "--scope", "read")
    run("tokens", "revoke", "ci")

    lines = json.loads(run("audit", "--json").output)
    assert [(line["action"], line["target"]) for line in lines] == [
        ("token-revoke", "ci"),
        ("token-create", "ci: read on *"),
        ("user-add", "anna: admin on all datasets"),
    ]
    assert all(line["who"].startswith("command line (") and line["address"] == "here" for line in lines)
    assert "user-add" in run("audit", "--action", "user-add").output
    assert PASSWORD not in run("audit").output


@pytest.fixture
def at_collector(run: Run, live_collector: Running, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Run a command on the data folder of the running collector."""
    monkeypatch.delenv("WIDELOAD_CONFIG")
    monkeypatch.delenv("WIDELOAD_LISTEN")
    return lambda *args: run(*args, "--data-dir", str(live_collector.data))


def test_a_running_collector_heeds_a_change_at_once(at_collector: Run, live_collector: Running) -> None:
    token = at_collector("tokens", "create", "cli", "--scope", "read").stdout.strip()
    question = ("query", "--url", live_collector.url, "--token", token, "--last", "1h", "--json")
    answered = at_collector(*question)
    at_collector("tokens", "revoke", "cli")
    refused = at_collector(*question)

    assert (answered.exit_code, answered.stderr) == (0, "")
    assert (
        refused.stderr == f"wideload: {live_collector.url} does not accept the token that was found in --token or WIDELOAD_TOKEN.\n"
    )


def test_a_token_may_come_from_the_environment(at_collector: Run, live_collector: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    token = at_collector("tokens", "create", "environment", "--scope", "read").stdout.strip()
    monkeypatch.setenv("WIDELOAD_TOKEN", token)

    assert at_collector("query", "--url", live_collector.url, "--last", "1h").exit_code == 0


def test_what_a_token_may_not_do_is_said_by_the_collector(at_collector: Run, live_collector: Running) -> None:
    token = at_collector("tokens", "create", "reader", "--scope", "read", "--dataset", "demo").stdout.strip()
    result = at_collector("doctor", "--url", live_collector.url, "--token", token)

    assert result.exit_code == 1
    assert "This needs the role admin on all datasets, where token reader has no role: ask an admin." in result.stdout
