"""`wideload check`: synthetic checks."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import click

from collector import cells
from collector.commands.check_baselines import baselines
from collector.commands.check_export import export
from collector.commands.check_import import import_
from collector.commands.check_run import run
from collector.commands.coverage import coverage
from collector.commands.options import collector_options, settings_of, settings_options


@click.group()
def check() -> None:
    """Work with synthetic checks.

    \b
    Examples:
      wideload check lint checks/
      wideload check run checks/
      wideload check list
      wideload check coverage
      wideload check import checkout.json --to checks/
    """


check.add_command(run)
check.add_command(baselines)
check.add_command(coverage)
check.add_command(import_)
check.add_command(export)


@check.command("list")
@click.option("--dataset", metavar="NAME", help="The dataset. By default the only one there is.")
@click.option("--last", default="24h", show_default=True, metavar="SPAN", help="The time that uptime is about.")
@click.option("--json", "as_json", is_flag=True, help="Print the answer as the API gives it.")
@collector_options
@settings_options("data_dir")
def list_checks(dataset: str | None, last: str, as_json: bool, url: str | None, token: str | None, **flags: Any) -> None:
    """List the checks of a running collector: how they are, their uptime, and when they run next; the worst first.

    Editors see where the heartbeats of checks of the kind push are to be sent.

    \b
    Examples:
      wideload check list
      wideload check list --last 30d
    """
    from collector.client import open_client
    from collector.commands import ask
    from collector.commands.check_list import render

    with open_client(settings_of(flags), url, token) as client:
        dataset = dataset or ask.only_dataset(client.get("/api/me")["datasets"])
        answer = client.get("/api/checks", {"dataset": dataset, "time_range": str(int(ask.seconds(last, "--last"))), "points": "1"})
        shown = json.dumps(answer, indent=2, ensure_ascii=False) if as_json else render(answer, client.url)
    click.echo(cells.json_text(shown) if as_json else shown)


@check.command("lint")
@click.argument("paths", nargs=-1, required=True, type=click.Path(path_type=Path), metavar="FILE…")
def lint(paths: tuple[Path, ...]) -> None:
    """Look for mistakes in check files, and in those of folders.

    Prints a line for each mistake, with file and line; the exit code is 1 if there are any.

    \b
    Examples:
      wideload check lint checks/
      wideload check lint checks/front.check.yaml
    """
    from collector.checks.files import load as files

    found = files.find(paths)
    checks, problems = files.load(found)
    for problem in problems:
        click.echo(cells.plain_text(str(problem)))
    if problems:
        sys.exit(1)
    click.echo(f"{len(checks)} check{'' if len(checks) == 1 else 's'}, no mistakes.")
