"""`wideload tokens`: what programs show."""

from __future__ import annotations

from typing import Any

import click

from collector.access.identity import ALL_SCOPES
from collector.commands.options import access_settings, datasets_option, json_option, known_datasets, settings_options


@click.group()
def tokens() -> None:
    """List, create and revoke the tokens that programs show.

    The scope `read` asks questions, `write-config` also changes what belongs to a dataset, and `admin` does the rest;
    `run-checks` only runs checks and tells of them. A token is shown once, when it is made; a running collector heeds a change at
    once.

    \b
    Examples:
      wideload tokens create grafana --scope read
      wideload tokens revoke grafana
    """


@tokens.command("list")
@json_option
@settings_options("data_dir")
def list_tokens(as_json: bool, **flags: Any) -> None:
    """List the tokens: how each begins, its scope, datasets, expiry and last use.

    \b
    Example:
      wideload tokens list
    """
    from collector.access import admin

    with admin.opened(access_settings(flags).data_dir) as opened:
        click.echo(admin.as_json(opened.tokens.all()) if as_json else admin.tokens_table(opened.tokens))


@tokens.command("create")
@click.argument("name")
@click.option("--scope", type=click.Choice(ALL_SCOPES), required=True, help="What it may do.")
@datasets_option("The dataset on which it may.")
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
    from collector.commands.ask import seconds

    settings = access_settings(flags)
    chosen, span = known_datasets(settings, datasets), seconds(expires, "--expires") if expires else None
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

    with admin.opened(access_settings(flags).data_dir) as opened:
        opened.revoke_token(name)
    click.echo(f"Revoked the token {name}.")
