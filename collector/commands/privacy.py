"""`wideload erase` and `wideload export`: words of the command line → a selection → a running collector."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

import click
import httpx2

from collector import table
from collector.client import Client, open_client
from collector.commands import ask
from collector.commands.options import collector_options, settings_of, settings_options
from collector.errors import WideloadError

F = TypeVar("F", bound=Callable[..., Any])
#: Erasing rewrites files of the store, which takes minutes where there are many.
TIMEOUT = httpx2.Timeout(900, connect=3)


def _selection_options(command: F) -> F:
    where = "'FIELD OP VALUE', as in `wideload query`; with several, all have to hold."
    for option in (
        click.option("--where", "conditions", multiple=True, metavar="CONDITION", help=where),
        click.option("--session", metavar="ID", help="The events of one session (session.id)."),
        click.option("--dataset", metavar="NAME", help="The dataset. By default the only one there is."),
    ):
        command = option(command)
    return command


@click.command()
@_selection_options
@click.option("--page", metavar="PATH|URL", help="The events of one page: its path (page.path), or its URL (page.url).")
@click.option("--before", metavar="WHEN", help="Events before a day or time (2026-11-01, in UTC), or older than a span (30d).")
@click.option("--dry-run", is_flag=True, help="Only say what would go.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@collector_options
@settings_options("data_dir")
def erase(
    dataset: str | None, dry_run: bool, yes: bool, url: str | None, token: str | None, session: str | None, page: str | None,
    before: str | None, conditions: Sequence[str], **flags: Any,
) -> None:  # fmt: skip
    """Erase events for good.

    They go from the store, from what waits to be stored, and from the dead letters; and for 30 days whatever brings them again is
    refused. Options narrow each other down. Says first what would go, and asks. Asks a running collector.

    \b
    Examples:
      wideload erase --session 0b5e2f6c4d1a4e0f9c3d8b7a6e5f4d3c
      wideload erase --page /account --before 2026-11-01 --dry-run
      wideload erase --where 'geo.country.iso_code = DE' --before 30d --yes
    """
    document = _document(session, page, before, conditions)
    if not document:
        raise click.UsageError("Say which events: --session, --page, --before or --where.")
    with open_client(settings_of(flags), url, token, TIMEOUT) as client:
        document["dataset"] = _dataset(client, dataset)
        found = client.post("/api/erase", {**document, "dry_run": True})
        click.echo(_report(found, "would go"))
        if dry_run:
            return
        if not yes:
            click.confirm("Erase them for good?", abort=True)
        click.echo(_report(client.post("/api/erase", document), "went"))


@click.command()
@_selection_options
@click.option(
    "--format",
    "form",
    type=click.Choice(["ndjson", "json", "csv"]),
    default="ndjson",
    show_default=True,
    help="How events are written.",
)
@collector_options
@settings_options("data_dir")
def export(
    dataset: str | None, form: str, url: str | None, token: str | None, session: str | None, conditions: Sequence[str], **flags: Any
) -> None:
    """Print everything about one session, or about whatever else is selected.

    Each event with all of its fields, the oldest first. In CSV, a text that a spreadsheet would compute begins with an apostrophe,
    and characters that a terminal would obey are replaced; the two others keep everything. Asks a running collector.

    \b
    Examples:
      wideload export --session 0b5e2f6c4d1a4e0f9c3d8b7a6e5f4d3c > session.ndjson
      wideload export --where 'page.path = /cart' --where 'kind = error' --format csv > errors.csv
    """
    document = _document(session, None, None, conditions)
    if not document:
        raise click.UsageError("Say which events: --session or --where.")
    with open_client(settings_of(flags), url, token, TIMEOUT) as client:
        document["dataset"] = _dataset(client, dataset)
        for part in client.stream("/api/export", {**document, "format": form}):
            sys.stdout.buffer.write(part)
    sys.stdout.buffer.flush()


def _document(session: str | None, page: str | None, before: str | None, conditions: Sequence[str]) -> dict[str, Any]:
    filters = ask.build_filters(conditions)
    if session is not None:
        filters.append({"column": "session.id", "op": "=", "value": session})
    if page is not None:
        filters.append({"column": "page.path" if page.startswith("/") else "page.url", "op": "=", "value": page})
    document: dict[str, Any] = {"filters": filters} if filters else {}
    return document | ({"before": moment(before, datetime.now(UTC))} if before else {})


def moment(text: str, now: datetime) -> str:
    """Return a day, a time or the span before now as a time in ISO 8601. Raises WideloadError."""
    try:
        time = datetime.fromisoformat(text)
    except ValueError:
        try:
            time = now - timedelta(seconds=ask.seconds(text, "--before"))
        except (WideloadError, OverflowError):
            raise WideloadError(f"--before {text!r} is no time: write a day (2026-11-01), a time or a span (30d).") from None
    return (time if time.tzinfo else time.replace(tzinfo=UTC)).isoformat()


def _dataset(client: Client, given: str | None) -> str:
    return given or ask.only_dataset(client.get("/api/me")["datasets"])


def _report(found: dict[str, Any], verb: str) -> str:
    rows = [(one["day"], one["kind"], one["events"]) for one in found["by"]]
    lines = [*table.lines(("Day", "Kind", "Events"), rows), ""] if rows else []
    lines.append(f"{found['events']:,} stored event{'' if found['events'] == 1 else 's'} {verb}.")
    if found["dead_letters"]:
        lines.append(f"{found['dead_letters']:,} among the dead letters {verb}.")
    if found["waiting"]:
        what = "wait on disk; they are looked at when they are stored" if found["dry_run"] else "that waited on disk went"
        lines.append(f"{found['waiting']:,} {what}.")
    return "\n".join(lines)
