"""`wideload check baselines`: the pictures that screenshots are compared with."""

from __future__ import annotations

import getpass
import json
from pathlib import Path
from typing import TYPE_CHECKING

import click

from collector import cells
from collector.errors import WideloadError

if TYPE_CHECKING:
    from collector.checks.baselines import Baseline, Baselines

_EVIDENCE = click.option(
    "--evidence", required=True, type=click.Path(exists=True, file_okay=False, path_type=Path), metavar="FOLDER",
    help="The folder of evidence that the checks were run with.",
)  # fmt: skip
_BY = click.option("--by", metavar="NAME", default=getpass.getuser, help="Who decides; by default whoever runs this.")
_IDS = click.argument("ids", nargs=-1, required=True, metavar="ID…")


@click.group()
def baselines() -> None:
    """Accept and reject pictures of checks.

    A screenshot with `compare: true` is compared with the picture that was last accepted. One that differs waits for a decision.

    \b
    Examples:
      wideload check baselines list --evidence evidence/
      wideload check baselines accept 3f2a --evidence evidence/ --by jane
    """


@baselines.command("list")
@_EVIDENCE
@click.option("--waiting", is_flag=True, help="Only those that wait for a decision.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def list_(evidence: Path, waiting: bool, as_json: bool) -> None:
    """List the pictures, those that wait for a decision first, with the files to look at."""
    kept = _open(evidence)
    found = [one for one in kept.all() if one.pending_at or not waiting]
    if as_json:
        click.echo(cells.json_text(json.dumps([kept.described(one) for one in found], indent=2, ensure_ascii=False)))
        return
    for one in found:
        click.echo(cells.plain_text(f"{one.id}  {_state(one)}  {one.check}, {one.step}  ({one.browser}, {one.viewport})"))
        for name in kept.described(one)["pictures"].values():
            click.echo(cells.plain_text(f"  {name}"))
    if not found:
        click.echo("No picture waits for a decision." if waiting else "There are no pictures yet.")


@baselines.command("accept")
@_IDS
@_EVIDENCE
@_BY
def accept(ids: tuple[str, ...], evidence: Path, by: str) -> None:
    """Take waiting pictures for right: from now on, others are compared with them.

    An ID is the one that `list` shows, or the beginning of it.
    """
    kept = _open(evidence)
    for one in [kept.find(id_) for id_ in ids]:
        kept.accept(one, by)
        click.echo(cells.plain_text(f"Accepted: {one.check}, {one.step}, by {by}."))


@baselines.command("reject")
@_IDS
@_EVIDENCE
@_BY
def reject(ids: tuple[str, ...], evidence: Path, by: str) -> None:
    """Say that waiting pictures are wrong: what was accepted stays as it is."""
    kept = _open(evidence)
    for one in [kept.find(id_) for id_ in ids]:
        kept.reject(one, by)
        click.echo(cells.plain_text(f"Rejected: {one.check}, {one.step}, by {by}."))


def _open(evidence: Path) -> Baselines:
    try:
        from collector.checks.baselines import Baselines
    except ModuleNotFoundError as error:
        raise WideloadError(f'Pictures need {error.name}: install it with `pip install "wideload[checks]"`.') from None
    return Baselines(evidence)


def _state(one: Baseline) -> str:
    if one.pending_at and one.accepted_at:
        return f"differs by {one.percent:.3g} %"
    if one.pending_at:
        return "new"
    return f"accepted by {one.accepted_by} at {one.accepted_at}" if one.accepted_at else "rejected"
