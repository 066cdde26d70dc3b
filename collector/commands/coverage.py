"""`wideload check coverage`: routes that people visit and checks do not."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click
import orjson

from collector import cells, table
from collector.client import open_client
from collector.commands import ask
from collector.commands.options import collector_options, settings_of, settings_options
from collector.errors import WideloadError

#: Of a table; the files are written for all.
_SHOWN = 30


@click.command()
@click.option("--dataset", metavar="NAME", help="The dataset. By default the only one there is.")
@click.option("--last", metavar="SPAN", default="7d", show_default=True, help="How far to look back: 24h, 28d.")
@click.option("--min-views", metavar="N", type=click.IntRange(1), default=1, show_default=True, help="Leave out routes with fewer.")
@click.option(
    "--write", "folder", metavar="FOLDER", type=click.Path(path_type=Path, file_okay=False),
    help="Write a check file for each route; files that are there stay as they are.",
)  # fmt: skip
@click.option("--json", "as_json", is_flag=True, help="Print the answer as the API gives it.")
@collector_options
@settings_options("data_dir")
def coverage(
    dataset: str | None, last: str, min_views: int, folder: Path | None, as_json: bool, url: str | None, token: str | None,
    **flags: Any,
) -> None:  # fmt: skip
    """Show the routes that people visit and no check does, those with the most page views first.

    A route is covered where a run of a check opened one of its pages, or a probe asked for one.

    \b
    Examples:
      wideload check coverage --last 28d --min-views 100
      wideload check coverage --write checks/
    """
    with open_client(settings_of(flags), url, token) as client:
        named = dataset or ask.only_dataset(client.get("/api/me")["datasets"])
        parameters = {"dataset": named, "time_range": str(ask.seconds(last, "--last")), "min_views": str(min_views)}
        answer = client.get("/api/checks/coverage", parameters)
    if as_json:
        click.echo(cells.json_text(orjson.dumps(answer, option=orjson.OPT_INDENT_2).decode()))
    else:
        click.echo(_describe(answer))
    if folder:
        written, kept = _write(answer["routes"], folder)
        click.echo(f"Wrote {written} check file{'' if written == 1 else 's'} to {folder}; {kept} were there already.", err=as_json)


def _describe(answer: dict[str, Any]) -> str:
    routes = answer["routes"]
    if not routes:
        return "There is a check for every route." if answer["covered"] else "There were no page views of people."
    headings = ("host", "route", "page views", "p75(lcp.value)", "errors")
    rows = [(one["host"], one["route"], one["views"], one["lcp"], one["errors"]) for one in routes[:_SHOWN]]
    more = [f"… and {answer['uncovered'] - len(rows)} more."] if answer["uncovered"] > len(rows) else []
    share = f"Checks visit {answer['covered']} routes, with {answer['covered_share'] or 0:.0%} of the page views of people."
    return "\n".join([*table.lines(headings, rows), *more, share])


def _write(routes: list[dict[str, Any]], folder: Path) -> tuple[int, int]:
    """Return how many files were written, and how many were there already."""
    written: set[Path] = set()
    kept = 0
    for one in routes:
        if not one["draft"]:
            continue
        path = folder / one["draft"]["path"]
        if not path.resolve().is_relative_to(folder.resolve()):
            raise WideloadError(f"The collector names a file outside of {folder}: {one['draft']['path']!r}. It was not written.")
        if path in written:
            # Another route has the same name once it is a file's.
            path = _free(path, written)
        if path.exists():
            kept += 1
            continue
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(one["draft"]["text"], encoding="utf-8")
        written.add(path)
    return len(written), kept


def _free(path: Path, taken: set[Path]) -> Path:
    name = path.name.removesuffix(".check.yaml")
    number = 2
    while (found := path.with_name(f"{name}-{number}.check.yaml")) in taken:
        number += 1
    return found
