"""`wideload users`, `wideload tokens` and `wideload audit`: who may do what, and who did."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from typing import Any, Final, TypeVar

import click

from collector.access.identity import EVERYTHING, ROLES, SCOPES, Role
from collector.config import Settings
from collector.errors import AccessError
from collector.options import settings_of, settings_options

F = TypeVar("F", bound=Callable[..., Any])
_NO_ROLE: Final = "none"


def _dataset_option(text: str) -> Callable[[F], F]:
    return click.option("--dataset", "datasets", multiple=True, metavar="NAME", help=f"{text} All, if none is given.")


def _settings(flags: dict[str, Any]) -> Settings:
    """The first admin is added before there is one, whatever the collector is to listen on."""
    return settings_of(flags, has_admin=lambda _: True)


def _known(settings: Settings, datasets: tuple[str, ...]) -> tuple[str, ...]:
    for dataset in datasets:
        if dataset not in settings.datasets and dataset != EVERYTHING:
            where = f"in {settings.config}" if settings.config else "without a configuration file (name it with --config)"
            raise AccessError(f"There is no dataset {dataset!r} {where}; there are: {', '.join(settings.datasets)}.")
    return datasets or (EVERYTHING,)


def _password(generate: bool) -> str:
    from collector.access.passwords import make_password

    if generate:
        return make_password()
    if not sys.stdin.isatty():
        return sys.stdin.readline().rstrip("\r\n")
    typed: str = click.prompt("Password", hide_input=True, confirmation_prompt=True)
    return typed


def _announce(done: str, password: str, generate: bool) -> None:
    click.echo(done, err=generate)
    if generate:
        click.echo("The password, which is shown this once:", err=True)
        click.echo(password)


_generate = click.option("--generate", is_flag=True, help="Make a password and print it.")
_json = click.option("--json", "as_json", is_flag=True, help="Print JSON.")

# --- Users ---------------------------------------------------------------------------------------------------------


@click.group()
def users() -> None:
    """List, add, change and remove the people who sign in with a password.

    A viewer of a dataset asks questions, an editor also changes what belongs to it, such as dead letters, and an admin does the
    rest. These commands change the file `access.sqlite3` in the data folder; a running collector heeds it at once.

    \b
    Examples:
      wideload users add anna --role admin
      wideload users role anna editor --dataset shop
    """


@users.command("list")
@_json
@settings_options("data_dir")
def list_users(as_json: bool, **flags: Any) -> None:
    """List the users with their roles.

    \b
    Example:
      wideload users list
    """
    from collector.access import admin

    with admin.opened(_settings(flags).data_dir) as opened:
        click.echo(admin.as_json(opened.users.all()) if as_json else admin.users_table(opened.users))


@users.command("add")
@click.argument("name")
@click.option("--role", type=click.Choice(list(ROLES)), required=True, help="What the user may do.")
@_dataset_option("The dataset on which they may.")
@_generate
@settings_options("data_dir")
def add_user(name: str, role: str, datasets: tuple[str, ...], generate: bool, **flags: Any) -> None:
    """Add the user NAME. Asks for the password, or reads it from standard input.

    \b
    Examples:
      wideload users add anna --role admin
      wideload users add bob --role viewer --dataset shop --generate
      pass show wideload/ci | wideload users add ci --role viewer
    """
    from collector.access import admin

    settings = _settings(flags)
    grants = dict.fromkeys(_known(settings, datasets), ROLES[role])
    with admin.opened(settings.data_dir) as opened:
        password = _password(generate)
        opened.add_user(name, password, grants)
    _announce(f"Added the user {name}: {admin.describe(grants)}.", password, generate)


@users.command("role")
@click.argument("name")
@click.argument("role", type=click.Choice([*ROLES, _NO_ROLE]))
@_dataset_option("The dataset on which that is so.")
@settings_options("data_dir")
def set_role(name: str, role: str, datasets: tuple[str, ...], **flags: Any) -> None:
    """Give the user NAME a ROLE, or take it with none. The highest of the roles for all and for one dataset counts.

    \b
    Examples:
      wideload users role anna editor --dataset shop
      wideload users role anna none --dataset shop
    """
    from collector.access import admin

    settings = _settings(flags)
    wanted: Role | None = None if role == _NO_ROLE else ROLES[role]
    # A role on a dataset that is gone can still be taken.
    chosen = _known(settings, datasets) if wanted else datasets or (EVERYTHING,)
    with admin.opened(settings.data_dir) as opened:
        click.echo(f"{name} has {opened.set_role(name, wanted, chosen)} now.")


@users.command("password")
@click.argument("name")
@_generate
@settings_options("data_dir")
def set_password(name: str, generate: bool, **flags: Any) -> None:
    """Change the password of the user NAME, and end their sessions.

    \b
    Example:
      wideload users password anna
    """
    from collector.access import admin

    with admin.opened(_settings(flags).data_dir) as opened:
        password = _password(generate)
        opened.set_password(name, password)
    _announce(f"Changed the password of {name}; all sessions have ended.", password, generate)


@users.command("remove")
@click.argument("name")
@settings_options("data_dir")
def remove_user(name: str, **flags: Any) -> None:
    """Remove the user NAME, and end their sessions.

    \b
    Example:
      wideload users remove anna
    """
    from collector.access import admin

    with admin.opened(_settings(flags).data_dir) as opened:
        opened.remove_user(name)
    click.echo(f"Removed the user {name}; all sessions have ended.")


@users.command("sign-out")
@click.argument("name", required=False)
@click.option("--everybody", is_flag=True, help="All people, with a password or by single sign-on.")
@settings_options("data_dir")
def sign_out(name: str | None, everybody: bool, **flags: Any) -> None:
    """End all sessions of NAME: a user, or the name of somebody who signed in by single sign-on.

    \b
    Examples:
      wideload users sign-out anna@example.com
      wideload users sign-out --everybody
    """
    from collector.access import admin

    if bool(name) == everybody:
        raise click.UsageError("Say who: a NAME or --everybody.")
    with admin.opened(_settings(flags).data_dir) as opened:
        click.echo(f"Ended sessions: {opened.sign_out(name or EVERYTHING)}.")


# --- Tokens --------------------------------------------------------------------------------------------------------


@click.group()
def tokens() -> None:
    """List, create and revoke the tokens that programs show.

    The scope `read` asks questions, `write-config` also changes what belongs to a dataset, and `admin` does the rest. A token is
    shown once, when it is made; a running collector heeds a change at once.

    \b
    Examples:
      wideload tokens create grafana --scope read
      wideload tokens revoke grafana
    """


@tokens.command("list")
@_json
@settings_options("data_dir")
def list_tokens(as_json: bool, **flags: Any) -> None:
    """List the tokens: how each begins, its scope, datasets, expiry and last use.

    \b
    Example:
      wideload tokens list
    """
    from collector.access import admin

    with admin.opened(_settings(flags).data_dir) as opened:
        click.echo(admin.as_json(opened.tokens.all()) if as_json else admin.tokens_table(opened.tokens))


@tokens.command("create")
@click.argument("name")
@click.option("--scope", type=click.Choice(list(SCOPES)), required=True, help="What it may do.")
@_dataset_option("The dataset on which it may.")
@click.option("--expires", metavar="SPAN", help="How long it works, such as 12h or 90d. For ever, if nothing is given.")
@settings_options("data_dir")
def create_token(name: str, scope: str, datasets: tuple[str, ...], expires: str | None, **flags: Any) -> None:
    """Make a token called NAME and print it, this once.

    \b
    Examples:
      wideload tokens create grafana --scope read --dataset shop
      TOKEN=$(wideload tokens create deploy --scope write-config --expires 90d)
    """
    from collector.access import admin
    from collector.ask import seconds

    settings = _settings(flags)
    chosen, span = _known(settings, datasets), seconds(expires, "--expires") if expires else None
    with admin.opened(settings.data_dir) as opened:
        made = opened.create_token(name, scope, chosen, span)
    click.echo("The token, which is shown this once:", err=True)
    click.echo(made)


@tokens.command("revoke")
@click.argument("name")
@settings_options("data_dir")
def revoke_token(name: str, **flags: Any) -> None:
    """Make the token NAME worthless.

    \b
    Example:
      wideload tokens revoke grafana
    """
    from collector.access import admin

    with admin.opened(_settings(flags).data_dir) as opened:
        opened.revoke_token(name)
    click.echo(f"Revoked the token {name}.")


# --- The audit log -------------------------------------------------------------------------------------------------


@click.command("audit")
@click.option("--last", metavar="SPAN", default="30d", show_default=True, help="How far to look back: 30m, 24h, 7d.")
@click.option("--who", default="", metavar="NAME", help="Only what this one did, as the list shows the name.")
@click.option("--action", default="", metavar="WORD", help="Only this, such as sign-in or erase.")
@click.option("--limit", type=click.IntRange(min=1), default=100, show_default=True, metavar="N", help="The most lines.")
@_json
@settings_options("data_dir")
def audit(last: str, who: str, action: str, limit: int, as_json: bool, **flags: Any) -> None:
    """List who did what, on what, from where, with which result; the latest first.

    Signing in, users, tokens, settings and what changes or exports data are in it. Of an address its first part is kept.

    \b
    Examples:
      wideload audit --last 7d
      wideload audit --action sign-in --json
    """
    from collector.access import admin
    from collector.ask import seconds

    since = time.time() - seconds(last, "--last")
    with admin.opened(_settings(flags).data_dir) as opened:
        lines = opened.log.lines(since, who, action, limit)
    click.echo(admin.as_json(lines) if as_json else admin.audit_table(lines))
