"""`wideload check export`: journeys → Playwright tests in Python."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from collector import cells
from collector.errors import WideloadError


@click.command("export")
@click.argument("paths", nargs=-1, required=True, type=click.Path(path_type=Path), metavar="FILE…")
@click.option("--pytest", "as_pytest", is_flag=True, required=True, help="Write tests for pytest-playwright.")
@click.option(
    "--to", "folder", metavar="FOLDER", type=click.Path(path_type=Path, file_okay=False),
    help="Where to write them; without it they are printed.",
)  # fmt: skip
@click.option("--overwrite", is_flag=True, help="Replace files that are there.")
def export(paths: tuple[Path, ...], as_pytest: bool, folder: Path | None, overwrite: bool) -> None:
    """Write journeys as Playwright tests in Python, which run with pytest-playwright and without this product.

    A file is written for each journey; secrets are taken from the environment, as checks take them. What only a check can do, such
    as to look whether the page's beacon has arrived, is named, and fails in the test. Checks of other kinds are not exported.

    \b
    Examples:
      wideload check export --pytest checks/checkout.check.yaml
      wideload check export --pytest checks/ --to tests/
    """
    from collector.checks.export.playwright import export as exported
    from collector.checks.files import load as files

    checks, problems = files.load(files.find(paths))
    for problem in problems:
        click.echo(cells.plain_text(str(problem)), err=True)
    names: set[str] = set()
    for check in checks:
        if check.kind != "journey":
            click.echo(f"{check.name} is of the kind {check.kind}, and is not exported.", err=True)
            continue
        made = exported(check, frozenset(names))
        names.add(made.name.removesuffix(".py"))
        for sentence in made.left_out:
            click.echo(cells.plain_text(f"{check.name}, not exported: {sentence}"), err=True)
        if folder is None:
            click.echo(cells.plain_text(made.text))
            continue
        path = folder / made.name
        if path.exists() and not overwrite:
            raise WideloadError(f"{path} is there already: --overwrite replaces it.")
        folder.mkdir(parents=True, exist_ok=True)
        path.write_text(made.text, encoding="utf-8")
        click.echo(f"Wrote {path}.", err=True)
    if problems:
        sys.exit(2)
