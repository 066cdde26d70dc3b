"""`wideload users`: the people who sign in with a password."""

from __future__ import annotations

import sys
from typing import Any, Final

import click

from collector.access.identity import EVERYTHING, ROLES, Role
from collector.commands.options import access_settings, datasets_option, json_option, known_datasets, settings_options

_NO_ROLE: Final = "none"
_generate = click.option("--generate", is_flag=True, help="Make a password and print it.")


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
@json_option
@settings_options("data_dir")
def list_users(as_json: bool, **flags: Any) -> None:
    """List the users with their roles.

    \b
    Example:
      wideload users list
    """
    from collector.access import admin

    with admin.opened(access_settings(flags).data_dir) as opened:
        click.echo(admin.as_json(opened.users.all()) if as_json else admin.users_table(opened.users))


@users.command("add")
@click.argument("name")
@click.option("--role", type=click.Choice(list(ROLES)), required=True, help="What the user may do.")
@datasets_option("The dataset on which they may.")
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

    settings = access_settings(flags)
    grants = dict.fromkeys(known_datasets(settings, datasets), ROLES[role])
    with admin.opened(settings.data_dir) as opened:
        password = _password(generate)
        opened.add_user(name, password, grants)
    _announce(f"Added the user {name}: {admin.describe(grants)}.", password, generate)


@users.command("role")
@click.argument("name")
@click.argument("role", type=click.Choice([*ROLES, _NO_ROLE]))
@datasets_option("The dataset on which that is so.")
@settings_options("data_dir")
def set_role(name: str, role: str, datasets: tuple[str, ...], **flags: Any) -> None:
    """Give the user NAME a ROLE, or take it with none. The highest of the roles for all and for one dataset counts.

    \b
    Examples:
      wideload users role anna editor --dataset shop
      wideload users role anna none --dataset shop
    """
    from collector.access import admin

    settings = access_settings(flags)
    wanted: Role | None = None if role == _NO_ROLE else ROLES[role]
    # A role on a dataset that is gone can still be taken.
    chosen = known_datasets(settings, datasets) if wanted else datasets or (EVERYTHING,)
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

    with admin.opened(access_settings(flags).data_dir) as opened:
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

    with admin.opened(access_settings(flags).data_dir) as opened:
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
    with admin.opened(access_settings(flags).data_dir) as opened:
        click.echo(f"Ended sessions: {opened.sign_out(name or EVERYTHING)}.")


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
