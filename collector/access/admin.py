"""What the commands `wideload users`, `tokens` and `audit` do to the file, and what they print. No running collector is needed."""

from __future__ import annotations

import getpass
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import orjson

from collector import table
from collector.access.audit import AuditLog, Line
from collector.access.database import Database
from collector.access.identity import EVERYTHING, Grants, Role
from collector.access.sessions import Sessions
from collector.access.tokens import Token, Tokens
from collector.access.users import User, Users

#: Where the command line's lines of the audit log come from.
_HERE: Final = "here"


class Admin:
    """The open file, on behalf of whoever runs the command. Every change is a line of the audit log.

    Args:
        db: the file.
        who: as the audit log shows it.
    """

    def __init__(self, db: Database, who: str) -> None:
        self.users, self.tokens, self.sessions, self.log = Users(db), Tokens(db), Sessions(db), AuditLog(db)
        self._who = who

    def add_user(self, name: str, password: str, grants: Grants) -> None:
        """Add a user. Raises AccessError."""
        self.users.add(name, password, grants)
        self._audit("user-add", f"{name}: {describe(grants)}")

    def set_role(self, name: str, role: Role | None, datasets: Sequence[str]) -> str:
        """Give or take roles, and return what the user then has. Raises AccessError."""
        for dataset in datasets:
            self.users.set_role(name, role, dataset)
        now = describe(self.users.grants(name))
        self._audit("user-role", f"{name}: {now}")
        return now

    def set_password(self, name: str, password: str) -> None:
        """Change a password. Raises AccessError."""
        self.users.set_password(name, password)
        self._audit("user-password", name)

    def remove_user(self, name: str) -> None:
        """Remove a user. Raises AccessError."""
        self.users.remove(name)
        self._audit("user-remove", name)

    def sign_out(self, name: str) -> int:
        """End the sessions of a user, or of somebody who signed in elsewhere, or of all (`*`); return how many there were."""
        ended = self.sessions.end_named(name)
        self._audit("sign-out", "everybody" if name == EVERYTHING else name)
        return ended

    def create_token(self, name: str, scope: str, datasets: Sequence[str], seconds: float | None) -> str:
        """Make a token and return it. Raises AccessError."""
        made = self.tokens.create(name, scope, datasets, seconds)
        self._audit("token-create", f"{name}: {scope} on {', '.join(datasets)}")
        return made

    def revoke_token(self, name: str) -> None:
        """Revoke a token. Raises AccessError."""
        self.tokens.revoke(name)
        self._audit("token-revoke", name)

    def _audit(self, action: str, target: str) -> None:
        self.log.add(self._who, action, target, _HERE)


@contextmanager
def opened(data_dir: Path) -> Iterator[Admin]:
    """Open the file of a data folder. Raises AccessError."""
    db = Database(data_dir)
    try:
        yield Admin(db, f"command line ({_login()})")
    finally:
        db.close()


def users_table(users: Users) -> str:
    """Return all users for people."""
    rows = [(user.name, describe(user.grants), when(user.created_at), when(user.signed_in_at)) for user in users.all()]
    none = "There are no users. Add one with `wideload users add NAME --role admin`."
    return "\n".join(table.lines(("User", "Roles", "Added", "Signed in"), rows)) if rows else none


def tokens_table(tokens: Tokens) -> str:
    """Return all tokens for people; what is shown of a token is how it begins."""
    rows = [
        (one.name, one.prefix + "…", one.scope, ", ".join(one.datasets), when(one.expires_at), when(one.used_at))
        for one in tokens.all()
    ]
    none = "There are no tokens. Make one with `wideload tokens create NAME --scope read`."
    return "\n".join(table.lines(("Token", "Begins", "Scope", "Datasets", "Expires", "Last used"), rows)) if rows else none


def audit_table(lines: Sequence[Line]) -> str:
    """Return lines of the audit log for people."""
    rows = [(when(one.at), one.who, one.action, one.target, one.address, one.result) for one in lines]
    headings = ("Time (UTC)", "Who", "Did", "On what", "From", "Result")
    return "\n".join(table.lines(headings, rows)) if rows else "There is nothing in the audit log of that time."


def as_json(things: Sequence[User | Token | Line]) -> str:
    """Return users, tokens or lines for programs; times in epoch seconds."""
    return orjson.dumps([_plain(thing) for thing in things], option=orjson.OPT_INDENT_2).decode()


def describe(grants: Grants) -> str:
    """Return roles as people say them."""
    named = (f"{role.word} on {'all datasets' if dataset == EVERYTHING else dataset}" for dataset, role in grants.items())
    return ", ".join(named) or "no role"


def when(seconds: float | None) -> str:
    """Return a time in UTC, to the second."""
    return "never" if seconds is None else datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%d %H:%M:%S")


def _plain(thing: User | Token | Line) -> dict[str, Any]:
    plain = asdict(thing)
    if grants := plain.pop("grants", None):
        plain["roles"] = {dataset: role.word for dataset, role in grants.items()}
    return plain


def _login() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return "unknown"
