"""The file of users, roles, tokens and the audit log."""

from __future__ import annotations

from pathlib import Path

import pytest
from argon2 import PasswordHasher, extract_parameters
from argon2.profiles import RFC_9106_LOW_MEMORY

from collector.access import passwords
from collector.access.audit import AuditLog
from collector.access.bootstrap import has_admin
from collector.access.clients import Clients
from collector.access.database import ACCESS_FILE, Database
from collector.access.identity import ADMIN_OF_ALL, EVERYTHING, Identity, Role
from collector.access.throttle import Throttle
from collector.access.tokens import Tokens
from collector.access.users import Users
from collector.errors import AccessError, RequestError

PASSWORD = "correct horse battery"


@pytest.fixture
def db(tmp_path: Path) -> Database:
    return Database(tmp_path)


@pytest.fixture
def users(db: Database) -> Users:
    return Users(db, lambda: 7.0)


def test_a_user_has_a_role_on_each_dataset(users: Users) -> None:
    users.add("anna", PASSWORD, {"shop": Role.EDITOR})
    users.set_role("anna", Role.VIEWER, "blog")
    users.set_role("anna", Role.ADMIN, "blog")
    users.set_role("anna", None, "shop")

    (anna,) = users.all()
    assert (anna.grants, anna.created_at, anna.signed_in_at) == ({"blog": Role.ADMIN}, 7.0, None)


@pytest.mark.parametrize("name", ["", "Anna", "a b", "-a", "a" * 65, "a\n", "añna", "a:b"])
def test_a_name_that_looks_like_another_is_refused(users: Users, name: str) -> None:
    with pytest.raises(AccessError, match="cannot be a user's name"):
        users.add(name, PASSWORD, {})


@pytest.mark.parametrize("password", ["", "elevenchars", "x" * 257])
def test_a_password_of_another_length_is_refused(users: Users, password: str) -> None:
    with pytest.raises(AccessError, match="12 to 256 characters"):
        users.add("anna", password, {})


def test_a_name_is_taken_once_and_must_exist_to_be_changed(users: Users) -> None:
    users.add("anna", PASSWORD, {})

    with pytest.raises(AccessError, match="a user anna already"):
        users.add("anna", PASSWORD, {})
    with pytest.raises(AccessError, match=r"no user 'bob'\. Known users: anna\."):
        users.remove("bob")


def test_a_password_is_the_same_on_every_keyboard(users: Users) -> None:
    users.add("anna", "pa\u0308ssword-1234", {})

    assert users.verify("anna", "p\u00e4ssword-1234")
    assert not users.verify("anna", "password-1234")


