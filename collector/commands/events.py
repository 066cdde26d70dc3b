"""`wideload events`: single events of a search, as a table or as a file; or one event with all of its fields."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any, Final
from urllib.parse import quote

import click
import httpx2

from collector import cells, table
from collector.client import Client, open_client
from collector.commands import ask
from collector.commands.options import collector_options, settings_of, settings_options
from collector.errors import WideloadError

FORMATS: Final = ("csv", "jsonl", "parquet")
ORDERS: Final = {
    "newest": [{"column": "ts", "order": "descending"}],
    "oldest": [{"column": "ts", "order": "ascending"}],
    "slowest": [{"column": "lcp.value", "order": "descending"}],
}
#: What the table shows where no field is asked for.
COLUMNS: Final = ("ts", "kind", "page.path", "lcp.value", "inp.value", "cls.value", "id")
#: Of an export, how long the collector may be silent.
_TIMEOUT: Final = httpx2.Timeout(330, connect=3)


@click.command()
@click.argument("event_id", required=False, metavar="[ID]")
@click.option("--dataset", metavar="NAME", help="The dataset to ask. By default the only one there is.")
@click.option("--where", "conditions", multiple=True, metavar="CONDITION", help="'FIELD OP VALUE', as in `wideload query`.")
@click.option("--any", "any_condition", is_flag=True, help="One --where that holds is enough; without this, all have to.")
@click.option("--last", metavar="SPAN", help="How far to look back: 30m, 24h, 7d.  [default: 2h]")
@click.option(
    "--order",
    default="newest",
    show_default=True,
    metavar="WHAT",
    help="newest, oldest, slowest (by lcp.value), or a field: 'inp.value desc'. Events without it come last.",
)
@click.option("--field", "fields", multiple=True, metavar="FIELD", help="A field to show. Without this, a file has all of them.")
@click.option("--limit", type=click.IntRange(min=1), metavar="N", help="The most events.  [default: 50 in a table, all in a file]")
@click.option("--format", "form", type=click.Choice(FORMATS), help="Write a file in this format.  [default: a table]")
@click.option(
    "--output", type=click.Path(path_type=Path, dir_okay=False), metavar="FILE", help="Where to; its ending may say the format."
)
@click.option("--json", "as_json", is_flag=True, help="Print the answer as the API gives it.")
@collector_options
@settings_options("data_dir")
def events(
    event_id: str | None, dataset: str | None, conditions: tuple[str, ...], any_condition: bool, last: str | None, order: str,
    fields: tuple[str, ...], limit: int | None, form: str | None, output: Path | None, as_json: bool, url: str | None,
    token: str | None, **flags: Any,
) -> None:  # fmt: skip
    """Look at single events, export them, or show one.

    A file is streamed, however large it is, and only takes its name when it is complete. In CSV, a text that a spreadsheet would
    compute begins with an apostrophe. With an ID, shows that event, and how many events its session and its trace have.

    \b
    Examples:
      wideload events --where 'lcp.value > 4000' --order slowest --last 24h
      wideload events --where 'kind = error' --field ts --field exception.message --last 7d --format csv > errors.csv
      wideload events --last 30d --output page-views.parquet
      wideload events 0b5e2f6c4d1a4e0f9c3d8b7a6e5f4d3c
    """
    form = form or _format_of(output)
    if as_json and form:
        raise click.UsageError("Give --json or a file, not both.")
    with open_client(settings_of(flags), url, token, _TIMEOUT) as client:
        dataset = dataset or ask.only_dataset(client.get("/api/me")["datasets"])
        if event_id:
            click.echo(show_one(client, dataset, event_id, as_json))
            return
        question = _question(dataset, conditions, any_condition, last, order, fields, limit)
        if form:
            _export(client, {**question, "format": form}, output)
            return
        if not fields:
            question["columns"] = list(COLUMNS)
        answer = client.post("/api/events", question)
    click.echo(_json(answer) if as_json else render(answer, question["columns"]))


def _question(
    dataset: str, conditions: tuple[str, ...], any_condition: bool, last: str | None, order: str, fields: tuple[str, ...],
    limit: int | None,
) -> dict[str, Any]:  # fmt: skip
    question: dict[str, Any] = {"dataset": dataset, "orders": read_order(order)}
    if conditions:
        question |= {"filters": ask.build_filters(conditions), "filter_combination": "OR" if any_condition else "AND"}
    if last:
        question["time_range"] = ask.seconds(last, "--last")
    if fields:
        question["columns"] = list(fields)
    return question | ({"limit": limit} if limit else {})


def read_order(text: str) -> list[dict[str, str]]:
    """Return the orders that a word or a field with a direction stands for. Raises WideloadError."""
    if text in ORDERS:
        return ORDERS[text]
    name, _, direction = text.strip().rpartition(" ")
    directions = {"asc": "ascending", "ascending": "ascending", "desc": "descending", "descending": "descending"}
    if direction.lower() not in directions:
        name, direction = text.strip(), "ascending"
    if not name:
        raise WideloadError(f"--order {text!r} must be newest, oldest, slowest or a field, such as 'inp.value desc'.")
    return [{"column": name.strip(), "order": directions[direction.lower()]}]


def render(answer: dict[str, Any], columns: list[str]) -> str:
    """Return a page of events as a table."""
    rows = [[event.get(name) for name in columns] for event in answer["events"]]
    cut = " (there are more: raise --limit, or write a file with --output)" if answer["meta"]["limited"] else ""
    body = table.lines(columns, rows) if rows else ["No events match."]
    return "\n".join([*body, "", f"{len(rows):,} event{'' if len(rows) == 1 else 's'}{cut}."])


def show_one(client: Client, dataset: str, event_id: str, as_json: bool) -> str:
    """Return one event as lines of names and values."""
    parameters = {"dataset": dataset, "include": "session,trace,versions"}
    answer = client.get(f"/api/events/{quote(event_id, safe='')}", parameters)
    if as_json:
        return _json(answer)
    event = answer["event"]
    lines = table.lines(("Field", "Value"), [(name, _shown(value)) for name, value in event.items()])
    for part in ("session", "trace"):
        if found := answer[part]:
            lines.append(f"Its {part} has {len(found['events']):,}{' or more' if found['limited'] else ''} events.")
    return "\n".join(lines)


def _shown(value: Any) -> Any:
    return cells.csv_cell(value) if isinstance(value, list) else value


def _json(answer: dict[str, Any]) -> str:
    return cells.json_text(json.dumps(answer, indent=2, ensure_ascii=False))


def _format_of(output: Path | None) -> str | None:
    if output is None:
        return None
    form = output.suffix.lower().removeprefix(".")
    if form not in FORMATS:
        raise click.UsageError(f"--output {output} does not say a format: let it end with {', '.join(FORMATS)}, or give --format.")
    return form


def _export(client: Client, question: dict[str, Any], output: Path | None) -> None:
    if output is None and question["format"] == "parquet" and sys.stdout.isatty():
        raise click.UsageError("Parquet is no text for a terminal: give --output FILE.")
    with _opened(output) as file:
        for part in client.stream("/api/events/export", question):
            file.write(part)
    if output:
        click.echo(f"Wrote {output} ({table.size(output.stat().st_size)}).", err=True)


@contextmanager
def _opened(output: Path | None) -> Iterator[IO[bytes]]:
    """Open standard output, or a file that takes its name when all of it is there."""
    if output is None:
        yield sys.stdout.buffer
        sys.stdout.buffer.flush()
        return
    part = output.with_name(output.name + ".part")
    try:
        with part.open("wb") as file:
            yield file
        part.replace(output)
    except OSError as error:
        raise WideloadError(f"{output} cannot be written: {error.strerror}.") from error
    finally:
        part.unlink(missing_ok=True)
