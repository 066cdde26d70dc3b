"""`wideload bubbleup`: what is different about some events, as a sentence and a table."""

from __future__ import annotations

import json
import sys
from typing import Any

import click

from collector.cells import json_text
from collector.commands.options import collector_options, settings_of, settings_options


@click.command()
@click.argument("spec", required=False, metavar="[SPEC.json|-]")
@click.option("--dataset", metavar="NAME", help="The dataset to ask. By default the only one there is.")
@click.option(
    "--select",
    "selected",
    multiple=True,
    metavar="CONDITION",
    help="The events in question, as in --where; a number may be a percentile: 'lcp.value >= P90'. All have to hold.",
)
@click.option("--where", "conditions", multiple=True, metavar="CONDITION", help="The events to look at, as in wideload query.")
@click.option("--last", metavar="SPAN", help="How far to look back: 30m, 24h, 7d.  [default: 2h]")
@click.option("--limit", default=10, show_default=True, type=click.IntRange(min=1), metavar="N", help="The most fields to show.")
@click.option("--json", "as_json", is_flag=True, help="Print the answer as the API gives it.")
@collector_options
@settings_options("data_dir")
def bubbleup(
    spec: str | None, dataset: str | None, selected: tuple[str, ...], conditions: tuple[str, ...], last: str | None, limit: int,
    as_json: bool, url: str | None, token: str | None, **flags: Any,
) -> None:  # fmt: skip
    """Find what is different about some events: the slow ones, those with an error.

    Compares the selected events with all others that --where lets through, in every field at once, and shows what differs most,
    best first. An event without a field that --select compares by >, >=, < or <= is on neither side. docs/bubbleup.md explains the
    score.

    \b
    Examples:
      wideload bubbleup --select 'lcp.value >= P90' --last 24h
      wideload bubbleup --select 'error.count > 0' --where 'kind = page_view' --where 'page.route = /checkout'
      wideload bubbleup --select 'inp.value >= 500' --last 7d --json
    """
    from collector.client import open_client
    from collector.commands import ask, difference

    if spec and (selected or conditions or last):
        raise click.UsageError("Give a specification or a question in options, not both.")
    if not spec and not selected:
        raise click.UsageError("Say which events are in question, such as --select 'lcp.value >= P90'.")
    body = ask.read_spec(spec, sys.stdin) if spec else difference.build_spec(selected, conditions, last)
    query = body.setdefault("query", {})
    with open_client(settings_of(flags), url, token) as client:
        if isinstance(query, dict):
            query["dataset"] = dataset or query.get("dataset") or ask.only_dataset(client.get("/api/me")["datasets"])
        answer = client.post("/api/bubbleup", body)
    click.echo(json_text(json.dumps(answer, indent=2, ensure_ascii=False)) if as_json else difference.render(answer, limit))