def test_a_hash_is_argon2id_as_recommended_and_renewed_when_that_changes(
    users: Users, db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    users.add("anna", PASSWORD, {})
    monkeypatch.setattr(passwords, "_HASHER", PasswordHasher.from_parameters(RFC_9106_LOW_MEMORY))
    assert users.verify("anna", PASSWORD)

    (kept,) = db.row("SELECT password FROM users") or ("",)
    assert kept.startswith("$argon2id$v=19$m=65536,t=3,p=4$")
    assert extract_parameters(kept) == RFC_9106_LOW_MEMORY
    assert users.verify("anna", PASSWORD)


def test_an_admin_of_everything_is_found_without_touching_the_file(users: Users, db: Database, tmp_path: Path) -> None:
    before = has_admin(tmp_path)
    users.add("anna", PASSWORD, {"shop": Role.ADMIN, EVERYTHING: Role.EDITOR})
    without = has_admin(tmp_path)
    users.add("bob", PASSWORD, ADMIN_OF_ALL)

    assert (before, without, has_admin(tmp_path), has_admin(tmp_path / "nowhere")) == (False, False, True, False)
    assert not (tmp_path / "nowhere").exists()


def test_another_process_is_felt_at_once(users: Users, tmp_path: Path) -> None:
    Users(Database(tmp_path)).add("anna", PASSWORD, {"shop": Role.VIEWER})

    assert users.grants("anna") == {"shop": Role.VIEWER}


def test_a_broken_file_is_named(tmp_path: Path) -> None:
    (tmp_path / ACCESS_FILE).write_bytes(b"not a database" * 100)

    with pytest.raises(AccessError, match=rf"{ACCESS_FILE} of users and tokens cannot be used: .* database\. Restore it"):
        Database(tmp_path)


def test_a_token_is_shown_once_and_known_by_its_beginning(db: Database) -> None:
    tokens = Tokens(db, lambda: 7.0)
    made = tokens.create("ci", "write-config", ["shop", "blog"])

    (token,) = tokens.all()
    assert len(made) == 43 and made.startswith("wl_") and made.isascii()
    assert (token.prefix, token.used_at) == (made[:9], None)
    assert tokens.identify(made) == Identity("token", "ci", {"shop": Role.EDITOR, "blog": Role.EDITOR})
    assert tokens.all()[0].used_at == 7.0
    with pytest.raises(AccessError, match="a token ci already"):
        tokens.create("ci", "read")


def test_the_audit_log_only_grows(db: Database) -> None:
    log = AuditLog(db, lambda: 7.0)
    log.add("anna", "erase", "dataset shop \ud800" + "x" * 1000, "203.0.113.0/24", "312 rows")

    for statement in ("DELETE FROM audit", "UPDATE audit SET who = 'bob'"):
        with pytest.raises(AccessError, match="append-only"):
            db.write(statement)
    (line,) = log.lines(who="anna", action="erase")
    assert (line.at, line.result, len(line.target)) == (7.0, "312 rows", 300)
    assert log.lines(since=8) == log.lines(who="bob") == []


def test_the_audit_log_names_the_settings_that_have_changed(db: Database) -> None:
    log, first = AuditLog(db), {"listen": "a", "store": "b"}
    for shown in (first, first, first | {"store": "c", "datasets.shop": "{}"}):
        log.note_settings(shown)

    assert [line.target for line in log.lines(action="settings")] == ["datasets.shop, store", "first start"]


@pytest.mark.parametrize(
    ("grants", "role", "dataset", "may"),
    [
        ({"shop": Role.VIEWER}, Role.VIEWER, "shop", True),
        ({"shop": Role.VIEWER}, Role.EDITOR, "shop", False),
        ({"shop": Role.ADMIN}, Role.VIEWER, "blog", False),
        ({"shop": Role.ADMIN}, Role.VIEWER, EVERYTHING, False),
        ({EVERYTHING: Role.EDITOR}, Role.EDITOR, "shop", True),
        ({EVERYTHING: Role.VIEWER, "shop": Role.ADMIN}, Role.ADMIN, "shop", True),
        ({}, Role.VIEWER, "shop", False),
    ],
)
def test_a_role_counts_where_it_was_given(grants: dict[str, Role], role: Role, dataset: str, may: bool) -> None:
    identity = Identity("user", "anna", grants)

    assert identity.may(role, dataset) is may
    if not may:
        with pytest.raises(RequestError, match=f"needs the role {role.word} on .*, where anna has .*: ask an admin"):
            identity.require(role, dataset)


# --- Addresses and attempts ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("peer", "claims", "prefix"),
    [
        ("203.0.113.9", "", "203.0.113.0/24"),
        ("::ffff:203.0.113.9", "", "203.0.113.0/24"),
        ("2001:db8:1:2ff::9", "", "2001:db8:1:200::/56"),
        ("127.0.0.1", "203.0.113.9", "203.0.113.0/24"),
        ("127.0.0.1", "198.51.100.9, 203.0.113.9", "203.0.113.0/24"),
        ("203.0.113.9", "198.51.100.9", "203.0.113.0/24"),
        ("127.0.0.1", "<script>", "unknown"),
        ("", "", "unknown"),
    ],
)
def test_only_the_first_part_of_an_address_is_kept(peer: str, claims: str, prefix: str) -> None:
    scope = {"type": "http", "client": (peer, 1), "headers": [(b"x-forwarded-for", claims.encode())] if claims else []}

    assert Clients(["127.0.0.1"]).prefix(scope) == prefix


def test_a_flood_of_names_takes_no_memory_and_frees_nobody() -> None:
    throttle = Throttle(2, 60, lambda: 0.0)
    while not throttle.take("anna"):
        pass
    for number in range(20_000):
        throttle.take(f"user{number}")

    assert throttle.take("anna") > 0
    assert throttle._empty_at.buffer_info()[1] == 1 << 14


def test_attempts_come_back_one_by_one() -> None:
    now = 0.0
    throttle = Throttle(2, 60, lambda: now)
    waits = [throttle.take("anna") for _ in range(3)]
    now = 60.5

    assert waits == [0, 0, 60]
    assert (throttle.take("anna"), throttle.take("anna")) == (0, 59.5)
