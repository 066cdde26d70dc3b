"""`wideload check`: synthetic checks."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from collector import cells
from collector.commands.check_baselines import baselines
from collector.commands.check_export import export
from collector.commands.check_import import import_
from collector.commands.check_run import run
from collector.commands.coverage import coverage


@click.group()
def check() -> None:
    """Work with synthetic checks.

    \b
    Examples:
      wideload check lint checks/
      wideload check run checks/
      wideload check coverage
      wideload check import checkout.json --to checks/
    """


check.add_command(run)
check.add_command(baselines)
check.add_command(coverage)
check.add_command(import_)
check.add_command(export)


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
