"""`wideload dead-letters`: look at events that the store could not take, put them into the spool again, or let them go."""

from __future__ import annotations

import json
from typing import Any

import click

from collector.commands.options import collector_options, settings_of, settings_options


@click.group("dead-letters")
def dead_letters() -> None:
    """Look at events that the store could not take, retry or drop them.

    The loader puts an event here when the store says that its data can never be stored as it is, and stores the rest of the batch.
    Nothing in here goes by itself. The commands ask a running collector.

    \b
    Examples:
      wideload dead-letters list
      wideload dead-letters show 17
      wideload dead-letters retry --all
    """


@dead_letters.command("list")
@click.option("--limit", default=20, show_default=True, type=click.IntRange(1, 1000), metavar="N", help="The most to show.")
@click.option("--before", type=click.IntRange(1), metavar="ID", help="Only older ones than this; the next page.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@collector_options
@settings_options("listen", "data_dir")
def list_letters(limit: int, before: int | None, as_json: bool, url: str | None, token: str | None, **flags: Any) -> None:
    """List dead letters, the newest first, with the store's reason.

    \b
    Example:
      wideload dead-letters list --limit 100
    """
    from collector import letters
    from collector.client import open_client

    params = {"limit": str(limit)} | ({"before": str(before)} if before else {})
    with open_client(settings_of(flags), url, token) as client:
        answer = client.get("/api/dead-letters", params)
    click.echo(json.dumps(answer, indent=2) if as_json else letters.listing(answer))


@dead_letters.command("show")
@click.argument("number", metavar="ID", type=click.IntRange(1))
@collector_options
@settings_options("listen", "data_dir")
def show_letter(number: int, url: str | None, token: str | None, **flags: Any) -> None:
    """Show one dead letter whole: reason, code and event, as JSON.

    \b
    Example:
      wideload dead-letters show 17
    """
    from collector.client import open_client

    with open_client(settings_of(flags), url, token) as client:
        click.echo(json.dumps(client.get(f"/api/dead-letters/{number}"), indent=2))


@dead_letters.command("retry")
@click.argument("numbers", metavar="[ID]...", type=click.IntRange(1), nargs=-1)
@click.option("--all", "everything", is_flag=True, help="All of them.")
@collector_options
@settings_options("listen", "data_dir")
def retry_letters(numbers: tuple[int, ...], everything: bool, url: str | None, token: str | None, **flags: Any) -> None:
    """Put dead letters into the spool again; what still can't be stored comes back.

    \b
    Examples:
      wideload dead-letters retry 17 18
      wideload dead-letters retry --all
    """
    from collector import letters
    from collector.client import open_client

    with open_client(settings_of(flags), url, token) as client:
        count = letters.change(client, "retry", numbers, everything)
    click.echo(f"{count:,} dead letters are in the spool again.")


@dead_letters.command("drop")
@click.argument("numbers", metavar="[ID]...", type=click.IntRange(1), nargs=-1)
@click.option("--all", "everything", is_flag=True, help="All of them.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@collector_options
@settings_options("listen", "data_dir")
def drop_letters(numbers: tuple[int, ...], everything: bool, yes: bool, url: str | None, token: str | None, **flags: Any) -> None:
    """Let dead letters go for good.

    \b
    Examples:
      wideload dead-letters drop 17
      wideload dead-letters drop --all --yes
    """
    from collector import letters
    from collector.client import open_client

    if not yes:
        click.confirm("These events are lost then. Go on?", abort=True)
    with open_client(settings_of(flags), url, token) as client:
        count = letters.change(client, "drop", numbers, everything)
    click.echo(f"{count:,} dead letters are gone.")
