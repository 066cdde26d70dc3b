"""`wideload audit`: who did what."""

from __future__ import annotations

import time
from typing import Any

import click

from collector.commands.options import access_settings, json_option, settings_options


@click.command("audit")
@click.option("--last", metavar="SPAN", default="30d", show_default=True, help="How far to look back: 30m, 24h, 7d.")
@click.option("--who", default="", metavar="NAME", help="Only what this one did, as the list shows the name.")
@click.option("--action", default="", metavar="WORD", help="Only this, such as sign-in or erase.")
@click.option("--limit", type=click.IntRange(min=1), default=100, show_default=True, metavar="N", help="The most lines.")
@json_option
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
    from collector.commands.ask import seconds

    since = time.time() - seconds(last, "--last")
    with admin.opened(access_settings(flags).data_dir) as opened:
        lines = opened.log.lines(since, who, action, limit)
    click.echo(admin.as_json(lines) if as_json else admin.audit_table(lines))
