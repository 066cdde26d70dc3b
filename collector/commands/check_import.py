"""`wideload check import`: recordings and checks of other products → check files."""

from __future__ import annotations

import sys
from pathlib import Path

import click
import orjson

from collector import cells


@click.command("import")
@click.argument("paths", nargs=-1, required=True, type=click.Path(path_type=Path, exists=True, dir_okay=False), metavar="FILE…")
@click.option(
    "--to", "folder", required=True, metavar="FOLDER", type=click.Path(path_type=Path, file_okay=False), help="Where to write them."
)
@click.option("--keep-going", is_flag=True, help="Write a step that fails for each that could not be translated.")
@click.option("--overwrite", is_flag=True, help="Replace files that are there.")
@click.option(
    "--secrets", "secrets_file", metavar="FILE", type=click.Path(path_type=Path, dir_okay=False),
    help="Add passwords and private values to this file, for `check run --secrets`.",
)  # fmt: skip
@click.option("--report", type=click.Choice(["text", "json"]), default="text", show_default=True, help="How to print the report.")
def import_(
    paths: tuple[Path, ...], folder: Path, keep_going: bool, overwrite: bool, secrets_file: Path | None, report: str
) -> None:  # fmt: skip
    """Make check files of recordings and checks of other products.

    Takes recordings of Chrome's DevTools (JSON), tests and suites of Ghost Inspector (JSON, or its archive), projects of Selenium
    IDE (.side), and transaction and uptime checks of Pingdom (what its API answers). Tests of Ghost Inspector that import each
    other have to be given together. The report says of every step whether it was translated, what is different, or why it was not;
    where one was not, nothing is written and the exit code is 1. docs/migrating.md says what becomes of what.

    \b
    Examples:
      wideload check import checkout.json --to checks/
      wideload check import suite.zip --to checks/ --secrets check-secrets.env
      wideload check import project.side --to checks/ --keep-going --report json
    """
    from collector.checks.files import load as check_files
    from collector.checks.importers import reading, writing
    from collector.checks.importers import report as reports

    imports = reading.read(paths)
    texts = writing.files(imports)
    refused = [line for imported in imports for _, line in imported.refused()]
    secrets = {name: value for imported in imports for name, value in imported.secrets.items()}
    is_written = keep_going or not refused
    written = writing.write(texts, folder, overwrite) if is_written else []
    if is_written and secrets_file and secrets:
        writing.write_secrets({name: value for name, value in secrets.items() if value}, secrets_file)
    if report == "json":
        document = reports.as_json(imports, is_written)
        click.echo(cells.json_text(orjson.dumps(document, option=orjson.OPT_INDENT_2).decode()))
    else:
        for line in reports.lines(imports):
            click.echo(cells.plain_text(line))
    _, problems = check_files.load([path for path in written if path.name.endswith(check_files.ENDING)])
    for problem in problems:
        click.echo(cells.plain_text(str(problem)), err=True)
    for line in _last_words(len(written), len(refused), is_written, secrets, secrets_file):
        click.echo(line, err=True)
    if problems or not is_written:
        sys.exit(1)


def _last_words(files: int, refused: int, is_written: bool, secrets: dict[str, str], secrets_file: Path | None) -> list[str]:
    if not is_written:
        parts = "One part" if refused == 1 else f"{refused} parts"
        return [f"Nothing was written: {parts} could not be translated. --keep-going writes steps that fail in their places."]
    said = [f"Wrote {files} file{'' if files == 1 else 's'}."]
    unknown = [name for name, value in secrets.items() if not value or not secrets_file]
    if unknown:
        shown = ", ".join(f"WIDELOAD_CHECK_SECRET_{name.upper()}" for name in sorted(unknown))
        said.append(f"The checks need secrets, from a file (--secrets) or the environment: {shown}.")
    return said
