"""`wideload status`: the public status page."""

from __future__ import annotations

import os
import sys
import tempfile
from pathlib import Path
from typing import Any

import click

from collector import cells
from collector.client import open_client
from collector.commands.options import collector_options, settings_of, settings_options
from collector.errors import WideloadError


@click.group()
def status() -> None:
    """Work with the public status page.

    \b
    Examples:
      wideload status lint status.yaml
      wideload status export public/
    """


@status.command("lint")
@click.argument("file", type=click.Path(path_type=Path))
def lint(file: Path) -> None:
    """Look for mistakes in the FILE of a status page.

    Prints a line for each mistake, with file and line; the exit code is 1 if there are any.

    \b
    Example:
      wideload status lint status.yaml
    """
    from collector.status.file import load_status

    found = load_status(file)
    if isinstance(found, list):
        for problem in found:
            click.echo(cells.plain_text(str(problem)))
        sys.exit(1)
    click.echo(f"{len(found.components)} components and {len(found.notices)} notices, no mistakes.")


@status.command("export")
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False))
@collector_options
@settings_options("data_dir")
def export(folder: Path, url: str | None, token: str | None, **flags: Any) -> None:
    """Write the status page of a running collector into FOLDER, as files for any web server.

    Each file is replaced at once, so a reader never sees half of one. Other files of the folder stay.

    \b
    Example:
      wideload status export /var/www/status
    """
    with open_client(settings_of(flags), url, token) as client:
        answer = client.get("/api/status")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, text in answer["files"].items():
            # It comes from elsewhere: it names a file of this folder, or none.
            _replace(folder / Path(name).name, text)
    except OSError as error:
        raise WideloadError(f"{folder} cannot be written: {error.strerror}.") from None
    click.echo(f"Wrote {len(answer['files'])} files to {folder}.")
    if answer["problem"]:
        click.echo(f"The page is an older one: {cells.plain_text(answer['problem'])}", err=True)
        sys.exit(1)


def _replace(path: Path, text: str) -> None:
    descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)
    # The web server is another user.
    Path(name).chmod(0o644)
    Path(name).replace(path)
